"""Trainings and servers at Modal: `python cloud.py launch -- --epochs 3`; `ps` shows what costs money."""

import sys

from core.cloud import run_commands
from modal_apps import ModalApps

if __name__ == "__main__":
    sys.exit(run_commands("modal", ModalApps))
