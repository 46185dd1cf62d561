"""The end of a training: answer validation rows, judge the answers, and publish the model."""

import random
import time
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from config import ALGORITHM, Config
from core.comparison import Measure, compare, judge_rows
from core.memory import within_memory
from core.publish import Outcome, publish
from core.report import Figure, Verdict
from core.run import Run
from data import Dataset
from evaluation import NAMES, Evaluation, evaluate
from figures import Decoding, Judged, describe
from schemas import Input, Output
from split import Example
from writer import Answer, Writer

BATCH = 32  # sources that are answered at a time
IN_DEBUG = 16  # rows that are judged
COMPARED = 48  # rows that are answered in other ways too
BEAMS = (1, 4)  # ways to answer that are compared
LIMITS = (
    "It writes what reads well, and that may be wrong: names, numbers and negations first of all."
    " A source unlike those of the training gets an answer all the same; nothing in it says so."
)


def draw(validation: Sequence[Example], config: Config) -> list[Example]:
    """The validation rows that are answered: to write takes longer than to read."""
    most = min(config.judged, IN_DEBUG) if config.debug else config.judged
    return random.Random(config.seed).sample(validation, min(most, len(validation)))


def publish_writer(
    run: Run,
    config: Config,
    dataset: Dataset,
    pairs: Sequence[Example],
    writer: Writer,
    baseline: Evaluation,
    baseline_name: str,
) -> Path:
    """Judge, report and seal; returns the artifact: the run's folder."""
    targets = [pair.target for pair in pairs]
    answers = answer(writer, [pair.source for pair in pairs], config.num_beams, run)
    model = evaluate([a.text for a in answers], targets)
    if len(pairs) < len(dataset.validation):
        rows = f"{len(pairs):,} of {len(dataset.validation):,} validation rows"
        dataset.notes.append(f"ChrF and ROUGE were measured on {rows}: --judged says on how many.")
    return publish(
        run,
        Outcome(
            task="seq2seq",
            algorithm=ALGORITHM,
            takes=Input,
            answers=Output,
            verdict=_judge(model, baseline, baseline_name),
            metrics=model.metrics,
            baseline={"name": baseline_name, "metrics": baseline.metrics},
            data=dataset,
            sections=describe(
                Judged(pairs, answers, model, baseline),
                _compare_decoding(writer, pairs[:COMPARED], config.num_beams, run),
            ),
            limits=LIMITS,
        ),
    )


def answer(writer: Writer, sources: Sequence[str], num_beams: int, run: Run) -> list[Answer]:
    """In the order of the sources; those of like lengths share a batch.

    Raises:
        Stopped: A signal came or the time is up; the training's last checkpoint is kept.
    """
    ids = writer.encoding.sources(sources)
    order = sorted(range(len(ids)), key=lambda number: len(ids[number]))

    def attempt(batch: int) -> list[Answer]:
        answers: list[Answer] = []
        for start in tqdm(range(0, len(order), batch), unit="batch", desc="answering"):
            run.stop_if_asked()
            part = [ids[number] for number in order[start : start + batch]]
            answers += writer.write(part, num_beams)
        return answers

    found = within_memory(attempt, BATCH, run, smaller="lower --max-length or --num-beams")
    by_number = dict(zip(order, found, strict=True))
    return [by_number[number] for number in range(len(ids))]


def _compare_decoding(
    writer: Writer, pairs: Sequence[Example], num_beams: int, run: Run
) -> list[Decoding]:
    found = []
    for beams in sorted({*BEAMS, num_beams}):
        started = time.perf_counter()
        answers = answer(writer, [pair.source for pair in pairs], beams, run)
        seconds = (time.perf_counter() - started) / len(pairs)
        model = evaluate([a.text for a in answers], [pair.target for pair in pairs])
        found.append(Decoding(beams, model.metrics, seconds, beams == num_beams))
    return found


def _judge(model: Evaluation, baseline: Evaluation, name: str) -> Verdict:
    ours, theirs = model.metrics, baseline.metrics
    figures: list[Figure] = [compare(NAMES[key], ours[key], theirs[key]) for key in ours]
    return judge_rows(
        Measure(NAMES["chrf"]), model.chrf, baseline.chrf, name, "validation rows", figures
    )
