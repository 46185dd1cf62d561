"""How far a debug run goes."""

ON_CPU = 20  # of one epoch at the most: they take less than a minute
ON_GPU = 50  # by them its speed is known, and the estimate of the whole training corrected


def debug_steps(per_epoch: int) -> int:
    """
    Args:
        per_epoch: Steps, of the rows that there are.
    """
    import torch  # an estimate wants the numbers without it

    return ON_GPU if torch.accelerator.is_available() else min(per_epoch, ON_CPU)
