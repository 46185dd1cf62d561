"""One training on one kind of GPU: whether it fits, how long it takes, what is measured already."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.errors import UserError
from core.estimate.architecture import Architecture
from core.estimate.gpus import Gpu
from core.estimate.history import Past
from core.estimate.memory_estimate import MemoryEstimate, Verdict, estimate_memory
from core.estimate.time_estimate import TimeEstimate, corrected, estimate_time
from core.estimate.training_setup import TrainingSetup
from core.estimate.workload import Workload


@dataclass(frozen=True, slots=True)
class Quote:
    """
    Args:
        setup: With micro-batches as small as it takes: a training halves them by itself.
    """

    gpu: Gpu
    gpus: int
    setup: TrainingSetup
    memory: MemoryEstimate
    time: TimeEstimate

    @property
    def verdict(self) -> Verdict:
        return self.memory.verdict(self.gpu)

    @property
    def is_hopeless(self) -> bool:
        """Whether even the low end is more than there is."""
        return self.memory.low > self.gpu.memory


class Estimator:
    def __init__(
        self, workload: Workload, architecture: Architecture, history: Sequence[Past] = ()
    ) -> None:
        self.workload = workload.fitted(architecture)
        self.architecture = architecture
        self._history = history

    def quote(self, gpu: Gpu, gpus: int = 1) -> Quote:
        setup = self._split(gpu, gpus)
        work = self.workload
        expected = estimate_time(
            self.architecture,
            setup,
            gpu,
            rows=work.rows,
            tokens_per_row=work.tokens_per_row,
            epochs=work.epochs,
        )
        memory = estimate_memory(self.architecture, setup)
        return Quote(gpu, gpus, setup, memory, corrected(expected, self._measured(gpu, gpus)))

    def can_share(self, gpus: int) -> bool:
        """Whether each of so many GPUs gets as many rows of a batch."""
        return self.workload.setup.micro_batch % max(gpus, 1) == 0

    def samples_per_second(self, time: TimeEstimate) -> float:
        return self.workload.samples / time.seconds

    def _measured(self, gpu: Gpu, gpus: int) -> list[tuple[float, float]]:
        """On such GPUs; else on any: what slows one down mostly slows down all."""
        training = (self.workload.setup.method, self.workload.base_model)
        alike = [past for past in self._history if past.training == training]
        same = [past for past in alike if past.machine == (gpu.name, gpus)]
        return [past.rates for past in same or alike]

    def _split(self, gpu: Gpu, gpus: int) -> TrainingSetup:
        """What each of the GPUs has of a batch: as much at a time as fits.

        Raises:
            UserError: The batch cannot be shared out.
        """
        whole = self.workload.setup
        if not self.can_share(gpus):
            raise UserError(f"A batch of {whole.micro_batch} rows can't be shared by {gpus} GPUs.")
        part = whole.micro_batch // gpus
        setups = [
            replace(
                whole,
                micro_batch=size,
                accumulation=part // size,
                gpus=gpus,
                autocast=whole.autocast and gpu.has_bf16,
                weights=whole.weights if gpu.has_bf16 else "float32",
            )
            for size in self._sizes(part)
        ]
        fitting = (s for s in setups if self._fits(s, gpu))
        return next(fitting, setups[-1])

    def _sizes(self, part: int) -> list[int]:
        """Of a micro-batch, the largest first.

        Raises:
            UserError: The one that is wanted does not divide what a GPU has of a batch.
        """
        wanted = self.workload.micro_batch
        if not wanted:
            return [size for size in range(part, 0, -1) if part % size == 0]
        if part % wanted:
            raise UserError(f"{part} rows on each GPU can't be taken {wanted} at a time.")
        return [wanted]

    def _fits(self, setup: TrainingSetup, gpu: Gpu) -> bool:
        return estimate_memory(self.architecture, setup).verdict(gpu) == "fits"
