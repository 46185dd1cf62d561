"""Answers with a trained model: `Predictor.load(artifact).predict([Input(image="iVBOR…")])`."""

from pathlib import Path
from typing import Self

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from core.artifact import read_manifest
from core.pictures import PictureError, open_picture
from schemas import Input, Output
from square import Fit, to_square

FILE = "model.onnx"

Pixels = NDArray[np.uint8]  # height, width, colour


def open_session(path: Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1  # the server has a thread for each core
    return ort.InferenceSession(path, options, ["CPUExecutionProvider"])


class Predictor:
    token_budget = 16  # pictures at a time; each is as large, so each counts as one
    is_slow_to_prepare = True  # a camera's picture takes milliseconds to decode

    def __init__(self, session: ort.InferenceSession, labels: list[str], fit: Fit) -> None:
        self.session = session
        self.labels = labels
        self.fit = fit
        (pixels,) = session.get_inputs()
        self.input = pixels.name
        self.side = int(pixels.shape[1])

    @classmethod
    def load(cls, artifact: Path) -> Self:
        """Raises ArtifactError where there is no complete artifact."""
        manifest = read_manifest(artifact)
        session = open_session(artifact / FILE)
        return cls(session, manifest["labels"], manifest["config"]["fit"])

    def prepare(self, item: Input) -> Pixels:
        """Raises ValueError where it is no picture."""
        url = item.image if item.image.startswith("data:") else f"data:;base64,{item.image}"
        try:
            picture = open_picture(url, side=self.side)
        except PictureError as error:
            raise ValueError(f"the image {str(error).rstrip('.')}") from None
        return np.asarray(to_square(picture, self.side, self.fit))

    def size(self, prepared: Pixels) -> int:
        return 1

    def infer(self, batch: list[Pixels]) -> list[Output]:
        (probabilities,) = self.session.run(None, {self.input: np.stack(batch)})
        return [Output.of(self.labels, row) for row in probabilities.tolist()]

    def predict(self, inputs: list[Input]) -> list[Output]:
        return self.infer([self.prepare(item) for item in inputs])
