"""Serve the newest model: `python serve.py --port 8001` on this machine, with `--cloud` in a pod of RunPod.

At RunPod's endpoints it is a worker; `python serve.py --test_input '{"input": {…}}'` and `--rp_serve_api`
try one here.
"""

from core.rented_server import RentedServer
from core.server import serve
from predict import Predictor
from runpod_cloud import RunPod
from runpod_worker import is_worker, work
from schemas import Input, Output

if __name__ == "__main__":
    if is_worker():
        work(Predictor, Input, Output)
    else:
        serve(Predictor, Input, Output, elsewhere=RentedServer(RunPod.from_environment))
