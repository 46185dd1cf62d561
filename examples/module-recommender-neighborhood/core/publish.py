"""Finish a run: report, model card and manifest, in that order."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from core.artifact import environment, write_manifest
from core.dataset import TrainingData
from core.records import now
from core.report import Chart, Facts, Line, Notes, Point, Section, Table, Verdict, write_report
from core.run import Run
from core.sources import is_on_hub


@dataclass(frozen=True)
class Outcome:
    """What a task has to say about the model that it trained."""

    task: str
    algorithm: str
    takes: type[BaseModel]
    answers: type[BaseModel]
    verdict: Verdict
    metrics: Mapping[str, float]
    baseline: Mapping[str, Any]  # its name and its metrics
    data: TrainingData
    sections: Sequence[Section]
    limits: str  # where the answers end to be good, for the model card
    pipeline_tag: str = ""  # what the Hub calls such a task; blank where it has no word for it
    labels: Sequence[str] = ()  # that it chooses from, where it does
    engine: Mapping[str, Any] = field(default_factory=dict)  # how it is served, with measurements


def publish(run: Run, outcome: Outcome) -> Path:
    """Write what people read, then the manifest that makes the folder an artifact."""
    title = Path.cwd().name.replace("_", " ").capitalize()
    data = _describe(run, outcome.data)
    notes = [*outcome.data.notes, *run.warnings]
    write_report(
        run.folder / "report.html",
        title=title,
        facts={
            "Task": outcome.task,
            "Algorithm": outcome.algorithm,
            "Trained": f"{now()[:16].replace('T', ' ')} UTC, {run.seconds:.0f} s",
            "Data": f"{data['source']}, {data['rows']:,} rows",
        },
        verdict=outcome.verdict,
        sections=[
            *_curves(run),
            *outcome.sections,
            *_engines(outcome.engine),
            Notes("Worth knowing", notes),
            Facts("Configuration", run.settings.model_dump(mode="json")),
            Facts("Environment and data", {**environment(), **data}),
        ],
    )
    (run.folder / "README.md").write_text(_card(run, title, outcome, data), encoding="utf-8")
    write_manifest(
        run,
        outcome.task,
        outcome.algorithm,
        (outcome.takes, outcome.answers),
        data=data,
        labels=outcome.labels,
        metrics=outcome.metrics,
        baseline=outcome.baseline,
        verdict=asdict(outcome.verdict),
        notes=notes,
        engine=outcome.engine,
    )
    print(outcome.verdict.sentence)
    return run.folder


def _describe(run: Run, data: TrainingData) -> dict[str, Any]:
    train, validation = len(data.train), len(data.validation)
    return {
        "source": run.settings.data,
        "sha256": data.fingerprint,
        "rows": train + validation,
        "train_rows": train,
        "validation_rows": validation,
    }


def _curves(run: Run) -> Sequence[Section]:
    # After a resume some steps are there twice: the later one counts.
    steps = {event["step"]: event for event in run.events("step")}
    scores = {event["step"]: event["metrics"] for event in run.events("evaluation")}
    if not steps:
        return []
    names = [name for name in next(iter(scores.values()), {}) if name != "loss"]
    losses = [Line("Training", [Point(step, event["loss"]) for step, event in steps.items()])]
    if scores:
        losses.append(
            Line("Validation", [Point(s, m["loss"], f"step {s}", 3) for s, m in scores.items()])
        )
    measured = [
        Line(name.replace("_", " "), [Point(s, m[name], f"step {s}", 3) for s, m in scores.items()])
        for name in names
    ]
    charts = [Chart("Loss", "Step", "Loss", losses)]
    if measured:
        are_shares = all(0 <= m[name] <= 1 for m in scores.values() for name in names)
        y_range = (0.0, 1.0) if are_shares else None
        charts.append(Chart("Validation", "Step", "Score", measured, y_range=y_range))
    return charts


def _engines(engine: Mapping[str, Any]) -> list[Section]:
    if not engine:
        return []
    candidates = engine["candidates"]
    return [
        Table(
            "Engines",
            [
                "Engine",
                "Same answer as float32",
                "Same alone and in a batch",
                "Run twice",
                "ms per text",
            ],
            [
                [
                    candidate["name"],
                    f"{candidate['agreement']:.1%}",
                    "yes" if candidate["batch_invariant"] else "no",
                    f"{candidate['rerun']:.1%}",
                    round(candidate["milliseconds_per_text"], 1),
                ]
                for candidate in candidates
            ],
            note="Served is the fastest that answers like float32 on the validation data. "
            "Where two engines are named, the second answers what the first is not sure of.",
            chosen=[candidate["name"] for candidate in candidates].index(engine["chosen"]),
        )
    ]


def _card(run: Run, title: str, outcome: Outcome, data: Mapping[str, Any]) -> str:
    """A model card in the form of the Hugging Face Hub."""
    rows = "\n".join(
        f"| {name.replace('_', ' ')} | {value:.3f} | {outcome.baseline['metrics'][name]:.3f} |"
        for name, value in outcome.metrics.items()
    )
    labels = f"\nLabels: {', '.join(outcome.labels)}." if outcome.labels else ""
    return f"""---
{_front_matter(run, outcome)}
---
# {title}

{outcome.verdict.sentence} {outcome.verdict.detail}

| metric on the validation data | this model | {outcome.baseline["name"]} |
|---|---|---|
{rows}

## Use
`python serve.py`, then `POST /predict`; `GET /schema` describes input and output.

## Data
{data["source"]}: {data["train_rows"]:,} rows to train on, \
{data["validation_rows"]:,} to validate (SHA-256 `{data["sha256"][:16]}…`).{labels}

## Limits
{outcome.limits}
The figures hold for data like the validation data: measure again before you use it on other data.
"""


def _front_matter(run: Run, outcome: Outcome) -> str:
    """What the Hub finds it by. There is no licence: it is for those who publish to choose one."""
    lines = [f"pipeline_tag: {outcome.pipeline_tag}"] if outcome.pipeline_tag else []
    base = getattr(run.settings, "base_model", "")
    if is_on_hub(base):
        lines.append(f"base_model: {base}")
    return "\n".join([*lines, f"tags: [{outcome.task}, {outcome.algorithm}]"])
