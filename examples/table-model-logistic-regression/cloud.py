"""Trainings and servers in the background of this machine: `python cloud.py launch -- --epochs 3`."""

import sys

from core.cloud import run_commands

if __name__ == "__main__":
    sys.exit(run_commands("local"))
