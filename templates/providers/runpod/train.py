"""Train: `python train.py --debug --samples 100` on this machine, `python train.py --cloud` at RunPod."""

import sys

from core.command import run_training
from core.rented_training import RentedTraining
from runpod_cloud import RunPod
from task import TASK

if __name__ == "__main__":
    sys.exit(run_training(TASK, elsewhere=RentedTraining(RunPod.from_environment, "runpod")))
