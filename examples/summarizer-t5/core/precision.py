"""Which number formats this machine computes in at full speed."""

from functools import cache
from timeit import repeat

import torch

SIDE = 512  # of the matrices that are tried
TRIES = 9
GAIN = 1.2  # how much faster their product has to be, as to convert to bfloat16 takes time too


@cache
def supports_bf16() -> bool:
    """Whether bfloat16 is faster here than float32, rather than emulated.

    A CPU is asked and then timed: Intel's without AMX have the instructions, and take twice as long.
    """
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if not (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()):
        return False
    return _seconds(torch.bfloat16) * GAIN < _seconds(torch.float32)


def _seconds(dtype: torch.dtype) -> float:
    """What a product of two matrices takes."""
    matrix = torch.ones(SIDE, SIDE, dtype=dtype)
    return min(repeat(lambda: matrix @ matrix, number=1, repeat=TRIES))
