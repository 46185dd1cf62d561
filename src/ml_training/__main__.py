"""`python -m ml_training` is `ml-training`."""

from ml_training.cli import main

main()
