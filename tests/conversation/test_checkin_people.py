"""Check-ins and people: who may answer, what only the patient sees, what reaches a nurse, and what comes at the end."""

from datetime import timedelta

import pytest

from tests.conversation.checkin import asked, treated
from tests.conversation.conftest import Meet
from tests.conversation.talk import acts, payloads
from tests.conversation.test_checkins import on_duty, question, said


async def test_stop_asking_ends_nothing_and_stop_ends_all_messages(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    await asked(gul, "q-pain")

    (stopped,) = await gul.say("先不答了")
    (thanks,) = await gul.say("谢谢")
    on, again = await gul.press("checkin")
    stop = await gul.say("停")

    assert (stopped.text, thanks.act, on.text) == (said(gul, "stopped"), "thank", said(gul, "go-on"))
    assert again.text == question(gul, "pi-pain", "q-pain")
    assert (acts(stop), await gul.is_stopped()) == (["stop_messages"], True)


async def test_five_in_kazakh_is_a_number_though_it_is_enough_in_uyghur(meet_alone: Meet):
    gul = await meet_alone("kk-Cyrl")
    asking = await asked(gul, "q-pain")

    await gul.say("бес")

    assert (await asking.rows()).keys() == {"pi-pain"}
    assert not await gul.is_stopped()


async def test_a_relative_answers_where_the_data_allows_it_and_says_so(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-palliative")
    assert said(gul, "hello-proxy") in asking.replies[0].text

    await gul.say("我是他女儿")
    await asking.answer("pi-pain", 2)

    assert (await asking.rows())["pi-pain"] == (True, None, "relative")


async def test_who_goes_on_after_a_relative_may_say_that_it_is_them(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-palliative")
    await asking.way("relative")
    await asking.answer("pi-pain", 2)
    gul.ward.clock.advance(timedelta(days=1))

    on, _ = await gul.press("checkin")
    await gul.press(payloads(on)[0])
    await asking.answer("pi-breath", 0)

    assert {item: said_by for item, (_, _, said_by) in (await asking.rows()).items()} == {
        "pi-pain": "relative",
        "pi-breath": "patient",
    }


async def test_a_relative_is_not_asked_what_only_the_patient_may_see(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-distress")

    await gul.press(f"checkin:relative:{asking.id}")
    await asking.answer("pi-sad", 0)

    assert (await asking.rows())["pi-sad"] == (True, None, "patient"), "these questions take no relative's word"


async def test_what_a_relative_sees_is_asked_of_them(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-liver")

    replies = await asking.answer("pi-yellow", "no")
    await asking.answer("pi-confusion", "no")

    assert replies[-1].text.splitlines()[0] == said(gul, "relative")
    assert (await asking.rows())["pi-confusion"] == (True, None, "relative")


async def test_a_private_question_is_shown_only_when_they_say_so(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")

    asking = await asked(gul, "q-pelvic")
    hidden = await gul.say("没有")
    (shown,) = await asking.way("show")
    await gul.say("没有")

    assert asking.replies[-1].text == hidden[-1].text == said(gul, "private")
    assert (shown.act, shown.text) == ("check_in_private", question(gul, "pi-vag-bleed", "q-pelvic"))
    assert (await asking.rows()).keys() == {"pi-vag-bleed"}


async def test_a_question_that_needs_their_agreement_is_not_offered_again_after_a_no(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")

    told = []
    for _ in range(2):
        asking = await asked(gul, "q-pelvic")
        await asking.reach("pi-vag-dry")
        told.append(asking.replies[-1].text)
        await asking.answer("pi-vag-dry", "skip")
        gul.ward.clock.advance(timedelta(days=8))

    assert told == [said(gul, "private"), question(gul, "pi-sad", "q-pelvic")]


@pytest.mark.parametrize("live", [False, True])
async def test_thoughts_of_death_are_asked_only_where_somebody_answers_at_once(meet_alone: Meet, live: bool):
    gul = await meet_alone("zh-Hans")
    await on_duty(gul, live)
    asking = await asked(gul, "q-distress")
    await asking.answer("pi-sad", 0)

    replies = await asking.answer("pi-anxiety", 0)

    assert replies[-1].text == said(gul, "private" if live else "done")


async def test_a_yes_to_thoughts_of_death_reaches_a_person_at_once(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    await on_duty(gul, live=True)
    asking = await asked(gul, "q-distress")

    (alarm,) = await asking.answer("pi-selfharm", "yes")

    assert (alarm.act, await asking.alerts()) == ("alarm", {("rf-suicidal-thoughts", "emergency")})


async def test_what_may_not_be_kept_is_not_asked_but_danger_is_heard(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-chemo-nadir")
    await gul.consents("symptoms", False)

    refused = await gul.press("checkin")
    alarm = await asking.answer("pi-chills", "yes")

    assert refused[0].text == said(gul, "not-allowed")
    assert alarm[0].text.startswith(gul.words("alarm-emergency"))
    assert [(card.flag, card.evidence) for card in await gul.worklist()] == [("rf-rigors-unwell", "")]
    assert await asking.rows() == {}


async def test_missed_doses_are_asked_why_and_the_reason_goes_its_way(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-capecitabine")
    await asking.reach("pi-doses-missed")

    replies = await asking.answer("pi-doses-missed", 1)
    why = replies[-1]
    after = await asking.answer("pi-doses-missed.reason", "no-supply")

    assert why.text == said(gul, "reason")
    assert after[0].text.splitlines()[0] == gul.words("dose-missed-no-supply")
    assert await asking.alerts() == {("missed-no-supply", "same-day")}


async def test_what_is_mild_gets_its_topic_at_the_end(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-distress")
    await asking.answer("pi-sad", 1)

    done, care, topic = await asking.answer("pi-anxiety", 0)

    assert (done.text, care.text, topic.topic) == (said(gul, "done"), said(gul, "self-care"), "emotional-distress")
    assert await gul.worklist() == []


async def test_how_i_feel_offers_what_belongs_to_the_treatment(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    (nothing,) = await gul.press("checkin")
    await treated(gul, "opioid-pain-followup")

    one = await gul.press("checkin")

    assert nothing.text == said(gul, "none")
    assert one[-1].text == question(gul, "pi-pain", "q-pain")


async def test_several_are_offered_by_name(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    await treated(gul, "capecitabine-14-7")

    (choose,) = await gul.press("checkin")

    assert choose.text == said(gul, "choose")
    assert payloads(choose) == ["checkin:start:q-chemo-weekly", "checkin:start:q-capecitabine"]


async def test_an_old_button_of_something_gone_shows_the_menu(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    asking = await asked(gul, "q-pain")

    for payload in (
        "answer:pi-pain=11:" + asking.id,
        "answer:pi-cough=1:" + asking.id,
        "answer:pi-pain=1:nobody",
        "checkin:dance",
    ):
        assert acts(await gul.press(payload))[0] == "menu", payload
    assert await asking.rows() == {}


async def test_nobody_answers_in_somebody_elses_check_in(meet_alone: Meet):
    gul, serik = await meet_alone("zh-Hans"), await meet_alone("zh-Hans", name="Serik")
    asking = await asked(gul, "q-pain")

    replies = await serik.press(f"answer:pi-pain=9:{asking.id}")

    assert acts(replies) == ["menu"]
    assert (await asking.rows(), await gul.worklist()) == ({}, [])
