"""Train here: `python train.py --debug --samples 100`; at Modal: `modal run train.py`, or with --cloud."""

import sys

from core.command import run_training
from modal_training import ModalTraining
from task import TASK

if __name__ == "__main__":
    sys.exit(run_training(TASK, elsewhere=ModalTraining()))

from modal_app import create_app  # what needs no Modal does not wait for it

# For `modal run train.py` and `modal deploy train.py`.
app, train = create_app(TASK.config.from_arguments([]))


@app.local_entrypoint()
def main(*arguments: str) -> None:
    code = run_training(TASK, ["--cloud", *arguments], elsewhere=ModalTraining(is_shown=True))
    if code:
        sys.exit(code)
