"""The web app as a channel: sending is appending a line to the conversation the app reads.

The line's key is the message's id, so a second copy cannot exist, whatever crashes.
"""

from care.channels.base import Abilities, Append, Outgoing, Ports, Receipt


class Web:
    """Appends through a function handed in, because a channel does not know what a conversation is."""

    name = "web"
    can = Abilities(voice=True, buttons=True, takes_key=True)

    def __init__(self, append: Append) -> None:
        self._append = append

    async def send(self, out: Outgoing) -> Receipt:
        await self._append(out.address, out.key, out.content)
        return Receipt(provider_id=out.key)


def make(ports: Ports) -> Web:
    return Web(ports.append)
