"""RunPod's serverless endpoints as its OpenAPI document has them, with workers that a test sets to work."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.rented.clock import VirtualClock
from tests.rented.cloud import Answer
from tests.rented.runpod_cloud import RunPodCloud

POOLS = {"RTX 4090": ("ADA_24", 1.1), "RTX 5090": ("ADA_32_PRO", 1.58)}
CPU = {
    "id": "cpu5c",
    "name": "Compute-Optimized",
    "group": "Gen 5",
    "vcpu": {"min": 2, "max": 32},
    "ramGbPerVcpu": 2,
    "price": {"securePerVcpu": 0.04, "serverlessPerVcpu": 0.03},
}
URL = "https://api.runpod.ai/v2"
ROUTES = ("run", "runSync", "status", "stream", "cancel", "retry", "purgeQueue", "health")


class EndpointCloud(RunPodCloud):
    def __init__(self, root: Path, clock: VirtualClock) -> None:
        super().__init__(root, clock)
        self.endpoints: dict[str, dict[str, Any]] = {}
        self.workers: dict[str, list[str]] = {}  # states, by the id of an endpoint

    def answer(self, method: str, path: str, body: Any) -> Answer:
        where = urlsplit(path).path.removeprefix("/v2/").split("/")
        if where == ["catalog", "cpus"]:
            return Answer(200, {"cpus": [CPU]})
        if where == ["catalog", "gpus"] and not urlsplit(path).query:
            return Answer(200, {"gpus": [self._type(name, 1) for name in POOLS]})
        if where == ["serverless"]:
            return self._create_endpoint(body) if method == "POST" else self._list_endpoints()
        if where[0] == "serverless":
            return self._of_endpoint(method, where[1:], body)
        return super().answer(method, path, body)

    def _create_endpoint(self, body: Any) -> Answer:
        number = f"ep{len(self.endpoints) + 1}"
        self.endpoints[number] = self._shown(number, body)
        self.workers[number] = []
        return Answer(201, self.endpoints[number])

    def _list_endpoints(self) -> Answer:
        return Answer(200, {"endpoints": [*self.endpoints.values()]})

    def _of_endpoint(self, method: str, where: list[str], body: Any) -> Answer:
        number = where[0]
        if number not in self.endpoints:
            return self.refuse(404, "endpoint not found")
        if where[1:] == ["workers"]:
            return Answer(200, self._list_workers(self.workers[number]))
        if method == "DELETE":
            del self.endpoints[number]
            return Answer(204)
        self.endpoints[number] = self._shown(number, self.endpoints[number] | body)
        return Answer(200, self.endpoints[number])

    def _shown(self, number: str, given: dict[str, Any]) -> dict[str, Any]:
        gpu = given.get("gpu")
        urls = {route: f"{URL}/{number}/{route.lower()}" for route in ROUTES}
        facts = {"requestUrls": urls, "dataCenterIds": [], "networkVolumes": [], "flashboot": "OFF"}
        cpus = [cpu | {"memory": 2 * cpu["vcpuCount"]} for cpu in given.get("cpu", ())]
        seen = {"gpu": {"allowedCudaVersions": [], **gpu}} if gpu else {"cpu": cpus}
        return given | facts | seen | {"id": number, "createdAt": "2027-01-15T08:00:00Z"}

    def _list_workers(self, states: list[str]) -> dict[str, Any]:
        workers = [
            {"id": f"w{number}", "status": state, "gpuCount": 1, "isStale": False}
            for number, state in enumerate(states)
        ]
        names = ("running", "idle", "initializing", "throttled", "unhealthy")
        summary = {name: states.count(name.upper()) for name in names}
        return {"workers": workers, "summary": summary | {"total": len(states)}}

    def _type(self, name: str, count: int) -> dict[str, Any]:
        shown = super()._type(name, count)
        pool, price = POOLS.get(name, (None, None))
        if pool:
            shown |= {"pool": pool, "price": shown["price"] | {"serverless": price}}
        return shown
