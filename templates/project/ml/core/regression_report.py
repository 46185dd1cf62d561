"""What a report shows of a model that answers with a number: where it is right, and where it is not."""

from collections.abc import Sequence

import numpy as np

from core.regression import COVERAGE, Estimation, Floats, half_width
from core.report import Chart, Line, Mistake, Mistakes, Point, Section, Table, show

MARK = 3.5  # radius of a point
MAX_MISTAKES = 15
MAX_EXCERPT = 400  # characters
QUANTILES = (0.25, 0.5, 0.75, 0.9, 0.95)


def describe(
    model: Estimation, baseline: Estimation, excerpts: Sequence[str], places: Sequence[str]
) -> list[Section]:
    """The report's sections about a regression.

    Args:
        excerpts, places: What each validation row was, and where it is.
    """
    return [
        _show_estimates(model, places),
        _show_residuals(model, places),
        _show_errors(model, baseline),
        _show_worst(model, excerpts, places),
    ]


def _show_estimates(model: Estimation, places: Sequence[str]) -> Chart:
    ends = [float(f([*model.truth, *model.predicted])) for f in (min, max)]
    width = half_width(model)
    inside = (
        f" Of rows like these, {COVERAGE:.0%} lie within {show(width)} of the estimate."
        if width is not None
        else ""
    )
    return Chart(
        title="Estimate and truth",
        note=f"Each point is a validation row; on the dashed line the estimate is right.{inside}",
        x_label="Estimate",
        y_label="Truth",
        lines=[
            _scatter(model.predicted, model.truth, model, places),
            Line("Right", [Point(end, end) for end in ends], dashed=True),
        ],
    )


def _show_residuals(model: Estimation, places: Sequence[str]) -> Chart:
    ends = (float(model.predicted.min()), float(model.predicted.max()))
    return Chart(
        title="Residuals",
        note=(
            "Truth less estimate. A bow or a funnel says that something is still in the data"
            " that the model does not see."
        ),
        x_label="Estimate",
        y_label="Residual",
        lines=[
            _scatter(model.predicted, model.residuals, model, places),
            Line("Right", [Point(end, 0) for end in ends], dashed=True),
        ],
    )


def _scatter(x: Floats, y: Floats, model: Estimation, places: Sequence[str]) -> Line:
    hints = [
        f"{place}: {show(float(estimate))}, is {show(float(truth))}"
        for place, estimate, truth in zip(places, model.predicted, model.truth, strict=True)
    ]
    points = [Point(float(a), float(b), h, MARK) for a, b, h in zip(x, y, hints, strict=True)]
    return Line("Validation rows", points, joined=False)


def _show_errors(model: Estimation, baseline: Estimation) -> Table:
    return Table(
        title="How far off",
        note="An error of at most so much has this share of the validation rows.",
        head=["Rows", "This model", "Baseline"],
        rows=[
            [
                f"{share:.0%}",
                float(np.quantile(model.errors, share)),
                float(np.quantile(baseline.errors, share)),
            ]
            for share in QUANTILES
        ],
    )


def _show_worst(model: Estimation, excerpts: Sequence[str], places: Sequence[str]) -> Mistakes:
    worst = np.argsort(-model.errors, kind="stable")[:MAX_MISTAKES].tolist()
    return Mistakes(
        title="Worst estimates",
        note="Furthest off: look for values to correct, or for a column that is missing.",
        mistakes=[
            Mistake(
                excerpt=excerpts[row][:MAX_EXCERPT],
                truth=show(float(model.truth[row])),
                predicted=show(float(model.predicted[row])),
                sureness=f"off by {show(float(model.errors[row]))}",
                place=places[row],
            )
            for row in worst
        ],
    )
