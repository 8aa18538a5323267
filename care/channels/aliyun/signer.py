"""Signs a request to Aliyun: ACS3-HMAC-SHA256, "signature method V3", without the vendor's library.

https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature
Parameters travel in the address, the body is empty, and every header named here is signed.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import quote

METHOD = "ACS3-HMAC-SHA256"
EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Call:
    """One call of an operation at one host; `nonce` is used once, `at` may be 15 minutes off."""

    host: str
    action: str
    version: str
    parameters: Mapping[str, str]
    at: datetime
    nonce: str

    @cached_property
    def query(self) -> str:
        """The parameters as they stand in the address: sorted, and encoded as RFC 3986 says."""
        pairs = sorted((escape(name), escape(value)) for name, value in self.parameters.items())
        return "&".join(f"{name}={value}" for name, value in pairs)

    @property
    def headers(self) -> dict[str, str]:
        return {
            "host": self.host,
            "x-acs-action": self.action,
            "x-acs-content-sha256": EMPTY,
            "x-acs-date": self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": self.nonce,
            "x-acs-version": self.version,
        }


def escape(word: str) -> str:
    return word if word.isascii() and word.isalnum() else quote(word, safe="-_.~")


def sign(call: Call, key_id: str, key_secret: str) -> dict[str, str]:
    """All headers of the request, `authorization` among them."""
    headers = dict(sorted(call.headers.items()))
    names = ";".join(headers)
    given = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = "\n".join(["POST", "/", call.query, given, names, EMPTY])
    signed = f"{METHOD}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(key_secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
    return {**headers, "authorization": f"{METHOD} Credential={key_id},SignedHeaders={names},Signature={signature}"}
