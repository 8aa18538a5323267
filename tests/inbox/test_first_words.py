"""From the first word in an app to the first answer: the code, the nurse who confirms, and then a conversation."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from care.channels.base import Cause, Channel, SendFailed
from care.inbox.hearing import STRANGERS_A_DAY, Done, Hearing, Speaker
from care.kit.clock import stopwatch_s
from care.kit.ids import CODE_LETTERS
from care.people.linking import TRIES
from care.people.tables import Device
from tests.inbox.conftest import App
from tests.inbox.courier import post_of


async def test_a_code_a_confirmation_and_then_the_first_question(app: App) -> None:
    gul = await app.patient(address=None, yes=())

    assert await app.says("77", await app.code(gul)) == [f"{app.phrase('demo-notice')}\n{app.phrase('contact-waits')}"]
    await app.confirms(gul)

    linked, _, question = await app.answers()
    assert linked == app.phrase("contact-linked")
    assert question == app.phrase("consent-reminders")
    await app.presses("77", "consent:reminders:yes")
    assert (await app.ward.nurse_sees()) == []


@pytest.mark.parametrize("cause", [Cause.BUSY, Cause.UNREACHABLE])
async def test_a_vendor_that_takes_nothing_for_a_moment_gets_the_question_again(app: App, cause: Cause) -> None:
    app.channel.servers = "abroad"
    gul = await app.patient(address=None, yes=())
    await app.says("77", await app.code(gul))

    app.channel.answers = [SendFailed(cause, again_after=timedelta(milliseconds=20))] * 2
    await app.confirms(gul)

    assert await app.answers() == [f"{app.phrase('demo-notice')}\n{app.phrase('consent-cross-border')}"]


async def test_whoever_is_refused_for_good_or_for_an_hour_holds_up_nobody(app: App) -> None:
    app.channel.answers = [SendFailed(Cause.BAD_ADDRESS), SendFailed(Cause.BUSY, again_after=timedelta(hours=1))]

    assert await app.says("98", "你好，请问是医院吗") == []
    assert await app.says("99", "你好，请问是医院吗") == []
    assert app.channel.answers == []
    assert len(await app.says("97", "你好，请问是医院吗")) == 1


async def test_a_line_that_waits_for_its_vendor_ends_with_the_process(app: App) -> None:
    before = asyncio.all_tasks()
    app.channel.answers = [SendFailed(Cause.BUSY, again_after=timedelta(seconds=30))]
    running = asyncio.create_task(app.inbox.run())
    await app.inbox.take(app.channel, post_of({"act": "write", "address": "99", "key": "k", "text": "你好"}))
    begun_s = stopwatch_s()
    while app.channel.answers:
        assert stopwatch_s() - begun_s < 10, "nothing is said"
        await asyncio.sleep(0.01)

    running.cancel()
    await asyncio.wait([running])
    assert asyncio.all_tasks() == before


async def test_nobody_hears_of_health_before_the_nurse_has_confirmed(app: App) -> None:
    gul = await app.patient(address=None)
    await app.does("77", "arrive", code=await app.code(gul))
    app.channel.said()

    assert await app.says("77", "您好") == []
    assert await app.ward.lines(gul) == []
    await app.confirms(gul)

    said = [line.reply.text for line in await app.ward.lines(gul) if line.said_by == "patient"]
    assert said[-1] == "您好"


async def test_a_nurse_who_is_quicker_than_us_leaves_nobody_waiting(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    gul = await app.patient(address=None)
    await app.does("77", "arrive", code=await app.code(gul))
    between(monkeypatch, lambda: app.nurse_confirms(gul))

    await app.says("77", "您好")

    assert "您好" in [line.reply.text for line in await app.ward.lines(gul) if line.said_by == "patient"]
    assert {state for state, _ in await app.states()} == {"done"}


async def test_a_contact_that_is_taken_off_while_it_speaks_is_not_answered(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    gul = await app.patient()
    between(monkeypatch, lambda: app.nurse_takes_off(gul))

    assert await app.says("77", "您好") == []
    assert await app.states() == [("done", "taken-off")]
    assert await app.ward.lines(gul) == []


async def test_danger_said_while_a_contact_is_taken_off_reaches_the_nurse(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    gul = await app.patient()
    between(monkeypatch, lambda: app.nurse_takes_off(gul))

    await app.says("77", "我发烧39度")

    assert ("Gul", "rf-fever-on-treatment") in await app.ward.nurse_sees()


async def test_danger_said_by_somebody_who_had_left_is_heard_and_answered(app: App) -> None:
    """Whoever refused us once and writes in need must not be asked for a code."""
    await app.patient()
    await app.does("77", "leave")

    said = await app.says("77", "我发烧39度")

    assert ("Gul", "rf-fever-on-treatment") in await app.ward.nurse_sees()
    assert any("120" in each for each in said)
    assert [each.closed_because for each in await app.contacts()] == ["left"]  # and nothing more is sent there unasked


async def test_a_word_in_capitals_is_no_wrong_code(app: App) -> None:
    """QANSYRAP: bleeding.  Its eight letters could stand on a card."""
    await app.patient(form="ug-Latn")

    await app.says("77", "QANSYRAP", code="QANSYRAP")

    assert await app.ward.nurse_sees() == [("Gul", "rf-major-bleeding")]
    assert await app.states() == [("done", None)]
    await app.does("77", "leave")
    await app.says("77", "TUNJUQUP")
    assert ("Gul", "rf-breathlessness-severe") in await app.ward.nurse_sees()


async def test_a_number_with_a_new_owner_is_not_the_patient_any_more(app: App) -> None:
    """A vendor's own id stays with its person; numbers are given to others."""
    gul = await app.patient(address=None)
    await app.does("KZ.1", "arrive", code=await app.code(gul), aliases=["77011234567"])
    await app.nurse_confirms(gul)

    await app.says("KZ.2", "我发烧39度", aliases=["77011234567"])
    assert await app.ward.nurse_sees() == []
    await app.says("KZ.2", "我发烧39度")
    assert await app.ward.nurse_sees() == []
    await app.says("KZ.1", "我发烧39度", aliases=["77019876543"])
    assert ("Gul", "rf-fever-on-treatment") in await app.ward.nurse_sees()


