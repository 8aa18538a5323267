"""What a channel's answer leads to: each cause has one policy."""

import asyncio
from datetime import timedelta

import pytest

from care.channels.base import Ports, SendFailed
from care.channels.notes import BriefNotes
from care.channels.registry import channel_names, make_channels
from care.kit.clock import stopwatch_s
from care.kit.settings import ROOT, Stale
from care.messages.gate import Gate
from care.messages.types import POLICY, SKIPPED, Cause, Skip, unknown_limit
from care.people.linking import link, make_code
from care.people.tables import Patient
from scheduler.clock import Metronome
from scheduler.lanes import REST, TRIPS
from tests.content.signing import Reviewer
from tests.ward import NOON, Attempt, Device, Script, Ward


async def refused(ward: Ward, cause: Cause, **more) -> tuple[str, Script]:
    """A reminder to Gul that the channel refuses once."""
    script = Script(answers=[SendFailed(cause, **more)])
    reminder = await ward.due(await ward.patient(channel="script"))
    await ward.tick(script)
    return reminder, script


async def test_a_busy_channel_is_asked_again_when_it_said(ward: Ward):
    reminder, script = await refused(ward, Cause.BUSY, again_after=timedelta(seconds=90))
    assert await ward.state(reminder) == ("due", "busy")

    ward.clock.turn_to(NOON + timedelta(seconds=89))
    assert await ward.tick(script) == 0
    ward.clock.turn_to(NOON + timedelta(seconds=90))
    await ward.tick(script)

    assert await ward.state(reminder) == ("sent", None)
    assert [each.outcome for each in await ward.all(Attempt)] == ["refused", "accepted"]


async def test_a_channel_that_stays_away_ends_in_missed_and_the_nurse_knows_before(ward: Ward):
    script = Script(answers=[SendFailed(Cause.UNREACHABLE) for _ in range(100)])
    reminder = await ward.due(await ward.patient(channel="script"))
    seen_as = []
    for _ in range(40):
        await ward.tick(script)
        seen_as += [each.state for each in await ward.undelivered()]
        ward.clock.advance(timedelta(minutes=5))

    assert await ward.state(reminder) == ("missed", "too-late")
    assert list(dict.fromkeys(seen_as)) == ["overdue", "missed"]


async def test_a_patient_who_blocked_us_is_not_written_to_again_and_the_nurse_knows(ward: Ward):
    reminder, _ = await refused(ward, Cause.OPTED_OUT)

    assert await ward.state(reminder) == ("failed", "opted-out")
    assert [each.closed_because for each in await ward.all(Device)] == ["opted-out"]
    assert await ward.nurse_sees() == [("Gul", "undelivered")]


async def in_two_channels(ward: Ward, script: Script, other: Script) -> Patient:
    """Gul, whose first channel is the script."""
    gul = await ward.patient(channel=script.name)
    async with ward.database.work() as work:
        await link(work, await make_code(work, gul, ward.nurse_id), "test", other.name)
    ward.clock.advance(timedelta(minutes=1))
    return gul


async def test_what_a_wrong_address_cannot_take_goes_through_the_next_channel_and_the_nurse_hears_of_the_address(ward: Ward):
    script, other = Script(answers=[SendFailed(Cause.BAD_ADDRESS)]), Script("other")
    gul = await in_two_channels(ward, script, other)
    reminder = await ward.due(gul)
    for _ in range(2):
        await ward.tick(script, other)

    assert await ward.state(reminder) == ("sent", None)
    assert [(each.channel, each.outcome) for each in await ward.all(Attempt)] == [("script", "refused"), ("other", "accepted")]
    assert len(other.got) == 1
    assert {each.channel: each.closed_because for each in await ward.all(Device)} == {"script": "bad-address", "other": None}
    assert await ward.nurse_sees() == [("Gul", "contact-lost")]


async def test_a_wrong_address_with_no_other_channel_is_the_nurses(ward: Ward):
    reminder, _ = await refused(ward, Cause.BAD_ADDRESS)

    assert await ward.state(reminder) == ("failed", "bad-address")
    assert await ward.nurse_sees() == [("Gul", "undelivered")]


async def test_what_was_not_delivered_once_goes_another_way_and_the_address_stays(ward: Ward):
    script, other = Script(answers=[SendFailed(Cause.NOT_DELIVERED)]), Script("other")
    gul = await in_two_channels(ward, script, other)
    reminder = await ward.due(gul)
    for _ in range(2):
        await ward.tick(script, other)

    assert await ward.state(reminder) == ("sent", None)
    assert [(each.channel, each.outcome) for each in await ward.all(Attempt)] == [("script", "refused"), ("other", "accepted")]
    assert [each.closed_because for each in await ward.all(Device)] == [None, None]
    assert await ward.nurse_sees() == []


