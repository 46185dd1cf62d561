"""Writes the trees as ONNX, which is served without XGBoost and many times faster."""

from pathlib import Path

import numpy as np
import xgboost
from onnxmltools.convert import convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType

from scorer import FILE
from table import Floats, Matrix


def predict(model: xgboost.Booster, matrix: Matrix) -> Floats:
    """Probabilities, with a column for each class; of a regression a number for each row."""
    scores = model.inplace_predict(matrix).astype(np.float64)
    is_binary = scores.ndim == 1 and "binary" in model.save_config()
    return np.stack([1 - scores, scores], axis=1) if is_binary else scores


def save_model(model: xgboost.Booster, artifact: Path, matrix: Matrix) -> None:
    takes = [("row", FloatTensorType([None, matrix.shape[1]]))]
    graph = convert_xgboost(model, "rows", takes)  # else its name is random
    (artifact / FILE).write_bytes(graph.SerializeToString())
