"""What was answered when this model was generated: config.py starts from it."""

DATA = "data/sample.jsonl"
VALIDATION = ""  # blank: a part of the data is split off
COLUMNS: dict[str, str] = {}  # what is left out is guessed
BASE_MODEL = "google/flan-t5-small"