async def test_who_has_another_number_is_the_same_patient_and_the_old_one_is_nobodys(app: App) -> None:
    gul = await app.patient(address=None)
    await app.does("KZ.1", "arrive", code=await app.code(gul), aliases=["77011234567"])
    await app.nurse_confirms(gul)

    await app.does("KZ.2", "move", aliases=["77017654321"], formerly=["KZ.1", "77011234567"])

    assert await app.ward.nurse_sees() == [("Gul", "contact-moved")]
    await app.says("77011234567", "我发烧39度")
    assert await app.ward.nurse_sees() == [("Gul", "contact-moved")]
    said = await app.says("KZ.2", "我发烧39度")
    assert ("Gul", "rf-fever-on-treatment") in await app.ward.nurse_sees()
    assert any("120" in each for each in said)


async def test_a_report_that_names_number_and_id_together_is_learned_from(app: App) -> None:
    await app.patient(address="77011234567")
    await app.does("KZ.1", "status", provider_id="p1", status="delivered", aliases=["77011234567"])

    await app.says("KZ.1", "我发烧39度")
    assert ("Gul", "rf-fever-on-treatment") in await app.ward.nurse_sees()


async def test_anything_else_said_by_somebody_who_had_left_needs_the_code(app: App) -> None:
    gul = await app.patient()
    await app.does("77", "leave")

    assert app.phrase("contact-ask-code") in (await app.says("77", "您好"))[0]
    assert await app.ward.lines(gul) == []


async def test_whoever_scans_another_code_of_the_hospitals_is_not_told_that_theirs_is_wrong(app: App) -> None:
    await app.patient()
    await app.does("77", "arrive", code="poster-2026")

    assert app.phrase("contact-code-wrong") not in " ".join(await app.answers())
    assert ("done", "code-wrong") not in await app.states()


def between(monkeypatch: pytest.MonkeyPatch, nurse: Callable[[], Awaitable[None]]) -> None:
    """She acts after it was found whose words they are, and before it is decided whether to answer."""
    meant = Hearing._meant

    async def later(self: Hearing, channel: Channel, speaker: Speaker) -> list[Device] | Done:
        await nurse()
        return await meant(self, channel, speaker)

    monkeypatch.setattr(Hearing, "_meant", later)


async def test_a_stranger_is_asked_for_the_code_in_every_language_but_not_for_ever(app: App) -> None:
    first = await app.says("99", "你好，请问是医院吗")

    assert [app.phrase("contact-ask-code", form) in first[0] for form in ("zh-Hans", "ug-Arab", "kk-Cyrl")] == [True] * 3
    said = [await app.says("99", "你好，请问是医院吗") for _ in range(STRANGERS_A_DAY + 2)]
    assert sum(map(len, said)) == STRANGERS_A_DAY - 1


async def test_a_stranger_in_danger_gets_the_number_that_needs_no_code(app: App) -> None:
    for _ in range(STRANGERS_A_DAY):
        await app.says("99", "你好")

    [said] = await app.says("99", "我发烧39度")

    numbers = [app.phrase("web-not-emergency", form, emergency_number="120") for form in ("zh-Hans", "ug-Arab", "kk-Cyrl")]
    assert [each in said for each in numbers] == [True] * 3
    assert app.phrase("contact-ask-code") in said
    assert (await app.states())[-1] == ("done", "stranger-in-danger")
    assert await app.says("99", "停止") == []


async def test_codes_cannot_be_guessed(app: App) -> None:
    for number in range(TRIES):
        await app.does("99", "arrive", code=f"AAAAAAA{CODE_LETTERS[number]}")
    gul = await app.patient(address=None)
    code = await app.code(gul)

    await app.does("99", "arrive", code=code)
    assert [each.channel for each in await app.contacts()] == []
    app.ward.clock.advance(timedelta(minutes=16))
    await app.does("99", "arrive", code=code)
    assert [each.patient_id for each in await app.contacts()] == [gul.id]


async def test_a_code_works_once_and_a_second_card_of_the_same_phone_is_the_same_contact(app: App) -> None:
    gul = await app.patient(address=None)
    code = await app.code(gul)
    await app.does("77", "arrive", code=code)
    await app.does("77", "arrive", code=code)
    await app.does("88", "arrive", code=code)

    assert len(await app.contacts()) == 1
    assert app.phrase("contact-code-wrong") in (await app.answers())[-1]


async def test_this_is_not_my_number_ends_it_and_tells_the_nurse(app: App) -> None:
    gul = await app.patient(address=None)
    await app.does("77", "arrive", code=await app.code(gul))
    app.channel.said()

    assert app.phrase("contact-removed") in (await app.presses("77", "not-mine"))[0]
    assert [each.closed_because for each in await app.contacts()] == ["not-mine"]
    assert await app.ward.nurse_sees() == [("Gul", "contact-not-mine")]


async def test_two_apps_of_one_person_are_one_conversation(app: App) -> None:
    gul = await app.patient()
    await app.says("77", "停")

    assert [line.channel for line in await app.rows_of(gul)] == ["courier"] * 2
    assert (await app.ward.all(type(gul)))[0].stopped_at is not None
