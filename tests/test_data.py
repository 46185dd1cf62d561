"""Data that no model should learn is refused with file, row and column; the rest is said."""

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core.errors import DataError, UserError
from core.findings import Findings
from data import Dataset, load_dataset

SAMPLE = Path(__file__).parents[1] / "templates/tasks/text-classification/sample.jsonl"


@dataclass
class Settings:
    data: str
    validation: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    samples: int | None = None
    seed: int = 42


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def save(name: str, rows: list[dict[str, Any]]) -> str:
    Path(name).write_text("\n".join(map(json.dumps, rows)))
    return name


def rows(count: int, label: Any = "a", word: str = "text") -> list[dict[str, Any]]:
    return [{"text": f"{word} {label} {number}", "label": label} for number in range(count)]


def load(*data: dict[str, Any], **settings: Any) -> Dataset:
    return load_dataset(Settings(save("train.jsonl", list(data)), **settings))


def refusal(*data: dict[str, Any], **settings: Any) -> list[str]:
    with pytest.raises(DataError) as error:
        load(*data, **settings)
    return str(error.value).splitlines()


GOOD = rows(10, "a") + rows(10, "b")
HELD_OUT = rows(2, "a", "other") + rows(2, "b", "other")


def test_the_sample_has_nothing_to_complain_about() -> None:
    dataset = load_dataset(Settings(str(SAMPLE)))
    assert len(dataset.train) + len(dataset.validation) == 318
    assert len(dataset.labels) == 8
    assert dataset.notes == [f"{SAMPLE}: set 48 rows apart to validate."]


def test_split_is_stratified_seeded_and_complete() -> None:
    data = rows(100, "a") + rows(40, "b") + rows(2, "c")
    first, again, other = load(*data), load(*data), load(*data, seed=1)
    assert first == again
    assert first.validation != other.validation
    assert Counter(e.label for e in first.validation) == {"a": 15, "b": 6}
    assert len({e.text for e in first.train + first.validation}) == 142


def test_fingerprint_follows_the_data_alone() -> None:
    whole = load(*GOOD).fingerprint
    assert whole == load(*GOOD, seed=7, samples=4).fingerprint
    assert whole != load(*GOOD, {"text": "one more", "label": "a"}).fingerprint
    assert len(whole) == 64


def test_samples_keep_every_label() -> None:
    dataset = load(*rows(100, "a"), *rows(3, "b"), *rows(3, "c"), samples=10)
    assert Counter(e.label for e in dataset.train) == {"a": 8, "b": 1, "c": 1}
    assert len(dataset.validation) == 10


def test_fewer_samples_than_labels_are_refused() -> None:
    with pytest.raises(UserError, match="--samples 1: 2 labels need that many"):
        load(*GOOD, samples=1)


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        ({"text": "", "label": "a"}, '"text": is empty; write a text or delete the row.'),
        ({"text": " \n", "label": "a"}, '"text": is empty; write a text or delete the row.'),
        ({"label": "a"}, '"text": is missing; write a text or delete the row.'),
        ({"text": 7, "label": "a"}, '"text": is 7, which is no text; put it between quotes'),
        ({"text": "x\ud83d", "label": "a"}, '"text": holds half a character'),
        ({"text": "x"}, '"label": is missing; write a label or delete the row.'),
        ({"text": "x", "label": None}, '"label": is missing; write a label or delete the row.'),
        ({"text": "x", "label": float("nan")}, '"label": is missing;'),
        ({"text": "x", "label": ""}, '"label": is empty; write a label or delete the row.'),
        ({"text": "x", "label": 1}, '"label": is a whole number, 1, but a text in most rows;'),
        ({"text": "x", "label": True}, '"label": is true or false, True, but a text in most'),
        ({"text": "x", "label": 0.5}, '"label": is 0.5; a label is a text or a whole number.'),
        (
            {"text": "x", "label": ["a"]},
            "\"label\": is ['a']; a label is a text or a whole number.",
        ),
    ],
)
def test_bad_values_name_file_row_and_column(bad: dict[str, Any], problem: str) -> None:
    assert refusal(*GOOD, bad)[0].startswith(f"train.jsonl, row 21, column {problem}")


