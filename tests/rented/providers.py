"""The providers that rent machines: their client, and what stands in for their API."""

import importlib
import sys
from pathlib import Path

from core.machines import Machines
from core.rest import Clock
from tests.rented.cloud import Cloud
from tests.rented.lambda_cloud import LambdaCloud
from tests.rented.runpod_cloud import RunPodCloud

PROVIDERS = Path(__file__).parents[2] / "templates" / "providers"
CLOUDS: dict[str, type[Cloud]] = {"lambda": LambdaCloud, "runpod": RunPodCloud}


def make_machines(provider: str, key: str, url: str, clock: Clock) -> Machines:
    """The client as a project has it."""
    sys.path.insert(0, str(PROVIDERS / provider))
    try:
        module = importlib.import_module(f"{provider}_cloud")
    finally:
        sys.path.pop(0)
    machines: Machines = getattr(module, CLOUDS[provider].title)(key, url, clock=clock)
    return machines
