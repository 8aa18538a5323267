"""Writes docs/channels.md from the cards of care/channels: what each channel promises, and why not where it does not."""

from collections.abc import Iterator

from care.channels.cards import PROMISES, Card, Promise, read_card
from care.channels.registry import channel_names
from tests.house.house import ROOT

CHANNELS = ROOT / "docs" / "channels.md"
SHOWN = {"done": "yes", "todo": "not yet", "exempt": "–"}
HEAD = """# The channels, and what each promises

Written from `care/channels/<name>/card.toml` by `.venv/bin/python -m tests.house`. A channel is a folder; one suite,
`tests/channels/test_contract.py`, holds every folder to what its card calls done, against a strict stand-in of its vendor.
"–" means that the promise cannot concern this channel; the reasons stand below.
"""


def channels_page() -> str:
    cards = {name: read_card(name) for name in channel_names()}
    sections = [line for name, card in cards.items() for line in _section(name, card)]
    return "\n".join([HEAD, *_table(list(cards.values())), "", *sections])


def _table(cards: list[Card]) -> Iterator[str]:
    yield _row("", [card.title for card in cards])
    yield _row("---", ["---"] * len(cards))
    for fact in ("servers", "sends", "hears"):
        yield _row(fact, [getattr(card, fact) for card in cards])
    for promise, told in PROMISES.items():
        yield _row(f"**{promise}**: {told}", [SHOWN[card.promises[promise].state] for card in cards])


def _row(first: str, cells: list[str]) -> str:
    return f"| {' | '.join([first, *cells])} |"


def _section(name: str, card: Card) -> Iterator[str]:
    yield from (f"## {card.title}", "", f"Folder: `care/channels/{name}/`.", "")
    yield from (f"- {limit}" for limit in card.limits)
    yield from (f"- {_why(promise, card.promises[promise])}" for promise in PROMISES if card.promises[promise].reason)
    yield ""


def _why(name: str, promise: Promise) -> str:
    return f"{name}: {'not yet: ' if promise.state == 'todo' else ''}{promise.reason}"
