"""The unit in which a network sees a series, which learns shapes, whatever their size."""

from backtest import Floats


def scale_of(context: Floats) -> tuple[float, float]:
    """Center and spread of the values that it looks back on."""
    center = float(context.mean())
    return center, float(context.std()) or abs(center) or 1.0
