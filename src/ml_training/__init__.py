"""Writes a machine-learning stack into your project: `ml-training --help`."""

__version__ = "0.1.0"
