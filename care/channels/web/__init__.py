"""The web app as a channel: sending is appending a line to the conversation the app reads.

The line's key is the message's id, so a second copy cannot exist, whatever crashes.
"""

from care.channels.base import Abilities, Append, Ports, Receipt, Step, Unheard


class Web(Unheard):
    """Appends through a function handed in, because a channel does not know what a conversation is."""

    name = "web"
    can = Abilities(voice=True, buttons=True, takes_key=True)

    def __init__(self, append: Append) -> None:
        self._append = append

    async def send(self, step: Step) -> Receipt:
        await self._append(step.address, step.key, dict(step.body))
        return Receipt(provider_id=step.key)


def make(ports: Ports) -> Web:
    return Web(ports.append)
