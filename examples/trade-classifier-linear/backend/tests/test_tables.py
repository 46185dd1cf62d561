"""Files of rows: what is read, what is refused and how that is said, and what goes out again."""

import csv
import gzip
import io
import json
import pickle
import zipfile
from pathlib import Path

import pytest

from app.ml import parquet, rows
from app.ml.cells import as_json
from app.ml.exports import column_names, json_line, neutralise, to_csv, to_jsonl
from app.ml.rows import Row, TableError
from app.ml.tables import inspect, read_rows, suffix_of


def write(folder: Path, content: bytes | str) -> Path:
    path = folder / "file"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(path: Path, suffix: str) -> str:
    with pytest.raises(TableError) as error:
        inspect(path, suffix)
    return str(error.value)


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        (".csv", "statement,trade\nBend conduit.,electrician\n"),
        (".csv", "\ufeffstatement;trade\r\nBend conduit.;electrician\r\n"),
        (".csv", "statement\ttrade\n\nBend conduit.\telectrician\n"),
        (".tsv", "statement\ttrade\nBend conduit.\telectrician\n"),
        (".jsonl", '\ufeff{"statement": "Bend conduit.", "trade": "electrician"}\n\n'),
        (".json", '[{"statement": "Bend conduit.", "trade": "electrician"}]'),
        (".json", '{"n": 1, "rows": [{"statement": "Bend conduit.", "trade": "electrician"}]}'),
    ],
)
def test_reads_what_the_models_read(tmp_path: Path, suffix: str, content: str) -> None:
    path = write(tmp_path, content)
    found = inspect(path, suffix)
    assert [row.values for row in read_rows(path, suffix)] == [
        {"statement": "Bend conduit.", "trade": "electrician"}
    ]
    assert found.row_count == 1
    assert [(column.name, column.kind) for column in found.preview.columns] == [
        ("statement", "text"),
        ("trade", "text"),
    ]


def test_rows_of_csv_are_numbered_by_line(tmp_path: Path) -> None:
    path = write(tmp_path, 'a,b\n"one\ntwo",1\n\nthree,2\n')
    assert [row.number for row in read_rows(path, ".csv")] == [2, 5]


def test_kinds_of_columns(tmp_path: Path) -> None:
    line = {"n": 1, "x": 1.5, "t": "a", "b": True, "l": [1], "o": {}, "e": None}
    path = write(tmp_path, json_line(line) + json_line(line | {"x": 2, "t": 3}))
    kinds = [column.kind for column in inspect(path, ".jsonl").preview.columns]
    assert kinds == ["integer", "number", "mixed", "boolean", "list", "object", "empty"]
    path = write(tmp_path, "n,x,t,b,e\n1,1.5,a,true,\n-2,-3e2,4,False,\n")
    kinds = [column.kind for column in inspect(path, ".csv").preview.columns]
    assert kinds == ["integer", "number", "text", "boolean", "empty"]


@pytest.mark.parametrize(
    ("suffix", "content", "sentence"),
    [
        (".csv", "a,b\n1,2\n3\n", "row 3: has 1 of 2 values; put a text with ','"),
        (".csv", 'a,b\n1,"2\n', "row 2: unexpected end of data; close each quoted text"),
        (".csv", "a,a\n1,2\n", 'row 1: the column "a" occurs twice'),
        (".csv", "a,b\n", "holds no row"),
        (".csv", b"a,b\n1,2\n\xe9,3\n", "row 3: byte 8 of the file is not UTF-8"),
        (".csv", "a" * (rows.MAX_HEADER + 1), "row 1: has no line break"),
        (".csv", ",".join(map(str, range(1001))) + "\n", "row 1: has more than 1,000 columns"),
        (".jsonl", '{"a": 1}\n{"a": }\n', "row 2: character 7: broken JSON"),
        (".jsonl", "[1]\n", "row 1: has to be an object"),
        (".jsonl", '{"a": ' + "[" * 100_000 + "\n", "row 1: holds a number or a nesting"),
        (".jsonl", '{"a": ' + "[" * 60 + "]" * 60 + "}\n", "row 1: is nested too deeply"),
        (".jsonl", '{"a": ' + "9" * 5000 + "}\n", "row 1: holds a number or a nesting"),
        (".json", '{"a": 1}\n{"a": 2}\n', "row 2: character 1: broken JSON: for one object a line"),
        (".json", '{"a": [], "b": []}', "has to be a list of objects"),
        (".json", "[1]", "row 1: has to be an object"),
        (".parquet", "a,b\n1,2\n", "is no Parquet file"),
        (".csv", b"PAR1" + bytes(20), "is a Parquet file; let its name end in .parquet"),
        (".parquet", b"PAR1" + bytes(20), "is no readable Parquet file"),
        (".csv", gzip.compress(b"a,b\n1,2\n", mtime=0), "is compressed with gzip; unpack it"),
        (".jsonl", pickle.dumps({"a": 1}), "is a Python pickle, which is never opened"),
        (
            ".csv",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "is an Excel workbook; save the sheet as CSV",
        ),
    ],
)
def test_refuses_with_a_sentence(
    tmp_path: Path, suffix: str, content: bytes | str, sentence: str
) -> None:
    assert sentence in refusal(write(tmp_path, content), suffix)


