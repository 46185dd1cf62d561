"""The base model as it came: needs no training, and is what any adapter has to beat."""

NAME = "the base model without the adapter"
