"""RunPod's REST API v2 as its OpenAPI document has it, for pods that are simulated."""

import base64
import io
import tarfile
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from tests.rented.clock import VirtualClock
from tests.rented.cloud import KEY, Answer, Cloud, Machine

NVIDIA = "NVIDIA GeForce "
# Price in USD an hour and GPUs at the most, of the secure cloud.
GPUS = {"RTX 4090": (0.44, 4), "RTX 5090": (0.69, 1), "RTX 3070": (0.0, 0)}
DISK_PRICE = 0.10 / 730  # USD per GB and hour
TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}


class RunPodCloud(Cloud):
    title = "RunPod"
    key_name = "RUNPOD_API_KEY"
    document = "runpod"
    network = "127.0.0"  # the last number of an address is the machine's
    steps: ClassVar = {
        "offers": ("GET", "/catalog/gpus"),
        "rent": ("POST", "/v2/pods"),
        "live": ("GET", "/v2/pods"),
        "end": ("DELETE", ""),
    }
    gpu, other = "RTX 4090", "RTX 5090"

    def __init__(self, root: Path, clock: VirtualClock) -> None:
        super().__init__(root, clock)
        self.sold_out: set[str] = set()
        self.stopped: set[str] = set()  # ids of pods

    def answer(self, method: str, path: str, body: Any) -> Answer:
        what = urlsplit(path).path.removeprefix("/v2/")
        if what == "catalog/gpus":
            (count,) = parse_qs(urlsplit(path).query)["count"]
            return Answer(200, {"gpus": [self._type(name, int(count)) for name in GPUS]})
        if what == "pods" and method == "GET":
            return Answer(200, {"pods": [self._show(machine) for machine in self.live]})
        if what == "pods":
            return self._create(body)
        return self._delete(what.removeprefix("pods/"))

    def refuse(self, status: int, message: str) -> Answer:
        title = TITLES.get(status, "x")
        return Answer(status, {"title": title, "status": status, "detail": message})

    def sell_out(self, gpu: str) -> None:
        self.sold_out.add(gpu)

    def may(self, token: str, method: str, path: str) -> bool:
        """A pod has a key that is good for itself alone."""
        pod = path.rpartition("/")[2]
        return token == KEY or (method == "DELETE" and token == _key_of(pod))

    def environment(self, number: str) -> dict[str, str]:
        return {"RUNPOD_POD_ID": number, "RUNPOD_API_KEY": _key_of(number)}

    def _create(self, body: Any) -> Answer:
        gpu, count = body["gpu"]["id"].removeprefix(NVIDIA), body["gpu"]["count"]
        price, most = GPUS[gpu]
        if gpu in self.sold_out or count > most:
            return self.refuse(400, "There are no instances currently available.")
        with tarfile.open(fileobj=io.BytesIO(base64.b64decode(body["env"]["RENTAL"]))) as tar:
            files = {name: _read(tar, name) for name in tar.getnames()}
        cost = price * count + body["disk"] * DISK_PRICE
        machine = self.add(body["name"], gpu, cost, files)
        return Answer(201, self._show(machine))

    def _delete(self, number: str) -> Answer:
        machine = self.machines.get(number)
        if machine is None or machine.ended is not None:
            return self.refuse(404, "pod not found")
        self.end(machine)
        return Answer(204)

    def _type(self, name: str, count: int) -> dict[str, Any]:
        price, most = GPUS[name]
        is_free = name not in self.sold_out and count <= most
        return {
            "id": f"{NVIDIA}{name}",
            "name": name,
            "pool": None,
            "manufacturer": "NVIDIA",
            "memory": 24,
            "secure": most > 0,
            "community": True,
            "price": {"secure": price, "community": 0.31},
            "maxCount": {"secure": most, "community": 4},
            "availability": "LOW" if is_free else "NONE",
        }

    def _show(self, machine: Machine) -> dict[str, Any]:
        ready = self.is_ready(machine) and machine.id not in self.stopped
        status = "EXITED" if machine.id in self.stopped else "RUNNING" if ready else "STARTING"
        number = int(machine.id, 16)
        direct = {"host": f"{self.network}.{number}", "port": 22000 + number, "username": "root"}
        return {
            "id": machine.id,
            "name": machine.name,
            "image": "an image",
            "args": "",
            "disk": 100,
            "ports": ["22/tcp"],
            "env": {},
            "registry": None,
            "status": status,
            "actions": ["terminate"],
            "mounts": {},
            "gpu": {"id": f"{NVIDIA}{machine.kind}", "count": 1},
            "cloud": "SECURE",
            "dataCenterId": None,
            "cudaVersion": None,
            "ssh": {"proxy": None, "direct": direct | {"command": "ssh"} if ready else None},
            "template": None,
            "cost": machine.usd_per_hour,
            "locked": False,
            "globalNetworking": {"enabled": False},
            "runtime": None,
            "createdAt": "2027-01-15T08:00:00Z",
            "startedAt": None,
        }


def _key_of(pod: str) -> str:
    return f"key-of-{pod}"


def _read(tar: tarfile.TarFile, name: str) -> str:
    file = tar.extractfile(name)
    assert file is not None
    return file.read().decode()
