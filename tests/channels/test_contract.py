"""What every folder of care/channels is held to, played from its cases.toml and samples/ against its vendor's stand-in."""

import json
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from care.channels.base import Forged, Inbound, NotConfigured, Plan, Ports, Post, Said, SendFailed, Unreadable, Way
from care.channels.cards import read_card
from care.channels.notes import BriefNotes
from care.channels.registry import channel_names
from care.kit.clock import HandClock
from tests.channels.cases import NOON, Cases, Row, contact_of, open_beside, read_cases, said_of
from tests.vendors.stand import Stand

CASES = {name: read_cases(name) for name in channel_names()}
NOBODY_KNOWS = "nobody-knows"
LOST = ("lose-answer", "reset", "gateway-page", "garbage", "500")
TAKEN_ANYWAY = ("lose-answer", "garbage")
SECRET_WORDS = "Tamaqtin keyin ish"  # of a message: may stand in no log
APART = timedelta(seconds=10)  # between two calls: no vendor asks one person to wait longer
# What must stand in cases.toml before a card may call a promise done.
PROOF: dict[str, Callable[[Cases], bool]] = {
    "verify": lambda cases: bool(cases.hears),
    "parse-many": lambda cases: any(len(row["gets"]) > 1 for row in cases.hears),
    "voice": lambda cases: any(row.get("way") == Way.VOICE for row in cases.says),
    "text": lambda cases: any({Way.TEXT, Way.LINE} & set(row.get("steps", [])) for row in cases.says),
    "buttons": lambda cases: any(row["said"].get("choices") for row in cases.says),
    "notice": lambda cases: any(row.get("way") == Way.NOTICE for row in cases.says),
    "window": lambda cases: any("window-closed" in (row.get("fails"), row.get("why")) for row in cases.says),
    "quota": lambda cases: any(row.get("contact", {}).get("spent") for row in cases.says),
    "statuses": lambda cases: "status" in acts(cases),
    "media-in": lambda cases: "speak" in acts(cases),
    "enrolment": lambda cases: any(got.get("code") for row in cases.hears for got in row["gets"]),
    "opted-out": lambda cases: "leave" in acts(cases) or "opted-out" in causes(cases),
    "pacing": lambda cases: "busy" in causes(cases),
}


def acts(cases: Cases) -> set[str]:
    return {got["act"] for row in cases.hears for got in row["gets"] if "act" in got}


def causes(cases: Cases) -> set[str]:
    return {row["cause"] for row in cases.fails}


def rows(kind: str, tell: str) -> pytest.MarkDecorator:
    """One case a row of every channel."""
    found = [(name, row) for name, cases in CASES.items() for row in getattr(cases, kind)]
    return pytest.mark.parametrize(("name", "row"), found, ids=[f"{name}-{row[tell]}" for name, row in found])


def channels(promise: str) -> pytest.MarkDecorator:
    """The channels whose card calls a promise done."""
    return pytest.mark.parametrize("name", [name for name in CASES if read_card(name).promises[promise].state == "done"])


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture
async def stand(name: str, clock: HandClock, tmp_path: Path) -> AsyncIterator[Stand]:
    async with open_beside(name, clock, tmp_path) as opened:
        yield opened


def hear(stand: Stand, post: Post) -> list[Inbound]:
    stand.channel.verify(post)
    stand.channel.thank(post)  # whatever it holds
    return stand.channel.parse(post)


def hear_or_refuse(stand: Stand, post: Post) -> list[Inbound] | None:
    """None when it is refused, in one of the two ways there are."""
    try:
        return hear(stand, post)
    except (Forged, Unreadable):
        return None


async def say(stand: Stand, clock: HandClock, said: Said, row: Row | None = None) -> Plan:
    """Plans and sends the whole of it, the clock turned on before every call."""
    plan = stand.channel.plan(said, contact_of(row or open_contact(stand), stand.address, clock.now()), clock.now())
    for step in plan.steps:
        clock.advance(APART)
        receipt = await stand.channel.send(step)
        assert receipt.provider_id
    return plan