def test_a_label_is_a_whole_text() -> None:
    (problem,) = refusal(*GOOD, *[{"text": "x", "label": "b\ud83d"}])
    assert '"label": holds half a character' in problem


def test_problems_have_a_place_that_programs_read() -> None:
    save("val.jsonl", [*HELD_OUT, *rows(2, "Bakr"), GOOD[3]])
    settings = Settings(save("train.jsonl", GOOD), validation="val.jsonl")
    with pytest.raises(DataError) as error:
        load_dataset(settings)
    places = [(p.file, p.row, p.column) for p in error.value.problems]
    assert places == [("val.jsonl", 5, None), ("val.jsonl", 7, None)]
    assert error.value.problems[0].message.startswith('the label "Bakr" is not in the training')

    with pytest.raises(DataError) as error:
        load(*GOOD, {"text": "", "label": "a"})
    (problem,) = error.value.problems
    assert (problem.file, problem.row, problem.column) == ("train.jsonl", 21, "text")
    assert problem.message == "is empty; write a text or delete the row."


def test_problems_of_a_whole_file_have_no_row() -> None:
    for data, columns in ((rows(5), {}), (GOOD, {"label": "trade"}), ([], {})):
        with pytest.raises(DataError) as error:
            load(*data, columns=columns)
        (problem,) = error.value.problems
        assert (problem.file, problem.row, problem.column) == ("train.jsonl", None, None)


def test_findings_tell_of_good_data() -> None:
    findings = Findings()
    data = [{"statement": row["text"], "trade": row["label"]} for row in [*GOOD, GOOD[0]]]
    load_dataset(Settings(save("train.jsonl", data)), findings)
    assert (findings.rows, findings.problems) == (21, [])
    assert findings.columns == {"text": "statement", "label": "trade"}
    labels = {"a": 10, "b": 10}
    assert findings.summary == {"labels": labels, "train_rows": 17, "validation_rows": 3}
    assert any("dropped 1 row that repeats" in note for note in findings.notes)


def test_findings_tell_of_bad_data_as_far_as_it_was_read() -> None:
    findings = Findings()
    with pytest.raises(DataError):
        load_dataset(Settings(save("train.jsonl", [*GOOD, {"text": "", "label": "a"}])), findings)
    assert (findings.rows, len(findings.problems)) == (21, 1)
    assert findings.columns == {"text": "text", "label": "label"}
    assert findings.summary == {"labels": {"a": 10, "b": 10}}


def test_all_problems_come_at_once_up_to_a_limit() -> None:
    lines = refusal(*GOOD, *[{"text": "", "label": ""}] * 15)
    assert len(lines) == 21
    assert lines[-1] == "and 10 more."


def test_problems_of_both_parts_come_together() -> None:
    save("val.jsonl", [*HELD_OUT, {"text": "", "label": "a"}])
    lines = refusal(*GOOD, {"text": "", "label": "a"}, validation="val.jsonl")
    assert [line.split(",")[0] for line in lines] == ["train.jsonl", "val.jsonl"]


def test_labels_that_are_mostly_missing_do_not_make_the_rest_odd() -> None:
    lines = refusal({"text": "x", "label": "a"}, *[{"text": "y", "label": None}] * 3)
    assert [line.split(",")[1] for line in lines] == [" row 2", " row 3", " row 4"]


def test_labels_may_be_numbers() -> None:
    assert load(*rows(5, 1), *rows(5, 0)).labels == ["0", "1"]
    assert load(*rows(5, 1.0), *rows(5, 0.0)).labels == ["0", "1"]


def test_a_label_of_one_row_is_refused() -> None:
    assert refusal(*GOOD, {"text": "x", "label": "Baker"}) == [
        'train.jsonl, row 21: the label "Baker" occurs only here; add rows or delete this one.'
    ]


def test_one_label_is_no_classification() -> None:
    assert refusal(*rows(5)) == ['train.jsonl: every row has the label "a"; two are the least.']


def test_unknown_label_in_validation_names_the_nearest() -> None:
    save("val.jsonl", [*HELD_OUT, *rows(2, "Bakr")])
    data = [*GOOD, *rows(3, "Baker")]
    (problem,) = refusal(*data, validation="val.jsonl")
    assert problem.startswith('2 times, first in val.jsonl, row 5: the label "Bakr" is not in')
    assert problem.endswith('; did you mean "Baker"?')


