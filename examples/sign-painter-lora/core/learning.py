"""What `core.fit` has to know of a task: its network, its batches, its loss, its metrics."""

from typing import Any, Protocol, runtime_checkable

from torch import Tensor, nn


class Learner(Protocol):
    """What differs from task to task."""

    metric: str  # of `score`: decides which epoch is the best
    higher_is_better: bool

    def build(self) -> nn.Module:
        """A new network with its starting weights."""

    def collate(self, examples: list[Any]) -> Any:
        """One batch, of anything that Lightning can move to a device.

        What it draws from `random`, NumPy or torch depends on the seed and the step alone.
        """

    def loss(self, network: nn.Module, batch: Any) -> Tensor:
        """The mean over the batch's examples."""

    def predict(self, network: nn.Module, batch: Any) -> Any:
        """The outputs for a validation batch, on the CPU."""

    def score(self, outputs: list[Any]) -> dict[str, float]:
        """Metrics of what `predict` returned for all validation batches, in their order."""


@runtime_checkable
class Comparing(Protocol):
    """A learner whose loss compares the examples of a batch with each other.

    Its batches stay whole: where memory runs out, it computes one in smaller parts itself.
    """

    def compute_at_most(self, examples: int) -> None:
        """From now on, keep what a backward pass needs of so many examples at a time."""