async def fail(sending: Awaitable[object]) -> Exception:
    """What it ends in, whatever that is."""
    with pytest.raises(Exception) as failed:  # noqa: PT011 - which one it is, is what is asked
        await sending
    return failed.value


def open_contact(stand: Stand) -> Row:
    """A person to whom text may go: the contact of the channel's own first row that ends in text."""
    says = CASES[stand.channel.name].says
    return next((row.get("contact", {}) for row in says if row.get("way") in (Way.TEXT, Way.LINE, Way.CALL)), {})


def plain(key: str = "k1") -> Said:
    return Said(key, SECRET_WORDS, kind="medicine", title="Medicine", link="https://karez.example/l/x")


# The card


@pytest.mark.parametrize("name", CASES)
def test_what_a_card_calls_done_has_its_rows(name: str) -> None:
    done = [promise for promise, said in read_card(name).promises.items() if said.state == "done"]

    assert [promise for promise in done if promise in PROOF and not PROOF[promise](CASES[name])] == []


@pytest.mark.parametrize("name", CASES)
def test_every_sample_is_played(name: str) -> None:
    cases = CASES[name]
    kept = {file.name for file in (Path(import_module(f"care.channels.{name}").__path__[0]) / "samples").glob("*")}

    assert {row["sample"] for row in [*cases.hears, *cases.unreadable]} == kept


@pytest.mark.parametrize("name", CASES)
async def test_a_card_and_what_the_channel_can_do_agree(name: str, stand: Stand) -> None:
    done = {promise for promise, said in read_card(name).promises.items() if said.state == "done"}

    assert stand.channel.name == name
    assert stand.channel.can.buttons == ("buttons" in done)
    assert bool(stand.channel.can.servers) == ("region" in done)
    assert stand.channel.can.hears or acts(CASES[name]) <= {"status"}
    assert bool(await stand.channel.invite("AB23CD45")) == ("enrolment" in done)


# What comes in


@rows("hears", "sample")
def test_what_a_vendor_posts_is_heard(name: str, row: Row, stand: Stand) -> None:
    heard = hear(stand, stand.sign(CASES[name].sample(row), row.get("query", {})))

    expected = row["gets"]
    assert [{key: getattr(one, key) for key in want} for one, want in zip(heard, expected, strict=True)] == expected


@rows("hears", "sample")
def test_a_post_that_comes_twice_has_the_same_keys(name: str, row: Row, stand: Stand) -> None:
    first, again = (hear(stand, stand.sign(CASES[name].sample(row), row.get("query", {}))) for _ in range(2))

    assert [each.key for each in first] == [each.key for each in again]
    assert len({each.key for each in first}) == len(first)
    assert all(first_one.key for first_one in first)


@pytest.mark.parametrize("name", CASES)
def test_what_nobody_signed_is_forged(name: str, stand: Stand) -> None:
    bodies = [CASES[name].sample(row) for row in CASES[name].hears] or [b"{}"]

    for body in [*bodies, b""]:
        with pytest.raises(Forged):
            stand.channel.verify(Post("POST", {}, {}, body))


