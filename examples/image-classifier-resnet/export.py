"""Writes the trained network as ONNX, which is served without torch, and holds the two together."""

import logging
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn

from network import Network
from predict import open_session

TOLERANCE = 1e-3  # of a probability


class Answering(nn.Module):
    """From pixels to probabilities."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.network(pixels)
        return logits.softmax(dim=1)


def export_network(network: Network, path: Path) -> None:
    side = network.reading.side
    example = torch.zeros(2, side, side, 3, dtype=torch.uint8)
    # It looks for torchvision, which nothing here needs.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(action="ignore"):
        program = torch.onnx.export(
            Answering(network).eval(),
            (example,),
            dynamo=True,
            dynamic_shapes=({0: torch.export.Dim("pictures")},),
            input_names=["pixels"],
            output_names=["probabilities"],
            verbose=False,
        )
    assert program is not None
    for node in program.model.graph.all_nodes():
        node.metadata_props.clear()  # where in the code it comes from, with this machine's paths
    program.save(path, external_data=False)


@torch.inference_mode()
def require_same(network: Network, path: Path, pixels: torch.Tensor) -> None:
    """What is served has to answer as what was trained."""
    session = open_session(path)
    (served,) = session.run(None, {"pixels": pixels.numpy()})
    trained = network(pixels).softmax(dim=1).numpy()
    np.testing.assert_allclose(served, trained, atol=TOLERANCE)
