"""Every channel says in its card.toml what it promises, promise by promise, and docs/channels.md says the same.

Why: a nurse and a hospital rely on what a channel is said to do; what it cannot do they must read before a patient finds out.
Mend: state each promise of care/channels/cards.py as "done", {todo = "why"} or {exempt = "why"};
`.venv/bin/python -m tests.house` renews docs/channels.md.
Design: decision 11.
"""

from collections.abc import Iterator

from care.channels.cards import PROMISES, read_card
from care.channels.registry import channel_names
from tests.house.channels import CHANNELS, channels_page
from tests.house.house import Finding, judge


def unsaid(name: str) -> Iterator[Finding]:
    """What one card leaves out, adds, or says so that it cannot be read."""
    file = f"care/channels/{name}/card.toml"
    try:
        said = set(read_card(name).promises)
    except (OSError, KeyError, ValueError) as wrong:
        yield Finding(file, 1, f"cannot be read: {wrong}")
        return
    yield from (Finding(file, 1, f"does not say {promise}") for promise in sorted(PROMISES.keys() - said))
    yield from (Finding(file, 1, f"promises {promise}, which is none") for promise in sorted(said - PROMISES.keys()))


def test_channels_tell_what_they_promise() -> None:
    found = [each for name in channel_names() for each in unsaid(name)]
    if not found and (not CHANNELS.exists() or CHANNELS.read_text(encoding="utf-8") != channels_page()):
        found.append(Finding("docs/channels.md", 1, "is not what the cards say today: `.venv/bin/python -m tests.house`"))

    judge(__doc__, found)


def test_a_channel_without_a_card_is_found() -> None:
    assert [each.file for each in unsaid("smoke-signals")] == ["care/channels/smoke-signals/card.toml"]
