"""Sealing what names a person: one key per patient, wrapped by the master key; destroying it erases the person.

Scheme (facts: trust, section 8): AES-256-GCM, stored value = version, 12-byte nonce, ciphertext; the associated data
binds a value to its patient and column, so that a swapped column does not open.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
NONCE_BYTES = 12
KEY_BYTES = 32


class CannotOpen(Exception):
    """A sealed value does not open: wrong key, wrong column, or damaged."""


class KeyFileBad(Exception):
    """The master key file is missing where it must exist, damaged, another database's, or readable by others."""


def seal(key: bytes, plain: bytes, bound_to: str) -> bytes:
    """Encrypt `plain` for one place (`patient id + table.column`)."""
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, plain, VERSION + bound_to.encode())


def unseal(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    """Decrypt what `seal` made for the same place.  Raises CannotOpen."""
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, body, sealed[:1] + bound_to.encode())
    except (InvalidTag, ValueError) as wrong:
        raise CannotOpen(bound_to) from wrong


class MasterKey:
    """The key that wraps every patient's key, and a second one for blind indexes."""

    def __init__(self, raw: bytes) -> None:
        self._wrap = hmac.digest(raw, b"karez wrap v1", hashlib.sha256)
        self._index = hmac.digest(raw, b"karez index v1", hashlib.sha256)
        self._keep = hmac.digest(raw, b"karez keep v1", hashlib.sha256)
        self.secret = hmac.digest(raw, b"karez loopback v1", hashlib.sha256).hex()

    def new_patient_key(self, patient_id: str) -> tuple[bytes, bytes]:
        """A fresh patient key: (the key, the same key wrapped for storage)."""
        key = secrets.token_bytes(KEY_BYTES)
        return key, seal(self._wrap, key, f"patient_key.{patient_id}")

    def unwrap(self, patient_id: str, wrapped: bytes) -> bytes:
        return unseal(self._wrap, wrapped, f"patient_key.{patient_id}")

    def seal(self, place: str, plain: bytes) -> bytes:
        """Encrypt what belongs to no patient yet, or to none: a vendor's post, a token."""
        return seal(self._keep, plain, place)

    def unseal(self, place: str, sealed: bytes) -> bytes:
        """What `seal` made for the same place.  Raises CannotOpen."""
        return unseal(self._keep, sealed, place)

    def blind_index(self, kind: str, value: str) -> str:
        """An equality-searchable stand-in for a phone number or an app address."""
        return hmac.new(self._index, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


def load_master_key(path: Path, create: bool = False) -> MasterKey:
    """Read the master key file (owner-only); `create` makes it on the first start."""
    if create and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
    if not path.exists():
        raise KeyFileBad(
            f"{path}: the master key is missing. Put it back from the safe; without it this database cannot be read."
        )
    if path.stat().st_mode & 0o077:
        raise KeyFileBad(f"{path}: others may read the master key. Run: chmod 400 {path}")
    raw = path.read_bytes()
    if len(raw) != KEY_BYTES:
        raise KeyFileBad(f"{path}: holds {len(raw)} bytes, a master key has {KEY_BYTES} bytes. Put it back from the safe.")
    return MasterKey(raw)
