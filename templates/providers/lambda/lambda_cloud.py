"""Machines of Lambda, through its Cloud API 1.10 (https://docs.lambda.ai/api/cloud)."""

import json
import os
import time
from pathlib import Path
from typing import Any

from core.errors import ProviderError, UserError
from core.machines import HOME, Address, Boot, Machine, NoCapacity, Offer
from core.rest import Clock, Refused, Rest

KEY = "LAMBDA_API_KEY"  # environment variable
URL = "https://cloud.lambda.ai"
USER = "ubuntu"  # of Lambda's images
PAUSE = 1.0  # seconds between two requests, by Lambda's rules
ENDED = ("terminated", "preempted")


class Lambda:
    title = "Lambda"
    terminate = Path(__file__).with_name("terminate.py")

    def __init__(self, key: str, url: str = URL, *, clock: Clock = time) -> None:
        self._key = key
        self._url = url
        self._rest = Rest(self.title, url, key, KEY, _explain, pause=PAUSE, clock=clock)

    @classmethod
    def from_environment(cls) -> "Lambda":
        """
        Raises:
            UserError: There is no key.
        """
        if not (key := os.environ.get(KEY, "").strip()):
            raise UserError(f"Set {KEY} to an API key: https://cloud.lambda.ai/api-keys makes one.")
        return cls(key, os.environ.get("LAMBDA_API_URL") or URL)

    def offers(self) -> list[Offer]:
        types = self._get("instance-types").values()
        offers = [
            Offer(
                kind["instance_type"]["name"],
                kind["instance_type"]["specs"]["gpus"],
                kind["instance_type"]["price_cents_per_hour"] / 100,
                [region["name"] for region in kind["regions_with_capacity_available"]],
            )
            for kind in types
        ]
        with_gpu = [offer for offer in offers if offer.gpus > 0 and offer.usd_per_hour > 0]
        return sorted(with_gpu, key=lambda offer: (offer.usd_per_hour, offer.gpu))

    def rent(self, offer: Offer, place: str, boot: Boot) -> None:
        body = {
            "region_name": place,
            "instance_type_name": offer.gpu,
            "ssh_key_names": [self._ssh_key()],
            "name": boot.name,
            "user_data": self._cloud_config(boot),
        }
        try:
            self._rest.post("/api/v1/instance-operations/launch", body, is_safe=False)
        except Refused as refusal:
            if refusal.code.endswith("insufficient-capacity"):
                raise NoCapacity(str(refusal)) from None
            raise

    def live(self) -> list[Machine]:
        return [_machine(i) for i in self._get("instances") if i["status"] not in ENDED]

    def end(self, machine: Machine) -> None:
        if machine.state == "terminating":
            return
        body = {"instance_ids": [machine.id]}
        try:
            self._rest.post("/api/v1/instance-operations/terminate", body, is_safe=True)
        except Refused as refusal:
            if refusal.status != 404:  # it has ended meanwhile
                raise

    def _get(self, what: str) -> Any:
        answer = self._rest.get(f"/api/v1/{what}")
        try:
            return answer["data"]
        except (KeyError, TypeError):
            raise ProviderError(
                f"{self.title} gave an answer without data: try again later."
            ) from None

    def _ssh_key(self) -> str:
        """Lambda wants one that is registered; we log in with a key of this machine alone."""
        keys = self._get("ssh-keys")
        if not keys:
            raise UserError(
                "Lambda rents to nobody without an SSH key: add one at"
                " https://cloud.lambda.ai/ssh-keys, and try again."
            )
        name: str = keys[0]["name"]
        return name

    def _cloud_config(self, boot: Boot) -> str:
        """What the machine does first: it gets our keys, and a guard that ends it in time."""
        private, public = boot.host_key
        rental = {"name": boot.name, "deadline": boot.deadline, "url": self._url}
        files = boot.files | {"rental.json": json.dumps(rental), "key": self._key}
        config = {
            "ssh_authorized_keys": [boot.authorized_key],
            "ssh_deletekeys": True,
            "ssh_keys": {"ed25519_private": private, "ed25519_public": public},
            "write_files": [
                {"path": f"{HOME}/{name}", "content": content, "permissions": "0600"}
                for name, content in files.items()
            ],
            "runcmd": [
                ["chown", "-R", f"{USER}:", HOME],
                [
                    *("systemd-run", "--unit=guard", f"--uid={USER}", "--property=Restart=always"),
                    *("python3", f"{HOME}/node.py", "guard"),
                ],
            ],
        }
        return f"#cloud-config\n{json.dumps(config, indent=1)}\n"


def _machine(instance: dict[str, Any]) -> Machine:
    ready = instance["status"] == "active" and instance.get("ip")
    return Machine(
        instance["id"],
        instance.get("name") or "",
        instance["status"],
        instance["instance_type"]["price_cents_per_hour"] / 100,
        Address(instance["ip"], 22, USER) if ready else None,
    )


def _explain(body: Any) -> tuple[str, str]:
    error = body["error"]
    said = [str(error["message"]).rstrip("."), str(error.get("suggestion") or "").rstrip(".")]
    return str(error["code"]), ". ".join(filter(None, said))
