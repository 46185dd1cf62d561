"""Serve the newest model: `python serve.py --port 8001` on this machine, with `--cloud` at Lambda."""

from core.rented_server import RentedServer
from core.server import serve
from lambda_cloud import Lambda
from predict import Predictor
from schemas import Input, Output

if __name__ == "__main__":
    serve(Predictor, Input, Output, elsewhere=RentedServer(Lambda.from_environment))
