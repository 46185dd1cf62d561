"""Serve the newest model here: `python serve.py --port 8001`; at Modal: `modal deploy serve.py`."""

from core.server import serve
from predict import Predictor
from schemas import Input, Output

if __name__ == "__main__":
    serve(Predictor, Input, Output)
else:
    import modal_endpoint

    app = modal_endpoint.app
