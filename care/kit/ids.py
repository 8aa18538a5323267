"""Random names for rows, and the secrets people carry: tokens and linking codes."""

import hashlib
import secrets
import unicodedata
from datetime import datetime

# No 0/O, 1/I: the code is read aloud and copied from paper by people in a second script (facts: channels, section 3).
CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 8
# The same shapes on a Cyrillic keyboard; each stands for one letter of the code only.
CYRILLIC_TWINS = str.maketrans("АВСЕНКМРТУХ", "ABCEHKMPTYX")  # house: letters - letters that look like Latin ones on the card


def new_id() -> str:
    """A 128-bit random id, 32 hexadecimal digits.  Never a secret by itself."""
    return secrets.token_hex(16)


def new_id_at(now: datetime) -> str:
    """An id that sorts by when it was made: 48 bits of milliseconds, 80 random ones, 32 hexadecimal digits.

    For rows that are written, claimed and marked by the thousand: neighbours in time are neighbours in the file.
    """
    return f"{int(now.timestamp() * 1000):012x}{secrets.token_hex(10)}"


def new_token() -> str:
    """A 256-bit secret for a cookie, a header or a link."""
    return secrets.token_urlsafe(32)


def new_link_token() -> str:
    """A 128-bit secret for an address that must fit into a text message."""
    return secrets.token_urlsafe(16)


def new_code() -> str:
    """A linking code of 8 unambiguous characters (40 bits), as printed on the patient's card."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def tidy_code(typed: str) -> str:
    """The code as stored, from what a hand typed on any keyboard: upper case, ASCII digits, no spaces, no dashes."""
    upper = unicodedata.normalize("NFKC", typed).upper().translate(CYRILLIC_TWINS)
    return "".join(str(unicodedata.digit(c, c)) for c in upper if c.isalnum())


def fingerprint(secret: str) -> str:
    """SHA-256 of a high-entropy secret: what the database keeps instead of the secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
