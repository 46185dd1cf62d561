"""Trainings and servers at RunPod: `python cloud.py launch -- --epochs 3`; `ps` shows what costs money."""

import sys

from core.cloud import run_commands
from core.rentals import Rentals
from runpod_cloud import RunPod

if __name__ == "__main__":
    sys.exit(run_commands("runpod", lambda: Rentals(RunPod.from_environment())))
