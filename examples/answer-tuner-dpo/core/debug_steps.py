"""How far a debug run goes."""

ON_CPU = 20  # so many take less than a minute
ON_GPU = 50  # by them its speed is known, and the estimate of the whole training corrected


def debug_steps() -> int:
    import torch  # an estimate wants the numbers without it

    return ON_GPU if torch.accelerator.is_available() else ON_CPU
