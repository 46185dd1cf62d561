"""Serve the newest model: `python serve.py --port 8001`; what runs at RunPod's endpoints is this, too.

There it is a worker; `python serve.py --test_input '{"input": {…}}'` and `--rp_serve_api` try one here.
"""

from core.server import serve
from predict import Predictor
from runpod_worker import is_worker, work
from schemas import Input, Output

if __name__ == "__main__":
    if is_worker():
        work(Predictor, Input, Output)
    else:
        serve(Predictor, Input, Output)
