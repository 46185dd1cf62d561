"""Trainings and servers at Lambda: `python cloud.py launch -- --epochs 3`; `ps` shows what costs money."""

import sys

from core.cloud import run_commands
from core.rentals import Rentals
from lambda_cloud import Lambda

if __name__ == "__main__":
    sys.exit(run_commands("lambda", lambda: Rentals(Lambda.from_environment())))