async def test_what_was_not_delivered_and_has_no_other_way_is_the_nurses(ward: Ward):
    reminder, _ = await refused(ward, Cause.NOT_DELIVERED)

    assert await ward.state(reminder) == ("failed", "not-delivered")
    assert [each.closed_because for each in await ward.all(Device)] == [None]
    assert await ward.nurse_sees() == [("Gul", "undelivered")]


@pytest.mark.parametrize(
    ("between", "wait", "closed"),
    [([], timedelta(hours=6), "bad-address"), ([], timedelta(minutes=5), None), ([None], timedelta(hours=6), None)],
)
async def test_only_what_is_not_delivered_again_after_a_while_ends_the_address(
    ward: Ward, between: list[None], wait: timedelta, closed: str | None
):
    lost = SendFailed(Cause.NOT_DELIVERED)
    script, other = Script(answers=[lost, *between, lost]), Script("other")
    gul = await in_two_channels(ward, script, other)
    for _ in range(2 + len(between)):
        await ward.due(gul)
        for _ in range(2):
            await ward.tick(script, other)
        ward.clock.advance(wait)

    assert {each.channel: each.closed_because for each in await ward.all(Device)} == {"script": closed, "other": None}
    assert await ward.nurse_sees() == [("Gul", "contact-lost")] * bool(closed)
    assert len(other.got) == 2


async def test_a_message_that_waits_for_its_next_channel_does_not_go_back_to_the_first(ward: Ward):
    rests = SendFailed(Cause.BUSY, again_after=timedelta(seconds=60))
    script, other = Script(answers=[SendFailed(Cause.WINDOW_CLOSED)]), Script("other", answers=[rests])
    serik = await ward.patient("Serik", channel="other")
    gul = await in_two_channels(ward, script, other)
    metronome = ward.metronome(script, other)
    await ward.due(serik)
    await metronome.tick()
    reminder = await ward.due(gul)
    for _ in range(2):
        await metronome.tick()
    assert await ward.state(reminder) == ("due", "channel-rests")

    ward.clock.advance(timedelta(minutes=2))
    await metronome.tick()

    assert await ward.state(reminder) == ("sent", None)
    assert (len(script.got), len(other.got)) == (1, 3)


async def test_a_broken_channel_rests_and_takes_nothing_meanwhile(ward: Ward):
    script = Script(answers=[SendFailed(Cause.BROKEN)])
    gul = await ward.patient(channel="script")
    metronome = ward.metronome(script)
    await ward.due(gul)
    await metronome.tick()
    second = await ward.due(gul)

    await metronome.tick()
    assert (await ward.state(second), len(script.got)) == (("due", "channel-rests"), 1)

    ward.clock.advance(timedelta(minutes=6))
    await metronome.tick()
    assert await ward.state(second) == ("sent", None)


async def test_a_closed_window_moves_the_message_to_the_next_open_channel(ward: Ward):
    shut, other = Script("shut", answers=[SendFailed(Cause.WINDOW_CLOSED)]), Script("other")
    gul = await ward.patient(channel="shut")
    await ward.change(Device, (await ward.all(Device))[0].id, channel="shut")
    await second_phone(ward, gul.id, "other")
    reminder = await ward.due(gul)

    await ward.tick(shut, other)

    assert await ward.state(reminder) == ("sent", None)
    assert (len(shut.got), len(other.got)) == (1, 1)


async def test_a_closed_window_with_no_other_channel_goes_to_the_nurse(ward: Ward):
    reminder, _ = await refused(ward, Cause.WINDOW_CLOSED)

    assert await ward.state(reminder) == ("failed", "shut")
    assert await ward.nurse_sees() == [("Gul", "undelivered")]


async def test_no_answer_from_a_channel_without_a_key_goes_to_the_nurse_and_never_out_twice(ward: Ward):
    script = Script(answers=[ConnectionResetError()])
    reminder = await ward.due(await ward.patient(channel="script"))

    for _ in range(3):
        await ward.tick(script)
        await ward.later(minutes=3)

    assert await ward.state(reminder) == ("unknown", "no-answer")
    assert len(script.got) == 1
    assert await ward.nurse_sees() == [("Gul", "undelivered")]


async def test_no_answer_twice_from_a_channel_with_a_key_goes_to_the_nurse(ward: Ward):
    script = Script(takes_key=True, answers=[ConnectionResetError(), TimeoutError()])
    reminder = await ward.due(await ward.patient(channel="script"))

    await ward.tick(script)
    assert await ward.state(reminder) == ("due", "no-answer")
    await ward.later(minutes=3)
    await ward.tick(script)

    assert await ward.state(reminder) == ("unknown", "no-answer")
    assert {each.key for each in script.got} == {f"message:{reminder}"}
    assert await ward.nurse_sees() == [("Gul", "undelivered")]


