"""Look for better settings: `python tune.py --trials 20 -- --data data/train.csv`."""

import sys

from core.tune import run_tuning
from task import TASK

if __name__ == "__main__":
    sys.exit(run_tuning(TASK, sys.argv[1:]))
