"""The end of every classifier's training: judge it against the baseline, then publish it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel

from core.classification import Evaluation, judge, to_metrics
from core.classification_report import describe
from core.dataset import TrainingData
from core.publish import Outcome, publish
from core.report import Section
from core.run import Run

LIMITS = "It knows these labels only and always answers with one of them; look at the confidence."


class LabelledData(TrainingData, Protocol):
    @property
    def labels(self) -> list[str]: ...


def publish_classifier(
    run: Run,
    *,
    task: str,
    algorithm: str,
    schemas: tuple[type[BaseModel], type[BaseModel]],
    data: LabelledData,
    excerpts: Sequence[str],
    places: Sequence[str],
    model: Evaluation,
    baseline: Evaluation,
    baseline_name: str,
    engine: Mapping[str, Any] | None = None,
    pictures: Sequence[str] = (),
    sections: Sequence[Section] = (),
) -> Path:
    """Judge, report and seal a classifier; returns the artifact: the run's folder.

    Args:
        excerpts, places, pictures: What each validation row says, where it is, and how it looks
            (as a data URL).
        sections: What else the report shows.
    """
    takes, answers = schemas
    return publish(
        run,
        Outcome(
            task=task,
            algorithm=algorithm,
            takes=takes,
            answers=answers,
            verdict=judge(model, baseline, baseline_name),
            metrics=to_metrics(model),
            baseline={"name": baseline_name, "metrics": to_metrics(baseline)},
            data=data,
            pipeline_tag=task,  # the Hub has the same names
            labels=data.labels,
            sections=[*describe(model, baseline, excerpts, places, pictures), *sections],
            limits=LIMITS,
            engine=engine or {},
        ),
    )
