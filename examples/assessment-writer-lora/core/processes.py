"""One training in several processes, as `torchrun --nproc-per-node 2 train.py` starts them.

The first one speaks and writes for all; without torchrun it is the only one. They may be on several
nodes: what has to last is on the disk of the first one.
"""

import os
from collections.abc import Callable
from typing import Any, TypeVar, cast

from core.errors import UserError

# What other launchers set; their processes know nothing of each other.
LAUNCHERS = {"mpirun": "OMPI_COMM_WORLD_SIZE", "mpiexec": "PMI_SIZE", "srun": "SLURM_NTASKS"}
Value = TypeVar("Value")


class Joined(Exception):
    """The training is over, and the first process alone has something left to do."""


def count() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """Which of them this one is, from 0."""
    return int(os.environ.get("RANK", "0"))


def is_first() -> bool:
    return rank() == 0


def nodes() -> int:
    """Machines that the processes are on, each with as many of them."""
    return count() // int(os.environ.get("LOCAL_WORLD_SIZE", count()))


def is_first_of_node() -> bool:
    return _local_rank() == 0


def is_on_first_node() -> bool:
    return rank() == _local_rank()


def part_of(batch: int) -> int:
    """Examples of each step that a process computes.

    Raises:
        UserError: They are not as many for each.
    """
    if batch % count():
        raise UserError(f"--batch {batch}: choose a multiple of the {count()} processes.")
    return batch // count()


def require_torchrun() -> None:
    """
    Raises:
        UserError: Started several times in a way that would train as many models, side by side.
    """
    if "WORLD_SIZE" in os.environ:
        return
    for launcher, variable in LAUNCHERS.items():
        if int(os.environ.get(variable, "1")) > 1:
            raise UserError(
                f"{launcher} started {os.environ[variable]} processes that would each train alone: "
                "use torchrun --nproc-per-node N train.py."
            )


def require_several() -> None:
    """
    Raises:
        UserError: A model is to be spread over one process.
    """
    if count() == 1:
        raise UserError(
            "--shard spreads the model over several processes: "
            "torchrun --nproc-per-node N train.py --shard starts N of them."
        )


def share(value: Value) -> Value:
    """What the first process passes in, returned in every one; waits until all have come here."""
    if count() == 1:
        return value
    from torch import distributed

    _connect()
    box = [value]
    distributed.broadcast_object_list(box)
    return box[0]


def ask_first(ask: Callable[[], Value]) -> Value:
    """What the first process is answered, returned in every one.

    Raises:
        UserError: In every process, where the first one was told so.
    """
    answer: Value | None = None
    error: UserError | None = None
    if is_first():
        try:
            answer = ask()
        except UserError as refusal:
            error = refusal
    found, error = share((answer, error))
    if error is not None:
        raise error
    return cast(Value, found)


def share_on_node(value: Value) -> Value:
    """What the first process of each node passes in, returned in every one of that node."""
    if count() == 1:
        return value
    from torch import distributed

    _connect()
    values: list[Any] = [None] * count()
    distributed.all_gather_object(values, value)
    return cast(Value, values[rank() - _local_rank()])


def largest(number: int) -> int:
    """The largest of what the processes pass in; waits until all have come here."""
    if count() == 1:
        return number
    import torch
    from torch import distributed

    _connect()
    device = "cuda" if distributed.get_backend() == "nccl" else "cpu"
    box = torch.tensor([number], device=device)
    distributed.all_reduce(box, distributed.ReduceOp.MAX)
    return int(box)


def join() -> None:
    """The end of what is done together.

    Raises:
        Joined: In every process but the first.
    """
    if count() == 1:
        return
    from torch import distributed

    distributed.barrier()
    distributed.destroy_process_group()
    if not is_first():
        raise Joined


def _local_rank() -> int:
    """Which of its node's processes this one is, from 0."""
    return int(os.environ.get("LOCAL_RANK", rank()))


def _connect() -> None:
    import torch
    from torch import distributed

    if distributed.is_initialized():
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(_local_rank())
    distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    if distributed.get_world_size() != count():
        raise UserError(
            f"{distributed.get_world_size()} of {count()} processes have found each other: "
            "start them with torchrun."
        )
