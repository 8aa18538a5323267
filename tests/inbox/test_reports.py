"""What a vendor reports of a message it had taken is about one patient's telephone: the next way if safe, else a nurse."""

from datetime import timedelta

import pytest

from care.channels.base import Cause, SendFailed
from care.messages.tables import Attempt, Message
from care.people.contacts import Person
from care.people.linking import link, link_contact, make_code
from care.people.tables import Patient
from care.plans.tables import Occurrence
from scheduler.clock import Metronome
from scheduler.dispatch import Dispatcher
from tests.inbox.conftest import App
from tests.inbox.test_out import spoke
from tests.ward import Script, Ward


@pytest.fixture
def url(sqlite: str) -> str:
    """What a report does is the same on either database."""
    return sqlite


ALONE = (Cause.UNREACHABLE, Cause.REFUSED, Cause.BROKEN, Cause.OUR_BUG, Cause.UNKNOWN, Cause.OPTED_OUT)


async def sent(app: App, *others: Script) -> tuple[Patient, str]:
    """A reminder the app has taken, of a patient who is reached in other ways too."""
    gul = await app.patient()
    for other in others:
        async with app.ward.database.work() as work:
            await link(work, await make_code(work, gul, app.ward.nurse_id), "test", other.name)
    app.ward.clock.advance(timedelta(minutes=1))
    await app.says("77", "您好")  # the app is what they used last
    id_ = await app.ward.due(gul)
    await app.ward.tick(app.channel, *others)
    assert (await app.ward.state(id_))[0] == "sent"
    return gul, id_


async def reported(app: App, id_: str, cause: str) -> None:
    await app.does("", "status", our_key=f"message:{id_}", status="failed", cause=cause)


@pytest.mark.parametrize("cause", [*ALONE, "a word of next year"])
async def test_a_failure_that_comes_late_is_told_to_a_nurse_and_said_nowhere_else(app: App, cause: str) -> None:
    other = Script("other")
    _, id_ = await sent(app, other)
    await reported(app, id_, cause)
    await app.ward.tick(app.channel, other)

    assert await app.ward.state(id_) == ("failed", cause if cause in set(Cause) else "unknown")
    assert ("Gul", "undelivered") in await app.ward.nurse_sees()
    assert other.got == []


async def test_a_telephone_that_was_engaged_has_heard_nothing_so_the_next_channel_says_it(app: App) -> None:
    other = Script("other")
    _, id_ = await sent(app, other)
    await reported(app, id_, Cause.BUSY)
    await app.ward.tick(app.channel, other)

    assert len(other.got) == 1
    assert await app.ward.state(id_) == ("sent", None)
    assert [(each.channel, each.outcome) for each in await app.ward.all(Attempt)] == [("courier", "lost"), ("other", "accepted")]
    assert await app.ward.nurse_sees() == []


async def test_a_number_nobody_has_took_nothing_so_the_next_channel_says_it_and_the_nurse_hears_of_the_number(app: App) -> None:
    other = Script("other")
    _, id_ = await sent(app, other)
    await reported(app, id_, Cause.BAD_ADDRESS)
    await app.ward.tick(app.channel, other)

    assert len(other.got) == 1
    assert await app.ward.state(id_) == ("sent", None)
    assert [(each.channel, each.closed_because) for each in await app.contacts()] == [("courier", "bad-address"), ("other", None)]
    assert await app.ward.nurse_sees() == [("Gul", "contact-lost")]


async def linked_anew(app: App, gul: Patient) -> None:
    """The patient has another number, which waits for the nurse."""
    async with app.ward.database.work() as work:
        await link_contact(work, await make_code(work, gul, app.ward.nurse_id), Person("courier", "99"))
    app.ward.clock.advance(timedelta(minutes=1))


async def test_a_late_report_about_the_old_number_leaves_the_new_one(app: App) -> None:
    gul, id_ = await sent(app)
    await linked_anew(app, gul)
    await app.confirms(gul)
    await reported(app, id_, Cause.BAD_ADDRESS)

    assert [each.closed_because for each in await app.contacts()] == ["replaced", None]
    assert await app.ward.state(id_) == ("failed", "bad-address")


@pytest.mark.parametrize("cause", [Cause.BAD_ADDRESS, Cause.OPTED_OUT])
async def test_a_wrong_number_leaves_the_new_one_that_waits_for_the_nurse(app: App, cause: Cause) -> None:
    gul, id_ = await sent(app)
    await linked_anew(app, gul)
    await reported(app, id_, cause)

    assert [each.closed_because for each in await app.contacts()] == [cause, None]


async def test_a_number_refused_at_once_leaves_the_new_one_that_waits_for_the_nurse(app: App) -> None:
    gul, _ = await sent(app)
    await linked_anew(app, gul)
    app.channel.answers = [SendFailed(Cause.BAD_ADDRESS)]
    await app.ward.due(gul)
    await app.ward.tick(app.channel)

    assert [each.closed_because for each in await app.contacts()] == ["bad-address", None]


