"""Writes the trained network as ONNX, which is served without torch, and holds the two together."""

import logging
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import nn

TOLERANCE = 1e-4


def export_network(network: nn.Module, context: int, path: Path) -> None:
    # It looks for torchvision, which nothing here needs.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(action="ignore"):
        program = torch.onnx.export(
            network.eval(),
            (torch.zeros(2, context),),
            dynamo=True,
            dynamic_shapes=({0: torch.export.Dim("series")},),
            input_names=["context"],
            output_names=["quantiles"],
            verbose=False,
        )
    assert program is not None
    for node in program.model.graph.all_nodes():
        node.metadata_props.clear()  # where in the code it comes from, with this machine's paths
    program.save(path, external_data=False)


@torch.inference_mode()
def require_same(
    network: nn.Module, session: onnxruntime.InferenceSession, contexts: torch.Tensor
) -> None:
    """What is served has to answer as what was trained."""
    (quantiles,) = session.run(None, {"context": contexts.numpy()})
    np.testing.assert_allclose(quantiles, network(contexts).numpy(), TOLERANCE, TOLERANCE)