def test_a_text_in_both_parts_names_both_places() -> None:
    save("val.jsonl", [*HELD_OUT, {"text": " Text  A 3", "label": "a"}])
    (problem,) = refusal(*GOOD, validation="val.jsonl")
    assert problem.startswith(
        "val.jsonl, row 5: the text is in the training data too, train.jsonl, row 4;"
    )


def test_repeated_rows_are_dropped_and_said() -> None:
    dataset = load(*GOOD, GOOD[3], GOOD[4])
    assert len(dataset.train) + len(dataset.validation) == 20
    assert dataset.notes[0] == (
        "train.jsonl: dropped 2 rows that repeat another, first train.jsonl, row 21."
    )


def test_a_text_with_two_labels_is_kept_in_training_and_said() -> None:
    doubtful = [{"text": "Clean up.", "label": label} for label in "ab"]
    dataset = load(*GOOD, *doubtful)
    assert "Clean up." not in {e.text for e in dataset.validation}
    assert [e.label for e in dataset.train if e.text == "Clean up."] == ["a", "b"]
    assert dataset.notes[0].startswith(
        "train.jsonl: 1 text has more than one label, first train.jsonl, row 21"
    )


def test_labels_that_differ_in_case_are_said() -> None:
    assert (
        'train.jsonl: the labels "A", "a" differ in case only.'
        in load(*GOOD, *rows(2, "A", "z")).notes
    )


def test_columns_are_guessed_by_name_then_by_content() -> None:
    data = [
        {"id": n, "Statement": f"A long statement, number {n}.", "trade": "xy"[n % 2], "note": "ok"}
        for n in range(10)
    ]
    dataset = load(*data)
    assert dataset.labels == ["x", "y"]
    assert dataset.notes[:2] == [
        'train.jsonl: took column "Statement" for the text.',
        'train.jsonl: took column "trade" for the label.',
    ]


def test_columns_are_taken_as_given() -> None:
    data = [
        {"text": "wrong", "a": f"right {n}", "label": "wrong", "b": "xy"[n % 2]} for n in range(8)
    ]
    dataset = load(*data, columns={"text": "a", "label": "b"})
    assert dataset.labels == ["x", "y"]
    assert dataset.train[0].text.startswith("right")


def test_an_unknown_column_lists_the_columns() -> None:
    assert refusal(*GOOD, columns={"label": "trade"}) == [
        'train.jsonl: has no column "trade" for the label; it has "text", "label".'
    ]


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(UserError, match="--columns txt: choose text or label"):
        load(*GOOD, columns={"txt": "text"})


def test_a_label_that_cannot_be_guessed_is_asked_for() -> None:
    assert refusal(*({"a": f"words {n}", "b": n} for n in range(9))) == [
        'train.jsonl: which column is the label, of "a", "b"? Say --columns label=NAME.'
    ]


def test_a_file_without_rows_is_refused() -> None:
    assert refusal() == ["train.jsonl: holds no rows."]


def test_too_few_rows_to_split_are_refused() -> None:
    doubtful = [{"text": text, "label": label} for text in ("x", "y") for label in "ab"]
    assert "are too few to set some apart" in refusal(*doubtful)[0]


def test_a_folder_says_what_it_joined_and_passed_over() -> None:
    Path("data").mkdir()
    save("data/a.jsonl", rows(5, "a"))
    save("data/b.jsonl", rows(5, "b"))
    Path("data/README.md").touch()
    assert load_dataset(Settings("data")).notes[:2] == [
        "data: joined data/a.jsonl (5 rows), data/b.jsonl (5 rows).",
        "data: passed over README.md.",
    ]


def test_nothing_is_written() -> None:
    load(*GOOD)
    assert [path.name for path in Path().iterdir()] == ["train.jsonl"]


def test_twenty_thousand_rows_take_no_time() -> None:
    data = [{"text": f"{n} " + "some words " * 10, "label": f"l{n % 20}"} for n in range(20_000)]
    save("train.jsonl", data)
    start = time.perf_counter()
    load_dataset(Settings("train.jsonl"))
    assert time.perf_counter() - start < 3  # 0.4 s on an idle core
