"""What a tutorial shows: FastAPI that calls a transformers pipeline in an `async def`.

python -m benchmarks.naive_server WEIGHTS PORT THREADS
"""

import sys
from typing import Any

import torch
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from transformers import pipeline

OPTIONS = {"truncation": True, "max_length": 512}


class Question(BaseModel):
    text: str


def load_pipeline(weights: str, threads: int) -> Any:
    torch.set_num_threads(threads)
    return pipeline("text-classification", weights, device="cpu", dtype=torch.float32)


def create_app(weights: str, threads: int) -> FastAPI:
    app = FastAPI()
    classify = load_pipeline(weights, threads)

    @app.post("/predict")
    async def predict(question: Question) -> Any:
        return classify(question.text, **OPTIONS)[0]

    return app


if __name__ == "__main__":
    weights, port, threads = sys.argv[1:]
    uvicorn.run(create_app(weights, int(threads)), port=int(port), log_level="error")
