"""One trial of a tuning: a `train.py` of its own, watched by Ray Tune.

Whatever can be trained can be tuned, and a trial that is stopped early or fails costs the others
nothing.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from ray import tune

from core.records import parse_record

GRACE = 60  # seconds to end in, for a trial that is stopped early
POLL = 0.2  # seconds


class Trial(tune.Trainable):  # type: ignore[misc, unused-ignore]  # Ray may not be installed
    """Each step waits for the training's next evaluation; the last one for its artifact."""

    def setup(  # type: ignore[override, unused-ignore]  # Ray adds what with_parameters was given
        self, config: dict[str, Any], given: list[str], metric: str, model: Path, folder: Path
    ) -> None:
        """
        Args:
            config: Options of this trial, with their values.
            given: Options of every trial.
            metric: Of the evaluations and of the manifest, what the trials are compared by.
            model: Folder with the `train.py`.
            folder: Of the tuning; the trial makes one of its own in it.
        """
        self.metric = metric
        self.folder = folder / str(self.trial_id)
        self.folder.mkdir(parents=True)
        self.seen = 0
        options = [word for name, value in config.items() for word in (name, str(value))]
        with (self.folder / "log.txt").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "train.py", *given, *options, "--output", self.folder],
                cwd=model,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def step(self) -> dict[str, Any]:
        while True:
            has_ended = (
                self.process.poll() is not None
            )  # asked first: else its last event is missed
            scores = self._scores()
            if len(scores) > self.seen:
                self.seen += 1
                return {"score": scores[self.seen - 1]}
            if has_ended:
                return self._result()
            time.sleep(POLL)

    def cleanup(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def _scores(self) -> list[float]:
        lines = [line for path in self.folder.glob("*/events.jsonl") for line in path.open("rb")]
        events = filter(None, map(parse_record, lines))
        return [e["metrics"][self.metric] for e in events if e["event"] == "evaluation"]

    def _result(self) -> dict[str, Any]:
        for path in self.folder.glob("*/manifest.json"):
            score = json.loads(path.read_text(encoding="utf-8"))["metrics"][self.metric]
            return {"score": score, "artifact": str(path.parent), "done": True}
        said = (self.folder / "log.txt").read_text("utf-8", errors="replace").strip()
        reason = said.splitlines()[-1] if said else "without a word"
        raise RuntimeError(f"train.py ended with {self.process.returncode}: {reason}")
