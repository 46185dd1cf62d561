"""Writes a scikit-learn model as ONNX, which is served without scikit-learn and many times faster."""

from pathlib import Path

from skl2onnx import to_onnx
from sklearn.base import BaseEstimator, is_classifier

from estimators import predict
from scorer import FILE
from table import Matrix

__all__ = ["predict", "save_model"]


def save_model(model: BaseEstimator, artifact: Path, matrix: Matrix) -> None:
    options = {id(model): {"zipmap": False}} if is_classifier(model) else None
    graph = to_onnx(model, matrix[:1], options=options)
    (artifact / FILE).write_bytes(graph.SerializeToString())
