"""WeChat's safe mode: who signed a post, and what is sealed in it.

https://developers.weixin.qq.com/doc/oplatform/en/Third-party_Platforms/2.0/api/Before_Develop/Technical_Plan.html

The key is the console's EncodingAESKey; AES-256-CBC, padded to 32 bytes.  Sealed are 16 random bytes, the length of the
letter in four, the letter, and the account's own id.
"""

import base64
import binascii
import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from care.channels.base import Forged

SALT, LENGTH, BLOCK, PADDED_TO = 16, 4, 16, 32  # bytes


class SafeMode:
    """One account's token and key."""

    def __init__(self, token: str, aes_key: str, app_id: str) -> None:
        key = base64.b64decode(aes_key + "=")
        self._token, self._app_id = token, app_id.encode()
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:BLOCK]))

    def sign(self, *parts: str) -> str:
        """What the vendor puts beside `parts`, whatever their order."""
        joined = "".join(sorted((self._token, *parts)))
        return hashlib.sha1(joined.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()

    def is_signed(self, signature: str, *parts: str) -> bool:
        """Compares in constant time."""
        return hmac.compare_digest(self.sign(*parts).encode(), signature.encode("utf-8", "surrogatepass"))

    def open(self, sealed: str) -> bytes:
        """The letter.  Raises Forged for what another key or another account sealed."""
        plain = self._unpadded(self._decrypted(sealed))
        begin = SALT + LENGTH
        end = begin + int.from_bytes(plain[SALT:begin])
        if not hmac.compare_digest(plain[end:], self._app_id):
            raise Forged
        return plain[begin:end]

    def seal(self, letter: bytes) -> str:
        """What `open` opens."""
        plain = secrets.token_bytes(SALT) + len(letter).to_bytes(LENGTH) + letter + self._app_id
        padding = PADDED_TO - len(plain) % PADDED_TO
        encryptor = self._cipher.encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()

    def _decrypted(self, sealed: str) -> bytes:
        try:
            raw = base64.b64decode(sealed, validate=True)
        except (binascii.Error, ValueError):
            raise Forged from None
        if not raw or len(raw) % BLOCK:
            raise Forged
        decryptor = self._cipher.decryptor()
        return decryptor.update(raw) + decryptor.finalize()

    @staticmethod
    def _unpadded(plain: bytes) -> bytes:
        padding = plain[-1]
        if not 1 <= padding <= PADDED_TO or plain[-padding:] != bytes([padding]) * padding:
            raise Forged
        return plain[:-padding]
