"""What a report shows of a classifier: its labels, its calibration, its confusions and mistakes."""

from collections.abc import Sequence

import numpy as np

from core.classification import Evaluation, percent
from core.report import Bar, Bars, Chart, Heatmap, Line, Mistake, Mistakes, Point, Section, Table

MAX_SHOWN_LABELS = 60  # of the confusion matrix; more fit on no screen
MAX_MISTAKES = 15
MAX_CONFUSIONS = 8
MAX_EXCERPT = 400  # characters


def describe(
    model: Evaluation,
    baseline: Evaluation,
    excerpts: Sequence[str],
    places: Sequence[str],
    pictures: Sequence[str] = (),
) -> list[Section]:
    """The report's sections about a classifier.

    Args:
        excerpts, places, pictures: What each row was, where it is, how it looks (a data URL).
    """
    return [
        _show_labels(model, baseline),
        _show_calibration(model),
        _show_confusions(model),
        _show_matrix(model),
        _show_mistakes(model, excerpts, places, pictures),
    ]


def _show_labels(model: Evaluation, baseline: Evaluation) -> Bars:
    pairs = sorted(zip(model.scores, baseline.scores, strict=True), key=lambda pair: -pair[0].f1)
    return Bars(
        title="F1 of each label",
        note="Precision and recall in one number; the tick is the baseline.",
        bars=[
            Bar(
                label=ours.label,
                value=ours.f1,
                shown=f"{ours.f1:.2f}",
                detail=(
                    f"precision {ours.precision:.2f}, recall {ours.recall:.2f},"
                    f" {ours.support:,} rows; baseline F1 {theirs.f1:.2f}"
                ),
                baseline=theirs.f1,
            )
            for ours, theirs in pairs
            if ours.support
        ],
    )


def _show_calibration(model: Evaluation) -> Chart:
    largest = max(found.count for found in model.bins)
    points = [
        Point(
            x=found.confidence,
            y=found.accuracy,
            hint=f"{found.count:,} rows, {percent(found.confidence)} sure, "
            f"{percent(found.accuracy)} right",
            size=3 + 6 * (found.count / largest) ** 0.5,
        )
        for found in model.bins
    ]
    ideal = [Point(0, 0), Point(1, 1)]
    return Chart(
        title="Calibration",
        note=(
            "Four of five answers given with a confidence of 0.8 should be right."
            " Above the dashed line the model is too modest, below it too sure."
        ),
        x_label="Confidence",
        y_label="Share that is right",
        lines=[Line("Model", points), Line("Perfect", ideal, dashed=True)],
        x_range=(0, 1),
        y_range=(0, 1),
    )


def _show_confusions(model: Evaluation) -> Table:
    wrong = model.confusion.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:MAX_CONFUSIONS]
    pairs = [divmod(int(place), len(model.labels)) for place in order]
    return Table(
        title="Most frequent confusions",
        head=["Is", "Taken for", "Rows", "Share"],
        rows=[
            [
                model.labels[true],
                model.labels[taken],
                int(wrong[true, taken]),
                percent(wrong[true, taken] / model.scores[true].support),
            ]
            for true, taken in pairs
            if wrong[true, taken]
        ],
    )


def _show_matrix(model: Evaluation) -> Heatmap:
    wrong = model.confusion.sum(0) + model.confusion.sum(1) - 2 * model.confusion.diagonal()
    shown = np.sort(np.argsort(-wrong, kind="stable")[:MAX_SHOWN_LABELS])
    note = "A row is a true label, a column what the model said; the diagonal is right."
    if len(model.labels) > len(shown):
        note += f" Shown are the {len(shown)} of {len(model.labels)} labels with most mistakes."
    return Heatmap(
        title="Confusion matrix",
        note=note,
        labels=[model.labels[place] for place in shown],
        counts=model.confusion[np.ix_(shown, shown)].tolist(),
    )


def _show_mistakes(
    model: Evaluation, excerpts: Sequence[str], places: Sequence[str], pictures: Sequence[str]
) -> Mistakes:
    wrong = np.flatnonzero(~model.right)
    worst = wrong[np.argsort(-model.confidence[wrong], kind="stable")][:MAX_MISTAKES].tolist()
    return Mistakes(
        title="Worst mistakes",
        note="Wrong and most confident: look for labels to correct or examples to add.",
        mistakes=[
            Mistake(
                excerpt=excerpts[row][:MAX_EXCERPT],
                truth=model.labels[model.truth[row]],
                predicted=model.labels[model.predicted[row]],
                sureness=f"{model.confidence[row] * 100:.0f}\N{NO-BREAK SPACE}% sure",
                place=places[row],
                picture=pictures[row] if pictures else "",
            )
            for row in worst
        ],
    )
