"""Which number formats this machine computes in at full speed."""

import torch


def supports_bf16() -> bool:
    """Whether bfloat16 is faster here than float32, rather than emulated."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
