"""LitServe around the same pipeline; on a CPU it is fastest without its batching.

python -m benchmarks.litserve_server WEIGHTS PORT THREADS
"""

import sys
from typing import Any

import litserve

from benchmarks.naive_server import OPTIONS, load_pipeline

WORKERS = 2


class Classifier(litserve.LitAPI):  # type: ignore[misc, unused-ignore]
    def __init__(self, weights: str, threads: int) -> None:
        super().__init__()
        self.weights = weights
        self.threads = threads

    def setup(self, device: str) -> None:
        self.classify = load_pipeline(self.weights, self.threads)

    def decode_request(self, request: dict[str, str]) -> str:
        return request["text"]

    def predict(self, text: str) -> Any:
        return self.classify(text, **OPTIONS)[0]

    def encode_response(self, output: Any) -> Any:
        return output


if __name__ == "__main__":
    weights, port, threads = sys.argv[1:]
    api = Classifier(weights, int(threads))
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=WORKERS)
    server.run(port=int(port), host="127.0.0.1", log_level="error", generate_client_file=False)
