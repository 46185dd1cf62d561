"""The end of every classifier's training: judge it against the baseline, then publish it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel

from core.classification import Evaluation, judge, to_metrics
from core.classification_report import describe
from core.publish import Outcome, publish
from core.run import Run


class LabelledExample(Protocol):
    @property
    def text(self) -> str: ...
    @property
    def place(self) -> str: ...


class LabelledData(Protocol):
    @property
    def train(self) -> Sequence[LabelledExample]: ...
    @property
    def validation(self) -> Sequence[LabelledExample]: ...
    @property
    def labels(self) -> list[str]: ...
    @property
    def notes(self) -> list[str]: ...
    @property
    def fingerprint(self) -> str: ...


def publish_classifier(
    run: Run,
    *,
    task: str,
    algorithm: str,
    schemas: tuple[type[BaseModel], type[BaseModel]],
    data: LabelledData,
    model: Evaluation,
    baseline: Evaluation,
    baseline_name: str,
    engine: Mapping[str, Any] | None = None,
) -> Path:
    """Returns the artifact: the run's folder."""
    takes, answers = schemas
    return publish(
        run,
        Outcome(
            title=Path.cwd().name.replace("_", " ").capitalize(),
            task=task,
            algorithm=algorithm,
            takes=takes,
            answers=answers,
            verdict=judge(model, baseline, baseline_name),
            metrics=to_metrics(model),
            baseline={"name": baseline_name, "metrics": to_metrics(baseline)},
            data={
                "source": run.settings.data,
                "sha256": data.fingerprint,
                "rows": len(data.train) + len(data.validation),
                "train_rows": len(data.train),
                "validation_rows": len(data.validation),
            },
            labels=data.labels,
            sections=describe(
                model,
                baseline,
                [example.text for example in data.validation],
                [example.place for example in data.validation],
            ),
            notes=data.notes,
            engine=engine or {},
        ),
    )
