"""The texts Aliyun has approved, and what of a message fills them."""

from typing import Literal

from pydantic import BaseModel

from care.channels.base import Said

LONGEST_TITLE = 20  # Aliyun takes 35 characters in a variable


class Template(BaseModel):
    """`parameters`: by the name of a variable, what fills it.

    Aliyun refuses an address in a variable, so the text itself holds `https://our.host/l/${token}`.
    """

    code: str
    parameters: dict[str, Literal["title", "token"]] = {}

    def fill(self, said: Said) -> dict[str, str] | None:
        """None where this message lacks something."""
        parts = {"title": said.title[:LONGEST_TITLE], "token": said.link.rpartition("/")[2]}
        filled = {name: parts[part] for name, part in self.parameters.items()}
        return filled if all(filled.values()) else None
