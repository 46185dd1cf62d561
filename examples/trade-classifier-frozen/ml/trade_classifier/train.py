"""Train on this machine: `python train.py --debug --samples 100`, then without the two options."""

import sys

from config import Config
from core.command import run_training
from pipeline import train

if __name__ == "__main__":
    sys.exit(run_training(Config, train))
