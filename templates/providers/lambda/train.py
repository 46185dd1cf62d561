"""Train: `python train.py --debug --samples 100` on this machine, `python train.py --cloud` at Lambda."""

import sys

from core.command import run_training
from core.rented_training import RentedTraining
from lambda_cloud import Lambda
from task import TASK

if __name__ == "__main__":
    sys.exit(run_training(TASK, elsewhere=RentedTraining(Lambda.from_environment, "lambda")))