def test_zip_archives_are_refused_by_content(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", "<a/>")
    assert "is a ZIP archive or an Excel workbook" in refusal(
        write(tmp_path, buffer.getvalue()), ".csv"
    )


def test_large_json_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MAX_JSON", 10)
    assert "save it as JSONL" in refusal(write(tmp_path, '[{"a": "bcdef"}]'), ".json")


def test_a_character_may_lie_across_two_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "CHUNK", 5)
    assert inspect(write(tmp_path, "a\nü€ü€ü€\n"), ".csv").row_count == 1
    broken = write(tmp_path, "a\nü€ü€\n".encode() + b"\xff")
    assert "row 3: byte 13 of the file" in refusal(broken, ".csv")


def test_names_each_broken_row_up_to_a_limit(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n" + "1\n" * 30 + "1,2\n")
    with pytest.raises(TableError) as error:
        inspect(path, ".csv")
    assert [problem.number for problem in error.value.problems] == list(range(2, 22))
    assert error.value.count == 30


def test_preview_is_small(tmp_path: Path) -> None:
    path = write(tmp_path, "".join(json_line({"text": "x" * 1000}) for _ in range(50)))
    found = inspect(path, ".jsonl")
    assert found.row_count == 50
    assert len(found.preview.rows) == 20
    assert found.preview.rows[0].values == {"text": "x" * 500 + "…"}


def test_suffixes() -> None:
    assert suffix_of("A.CSV") == ".csv"
    with pytest.raises(TableError, match="its name has to end in"):
        suffix_of("data.xlsx")


class TestParquet:
    def test_rows(self, tmp_path: Path) -> None:
        pyarrow = pytest.importorskip("pyarrow")
        pq = pytest.importorskip("pyarrow.parquet")
        path = tmp_path / "file"
        pq.write_table(pyarrow.table({"text": ["a", "b"], "image": [b"\x00", None]}), path)
        assert [row.values["text"] for row in read_rows(path, ".parquet")] == ["a", "b"]
        assert inspect(path, ".parquet").preview.rows[0].values == {"text": "a", "image": "AA=="}

    @pytest.mark.slow
    def test_a_bomb_is_refused_by_its_declared_size(self, tmp_path: Path) -> None:
        pyarrow = pytest.importorskip("pyarrow")
        pq = pytest.importorskip("pyarrow.parquet")
        path = tmp_path / "file"
        text = "x" * 1024 * 1024
        schema = pyarrow.schema([("text", pyarrow.string())])
        with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=False) as writer:
            writer.write_table(pyarrow.table({"text": [text] * 300}), row_group_size=300)
        assert path.stat().st_size < 1024 * 1024
        assert "row group 1 unpacks to 314," in refusal(path, ".parquet")

    def test_many_groups_are_added_up(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pyarrow = pytest.importorskip("pyarrow")
        pq = pytest.importorskip("pyarrow.parquet")
        path = tmp_path / "file"
        pq.write_table(pyarrow.table({"n": list(range(100))}), path, row_group_size=10)
        monkeypatch.setattr(parquet, "MAX_TOTAL", 500)
        assert "unpacks to" in refusal(path, ".parquet")

    def test_says_so_where_pyarrow_is_missing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
        assert "have pyarrow installed" in refusal(write(tmp_path, b"PAR1" + bytes(9)), ".parquet")


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+SUM(A1)", "'+SUM(A1)"),
        ("-2+3", "'-2+3"),
        ("@cmd", "'@cmd"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("-5", "-5"),
        ("+3.2e-4", "+3.2e-4"),
        ("-inf", "'-inf"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_formulas_become_texts(cell: str, safe: str) -> None:
    assert neutralise(cell) == safe


def test_csv_can_be_read_back(tmp_path: Path) -> None:
    given = [
        Row(1, {"=name": "=1+1", "n": -5, "list": ["a", 1], "none": None}),
        Row(2, {"n": 1.5, "more": 'say "hi",\nthen go'}),
    ]
    names = column_names(given)
    path = write(tmp_path, b"".join(to_csv(given, names)))
    assert [row.values for row in read_rows(path, ".csv")] == [
        {"'=name": "'=1+1", "n": "-5", "list": '["a", 1]', "none": "", "more": ""},
        {"'=name": "", "n": "1.5", "list": "", "none": "", "more": 'say "hi",\nthen go'},
    ]
    with path.open(newline="") as file:
        assert len(list(csv.reader(file))) == 3


def test_jsonl_can_be_read_back(tmp_path: Path) -> None:
    given = [Row(n, {"n": n, "text": "ü\u2028"}) for n in range(5000)]
    path = write(tmp_path, b"".join(to_jsonl(given)))
    assert [row.values for row in read_rows(path, ".jsonl")] == [row.values for row in given]


def test_values_that_json_lacks() -> None:
    value = as_json({"x": float("nan"), "half": "\ud800", "deep": [float("inf")]})
    assert json.loads(json.dumps(value, allow_nan=False)) == {
        "x": None,
        "half": "?",
        "deep": [None],
    }
