"""What seq2seq says of its data, and what a client of OpenAI's gets from its server."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.generated import Model
from tests.tasks.seq2seq import ROWS, SAMPLE, save_base_model
from tests.test_task import check

check_t5 = partial(check, task="seq2seq", algorithm="t5")
SOURCE = json.loads(SAMPLE.read_text("utf-8").splitlines()[0])["document"]


def notes(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    return "\n".join(check_t5(folder, "--data", name)["notes"])


def test_parts_of_a_translation_are_columns(tmp_path: Path) -> None:
    rows = [{"translation": {"de": f"Satz {n}", "en": f"Sentence {n}"}} for n in range(8)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert check_t5(tmp_path, "--data", "a.jsonl")["columns"] == {
        "source": "en",
        "target": "de",
    }


def test_rows_that_repeat_are_dropped_and_noted(tmp_path: Path) -> None:
    said = notes(tmp_path, "a.csv", ROWS + b"Source number  3 is a long one.,Target 3\n")
    assert "dropped 1 row that repeats another, first a.csv, row 10." in said


def test_odd_rows_are_noted(tmp_path: Path) -> None:
    said = notes(tmp_path, "a.csv", ROWS + b"Short.,A target that is longer\nSame,Same\n")
    assert (
        "1 target is longer than the source, though most are shorter, first a.csv, row 10" in said
    )
    assert "1 row has a target that is its source, first a.csv, row 11" in said


def test_a_source_with_two_targets_stays_on_one_side(tmp_path: Path) -> None:
    said = notes(tmp_path, "a.csv", ROWS + b"Source number 3 is a long one.,Another\n")
    assert "1 source has more than one target, first a.csv, row 5 and a.csv, row 10" in said


@pytest.fixture(scope="module")
def trained(
    render: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Model]:
    folder = tmp_path_factory.mktemp("seq2seq")
    base = save_base_model(folder / "tiny", "t5")
    project = render(task="seq2seq", algorithm="t5", base_model=str(base))
    model = Model(project / "ml" / "summarizer", folder / "runs")
    model.train("--debug", "--max-length", "256")
    yield model


@pytest.mark.slow
def test_an_openai_client_gets_a_stream(trained: Model) -> None:
    openai = pytest.importorskip("openai")
    with trained.served() as address:
        client = openai.OpenAI(base_url=f"{address}/v1", api_key="-", max_retries=0)
        asked = {"model": "seq2seq", "temperature": 0, "max_tokens": 12}
        whole = client.completions.create(prompt=SOURCE, **asked)
        pieces = list(client.completions.create(prompt=SOURCE, stream=True, **asked))
        assert "".join(piece.choices[0].text for piece in pieces) == whole.choices[0].text
        message = {"role": "user", "content": SOURCE}
        chat = client.chat.completions.create(messages=[message], **asked)
        assert chat.choices[0].message.content == whole.choices[0].text
        assert whole.usage.completion_tokens <= 12
        for messages in ([message, message], [{"role": "user", "content": SOURCE * 9}]):
            with pytest.raises(openai.BadRequestError):
                client.chat.completions.create(messages=messages, **asked)
