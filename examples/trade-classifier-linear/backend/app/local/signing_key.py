"""The key that local tokens are signed with: made once, kept in ML_DATA_DIR, never sent out."""

import contextlib
import json
import os
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from jwt.utils import base64url_encode

from app.local.private import write_private

FILE = "signing-key.pem"


@dataclass(frozen=True)
class SigningKey:
    private: ec.EllipticCurvePrivateKey

    @classmethod
    def of(cls, folder: Path) -> Self:
        """The one of the folder; processes that make it at the same time get the same one."""
        path = folder / FILE
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _publish(ec.generate_private_key(ec.SECP256R1()), path)
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{path} holds no EC key: remove it, and everyone signs in again.")
        return cls(private)

    @cached_property
    def public(self) -> dict[str, Any]:
        """As a JSON web key; its id is its thumbprint (RFC 7638)."""
        key: dict[str, Any] = ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        required = {name: key[name] for name in ("crv", "kty", "x", "y")}
        thumbprint = sha256(json.dumps(required, separators=(",", ":")).encode()).digest()
        kid = base64url_encode(thumbprint).decode()
        return {**required, "kid": kid, "alg": "ES256", "use": "sig", "key_ops": ["verify"]}

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(
            claims, self.private, algorithm="ES256", headers={"kid": self.public["kid"]}
        )


def _publish(private: ec.EllipticCurvePrivateKey, path: Path) -> None:
    """Only the first one to come leaves its key."""
    encoded = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    own = path.with_name(f"{path.name}.{uuid4()}")
    write_private(own, encoded.decode())
    with contextlib.suppress(FileExistsError):
        os.link(own, path)
    own.unlink()
