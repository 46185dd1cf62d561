"""Train on a table: data in, artifact out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from baseline import evaluate_baseline
from config import ALGORITHM, Config
from core.publish import Outcome, publish
from core.regression import half_width
from core.run import Run
from data import load_dataset
from encoding import Encoder, Target
from examples import Example
from export import predict, save_model
from goals import Classes, Goal, Number
from importance import show_importance
from model import fit
from schemas import Input, describe_row
from scorer import Scorer
from table import Floats, Matrix, Table, weigh

TOLERANCE = 1e-5  # between what is trained and what is served


def train(config: Config, run: Run) -> Path:
    dataset = load_dataset(config)
    run.start(dataset.fingerprint)
    train, unseen = dataset.train, dataset.validation
    goal: Goal = Classes(dataset.labels) if dataset.labels else Number(train)
    encoder = Encoder.fit(dataset.layout.features, [example.cells for example in train])
    table = _to_table(goal, encoder, train, config.class_weights)
    matrix = _to_matrix(encoder, unseen)

    baseline_name, baseline = evaluate_baseline(goal, train, table, unseen, matrix)
    least = goal.evaluate_least(train, unseen)
    baseline_metrics = _measure(goal, baseline, least)
    run.event("baseline", name=baseline_name, **baseline_metrics)
    fitted = fit(config, table, run)
    run.stop_if_asked()
    save_model(fitted, run.folder, table.matrix)
    scorer = Scorer.load(run.folder)
    _require_same(scorer.score(matrix), predict(fitted, matrix))
    model = goal.evaluate(scorer.score(matrix), unseen)
    encoder.save(run.folder)
    if isinstance(goal, Number):
        Target(goal.mean, goal.spread, half_width(model)).save(run.folder)
    return publish(
        run,
        Outcome(
            task="tabular",
            algorithm=ALGORITHM,
            takes=Input.of_schema(describe_row(encoder.columns, _choose_example(train).cells)),
            answers=goal.answers,
            verdict=goal.judge(model, baseline, baseline_name),
            metrics=_measure(goal, model, least),
            baseline={"name": baseline_name, "metrics": baseline_metrics},
            data=dataset,
            pipeline_tag=goal.pipeline_tag,
            labels=goal.labels,
            sections=[
                show_importance(goal, encoder, scorer.score, unseen, matrix, config.seed),
                *goal.describe(model, baseline, unseen),
            ],
            limits=goal.limits,
        ),
    )


def _to_table(goal: Goal, encoder: Encoder, examples: Sequence[Example], even: bool) -> Table:
    target, classes = goal.encode(examples), len(goal.labels)
    return Table(_to_matrix(encoder, examples), target, classes, weigh(target, classes, even))


def _to_matrix(encoder: Encoder, examples: Sequence[Example]) -> Matrix:
    return np.array(encoder.encode_rows([e.cells for e in examples]), dtype=np.float32)


def _measure(goal: Goal, model: Any, least: Any) -> dict[str, float]:
    """The metrics of its kind, and one that both kinds have: the share of the least loss avoided."""
    skill = 1 - goal.loss_of(model) / goal.loss_of(least)
    return {"skill": round(skill, 4), **goal.to_metrics(model)}


def _choose_example(examples: Sequence[Example]) -> Example:
    """The one with fewest gaps, which a form is filled with."""
    return min(examples, key=lambda example: list(example.cells.values()).count(None))


def _require_same(served: Floats, trained: Floats) -> None:
    difference = float(np.abs(served - trained).max())
    assert difference <= TOLERANCE, (
        f"The served model differs by {difference:.1e} from the trained."
    )