async def test_a_channel_that_hangs_is_given_up_before_the_lease_ends(ward: Ward, monkeypatch):
    monkeypatch.setattr("scheduler.dispatch.SEND_WITHIN_S", 0.05)
    hanging = Script(answers=[lambda: asyncio.sleep(30)])
    reminder = await ward.due(await ward.patient(channel="script"))

    await ward.tick(hanging)

    assert await ward.state(reminder) == ("unknown", "no-answer")


async def test_one_message_nobody_can_word_does_not_stop_the_others(ward: Ward):
    gul = await ward.patient()
    bad, good = await ward.due(gul, arguments={}), await ward.due(gul)

    await ward.tick()
    assert (await ward.state(bad), await ward.state(good)) == (("due", "our-bug"), ("sent", None))
    ward.clock.advance(timedelta(hours=1))
    await ward.tick()

    assert await ward.state(bad) == ("failed", "our-bug")
    assert await ward.nurse_sees() == [("Gul", "undelivered")]


async def test_one_line_that_cannot_be_written_fails_alone(ward: Ward):
    from care.people.tables import PatientKey

    erased, gul = await ward.patient("Ana"), await ward.patient()
    lost, good = await ward.due(erased), await ward.due(gul)
    async with ward.database.work() as work:
        await work.session.delete(await work.session.get_one(PatientKey, erased.id))

    await ward.tick()

    assert await ward.state(good) == ("sent", None)
    assert await ward.state(lost) == ("due", "no-answer")


async def test_unreviewed_words_do_not_go_out_outside_a_demo(ward: Ward):
    reminder = await ward.due(await ward.patient())
    metronome = ward.metronome()
    dispatcher = ward.dispatcher()
    dispatcher.gate = Gate()

    await dispatcher.send_batch(await metronome._claim(), metronome.name)

    assert await ward.state(reminder) == ("failed", "unreviewed")


@pytest.mark.parametrize(("stale", "ends"), [("hold", ("failed", "behind")), ("send", ("sent", None))])
async def test_a_reminder_in_words_that_are_behind_follows_the_operators_choice(
    ward: Ward, monkeypatch: pytest.MonkeyPatch, stale: Stale, ends: tuple[str, str | None]
):
    reminder = await ward.due(await ward.patient())
    reviewer = Reviewer(ward.library, monkeypatch)
    reviewer.sign_all("ug")
    reviewer.set(ward.library.languages["zh"].phrases, "revision", 9)
    metronome, dispatcher = ward.metronome(), ward.dispatcher()
    dispatcher.gate = Gate(stale=stale)

    await dispatcher.send_batch(await metronome._claim(), metronome.name)

    assert await ward.state(reminder) == ends
    assert await ward.nurse_sees() == ([("Gul", "undelivered")] if stale == "hold" else [])


async def second_phone(ward: Ward, patient_id: str, channel: str) -> None:
    [first] = await ward.all(Device)
    row = {each.name: getattr(first, each.name) for each in Device.__table__.columns}
    async with ward.database.work() as work:
        work.session.add(Device(**row | {"id": "second", "fingerprint": "second", "channel": channel, "patient_id": patient_id}))


def test_every_cause_has_a_policy_and_every_ending_skip_a_state():
    assert set(POLICY) == set(Cause)
    assert set(Skip) - set(SKIPPED) == {Skip.QUIET_HOURS, Skip.CHANNEL_RESTS}  # these wait


def test_a_medicine_reminder_is_only_tried_again_where_a_second_copy_cannot_be_seen():
    assert unknown_limit("medicine", takes_key=True) == 1
    assert unknown_limit("medicine", takes_key=False) == 0


def test_every_folder_is_a_channel_and_one_that_is_not_configured_is_not_made():
    async def append(*_): ...

    folders = sorted(file.parent.name for file in (ROOT / "care" / "channels").glob("*/__init__.py"))
    made = make_channels(Ports(append, lambda name: BriefNotes(lambda: NOON), lambda: NOON))

    assert channel_names() == folders
    assert list(made) == ["web"]


async def test_who_waits_behind_a_trial_that_fails_is_put_off_and_the_beat_goes_on(ward: Ward):
    script = Script(answers=[SendFailed(Cause.UNREACHABLE) for _ in range(100)])
    dispatcher, gul = ward.dispatcher(script), await ward.patient(channel="script")
    for _ in range(TRIPS):
        dispatcher.lanes["script"].hear(Cause.UNREACHABLE, None, ward.clock.now())
    ward.clock.advance(REST)
    reminders = [await ward.due(gul) for _ in range(3)]

    async def dispatch(ids: list[str], owner: str) -> None:
        await dispatcher.send_batch(ids, owner)

    begun_s = stopwatch_s()
    await Metronome(ward.database, ward.library, dispatch, ward.home / "heartbeat").tick()

    assert stopwatch_s() - begun_s < REST.total_seconds() / 2
    assert sorted([await ward.state(each) for each in reminders]) == [("due", "channel-rests")] * 2 + [("due", "unreachable")]
