"""Computes with a trained model in ONNX Runtime."""

from pathlib import Path
from typing import Self

import numpy as np
import onnxruntime as ort

from table import Floats, Matrix

FILE = "model.onnx"


class Scorer:
    def __init__(self, session: ort.InferenceSession) -> None:
        self.session = session
        self.output = session.get_outputs()[-1].name  # a classifier's labels come before its scores
        self.input = session.get_inputs()[0].name

    @classmethod
    def load(cls, artifact: Path) -> Self:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1  # the server has a thread for each core
        return cls(ort.InferenceSession(artifact / FILE, options, ["CPUExecutionProvider"]))

    def score(self, matrix: Matrix) -> Floats:
        """Probabilities, with a column for each class; of a regression a number for each row."""
        (scores,) = self.session.run([self.output], {self.input: matrix})
        found = np.asarray(scores, dtype=np.float64)
        return found[:, 0] if found.shape[1] == 1 else found
