"""Lambda's Cloud API as its OpenAPI document has it, for machines that are simulated."""

import json
from pathlib import Path
from typing import Any, ClassVar

from core.machines import HOME
from tests.rented.clock import VirtualClock
from tests.rented.cloud import Answer, Cloud, Machine

PRICES = {"gpu_1x_a10": 129, "gpu_1x_a100": 199, "gpu_8x_a100": 1592}  # cents an hour
REGIONS = ("us-east-1", "us-west-1")
CODES = {
    400: "global/invalid-parameters",
    401: "global/invalid-api-key",
    403: "global/account-inactive",
    404: "global/object-does-not-exist",
}


class LambdaCloud(Cloud):
    title = "Lambda"
    key_name = "LAMBDA_API_KEY"
    document = "lambda"
    steps: ClassVar = {
        "offers": ("GET", "instance-types"),
        "keys": ("GET", "ssh-keys"),
        "rent": ("POST", "launch"),
        "live": ("GET", "instances"),
        "end": ("POST", "terminate"),
    }
    gpu, other = "gpu_1x_a10", "gpu_1x_a100"
    network = "127.0.0"  # the last number of an address is the machine's

    def __init__(self, root: Path, clock: VirtualClock) -> None:
        super().__init__(root, clock)
        self.free: dict[str, list[str]] = {name: [*REGIONS] for name in PRICES}
        self.keys = [{"id": "1", "name": "laptop", "public_key": "ssh-ed25519 AAAA"}]

    def answer(self, method: str, path: str, body: Any) -> Answer:
        what = path.removeprefix("/api/v1/")
        if what == "instance-types":
            return _data({name: self._type(name) for name in PRICES})
        if what == "ssh-keys":
            return _data(self.keys)
        if what == "instances":
            return _data([self._show(machine) for machine in self.live])
        if what == "instance-operations/launch":
            return self._launch(body)
        if what == "instance-operations/terminate":
            ended = [self.machines[number] for number in body["instance_ids"]]
            for machine in ended:
                self.end(machine)
            return _data({"terminated_instances": [self._show(machine) for machine in ended]})
        return self.refuse(404, "No such path.")

    def refuse(self, status: int, message: str, code: str = "") -> Answer:
        error = {"code": code or CODES.get(status, "x"), "message": message, "suggestion": "Look."}
        return Answer(status, {"error": error})

    def sell_out(self, gpu: str) -> None:
        self.free[gpu] = []

    def _launch(self, body: Any) -> Answer:
        kind, region = body["instance_type_name"], body["region_name"]
        if region not in self.free[kind]:
            code = "instance-operations/launch/insufficient-capacity"
            return self.refuse(400, "Not enough capacity to fulfill launch request.", code)
        config = json.loads(body["user_data"].removeprefix("#cloud-config\n"))
        files = {
            entry["path"].removeprefix(f"{HOME}/"): entry["content"]
            for entry in config["write_files"]
        }
        machine = self.add(body["name"], kind, PRICES[kind] / 100, files)
        return _data({"instance_ids": [machine.id]})

    def _type(self, name: str) -> dict[str, Any]:
        count = int(name.split("_")[1][0])
        regions = [{"name": region, "description": "A region"} for region in self.free[name]]
        kind = {
            "name": name,
            "description": name,
            "gpu_description": name,
            "price_cents_per_hour": PRICES[name],
            "specs": {"vcpus": 30, "memory_gib": 200, "storage_gib": 1400, "gpus": count},
        }
        return {"instance_type": kind, "regions_with_capacity_available": regions}

    def _show(self, machine: Machine) -> dict[str, Any]:
        ready = self.is_ready(machine)
        status = "active" if ready else "booting"
        available = {"available": True}
        shown = {
            "id": machine.id,
            "name": machine.name,
            "status": status if machine.ended is None else "terminating",
            "ssh_key_names": ["laptop"],
            "file_system_names": [],
            "region": {"name": REGIONS[0], "description": "A region"},
            "instance_type": self._type(machine.kind)["instance_type"],
            "actions": dict.fromkeys(
                ("migrate", "rebuild", "restart", "cold_reboot", "terminate"), available
            ),
        }
        return shown | ({"ip": f"{self.network}.{int(machine.id, 16)}"} if ready else {})


def _data(value: Any) -> Answer:
    return Answer(200, {"data": value})
