"""What is served: one network for all series, in ONNX, from values in units of their own spread."""

from pathlib import Path

import numpy as np
import onnxruntime

from archive import Archive
from backtest import Floats, History
from scaling import scale_of

FILE = "network.onnx"


class Network:
    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self.session = session
        (context,) = session.get_inputs()
        self.least = int(context.shape[1])

    def forecast(self, history: History, horizon: int) -> Floats:
        """It has not to know the series: what it was trained for are all that are like them."""
        context = history.values[-self.least :]
        center, spread = scale_of(context)
        scaled = ((context - center) / spread).astype(np.float32)
        (rows,) = self.session.run(None, {"context": scaled[None]})
        return np.asarray(rows[0, :horizon].astype(np.float64) * spread + center)


def load_model(folder: Path, archive: Archive | None = None) -> Network:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # requests share the cores, not one network
    return Network(onnxruntime.InferenceSession(folder / FILE, options))
