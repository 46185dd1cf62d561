"""Every setting of this training; `python train.py --help` lists them."""

from typing import Annotated

from pydantic import Field

from core.search import Search
from core.settings import RunSettings
from defaults import BASE_MODEL, COLUMNS, DATA, VALIDATION
from square import Fit

ALGORITHM = "resnet"


class Config(RunSettings):
    data: str = DATA
    """Folder with a folder of pictures for each label; a table (JSON, JSONL, CSV, Parquet) that
    names them; or the name of a Hugging Face data set."""
    validation: str = VALIDATION
    columns: dict[str, str] = COLUMNS

    base_model: str = BASE_MODEL
    """Network to start from: a name on the Hugging Face Hub, or a local folder."""
    size: int | None = Field(None, ge=16, le=1024)
    """Pixels of each side that the network reads; blank takes what the base model was trained on."""
    fit: Fit = "stretch"
    """How a picture becomes square: stretch keeps all of it, crop its shape and its middle."""
    crop: Annotated[float, Search(0.3, 1, log=False)] = Field(0.6, gt=0, le=1)
    """Share of a picture's area that training sees of it at the least; 1 always shows all."""
    rotation: Annotated[float, Search(0, 30, log=False)] = Field(10.0, ge=0, le=180)
    """Degrees by which training turns pictures to either side, at the most."""
    flip: Annotated[bool, Search(choices=(False, True))] = False
    """Mirror half of the training pictures: good where left and right do not matter, never for
    writing."""
    color: Annotated[float, Search(0, 0.5, log=False)] = Field(0.2, ge=0, lt=1)
    """Share by which training changes brightness, contrast and saturation, at the most."""
    epochs: int = Field(20, ge=1)
    """Passes over the training pictures, at the most."""
    patience: int = Field(5, ge=1)
    """Epochs without a better macro F1 before it stops early."""
    batch: Annotated[int, Search(choices=(16, 32, 64))] = Field(32, ge=1)
    """Pictures per step; what does not fit into memory is computed in smaller parts."""
    learning_rate: Annotated[float, Search(1e-4, 3e-3)] = Field(5e-4, gt=0)
    """Step size at its highest, after the warm-up."""
    warmup: float = Field(0.1, ge=0, lt=1)
    """Share of the steps over which the learning rate rises from 0."""
    weight_decay: Annotated[float, Search(0.001, 0.3)] = Field(0.05, ge=0)
    """Pull of the weights towards 0."""
    label_smoothing: float = Field(0.05, ge=0, lt=1)
    """Share of a label that is spread over the others: keeps answers from being too sure."""
    class_weights: bool = True
    """Count rare labels as much as frequent ones."""
    workers: int | None = Field(None, ge=0)
    """Processes that read pictures ahead; blank takes one a core, 8 at the most, where a GPU is."""
    bf16: bool | None = None
    """Compute in bfloat16; blank does so on a GPU that has it. On a CPU, pictures take longer in it."""
    checkpoint_minutes: float = Field(5.0, ge=0)
    """Minutes of work that a kill may cost at the most; an epoch's end always saves."""
