"""The judgement is honest, and the page is whole, safe and alone."""

from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from core.classification import (
    Evaluation,
    compare,
    evaluate,
    evaluate_majority,
    judge,
    to_metrics,
)
from core.classification_report import MAX_SHOWN_LABELS, describe
from core.report import (
    Chart,
    Facts,
    Gallery,
    Line,
    Notes,
    Point,
    Section,
    Strip,
    Table,
    Verdict,
    show,
    ticks,
    write_report,
)

EVIL = "<img src=x onerror=alert(1)></style><script>alert(2)</script>\"'&{{7*7}}"
LABELS = ["a", "b", "c"]


def random_evaluation(labels: list[str] = LABELS, rows: int = 90) -> Evaluation:
    chance = np.random.default_rng(0)
    truth = [labels[n % len(labels)] for n in range(rows)]
    return evaluate(labels, truth, chance.dirichlet(np.ones(len(labels)), rows))


def answering(right: list[bool]) -> Evaluation:
    """A classifier of two labels, right on just these rows."""
    probabilities = np.array([[0.9, 0.1] if hit else [0.2, 0.8] for hit in right])
    return evaluate(["a", "b"], ["a"] * len(right), probabilities)


def page(folder: Path, *sections: Section, title: str = "Trades", facts: str = "lora") -> str:
    path = folder / "report.html"
    verdict = Verdict("good", title, title)
    write_report(path, title=title, facts={facts: facts}, verdict=verdict, sections=sections)
    return path.read_text(encoding="utf-8")


@pytest.mark.slow
def test_metrics_agree_with_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")  # which takes a second
    found = random_evaluation()
    chance = np.random.default_rng(0).dirichlet(np.ones(3), 90)
    truth, predicted = found.truth, found.predicted
    precision, recall, f1, support = metrics.precision_recall_fscore_support(truth, predicted)
    assert found.accuracy == pytest.approx(metrics.accuracy_score(truth, predicted))
    assert found.macro_f1 == pytest.approx(metrics.f1_score(truth, predicted, average="macro"))
    assert found.weighted_f1 == pytest.approx(
        metrics.f1_score(truth, predicted, average="weighted")
    )
    assert found.log_loss == pytest.approx(metrics.log_loss(truth, chance))
    assert (found.confusion == metrics.confusion_matrix(truth, predicted)).all()
    assert [score.precision for score in found.scores] == pytest.approx(precision)
    assert [score.recall for score in found.scores] == pytest.approx(recall)
    assert [score.f1 for score in found.scores] == pytest.approx(f1)
    assert [score.support for score in found.scores] == list(support)


def test_a_label_that_never_occurs_does_not_lower_macro_f1() -> None:
    found = evaluate(["a", "b", "rare"], ["a", "b"], np.array([[0.9, 0.1, 0], [0.1, 0.9, 0]]))
    assert found.macro_f1 == 1


def test_certain_and_wrong_costs_a_finite_loss() -> None:
    assert evaluate(["a", "b"], ["a"], np.array([[0.0, 1.0]])).log_loss == pytest.approx(
        34.5, abs=0.1
    )


def test_calibration_error_is_the_mean_gap() -> None:
    found = evaluate(["a", "b"], ["a", "b"], np.array([[0.8, 0.2], [0.8, 0.2]]))
    assert found.calibration_error == pytest.approx(0.3)  # 0.8 sure, half of them right


def test_majority_answers_with_the_shares_of_the_training_data() -> None:
    found = evaluate_majority(["a", "b"], ["a", "a", "a", "b"], ["a", "b"])
    assert found.accuracy == 0.5
    assert found.confidence.tolist() == [0.75, 0.75]


def test_metrics_are_plain_numbers() -> None:
    assert to_metrics(answering([True, True, False, False]))["accuracy"] == 0.5


@pytest.mark.parametrize(
    ("model", "baseline", "mood", "sentence"),
    [
        ([True] * 20, [True] * 10 + [False] * 10, "good", "Beats the baseline: 100.0"),
        ([True] * 11 + [False] * 9, [True] * 10 + [False] * 10, "unclear", "Does not beat the"),
        ([True] * 10 + [False] * 10, [True] * 11 + [False] * 9, "unclear", "Does not beat the"),
        ([False] * 20, [True] * 10 + [False] * 10, "bad", "Worse than the baseline: 0.0"),
        ([True] * 20, [True] * 20, "unclear", "Does not beat the baseline"),
    ],
)
def test_verdict(model: list[bool], baseline: list[bool], mood: str, sentence: str) -> None:
    verdict = judge(answering(model), answering(baseline), "TF-IDF")
    assert verdict.mood == mood
    assert verdict.sentence.startswith(sentence)


