"""Serve the newest model: `python serve.py --port 8001`."""

from core.server import serve
from predict import Predictor
from schemas import Input, Output

if __name__ == "__main__":
    serve(Predictor, Input, Output)
