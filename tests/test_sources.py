"""Rows keep the place they came from, and a file that cannot be read says where and why."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pytest

from core.errors import LIMIT, DataError, DataProblem, UserError
from core.findings import Findings
from core.sources import Row, ignored_files, read_rows

ROWS: list[dict[str, object]] = [
    {"text": "Bend pipe.", "label": "Plumber"},
    {"text": "Lay bricks.", "label": "Mason"},
]


def write(path: Path, content: str | bytes) -> str:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def refusal(source: str) -> str:
    with pytest.raises(DataError) as error:
        read_rows(source)
    return str(error.value).replace(str(Path(source).parent) + "/", "")


def test_jsonl_keeps_line_numbers_over_blank_lines(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", "\n" + json.dumps(ROWS[0]) + "\n\n" + json.dumps(ROWS[1]))
    assert read_rows(source) == [Row(source, 2, ROWS[0]), Row(source, 4, ROWS[1])]


def test_jsonl_is_split_at_newlines_only(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", '{"text": "a\u2028b\x85c"}\r\n{"text": "d"}\r\n')
    assert [row.values["text"] for row in read_rows(source)] == ["a\u2028b\x85c", "d"]


def test_every_broken_json_line_is_named(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", '{"text": }\n{"text": "fine"}\n[1]\n')
    first, second = refusal(source).splitlines()
    assert first == "a.jsonl, row 1, character 10: broken JSON: Expecting value."
    assert second.startswith("a.jsonl, row 3: has to be an object")


@pytest.mark.parametrize("content", [ROWS, {"data": ROWS}, {"version": "1.0", "rows": ROWS}])
def test_json_is_a_list_or_an_object_with_one(tmp_path: Path, content: Any) -> None:
    source = write(tmp_path / "a.json", json.dumps(content))
    assert [(row.number, row.values) for row in read_rows(source)] == [(1, ROWS[0]), (2, ROWS[1])]


@pytest.mark.parametrize("content", [{"train": ROWS, "test": ROWS}, {"text": "a"}, "text"])
def test_json_without_one_list_is_refused(tmp_path: Path, content: Any) -> None:
    assert "an object with one such list" in refusal(
        write(tmp_path / "a.json", json.dumps(content))
    )


def test_json_lines_under_the_name_json_are_explained(tmp_path: Path) -> None:
    source = write(tmp_path / "a.json", "\n".join(map(json.dumps, ROWS)))
    assert refusal(source).startswith(
        "a.json, row 2, character 1: broken JSON: for one object a line"
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    lines = [("text", "label"), ("Bend, pipe; now", "Plumber")]
    source = write(tmp_path / "a.csv", "\n".join(f'"{a}"{delimiter}{b}' for a, b in lines))
    assert read_rows(source)[0].values == {"text": "Bend, pipe; now", "label": "Plumber"}


def test_csv_lines_may_end_as_on_an_old_mac(tmp_path: Path) -> None:
    source = write(tmp_path / "a.csv", "text;label\rBend pipe.;Plumber\rLay bricks.;Mason\r")
    assert [row.values for row in read_rows(source)] == ROWS


def test_csv_numbers_are_physical_lines(tmp_path: Path) -> None:
    source = write(tmp_path / "a.csv", '\ufefftext,label\r\n"a\r\nb",x\r\n\r\nc,y\r\n')
    assert [(row.number, row.values["text"]) for row in read_rows(source)] == [
        (2, "a\r\nb"),
        (5, "c"),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("text,label\na,b,c\n", "a.csv, row 2: has 3 of 2 values"),
        ("text,label\na\n", "a.csv, row 2: has 1 of 2 values"),
        ('text,label\nfine,x\n"open,x\nb,y\n', "a.csv, row 3: unexpected end of data"),
        ("text,text\na,b\n", 'a.csv, row 1: the column "text" occurs twice'),
    ],
)
def test_broken_csv_names_the_row(tmp_path: Path, content: str, sentence: str) -> None:
    assert refusal(write(tmp_path / "a.csv", content)).startswith(sentence)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json"])
def test_other_encodings_are_refused_with_line_and_byte(tmp_path: Path, name: str) -> None:
    assert refusal(write(tmp_path / name, "text,label\nfaçade,x\n".encode("latin-1"))) == (
        f"{name}, row 2, byte 13 of the file: is not UTF-8; save the file as UTF-8."
    )


def test_parquet_rows_are_counted_from_one(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pyarrow.Table.from_pylist(ROWS), tmp_path / "a.parquet")
    assert [row.number for row in read_rows(str(tmp_path / "a.parquet"))] == [1, 2]
    assert "is no readable Parquet file" in refusal(write(tmp_path / "b.parquet", "text"))


def test_parquet_without_pyarrow_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert "pip install pyarrow" in refusal(write(tmp_path / "a.parquet", "PAR1"))


def test_folder_joins_its_files_in_order(tmp_path: Path) -> None:
    write(tmp_path / "b.csv", "text,label\nc,z\n")
    write(tmp_path / "a.jsonl", json.dumps(ROWS[0]))
    write(tmp_path / "notes.txt", "")
    write(tmp_path / ".hidden", "")
    assert [Path(row.file).name for row in read_rows(str(tmp_path))] == ["a.jsonl", "b.csv"]
    assert ignored_files(str(tmp_path)) == ["notes.txt"]


def test_folder_collects_problems_of_all_files(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", b"text,label\n\xff,x\n")
    write(tmp_path / "b.jsonl", "{")
    with pytest.raises(DataError) as error:
        read_rows(str(tmp_path))
    assert len(str(error.value).splitlines()) == 2


def test_folder_without_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no file that ends in \.jsonl"):
        read_rows(str(tmp_path))


def test_missing_file_names_the_nearest(tmp_path: Path) -> None:
    write(tmp_path / "train.csv", "text,label\n")
    assert refusal(str(tmp_path / "trian.csv")) == (
        "trian.csv: no such file or folder; did you mean train.csv?"
    )


def test_unsupported_file_lists_what_is_supported(tmp_path: Path) -> None:
    assert refusal(write(tmp_path / "a.xlsx", "")) == (
        "a.xlsx: its name has to end in .jsonl, .json, .csv, .tsv, .parquet."
    )


def test_a_text_of_problems_ends_at_the_limit() -> None:
    problems = [DataProblem("a.csv", "is odd.", row) for row in range(LIMIT + 1500)]
    error = DataError(*problems)
    assert str(error).splitlines()[LIMIT - 1 :] == ["a.csv, row 19: is odd.", "and 1,500 more."]
    assert error.problems == tuple(problems)


def test_findings_list_a_thousand_problems_and_count_all() -> None:
    findings = Findings(problems=[DataProblem("a.csv", "is odd.", row) for row in range(1500)])
    shown = findings.to_json()
    assert (len(shown["problems"]), shown["problem_count"]) == (1000, 1500)


@pytest.mark.parametrize(
    ("name", "content", "row"),
    [
        ("a.jsonl", '{"text": "a"}\n{', 2),
        ("a.json", "[1]", 1),
        ("a.json", "[\n{", 2),
        ("a.json", "{}", None),
        ("a.csv", "text,label\na\n", 2),
        ("a.csv", "a,a\n", 1),
        ("a.csv", b"text\n\xff", 2),
        ("a.xlsx", "", None),
    ],
)
def test_a_problem_knows_its_file_and_row(
    tmp_path: Path, name: str, content: str | bytes, row: int | None
) -> None:
    source = write(tmp_path / name, content)
    with pytest.raises(DataError) as error:
        read_rows(source)
    (problem,) = error.value.problems
    assert (problem.file, problem.row, problem.column) == (source, row, None)
    assert str(problem).endswith(f": {problem.message}")


class Hub(ModuleType):
    """Stands in for the package `datasets`, which is slow to import and needs a network."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__("datasets")
        self.error = error
        self.asked: tuple[Any, ...] = ()
        self.exceptions = SimpleNamespace(DatasetNotFoundError=type("NotFound", (OSError,), {}))
        self.ClassLabel = type("ClassLabel", (), {"int2str": lambda _, n: ["neg", "pos"][n]})

    def load_dataset(self, name: str, configuration: str | None, split: str) -> Any:
        self.asked = (name, configuration, split)
        if self.error:
            raise self.error
        rows = [{"text": "good", "label": 1}, {"text": "hidden", "label": -1}]
        table = type("Table", (list,), {"features": {"text": None, "label": self.ClassLabel()}})
        return table(rows)


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ("owner/name", ("owner/name", None, "train")),
        ("owner/name:test", ("owner/name", None, "test")),
        ("owner/name:en:test", ("owner/name", "en", "test")),
    ],
)
def test_hub_name_configuration_and_split(
    source: str, asked: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = Hub()
    monkeypatch.setitem(sys.modules, "datasets", hub)
    assert [row.values["label"] for row in read_rows(source)] == ["pos", None]
    assert hub.asked == asked


def test_hub_pictures_stay_files(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass
    class Picture:
        decode: bool = True

    class Table(list[dict[str, object]]):
        features: ClassVar = {"image": Picture()}

        def cast_column(self, column: str, feature: Picture) -> "Table":
            return Table({column: "pixels" if feature.decode else "file"} for _ in self)

    hub = Hub()
    hub.load_dataset = lambda *asked, **more: Table([{"image": "pixels"}])  # type: ignore[method-assign]
    monkeypatch.setitem(sys.modules, "datasets", hub)
    assert [row.values for row in read_rows("owner/name")] == [{"image": "file"}]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            ValueError('Unknown split "x".\nShould be one of [a]'),
            'Unknown split "x". Should be one of [a]',
        ),
    ],
)
def test_hub_errors_are_one_sentence(
    error: Exception, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "datasets", Hub(error))
    assert refusal("owner/name").endswith(sentence)


def test_a_hub_that_cannot_be_reached_is_no_fault_of_the_data(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "datasets", Hub(ConnectionError("Couldn't reach")))
    with pytest.raises(UserError, match="the Hub cannot be reached") as caught:
        read_rows("owner/name")
    assert not isinstance(caught.value, DataError)


def test_unknown_hub_name_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Hub()
    hub.error = hub.exceptions.DatasetNotFoundError()
    monkeypatch.setitem(sys.modules, "datasets", hub)
    assert refusal("owner/name").endswith("no public data set of that name.")


def test_hub_without_the_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    assert "pip install datasets" in refusal("owner/name")
