"""Times `train.py --debug --samples 100` with base models of their real size.

python -m benchmarks.debug [--task image-classification] [--task seq2seq]

Each has the architecture of the algorithm's default base model, random weights, and a tokenizer that is
trained in place: no model hub is needed. Its vocabulary is small, so that a text has more tokens than it
would have in reality.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForImageClassification,
    AutoModelForSeq2SeqLM,
)

from core.estimate.architecture_reader import read_architecture
from ml_training.apply import create
from ml_training.catalog import Catalog, read_catalog
from ml_training.model_table import CONFIGS
from ml_training.plan import Plan, Questionnaire
from tests.generated import Model, answers, install

CLASSES = {
    "decoder": AutoModelForCausalLM,
    "encoder": AutoModel,
    "encoder-decoder": AutoModelForSeq2SeqLM,
    "vision": AutoModelForImageClassification,
}
SIDE = 224  # pixels
HEAD = "| task | algorithm | base model | parameters, millions | seconds |\n|---|---|---|---|---|"


def enlarge(folder: Path, name: str) -> int:
    """Put a model of the real size in the place of a tiny one; its parameters."""
    tiny = json.loads((folder / "config.json").read_text("utf-8"))
    ids = {key: value for key, value in tiny.items() if key.endswith("_token_id")}
    if CONFIGS[name]["model_type"] == "modernbert":
        ids |= {"cls_token_id": ids["bos_token_id"], "sep_token_id": ids["eos_token_id"]}
    config = AutoConfig.for_model(**CONFIGS[name], **ids)
    model = CLASSES[read_architecture(CONFIGS[name]).kind].from_config(config)
    model.save_pretrained(folder)
    reading = folder / "preprocessor_config.json"
    if reading.exists():
        size = {"size": {"height": SIDE, "width": SIDE}}
        reading.write_text(json.dumps(json.loads(reading.read_text("utf-8")) | size), "utf-8")
    return int(model.num_parameters())


def measure(catalog: Catalog, algorithm: dict[str, Any], folder: Path) -> str:
    given = {"component": "project", **answers(algorithm, folder)}
    parameters = enlarge(Path(given["base_model"]), algorithm["base_model"])
    project = folder / "project"
    create(catalog, Plan(project, Questionnaire(catalog).resolve(given, folder="project")))
    (script,) = (project / "ml").glob("*/train.py")
    python = install(script.parent / "requirements.txt", folder / "venv")
    model = Model(script.parent, folder / "runs", python)
    started = time.perf_counter()
    model.train("--debug", "--samples", "100")
    seconds = time.perf_counter() - started
    cells = [algorithm["task"], f"`{algorithm['name']}`", algorithm["base_model"]]
    return f"| {' | '.join([*cells, f'{parameters / 1e6:.0f}', f'{seconds:.0f}'])} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", action="append", help="only this one")
    only = parser.parse_args().task
    catalog = read_catalog()
    print(HEAD)
    for algorithm in catalog.algorithms:
        is_wanted = not only or algorithm["task"] in only
        if is_wanted and algorithm.get("base_model") in CONFIGS:
            with tempfile.TemporaryDirectory() as folder:
                print(measure(catalog, algorithm, Path(folder)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
