"""Train on this machine: `python train.py --debug --samples 100`, then without the two options."""

import sys

from core.command import run_training
from task import TASK

if __name__ == "__main__":
    sys.exit(run_training(TASK))
