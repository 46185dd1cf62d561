"""Generates with transformers: requests that come while others are answered join them at the next token."""

import logging
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.decoding import Batch, Network
from core.detokenizer import Detokenizer
from core.generation import Cancel, Deliver, Finish, Full, Piece, Sampling
from core.sampling import Sampler

log = logging.getLogger(__name__)

SLOTS = 8  # answers that are worked on at once
WAITING = 64  # requests that wait for a slot; more are refused


@dataclass(eq=False)
class Job:
    """One answer on its way; `left` is set when nobody wants it any more."""

    ids: Sequence[int]
    sampler: Sampler
    text: Detokenizer
    deliver: Deliver
    tokens: int = 0
    left: threading.Event = field(default_factory=threading.Event)


class BatchEngine:
    """One thread takes a step for all answers at a time; a step that fails ends no other.

    Args:
        tokenizer: One of transformers.
        ends: Tokens that end an answer.
    """

    max_length = sys.maxsize
    failure = None

    def __init__(
        self,
        network: Network,
        tokenizer: Any,
        ends: Sequence[int],
        slots: int = SLOTS,
        waiting: int = WAITING,
    ) -> None:
        self.network = network
        self.tokenizer = tokenizer
        self.ends = frozenset(ends)
        self.slots = slots
        self._limit = waiting
        self._waiting: list[Job] = []
        self._running: list[tuple[Any, list[Job]]] = []  # batches, and whose rows they hold
        self._closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def submit(self, ids: Sequence[int], sampling: Sampling, deliver: Deliver) -> Cancel:
        job = Job(ids, Sampler(sampling), Detokenizer(self.tokenizer, sampling.stop), deliver)
        with self._changed:
            if self._closing or len(self._waiting) >= self._limit:
                raise Full
            self._waiting.append(job)
            self._changed.notify()
        return job.left.set

    def close(self) -> None:
        """Drop what is not finished, and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        while self._wait():
            self._admit()
            for number in reversed(range(len(self._running))):
                self._advance(number)
        for job in [*self._waiting, *(job for _, jobs in self._running for job in jobs)]:
            job.deliver(Full("The server is going down."))

    def _wait(self) -> bool:
        with self._changed:
            while not self._closing and not self._waiting and not self._running:
                self._changed.wait()
            return not self._closing

    def _admit(self) -> None:
        """Begin what waits, as far as there is room."""
        room = self.slots - sum(len(jobs) for _, jobs in self._running)
        with self._changed:
            self._waiting = [job for job in self._waiting if not job.left.is_set()]
            jobs, self._waiting = self._waiting[:room], self._waiting[room:]
        if not jobs:
            return
        try:
            batch = self.network.start([job.ids for job in jobs])
        except Exception as error:  # noqa: BLE001 - goes to those who asked
            self._fail(jobs, error)
            return
        if self._running and self.network.can_join:
            ((old, older),) = self._running
            self._running = [(self.network.join(old, batch), older + jobs)]
        else:
            self._running.append((batch, jobs))

    def _advance(self, number: int) -> None:
        """Choose a token for each answer of a batch, and compute what follows it."""
        batch, jobs = self._running[number]
        tokens = [self._choose(batch, row, job) for row, job in enumerate(jobs)]
        rows = [row for row, token in enumerate(tokens) if token is not None]
        if not rows:
            del self._running[number]
            return
        try:
            if len(rows) < len(jobs):
                batch.keep(rows)
                jobs = [jobs[row] for row in rows]
                self._running[number] = (batch, jobs)
            batch.step([token for token in tokens if token is not None])
        except Exception as error:  # noqa: BLE001 - goes to those who asked
            self._fail(jobs, error)
            del self._running[number]

    def _choose(self, batch: Batch, row: int, job: Job) -> int | None:
        """The next token of an answer; None where it has ended."""
        if job.left.is_set():
            return None
        token = job.sampler.choose(batch.logits[row])
        job.tokens += 1
        text = "" if token in self.ends else job.text.add(token)
        finish: Finish | None = None
        if token in self.ends or job.text.stopped:
            finish = "stop"
        elif job.tokens >= job.sampler.sampling.max_tokens:
            finish = "length"
        if finish:
            text += job.text.rest()
        if text or finish:
            job.deliver(Piece(text, job.tokens, finish))
        return None if finish else token

    def _fail(self, jobs: Sequence[Job], error: Exception) -> None:
        log.error("Generation failed.", exc_info=error)
        for job in jobs:
            job.deliver(error)