@pytest.mark.parametrize(("wins", "losses"), [(5, 0), (6, 0), (14, 5), (15, 5), (40, 24), (41, 24)])
def test_interval_and_test_never_contradict_each_other(wins: int, losses: int) -> None:
    model = answering([True] * wins + [False] * losses)
    found = compare(model, answering([False] * wins + [True] * losses))
    assert (found.p_value < 0.05) == (found.low > 0)
    assert found.low <= found.difference <= found.high


def test_sections_show_the_worst_mistake_first(tmp_path: Path) -> None:
    model = random_evaluation()
    excerpts = [f"text {n}" for n in range(90)]
    text = page(tmp_path, *describe(model, model, excerpts, [f"val.csv:{n}" for n in range(90)]))
    wrong = np.flatnonzero(~model.right)
    worst = wrong[model.confidence[wrong].argmax()]
    assert text.index(f'<p dir="auto">text {worst}</p>') == text.index('<p dir="auto">text')
    assert f"val.csv:{worst}" in text


def test_no_mistakes_are_said(tmp_path: Path) -> None:
    perfect = answering([True] * 4)
    assert "every row is right" in page(tmp_path, *describe(perfect, perfect, ["x"] * 4, ["y"] * 4))


def test_confusion_matrix_shows_the_most_mistaken_of_many_labels(tmp_path: Path) -> None:
    model = random_evaluation([f"label {n}" for n in range(100)], rows=300)
    text = page(tmp_path, *describe(model, model, [""] * 300, [""] * 300))
    assert text.count('<th scope="row"') == MAX_SHOWN_LABELS
    assert "60 of 100 labels" in text


def test_user_text_stays_text(tmp_path: Path) -> None:
    model = random_evaluation([EVIL, "b" * 300, "c"])
    text = page(
        tmp_path,
        *describe(model, model, [EVIL] * 90, [EVIL] * 90),
        Chart(EVIL, EVIL, EVIL, [Line(EVIL, [Point(0, 1, EVIL), Point(1, 2)])]),
        Table(EVIL, [EVIL], [[EVIL]], EVIL),
        Notes(EVIL, [EVIL]),
        Facts(EVIL, {EVIL: {EVIL: [EVIL]}}),
        title=EVIL,
        facts=EVIL,
    )
    tags: set[str] = set()
    attributes: set[str] = set()

    class Collector(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.add(tag)
            attributes.update(name for name, _ in attrs)

    Collector().feed(text)
    assert not tags & {"script", "img", "iframe"}
    assert "onerror" not in attributes
    assert "49" not in text.split("<h1")[1].split("</h1>")[0]


def test_page_loads_nothing(tmp_path: Path) -> None:
    model = random_evaluation()
    text = page(tmp_path, *describe(model, model, [""] * 90, [""] * 90))
    assert "default-src 'none'" in text
    assert not any(word in text for word in ("http://", "https://", "src=", "url(", "@import"))


def test_pictures_stand_side_by_side(tmp_path: Path) -> None:
    pictures = ["data:image/png;base64,AA", "data:image/png;base64,BB"]
    text = page(tmp_path, Gallery("Signs", ["Before", EVIL], [Strip(EVIL, pictures, "row 3")]))
    places = [text.index(f'<img src="{picture}"') for picture in pictures]
    assert places == sorted(places)
    assert EVIL not in text


def test_empty_notes_are_left_out(tmp_path: Path) -> None:
    assert "Warnings" not in page(tmp_path, Notes("Warnings", []))


@pytest.mark.parametrize("points", [[], [Point(1, 1)], [Point(1, 2), Point(2, 2)]])
def test_charts_of_few_points_are_drawn(tmp_path: Path, points: list[Point]) -> None:
    assert "<svg" in page(tmp_path, Chart("Loss", "Step", "Loss", [Line("Training", points)]))


def test_lines_are_thinned_and_skip_what_is_not_finite() -> None:
    points = [Point(n, n) for n in range(10_000)]
    drawn = Line("Loss", [*points, Point(10_000, float("nan"))]).drawn
    assert len(drawn) <= 401
    assert drawn[-1] == points[-1]


def test_ticks_are_round_and_enclose_the_span() -> None:
    assert ticks((0, 1)) == [0, 0.2, 0.4, 0.6, 0.8, 1]
    assert ticks((0.13, 0.58)) == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    assert ticks((3, 3)) == [2.4, 2.6, 2.8, 3.0, 3.2, 3.4, 3.6]


def test_values_are_shown_as_people_write_them() -> None:
    values = [12000, 0.0002, 0.5, True, None, "x", {"a": 1}, ["a", 2], []]
    shown = ["12,000", "0.0002", "0.5", "yes", "\N{EN DASH}", "x", "a=1", "a, 2", "\N{EN DASH}"]
    assert [show(value) for value in values] == shown
