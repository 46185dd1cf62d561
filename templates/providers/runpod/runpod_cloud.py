"""Pods of RunPod, through its REST API v2 (https://docs.runpod.io/api-reference-v2).

Its secure cloud only: the community's machines are cheaper, and belong to strangers.
"""

import base64
import io
import json
import os
import tarfile
import time
from pathlib import Path
from typing import Any

from core.errors import ProviderError, UserError
from core.machines import HOME, Address, Boot, Machine, NoCapacity, Offer
from core.rest import Clock, Refused, Rest

KEY = "RUNPOD_API_KEY"  # environment variable
URL = "https://api.runpod.io"
IMAGE = "runpod/pytorch:1.0.2-cu1281-torch280-ubuntu2404"  # for its sshd; torch is our own
CLOUD = "SECURE"
CUDA = "13.0"  # that a machine's driver has to know, for the CUDA that torch is built with
COUNTS = (1, 2, 4, 8)  # GPUs of a pod
DISK = 100  # GB
DISK_PRICE = 0.10 / 730  # USD per GB and hour
BOOT = "RENTAL"  # environment variable of a pod: a tar file in base64
NOT_PLACED = (400, 403)  # no capacity, which has no code of its own; a GPU that is not for all

START = (
    f"bash -c 'mkdir -p {HOME} && cd {HOME} && echo ${BOOT} | base64 -d | tar -xz && . ./boot.sh'"
)
# What the image starts with comes last: it finds a host key, and starts sshd.
SCRIPT = f"""cp host /etc/ssh/ssh_host_ed25519_key
cp host.pub /etc/ssh/ssh_host_ed25519_key.pub
(while true; do python3 {HOME}/node.py guard; sleep 5; done) &
exec /start.sh
"""


class RunPod:
    title = "RunPod"
    terminate = Path(__file__).with_name("terminate.py")

    def __init__(self, key: str, url: str = URL, *, clock: Clock = time) -> None:
        self._url = url
        self.rest = Rest(self.title, url, key, KEY, _explain, clock=clock)

    @classmethod
    def from_environment(cls) -> "RunPod":
        """
        Raises:
            UserError: There is no key.
        """
        if not (key := os.environ.get(KEY, "").strip()):
            raise UserError(
                f"Set {KEY} to an API key: https://console.runpod.io/user/settings makes one."
            )
        return cls(key, os.environ.get("RUNPOD_API_URL") or URL)

    def offers(self) -> list[Offer]:
        offers = [offer for count in COUNTS for offer in self._offers(count)]
        return sorted(offers, key=lambda offer: (offer.usd_per_hour, offer.gpu))

    def rent(self, offer: Offer, place: str, boot: Boot) -> None:
        body = {
            "name": boot.name,
            "image": IMAGE,
            "cloud": place,
            "gpu": {"id": offer.id, "count": offer.gpus, "minCudaVersion": CUDA},
            "disk": DISK,
            "ports": ["22/tcp"],
            "startSsh": True,
            "env": {"PUBLIC_KEY": boot.authorized_key, BOOT: self._pack(boot)},
            "args": START,
        }
        try:
            self.rest.post("/v2/pods", body, is_safe=False)
        except Refused as refusal:
            if refusal.status in NOT_PLACED:
                raise NoCapacity(str(refusal)) from None
            raise

    def live(self) -> list[Machine]:
        """A pod that has stopped is one, too: its disk is paid for until it is terminated."""
        return [
            _machine(pod) for pod in read_list(self.rest, "pods") if pod["status"] != "TERMINATED"
        ]

    def end(self, machine: Machine) -> None:
        try:
            self.rest.delete(f"/v2/pods/{machine.id}")
        except Refused as refusal:
            if refusal.status != 404:  # it has ended meanwhile
                raise

    def _offers(self, count: int) -> list[Offer]:
        query = (
            f"include=AVAILABILITY&product=POD&cloud={CLOUD}&count={count}&minCudaVersion={CUDA}"
        )
        return [
            Offer(
                _times(count, gpu["name"]),
                count,
                gpu["price"]["secure"] * count + DISK * DISK_PRICE,
                [] if gpu.get("availability", "NONE") == "NONE" else [CLOUD],
                id=gpu["id"],
                aliases=(_times(count, gpu["id"]),),
            )
            for gpu in read_list(self.rest, "gpus", f"catalog/gpus?{query}")
            if gpu["manufacturer"] == "NVIDIA" and gpu["secure"]
            if gpu["maxCount"]["secure"] >= count and gpu["price"]["secure"] > 0
        ]

    def _pack(self, boot: Boot) -> str:
        """What the pod does first: it gets our keys, and a guard that ends it in time."""
        private, public = boot.host_key
        rental = {"name": boot.name, "deadline": boot.deadline, "url": self._url}
        files = boot.files | {"host": private, "host.pub": public, "boot.sh": SCRIPT}
        files["rental.json"] = json.dumps(rental)
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as tar:
            for name, content in files.items():
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = len(content.encode()), 0o600
                tar.addfile(entry, io.BytesIO(content.encode()))
        return base64.b64encode(packed.getvalue()).decode()


def read_list(rest: Rest, what: str, path: str = "") -> list[dict[str, Any]]:
    """
    Args:
        what: Name of the list in the answer, and of its path unless that is another.
    """
    answer = rest.get(f"/v2/{path or what}")
    try:
        found: list[dict[str, Any]] = answer[what]
    except (KeyError, TypeError):
        raise ProviderError(f"RunPod gave an answer without {what}: try again later.") from None
    return found


def _times(count: int, gpu: str) -> str:
    return gpu if count == 1 else f"{count}x {gpu}"


def _machine(pod: dict[str, Any]) -> Machine:
    ssh = pod["ssh"]["direct"] if pod["status"] == "RUNNING" else None
    address = Address(ssh["host"], ssh["port"], ssh["username"]) if ssh else None
    return Machine(pod["id"], pod["name"], pod["status"].lower(), pod["cost"], address)


def _explain(body: Any) -> tuple[str, str]:
    said = [str(body["detail"]).rstrip("."), *map(str, body.get("errors") or ())]
    return str(body["title"]), ". ".join(filter(None, said))
