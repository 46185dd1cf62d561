"""Serverless endpoints of RunPod, through its REST API v2: no worker costs anything while nobody asks.

https://docs.runpod.io/api-reference-v2/serverless
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import ProviderError, UserError, list_nearest
from core.machines import Unclear
from core.rentals import Rentals
from core.renter import ENDS, POLL
from core.rest import Clock, Refused, Rest
from runpod_cloud import CUDA, RunPod, read_list

PAID = ("RUNNING", "IDLE", "INITIALIZING", "UNHEALTHY")  # states of a worker; the last starts anew
CPU = "cpu5c"  # flavour: the newest generation, 2 GB for each of its virtual CPUs
DISK = 20  # GB of a worker, for what its image does not hold


@dataclass(frozen=True)
class Kind:
    """What a worker runs on.

    Args:
        name: As a sentence says it.
        usd_per_hour: Of one worker, while there is one.
        body: What the API calls it.
    """

    name: str
    usd_per_hour: float
    body: dict[str, Any]


@dataclass(frozen=True)
class Limits:
    """
    Args:
        workers: At the most; the least are none.
        idle: Seconds without a job after which a worker ends.
        timeout: Seconds that a job may take.
    """

    workers: int
    idle: int
    timeout: int


class Endpoints:
    def __init__(self, rest: Rest, *, clock: Clock = time) -> None:
        self._rest = rest
        self._clock = clock

    def kind(self, gpu: str, vcpus: int) -> Kind:
        """
        Args:
            gpu: Its name or id; blank is none.
            vcpus: Virtual CPUs of a worker without a GPU.

        Raises:
            UserError: There is no such GPU in a serverless pool, or no such number of CPUs.
        """
        return self._gpu(gpu) if gpu else self._cpu(vcpus)

    def put(
        self, name: str, image: str, kind: Kind, limits: Limits, env: dict[str, str]
    ) -> dict[str, Any]:
        """Create the endpoint, or renew what it runs and its limits.

        Raises:
            ProviderError: RunPod refuses.
        """
        body = {
            "name": name,
            "image": image,
            "env": env,
            "disk": DISK,
            "workers": {"min": 0, "max": limits.workers, "idleTimeout": limits.idle},
            "scaling": {"type": "QUEUE_DELAY", "queueDelay": 4},
            "timeout": limits.timeout * 1000,
            **kind.body,
        }
        known = self.find(name)
        if known is not None:
            renewed: dict[str, Any] = self._rest.patch(f"/v2/serverless/{known['id']}", body)
            return renewed
        return self._create(body | {"type": "QUEUE"})

    def find(self, name: str) -> dict[str, Any] | None:
        found = read_list(self._rest, "endpoints", "serverless")
        return next((endpoint for endpoint in found if endpoint["name"] == name), None)

    def end(self, name: str) -> bool:
        """End its workers and drop the jobs that wait, until it is not listed; whether there was one.

        Raises:
            ProviderError: It is still listed.
        """
        until = self._clock.time() + ENDS
        was_there = False
        while endpoint := self.find(name):
            if self._clock.time() >= until:
                raise ProviderError(f"{name} is still there: end it in RunPod's console.")
            if was_there:
                self._clock.sleep(POLL)
            self._delete(endpoint)
            was_there = True
        return was_there

    def paid_workers(self, endpoint: dict[str, Any]) -> list[dict[str, Any]]:
        """Those that cost money right now."""
        workers = read_list(self._rest, "workers", f"serverless/{endpoint['id']}/workers")
        return [worker for worker in workers if worker["status"] in PAID]

    def _delete(self, endpoint: dict[str, Any]) -> None:
        try:
            self._rest.delete(f"/v2/serverless/{endpoint['id']}")
        except Refused as refusal:
            if refusal.status != 404:  # it is gone already
                raise

    def usd_per_hour(self, endpoint: dict[str, Any]) -> float:
        """Of one of its workers, at the most."""
        if gpu := endpoint.get("gpu"):
            prices = [g["price"]["serverless"] for g in self._gpus() if g["pool"] in gpu["pools"]]
            return float(max(prices, default=0.0) * gpu.get("count", 1))
        of_one = {cpu["id"]: float(cpu["price"]["serverlessPerVcpu"]) for cpu in self._cpus()}
        kinds = endpoint.get("cpu") or ()
        return max((of_one.get(c["id"], 0.0) * c["vcpuCount"] for c in kinds), default=0.0)

    def _create(self, body: dict[str, Any]) -> dict[str, Any]:
        try:
            created: dict[str, Any] = self._rest.post("/v2/serverless", body, is_safe=False)
            return created
        except Unclear:
            found = self.find(body["name"])
            if found is None:
                raise ProviderError(
                    "RunPod did not say whether it made the endpoint, and does not list it: try again."
                ) from None
            return found

    def _gpu(self, name: str) -> Kind:
        gpus = self._gpus()
        wanted = [g for g in gpus if name.casefold() in (g["name"].casefold(), g["id"].casefold())]
        if not wanted:
            names = list_nearest((gpu["name"] for gpu in gpus), name)
            raise UserError(f"--gpu {name}: RunPod's endpoints have {names}.")
        gpu = wanted[0]
        others = [g["id"] for g in gpus if g["pool"] == gpu["pool"] and g["id"] != gpu["id"]]
        pool = {"pools": [gpu["pool"]], "excludedTypes": others, "minCudaVersion": CUDA}
        return Kind(gpu["name"], gpu["price"]["serverless"], {"gpu": pool | {"count": 1}})

    def _cpus(self) -> list[dict[str, Any]]:
        return read_list(self._rest, "cpus", "catalog/cpus")

    def _gpus(self) -> list[dict[str, Any]]:
        return [
            gpu
            for gpu in read_list(self._rest, "gpus", "catalog/gpus")
            if gpu["pool"] and gpu["price"].get("serverless", 0) > 0
        ]

    def _cpu(self, count: int) -> Kind:
        flavour = next((cpu for cpu in self._cpus() if cpu["id"] == CPU), None)
        if flavour is None:
            raise ProviderError(f"RunPod no longer has {CPU}: name a --gpu.")
        least, most = flavour["vcpu"]["min"], flavour["vcpu"]["max"]
        if not least <= count <= most or count & (count - 1):
            raise UserError(f"--vcpus {count}: RunPod has powers of two from {least} to {most}.")
        price = flavour["price"]["serverlessPerVcpu"] * count
        return Kind(f"{count} vCPUs", price, {"cpu": [{"id": CPU, "vcpuCount": count}]})


class Paid:
    """What of this model costs money at RunPod: pods, and the endpoint while it has workers."""

    def __init__(self, runpod: RunPod, *, model: Path | None = None, clock: Clock = time) -> None:
        self._endpoints = Endpoints(runpod.rest, clock=clock)
        self._name = endpoint_name(model or Path.cwd())
        self._pods = Rentals(runpod, model=model, clock=clock)

    def rentals(self) -> Sequence[dict[str, Any]]:
        return [*self._pods.rentals(), *self._working()]

    def end(self, name: str) -> None:
        if name == self._name:
            self._endpoints.end(name)
        else:
            self._pods.end(name)

    def _working(self) -> list[dict[str, Any]]:
        endpoint = self._endpoints.find(self._name)
        workers = self._endpoints.paid_workers(endpoint) if endpoint else []
        if not endpoint or not workers:
            return []
        return [
            {
                "name": self._name,
                "id": endpoint["id"],
                "state": f"{len(workers)} of {endpoint['workers']['max']} workers",
                "usd_per_hour": len(workers) * self._endpoints.usd_per_hour(endpoint),
            }
        ]


def endpoint_name(model: Path) -> str:
    return f"ml-{model.name.replace('_', '-').lower()[:40]}"
