"""The whole way on a few rows: `python -m pytest`."""

from pathlib import Path

import pytest

from archive import Archive
from config import Config
from core.artifact import changed_files, read_manifest
from core.run import Run
from pipeline import train
from predict import Predictor
from schemas import Input, Observed


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    runs = str(tmp_path_factory.mktemp("runs"))
    config = Config.from_arguments(["--debug", "--output", runs])
    return train(config, Run(config))


def test_artifact_is_complete(artifact: Path) -> None:
    manifest = read_manifest(artifact)
    assert changed_files(artifact, manifest["files"]) == []
    assert (artifact / "report.html").is_file()


def test_forecasts_what_comes_after_the_training_data(artifact: Path) -> None:
    archive = Archive.load(artifact)
    name, known = next(iter(archive.series.items()))
    (output,) = Predictor.load(artifact).predict([Input(series=name)])
    assert (output.is_known, len(output.forecast)) == (True, archive.plan.horizon)
    assert output.forecast[0].time == archive.grid.show(known.start + len(known.values))
    for step in output.forecast:
        ends = [step.low_95, step.low_80, step.value, step.high_80, step.high_95]
        assert ends == sorted(ends)


def test_goes_on_from_newer_values(artifact: Path) -> None:
    archive = Archive.load(artifact)
    name, known = next(iter(archive.series.items()))
    end = known.start + len(known.values)
    newer = Observed(time=archive.grid.show(end), value=known.values[-1] * 1.01)
    (output,) = Predictor.load(artifact).predict([Input(series=name, history=[newer], horizon=1)])
    assert [step.time for step in output.forecast] == [archive.grid.show(end + 1)]


def test_forecasts_a_series_that_is_new_from_its_history(artifact: Path) -> None:
    archive = Archive.load(artifact)
    known = next(iter(archive.series.values()))
    history = [
        Observed(time=archive.grid.show(known.start + place), value=value)
        for place, value in enumerate(known.values.tolist())
    ]
    predictor = Predictor.load(artifact)
    (output,) = predictor.predict([Input(series="no such series", history=history)])
    assert (output.is_known, len(output.forecast)) == (False, archive.plan.horizon)
    with pytest.raises(ValueError, match="are needed of a series that is not known"):
        predictor.predict([Input(history=history[:3])])
