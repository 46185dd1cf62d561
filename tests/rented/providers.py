"""The providers that rent machines: their client, and what stands in for their API."""

import sys
from pathlib import Path

from core.machines import Machines
from core.rest import Clock
from tests.rented.cloud import Cloud
from tests.rented.lambda_cloud import LambdaCloud

PROVIDERS = Path(__file__).parents[2] / "templates" / "providers"
CLOUDS: dict[str, type[Cloud]] = {"lambda": LambdaCloud}


def make_machines(provider: str, key: str, url: str, clock: Clock) -> Machines:
    """The client as a project has it."""
    sys.path.insert(0, str(PROVIDERS / provider))
    try:
        from lambda_cloud import Lambda

        machines: Machines = Lambda(key, url, clock=clock)
        return machines
    finally:
        sys.path.pop(0)
