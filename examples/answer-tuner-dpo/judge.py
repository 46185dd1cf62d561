"""The end of a training on pairs: judge the model against the baselines, then publish it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel

from checks import Pair
from core.comparison import compare, judge_rows
from core.publish import Outcome, publish
from core.report import Section
from core.run import Run
from data import Dataset
from figures import describe
from preferences import MEASURE, Baseline, Floats, strongest, wins


def publish_preference(
    run: Run,
    algorithm: str,
    schemas: tuple[type[BaseModel], type[BaseModel]],
    dataset: Dataset,
    pairs: Sequence[Pair],
    margins: Floats,
    baselines: Sequence[Baseline],
    *,
    unit: str,
    others: Mapping[str, Floats],
    sections: Sequence[Section] = (),
    limits: str,
    pipeline_tag: str,
) -> Path:
    """Judge, report and seal the model; returns the artifact: the run's folder.

    Args:
        pairs: That the model was validated on.
        margins: How far it puts the chosen answer ahead in each of them, in `unit`.
        baselines: The strongest of them is what the model is held against.
        others: Margins that the report draws beside those of the model, by name.
    """
    ours = wins(margins)
    baseline = strongest(baselines)
    figures = [
        compare(f"{MEASURE.name} ({other.name})", float(ours.mean()), float(other.wins.mean()))
        for other in baselines
    ]
    takes, answers = schemas
    return publish(
        run,
        Outcome(
            task="preference-tuning",
            algorithm=algorithm,
            takes=takes,
            answers=answers,
            verdict=judge_rows(
                MEASURE, ours, baseline.wins, baseline.name, "validation pairs", figures
            ),
            metrics={"score": float(ours.mean())},
            baseline={"name": baseline.name, "metrics": {"score": float(baseline.wins.mean())}},
            data=dataset,
            pipeline_tag=pipeline_tag,
            sections=[*sections, *describe(pairs, margins, baseline.wins, others, unit)],
            limits=limits,
        ),
    )
