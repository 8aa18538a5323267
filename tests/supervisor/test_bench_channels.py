"""The measurement of the channels works for every one of them, and sends nothing to a real vendor."""

import re

import pytest

from care.channels.registry import channel_names
from care.channels.trial import find_trials
from care.kit.settings import Settings
from care.supervisor.bench_channels import Asked, bench_channels
from care.supervisor.prepare import CannotStart


def test_every_channel_with_a_vendor_can_be_measured_and_calls_nobody_else() -> None:
    trials = find_trials()

    assert sorted({*trials, "web"}) == channel_names()
    for trial in trials.values():
        settings = trial.environment("http://127.0.0.1:9")
        assert [value for value in settings.values() if "://" in value and not value.startswith("http://127.0.0.1:9")] == []
        assert any("http://127.0.0.1:9" in value for value in settings.values())


async def test_posts_are_thanked_for_and_worked_off_and_sending_stands_beside_a_bare_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KAREZ_SMSC_CALLS", "medicine")  # a hospital's own setting has no part in it
    said: list[str] = []

    await bench_channels(Settings(), Asked(1, 10, 100, 4, 1, ("smsc",)), said.append)

    told = "\n".join(map(str, said))
    assert re.search(r"^smsc +([\d.]+ +){4}\d+ of 10 when the last came, all [\d.]+ s later$", told, re.MULTILINE)
    assert re.search(r"^smsc +\d+ +\d+ +\d\.\d\d$", told, re.MULTILINE)


async def test_a_channel_there_is_not_is_named() -> None:
    with pytest.raises(CannotStart, match="pigeon"):
        await bench_channels(Settings(), Asked(only=("pigeon",)), print)