@pytest.mark.parametrize("cause", [Cause.BUSY, Cause.BAD_ADDRESS])
@pytest.mark.parametrize("claimed", [False, True])
async def test_a_second_failure_of_the_same_try_changes_nothing(app: App, cause: Cause, claimed: bool) -> None:
    other = Script("other")
    _, id_ = await sent(app, other)
    await reported(app, id_, cause)
    ids = await app.ward.metronome(app.channel, other)._claim() if claimed else []
    await reported(app, id_, cause)
    assert (await app.ward.state(id_))[0] == ("claimed" if claimed else "due")
    assert ids == [id_] * claimed
    app.ward.clock.advance(timedelta(minutes=2))
    await app.ward.change(Message, id_, state="due")
    await app.ward.tick(app.channel, other)

    assert (len(other.got), await app.ward.state(id_)) == (1, ("sent", None))


async def test_words_that_stood_beside_may_have_arrived_so_nothing_is_said_twice(app: App) -> None:
    other = Script("other")
    _, id_ = await sent(app, other)
    [tried] = [each for each in await app.ward.all(Attempt) if each.message_id == id_]
    await app.ward.change(Attempt, tried.id, beside=True)
    await reported(app, id_, Cause.BUSY)
    await app.ward.tick(app.channel, other)

    assert other.got == []
    assert await app.ward.state(id_) == ("failed", "busy")
    assert ("Gul", "undelivered") in await app.ward.nurse_sees()


async def test_with_no_other_way_the_cause_stands_on_the_nurses_list(app: App) -> None:
    _, id_ = await sent(app)
    await reported(app, id_, Cause.BUSY)

    assert await app.ward.state(id_) == ("failed", "busy")
    assert ("Gul", "undelivered") in await app.ward.nurse_sees()


async def test_a_reminder_that_is_of_no_use_any_more_goes_nowhere_else(app: App) -> None:
    other = Script("other")
    _, id_ = await sent(app, other)
    app.ward.clock.advance(timedelta(hours=4))
    await reported(app, id_, Cause.BUSY)
    await app.ward.tick(app.channel, other)

    assert other.got == []
    assert await app.ward.state(id_) == ("failed", "busy")


async def test_two_telephones_that_fail_one_after_the_other_end_on_the_nurses_list(app: App) -> None:
    other = Script("other")
    _, id_ = await sent(app, other)
    await reported(app, id_, Cause.BUSY)
    await app.ward.tick(app.channel, other)
    app.channel.name = other.name  # the same vendor's post, as if the second were one too
    app.inbox.channels = {"other": app.channel}
    await reported(app, id_, Cause.BUSY)
    app.channel.name = "courier"
    await app.ward.tick(app.channel, other)
    await app.ward.tick(app.channel, other)

    assert len(other.got) == 1
    assert await app.ward.state(id_) == ("failed", "shut")
    assert ("Gul", "undelivered") in await app.ward.nurse_sees()


@pytest.mark.parametrize("cause", [Cause.BUSY, Cause.UNREACHABLE, Cause.BROKEN, Cause.UNKNOWN])
async def test_twelve_telephones_that_are_off_hold_up_nobody_else(app: App, cause: Cause) -> None:
    gul = await spoke(app)
    dispatcher, ids = app.ward.dispatcher(app.channel), []
    for _ in range(2):
        ids = [await app.ward.due(gul) for _ in range(12)]
        await app.says("77", "您好")  # the window is open anew
        app.channel.answers = []
        await through(app.ward, dispatcher)
        states = {await app.ward.state(each) for each in ids}
        for id_ in ids:
            await reported(app, id_, cause)

        assert ("sent", None) in states
        assert dispatcher.lanes["courier"].rests_until is None


async def test_whose_telephone_rang_often_enough_lets_everybody_else_go_on(app: App) -> None:
    gul = await spoke(app)
    meryem = await app.patient("Meryem", "78")
    first, second = await app.ward.due(gul), await app.ward.due(meryem)
    app.channel.answers = [SendFailed(Cause.BUSY, again_after=timedelta(hours=23), of_one=True)]
    dispatcher = app.ward.dispatcher(app.channel)
    await through(app.ward, dispatcher)

    assert sorted([await app.ward.state(first), await app.ward.state(second)], key=str) == [("due", "busy"), ("sent", None)]
    assert dispatcher.lanes["courier"].rests_until is None


async def through(ward: Ward, dispatcher: Dispatcher) -> None:
    """A beat of a sender that goes on living, with what it has learned of its channels."""

    async def dispatch(ids: list[str], owner: str) -> None:
        await dispatcher.send_batch(ids, owner)

    await Metronome(ward.database, ward.library, dispatch, ward.home / "heartbeat").tick()


async def test_a_call_names_no_number_while_it_lasts_and_the_key_counts_all_the_same(app: App) -> None:
    gul = await spoke(app)
    await app.ward.enrolled(gul)
    app.ward.clock.advance(timedelta(minutes=31))
    await app.ward.tick(app.channel)
    [id_] = [each.id for each in await app.ward.all(Message) if (each.kind, each.state) == ("medicine", "sent")]
    await app.does("", "press", text="1", provider_id=(await app.ward.message(id_)).provider_id, our_key=f"message:{id_[:7]}")

    assert "taken" in {each.answer for each in await app.ward.all(Occurrence)}
