"""What the report shows of a model that was rewarded: how that grew, and what it is now."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from baseline import Evaluation
from core.report import Chart, Line, Point, Section

POINTS = 40  # of a curve: each is a mean, as single batches scatter


def describe(
    model: Evaluation, baseline: Evaluation, trials: Sequence[Mapping[str, Any]]
) -> list[Section]:
    return [
        _curve("Reward while training", "Mean reward", "reward", trials),
        _curve("Length while training", "Tokens of an answer", "answer_tokens", trials),
        _spread(model, baseline),
    ]


def _curve(title: str, label: str, name: str, trials: Sequence[Mapping[str, Any]]) -> Chart:
    prompts = np.cumsum([trial["prompts"] for trial in trials])
    values = np.array([trial[name] for trial in trials])
    parts = np.array_split(np.arange(len(trials)), min(POINTS, len(trials)))
    points = [Point(float(prompts[part[-1]]), float(values[part].mean())) for part in parts]
    return Chart(
        title,
        "Prompts tried",
        label,
        [Line("Training", points)],
        note="Of the answers that were drawn. After a resume, some prompts were tried twice.",
    )


def _spread(model: Evaluation, baseline: Evaluation) -> Chart:
    def line(name: str, evaluation: Evaluation) -> Line:
        rewards = np.sort(evaluation.rewards.flatten())
        shares = (np.arange(len(rewards)) + 1) / len(rewards)
        points = zip(rewards.tolist(), shares.tolist(), strict=True)
        return Line(name, [Point(x, y) for x, y in points], dashed=name != "Model")

    return Chart(
        "What validation answers earn",
        "Reward",
        "Share of the answers, up to there",
        [line("Model", model), line("Base model", baseline)],
        note="The further to the right, the better.",
        y_range=(0.0, 1.0),
    )
