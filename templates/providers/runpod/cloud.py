"""Trainings and servers at RunPod: `python cloud.py launch -- --epochs 3`; `ps` shows what costs money."""

import sys

from core.cloud import run_commands
from runpod_cloud import RunPod
from runpod_endpoints import Paid

if __name__ == "__main__":
    sys.exit(run_commands("runpod", lambda: Paid(RunPod.from_environment())))