def flips(post: Post, also_body: bool) -> Iterator[Post]:
    """The post with one byte changed: of what proves the sender, or of the body that proof covers."""
    for part in ("query", "headers"):
        for key, value in getattr(post, part).items():
            for place in range(0, len(value), max(1, len(value) // 8)):
                changed = value[:place] + ("b" if value[place] != "b" else "c") + value[place + 1 :]
                yield replace(post, **{part: {**getattr(post, part), key: changed}})
    for place in range(0, len(post.body) if also_body else 0, max(1, len(post.body) // 40)):
        yield replace(post, body=post.body[:place] + bytes([post.body[place] ^ 1]) + post.body[place + 1 :])


@rows("hears", "sample")
def test_a_flipped_byte_changes_nothing_that_is_heard(name: str, row: Row, stand: Stand) -> None:
    """A byte nothing depends on (a name beside the sealed part) may differ; what is heard may not."""
    query = dict(row.get("query", {}))
    post = stand.sign(CASES[name].sample(row), query)
    meant = hear(stand, post)
    heard = [hear_or_refuse(stand, each) for each in flips(post, stand.signs_body)]

    assert [each for each in heard if each not in (None, meant)] == []
    assert None in heard


@rows("hears", "sample")
def test_a_cut_post_is_refused_in_one_of_two_ways(name: str, row: Row, stand: Stand) -> None:
    body, query = CASES[name].sample(row).rstrip(), row.get("query", {})
    signed = stand.sign(body, query)
    for kept in range(0, len(body), max(1, len(body) // 25)):
        if stand.signs_body:
            assert hear_or_refuse(stand, replace(signed, body=signed.body[:kept])) is None
        assert not hear_or_refuse(stand, stand.sign(body[:kept], query))  # the vendor itself signed half of it


@rows("unreadable", "sample")
def test_what_cannot_be_read_is_told_apart_from_a_forgery(name: str, row: Row, stand: Stand) -> None:
    post = stand.sign(CASES[name].sample(row), row.get("query", {}))
    stand.channel.verify(post)

    with pytest.raises(Unreadable):
        stand.channel.parse(post)


# What goes out


@rows("says", "story")
async def test_a_message_is_planned_as_its_row_says(name: str, row: Row, stand: Stand, clock: HandClock) -> None:
    said = said_of(row["said"], stand.channel.can)
    contact = contact_of(row.get("contact", {}), stand.address, clock.now())
    if "fails" in row:
        with pytest.raises(SendFailed) as failed:
            stand.channel.plan(said, contact, clock.now())
        assert failed.value.cause == row["fails"]
        return
    plan = stand.channel.plan(said, contact, clock.now())

    assert (plan.way, [step.way for step in plan.steps]) == (row["way"], row["steps"])
    assert plan.why == row.get("why", plan.why)
    assert {step.address for step in plan.steps} == {contact.address}
    assert all(step.key for step in plan.steps)


@rows("fails", "vendor")
async def test_a_refusal_has_its_cause(name: str, row: Row, stand: Stand, clock: HandClock) -> None:
    stand.vendor.refuse_next(row["vendor"])
    before = len(stand.vendor.taken)

    if row["cause"] == NOBODY_KNOWS:
        assert not isinstance(await fail(say(stand, clock, plain())), SendFailed)
        return
    with pytest.raises(SendFailed) as failed:
        await say(stand, clock, plain())
    assert failed.value.cause == row["cause"]
    assert len(stand.vendor.taken) == before
    if "again_after_s" in row:
        assert failed.value.again_after == timedelta(seconds=row["again_after_s"])


@rows("fails", "vendor")
async def test_in_a_storm_of_refusals_each_message_asks_once_and_the_first_that_is_let_through_goes(
    name: str, row: Row, stand: Stand, clock: HandClock
) -> None:
    """A 429, or a refusal inside a 200, again and again: no adapter asks in a loop, and none forgets how to send.

    Of an answer that says nothing nobody knows whether the message was taken; it was, at most once.
    """
    await say(stand, clock, plain())
    before = len(stand.vendor.taken)
    for number in range(20):
        stand.vendor.refuse_next(row["vendor"])
        await fail(say(stand, clock, plain(f"storm{number}")))

    assert len(stand.vendor.taken) - before <= (20 if row["cause"] == NOBODY_KNOWS else 0)
    before = len(stand.vendor.taken)
    await say(stand, clock, plain("after"))
    assert len(stand.vendor.taken) > before


@pytest.mark.parametrize("fault", LOST)
@channels("lost-answer")
async def test_a_lost_answer_is_no_refusal_and_nothing_is_said_twice(
    name: str, fault: str, stand: Stand, clock: HandClock
) -> None:
    await say(stand, clock, plain())  # whatever has to be fetched first has been
    before = len(stand.vendor.taken)
    stand.vendor.faults.append(fault)

    assert not isinstance(await fail(say(stand, clock, plain("k2"))), SendFailed)
    if name != "web":
        assert len(stand.vendor.taken) == before + (fault in TAKEN_ANYWAY)


@pytest.mark.parametrize("unit", ["so'z{} ", "سۆز{}، ", "дәрі{} 👨‍👩‍👧 ", "药{}。"])
@pytest.mark.parametrize("name", CASES)
async def test_a_text_of_any_length_is_split_or_refused_before_it_is_sent(
    name: str, unit: str, stand: Stand, clock: HandClock
) -> None:
    said = replace(plain(), text="".join(unit.format(number) for number in range(1500)))
    try:
        plan = stand.channel.plan(said, contact_of(open_contact(stand), stand.address, clock.now()), clock.now())
    except SendFailed:
        return
    for step in plan.steps:
        clock.advance(APART)
        await stand.channel.send(step)

    if plan.way == Way.TEXT and not plan.why:
        told = json.dumps([each.body for each in stand.vendor.taken], ensure_ascii=False)
        word = unit.split("{", maxsplit=1)[0]
        assert [int(number) for number in re.findall(rf"{word}(\d+)", told)] == list(range(1500))


@pytest.mark.parametrize("name", CASES)
async def test_no_log_and_no_error_names_a_person_a_word_or_a_secret(
    name: str, stand: Stand, clock: HandClock, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    presets = [*((stand.vendor.refuse_next, row["vendor"]) for row in CASES[name].fails)]
    wrong = []
    for spoil, what in [*presets, *((stand.vendor.faults.append, fault) for fault in LOST)]:
        await say(stand, clock, plain())
        spoil(what)
        error = await fail(say(stand, clock, plain()))
        wrong.append(f"{error} {error!r}")

    out, err = capsys.readouterr()
    logged = "\n".join([caplog.text, out, err])
    assert wrong
    assert [each for each in (SECRET_WORDS, stand.address, *stand.secrets) if each in logged] == []
    assert [each for each in (SECRET_WORDS, *stand.secrets) if each in "\n".join(wrong)] == []


# How it is set up


def ports_of(clock: HandClock) -> Ports:
    async def append(address: str, key: str, content: dict[str, object]) -> None:
        return None

    return Ports(append, lambda _: BriefNotes(clock.now), clock.now)


def needed(name: str) -> dict[str, str]:
    """The variables of a channel that have no default, and what each could hold."""
    module = import_module(f"care.channels.{name}.settings")
    found = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, BaseSettings)]
    settings = next(each for each in found if each is not BaseSettings and each.__module__ == module.__name__)
    prefix = settings.model_config["env_prefix"]
    empty = [field for field, told in settings.model_fields.items() if str(told.default) in ("", "None")]
    return {f"{prefix}{field}".upper(): "x" * 43 for field in empty}


SET_UP = [name for name in CASES if (Path(import_module(f"care.channels.{name}").__path__[0]) / "settings.py").exists()]


@pytest.mark.parametrize("name", SET_UP)
def test_half_a_configuration_is_refused_in_one_sentence(name: str, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    make = import_module(f"care.channels.{name}").make
    complaints = []
    assert make(ports_of(clock)) is None
    for variable, value in needed(name).items():
        with monkeypatch.context() as patched:
            patched.setenv(variable, value)
            try:
                assert make(ports_of(clock)) is None, f"{variable} alone made a channel"
            except NotConfigured as half:
                complaints.append(str(half))

    assert complaints
    assert [each for each in complaints if not re.search(rf"\bKAREZ_{name.upper()}_[A-Z_]+", each)] == []
    assert [each for each in complaints if not each.endswith(".") or "\n" in each or "x" * 43 in each] == []


@pytest.mark.parametrize("name", SET_UP)
def test_a_secret_may_come_from_a_file(name: str, clock: HandClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = import_module(f"care.channels.{name}.settings")
    variable, value = next(iter(needed(name).items()))
    (tmp_path / "secret").write_text(f"{value}\n")
    monkeypatch.setenv(f"{variable}_FILE", str(tmp_path / "secret"))
    settings = next(each for each in vars(module).values() if getattr(each, "__module__", "") == module.__name__)()

    assert value in str([getattr(each, "get_secret_value", lambda each=each: each)() for _, each in settings])
