"""GPUs that can be rented: memory, speed, and every name that providers have for them."""

import difflib
import re
from dataclasses import dataclass

from core.errors import UserError

SHOWN = 6  # names in a sentence at the most
GIB = 2**30


@dataclass(frozen=True, slots=True)
class Gpu:
    """
    Args:
        gibibytes: What torch sees of it; less than its name says.
        teraflops: Dense, of 16-bit matrices added up in float32.
        bandwidth: Of its memory, in GB/s.
        link: To the next GPU, one way, in GB/s.
        has_bf16: In hardware.
        aliases: What else it is called, without what `_plain` drops.
        efficiency: Part of its teraflops that multiplying matrices in a training reaches.
    """

    name: str
    gibibytes: float
    teraflops: float
    bandwidth: float
    link: float
    has_bf16: bool = True
    aliases: tuple[str, ...] = ()
    efficiency: float = 0.66

    @property
    def memory(self) -> int:
        """Usable bytes."""
        return int(self.gibibytes * GIB)


# Between cards without NVLink the machine decides: 2 to 25 GB/s were measured through PCIe 4, where
# peers mostly reach each other through the host.
PCIE = 5.0

# Trainings that were published reach 42-64 % of an RTX 4090, 44-60 % of an A100, 33 % of an H100:
# the more a GPU computes for each byte of its memory's bandwidth, the less of it is fed. These are
# of multiplying alone.
A100 = 0.60
HOPPER = 0.40
FAST_ADA = 0.40  # as much for each byte as Hopper
BLACKWELL = 0.35  # a guess from how Hopper falls behind Ampere

# Data sheets of NVIDIA, where numbers with sparsity are halved; memory as torch reports it.
GPUS = (
    Gpu("T4", 14.6, 65, 320, PCIE, has_bf16=False, aliases=("Tesla T4", "t4-small", "t4-medium")),
    Gpu("V100 16GB", 15.8, 125, 900, 150, has_bf16=False, aliases=("V100", "V100 SXM2")),
    Gpu("V100 32GB", 31.7, 125, 900, 150, has_bf16=False),
    Gpu("RTX 6000", 23.6, 130, 672, PCIE, has_bf16=False, aliases=("Quadro RTX 6000",)),
    Gpu("L4", 22.0, 121, 300, PCIE, efficiency=FAST_ADA),
    Gpu("A10", 22.1, 125, 600, PCIE),
    Gpu("A10G", 22.1, 70, 600, PCIE, aliases=("a10g-small", "a10g-large")),
    Gpu("RTX A4000", 15.7, 77, 448, PCIE, aliases=("A4000",)),
    Gpu("RTX A4500", 19.6, 95, 640, PCIE, aliases=("A4500",)),
    Gpu("RTX A5000", 23.7, 111, 768, PCIE, aliases=("A5000",)),
    Gpu("RTX A6000", 47.5, 155, 768, PCIE, aliases=("A6000",)),
    Gpu("A40", 44.4, 150, 696, PCIE),
    Gpu("RTX 3090", 23.7, 71, 936, PCIE, aliases=("GeForce RTX 3090", "3090")),
    Gpu("RTX 4090", 23.6, 165, 1008, PCIE, aliases=("GeForce RTX 4090", "4090", "4090 PRO")),
    Gpu("RTX 5090", 31.4, 210, 1792, PCIE, aliases=("GeForce RTX 5090", "5090")),
    Gpu(
        "RTX 6000 Ada",
        47.4,
        364,
        960,
        PCIE,
        aliases=("RTX 6000 Ada Generation", "6000 Ada"),
        efficiency=FAST_ADA,
    ),
    Gpu("L40", 44.4, 181, 864, PCIE),
    Gpu("L40S", 44.4, 362, 864, PCIE, efficiency=FAST_ADA),
    Gpu(
        "RTX PRO 6000",
        94.9,
        504,
        1792,
        PCIE,
        aliases=("RTX PRO 6000 Blackwell",),
        efficiency=FAST_ADA,
    ),
    Gpu(
        "A100 40GB",
        39.4,
        312,
        1555,
        300,
        aliases=("A100", "A100 SXM4 40GB", "A100 SXM 40GB", "A100 PCIe 40GB", "1x_a100_sxm4"),
        efficiency=A100,
    ),
    Gpu(
        "A100 80GB",
        79.1,
        312,
        2039,
        300,
        aliases=("A100 SXM", "A100 SXM 80GB", "A100 SXM4 80GB", "A100 80GB SXM4", "A100 SXM 80"),
        efficiency=A100,
    ),
    Gpu(
        "A100 PCIe 80GB",
        79.1,
        312,
        1935,
        PCIE,
        aliases=("A100 PCIe", "A100 PCIe 80", "A100 80GB PCIe"),
        efficiency=A100,
    ),
    Gpu(
        "H100 SXM",
        79.1,
        989,
        3350,
        450,
        aliases=("H100", "H100!", "H100 80GB", "H100 SXM5", "H100 SXM 80GB", "H100 80GB HBM3"),
        efficiency=HOPPER,
    ),
    Gpu("H100 PCIe", 79.1, 756, 2000, PCIE, aliases=("H100 PCIe 80GB",), efficiency=HOPPER),
    Gpu("H100 NVL", 93.0, 835, 3900, 300, efficiency=HOPPER),
    Gpu("GH200", 94.5, 989, 4000, 450, aliases=("GH200 480GB",), efficiency=HOPPER),
    Gpu("H200", 139.7, 989, 4800, 450, aliases=("H200 SXM",), efficiency=HOPPER),
    Gpu(
        "B200",
        178.3,
        2250,
        8000,
        900,
        aliases=("B200+", "B200 SXM6", "B200 SXM"),
        efficiency=BLACKWELL,
    ),
)


def find_gpu(name: str) -> Gpu:
    """The GPU that a provider calls `name`, without or with how many there are of it.

    Raises:
        UserError: There is no such GPU; it names those that are called most alike.
    """
    wanted = _plain(name)
    found = _BY_NAME.get(wanted)
    if found is not None:
        return found
    near = difflib.get_close_matches(wanted, _BY_NAME, n=SHOWN, cutoff=0.4)
    names = [*dict.fromkeys(_BY_NAME[key].name for key in near)]
    known = names or [gpu.name for gpu in GPUS][-SHOWN:]
    raise UserError(f"No GPU {name!r} is known: choose for example {', '.join(known)}.")


def _plain(name: str) -> str:
    """`8x H100 SXM`, `H100:8` and `gpu_8x_h100_sxm5` are all of one card."""
    text = re.sub(r"^(gpu[_ ])?\d+ ?x[_ ]|:\d+$|nvidia|geforce|tesla|quadro", "", name.casefold())
    return re.sub(r"[^a-z0-9!+]", "", text)


_BY_NAME = {_plain(alias): gpu for gpu in GPUS for alias in (gpu.name, *gpu.aliases)}
