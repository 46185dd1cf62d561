"""Passwords, kept as scrypt hashes."""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode

COST = {"n": 2**14, "r": 8, "p": 5}  # OWASP's figures for 16 MiB; about a quarter of a second


def hash_password(password: str, salt: bytes | None = None) -> str:
    salt = salt or secrets.token_bytes(16)
    digest = hashlib.scrypt(password.encode(), salt=salt, **COST)
    return "$".join(["scrypt", b64encode(salt).decode(), b64encode(digest).decode()])


def is_password(password: str, stored: str | None) -> bool:
    """Takes as long where there is none: the time does not tell who has an account."""
    salt = b64decode((stored or NOBODYS).split("$")[1])
    return hmac.compare_digest(hash_password(password, salt), stored or "")


NOBODYS = f"scrypt${b64encode(bytes(16)).decode()}$"
