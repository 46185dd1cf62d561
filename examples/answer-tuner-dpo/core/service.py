"""A model's life behind a server: loading, answering in batches, draining."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from core.batching import Batcher, QueueFull, available_cores
from core.problems import Fault, Problem, busy, summary

log = logging.getLogger(__name__)

BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64)
SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


class Predictor(Protocol):
    """What a task's `predict.py` offers.

    One whose `prepare` takes milliseconds says so by `is_slow_to_prepare = True`: others are
    answered meanwhile.
    It may have `routers` of its own, `workers` where the cores do not say how many threads should
    ask it at once, `close` to end what it started, and `failure`, an error that it cannot go on after.
    """

    token_budget: int  # padded tokens in a batch

    def prepare(self, item: Any, /) -> Any: ...

    def size(self, prepared: Any, /) -> int: ...

    def infer(self, batch: list[Any], /) -> Sequence[Any]: ...


class Service:
    """Answers once `load` has returned, until `drain` is called."""

    def __init__(
        self, load: Callable[[], Predictor], examples: Sequence[Any], workers: int, limit: int
    ) -> None:
        self._load = load
        self._examples = examples
        self._workers = workers
        self._limit = limit
        self._predictor: Predictor | None = None
        self._batcher: Batcher[Any, Any] | None = None
        self._failure: Exception | None = None
        self.is_draining = False
        self.in_flight = 0

        self.registry = CollectorRegistry()
        self.requests = Counter(
            "predict_requests", "Requests by status", ["status"], registry=self.registry
        )
        self.seconds = Histogram(
            "predict_seconds", "Time to answer", buckets=SECONDS, registry=self.registry
        )
        self._batch_size = Histogram(
            "predict_batch_size", "Inputs in a batch", buckets=BATCH_SIZES, registry=self.registry
        )
        self._tokens = Counter("predict_tokens", "Tokens, padding apart", registry=self.registry)
        depth = Gauge("predict_queue_depth", "Inputs that wait", registry=self.registry)
        depth.set_function(lambda: 0 if self._batcher is None else len(self._batcher))

    @property
    def failure(self) -> Exception | None:
        """What it cannot go on after."""
        return self._failure or getattr(self._predictor, "failure", None)

    @property
    def state(self) -> str:
        if self.is_draining:
            return "draining"
        return "loading" if self._predictor is None else "ready"

    def start(self) -> None:
        """Load the model in the background: the port is open meanwhile."""
        threading.Thread(target=self._open, daemon=True).start()

    def stop(self) -> None:
        if self._batcher is not None:
            self._batcher.close()
        close: Callable[[], None] | None = getattr(self._predictor, "close", None)
        if close:
            close()

    def ready(self) -> Any:
        """The model.

        Raises:
            Problem: It is not there, or the server is about to end.
        """
        if self._predictor is None or self.is_draining:
            raise busy(f"The model is {self.state}; try again in a moment.")
        return self._predictor

    async def answer(self, inputs: Sequence[Any]) -> list[asyncio.Future[Any]]:
        """Queue the inputs, all of them or none.

        Raises:
            Problem: The model is not there, the queue is full, or an input is not acceptable.
        """
        self.ready()
        assert self._batcher is not None
        if len(inputs) > self._limit:
            raise Problem(
                422, f"{len(inputs)} inputs in a request; at most {self._limit} are taken."
            )
        if len(inputs) == 1 and not getattr(self._predictor, "is_slow_to_prepare", False):
            prepared = self._prepare(inputs)
        else:
            prepared = await asyncio.to_thread(self._prepare, inputs)
        try:
            return self._batcher.submit(prepared)
        except QueueFull:
            raise busy("Too many requests are waiting; try again in a moment.") from None

    def _open(self) -> None:
        try:
            predictor = self._load()
            self._warm(predictor)
        except Exception as error:  # noqa: BLE001 - the main thread raises it
            self._failure = error
            return
        workers = self._workers or getattr(predictor, "workers", 0) or available_cores()
        self._batcher = Batcher(
            predictor.infer, predictor.token_budget, workers, self._limit, self._observe
        )
        self._predictor = predictor
        log.info("Ready.")

    def _warm(self, predictor: Predictor) -> None:
        """Answer the schema's own example, so that no user waits for what a first answer sets up."""
        for example in self._examples:
            predictor.infer([predictor.prepare(example)])

    def _prepare(self, inputs: Sequence[Any]) -> list[tuple[Any, int]]:
        assert self._predictor
        prepared, faults = [], []
        for index, item in enumerate(inputs):
            try:
                ready = self._predictor.prepare(item)
                prepared.append((ready, self._predictor.size(ready)))
            except ValueError as error:
                faults.append(Fault(index=index if len(inputs) > 1 else None, message=str(error)))
        if faults:
            raise Problem(422, summary(faults), faults)
        return prepared

    def _observe(self, sizes: Sequence[int]) -> None:
        self._batch_size.observe(len(sizes))
        self._tokens.inc(sum(sizes))
