"""A run's folder, events and cost, also after it was killed."""

import json
import os
import signal
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Self

import pytest

from core.records import last_record, unfinished_runs
from core.run import RUNS_FILE, Run, Stopped, reopen
from core.settings import RunSettings


class Settings(RunSettings):
    data: str = "data.csv"
    epochs: int = 3


@pytest.fixture(autouse=True)
def empty_folder_and_signals_of_pytest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(signal, "signal", lambda *_: None)


def begin(**settings: float) -> Run:
    run = Run(Settings.model_validate(settings))
    run.start("sha")
    return run


def resume(**settings: float) -> Run:
    known, folder = reopen(Settings.model_validate({"resume": True, **settings}))
    run = Run(known, folder)
    run.start("sha")
    return run


class Noon(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls(2026, 11, 29, 12, tzinfo=tz)


def test_runs_that_start_in_the_same_second_get_folders_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.run.datetime", Noon)
    first, second = begin(), Run(Settings.model_validate({}))
    second.folder = first.folder  # as it is where both look before one of them starts
    second.start("sha")
    assert second.folder.name == f"{first.folder.name}-2"
    assert second.checkpoints.is_dir()


def test_cost_is_of_the_run_not_of_the_process() -> None:
    run = begin(price_per_hour=3600)
    run._started -= 100  # seconds that it has run
    run.event("step")
    resumed = resume()
    assert 100 <= resumed.cost < 101
    resumed._started -= 50
    resumed.event("step")
    assert 150 <= resume(price_per_hour=0).cost < 152


def test_a_run_of_a_job_notes_its_folder_and_inherits_the_cost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(RUNS_FILE, "runs.txt")
    first = begin(price_per_hour=3600)
    first._started -= 100
    first.event("step")
    second = begin()
    assert Path("runs.txt").read_text().splitlines() == [str(first.folder), str(second.folder)]
    assert 100 <= second.cost < 101


def test_half_an_event_costs_no_other_event() -> None:
    run = begin(price_per_hour=3600)
    file = run.folder / "events.jsonl"
    with file.open("ab") as half:
        half.write(b'{"event": "step", "metrics": {"loss": 1}')
    assert last_record(file)["event"] == "started"
    resumed = resume()
    assert [event["event"] for event in resumed.events("resumed")] == ["resumed"]
    assert resumed.events("step") == []
    assert len(file.read_bytes().splitlines()) == 3


def test_the_last_record_is_found_behind_half_a_line_and_in_a_large_file(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    assert last_record(file) == {}
    lines = [json.dumps({"number": number, "text": "x" * 100}) for number in range(2000)]
    file.write_text("\n".join(lines) + '\n{"number')
    assert last_record(file)["number"] == 1999


def test_only_what_can_go_on_is_unfinished() -> None:
    run = begin()
    assert unfinished_runs(Path("runs")) == [run.folder]
    (run.folder / "manifest.json").touch()
    assert unfinished_runs(Path("runs")) == []
    sealing = begin()  # died between the removal of its checkpoints and its manifest
    (sealing.checkpoints / "data.json").unlink()
    assert unfinished_runs(Path("runs")) == []


def test_commands_are_no_settings_of_the_run() -> None:
    config = json.loads((begin().folder / "config.json").read_text())
    assert not {"check", "describe"} & config.keys()
    assert "epochs" in config


def test_a_repeated_sigterm_still_keeps_a_checkpoint_and_a_second_ctrl_c_does_not() -> None:
    run = begin()
    run._on_signal(signal.SIGTERM, None)
    run._on_signal(signal.SIGTERM, None)
    with pytest.raises(Stopped):
        run.stop_if_asked()
    with pytest.raises(KeyboardInterrupt):
        run._on_signal(signal.SIGINT, None)


def test_settings_that_get_a_default_keep_their_description() -> None:
    properties = Settings.model_json_schema()["properties"]
    assert properties["data"]["description"].startswith("File (JSON")
    assert properties["data"]["default"] == "data.csv"
    assert os.linesep not in properties["samples"]["description"]
