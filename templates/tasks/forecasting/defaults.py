"""What was answered when this model was generated: config.py starts from it."""

DATA = "data/sample.csv"
VALIDATION = ""  # blank: the last points of each series are held out
COLUMNS: dict[str, str] = {}  # what is left out is guessed
