"""A patient's own choices: language, sound."""

import pytest

from tests.conversation.conftest import Meet
from tests.conversation.talk import payloads

ASKED = {"zh-Hans": "换一种语言", "ug-Arab": "تىلنى ئالماشتۇرۇڭ", "kk-Cyrl": "тілді ауыстырыңыз"}
QUIET = {"zh-Hans": "不要语音", "ug-Arab": "ئاۋازنى تاقاڭ", "kk-Cyrl": "дауысты өшіріңіз"}
ALOUD = {"zh-Hans": "读给我听", "ug-Arab": "ئوقۇپ بېرىڭ", "kk-Cyrl": "оқып беріңіз"}


@pytest.mark.parametrize("form", ASKED)
async def test_asking_for_another_language_offers_each_by_its_own_name(meet: Meet, form: str):
    gul = await meet(form)

    (question,) = await gul.say(ASKED[form])
    (answer,) = await gul.press("form:ug-Latn")

    assert [button.label for button in question.buttons] == ["ئۇيغۇرچە", "Uyghurche", "Қазақша", "قازاقشا", "中文"]
    assert (answer.form, (await gul.row()).form) == ("ug-Latn", "ug-Latn")
    assert answer.text == gul.ward.library.phrase("ug-Latn", "language-changed").text


@pytest.mark.parametrize(
    ("typed", "form"), [("中文", "zh-Hans"), ("قازاقشا", "kk-Arab"), ("Қазақша", "kk-Cyrl"), ("uyghurche", "ug-Latn")]
)
async def test_the_name_of_the_language_may_also_be_typed(meet_alone: Meet, typed: str, form: str):
    gul = await meet_alone("ug-Arab")
    await gul.press("language")

    (answer,) = await gul.say(typed)

    assert (answer.form, (await gul.row()).form) == (form, form)


async def test_the_next_reminder_speaks_the_new_language(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")
    await gul.ward.enrolled(gul.patient)
    await gul.press("form:kk-Cyrl")

    await gul.reminded()

    assert (await gul.ward.lines(gul.patient))[-1].reply.form == "kk-Cyrl"


async def test_a_language_we_do_not_have_asks_again(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")

    (answer,) = await gul.press("form:ru-Cyrl")

    assert answer.text == gul.words("language-ask")
    assert (await gul.row()).form == "zh-Hans"


async def test_writing_once_in_another_language_changes_nothing(meet: Meet):
    gul = await meet("ug-Arab")

    answer = (await gul.say("恶心怎么办"))[-1]

    assert (answer.topic, answer.form) == ("nausea-vomiting", "ug-Arab")


@pytest.mark.parametrize("form", QUIET)
async def test_sound_off_and_on_in_their_own_words(meet: Meet, form: str):
    gul = await meet(form)

    (quiet,) = await gul.say(QUIET[form])
    off = (await gul.row()).audio
    (aloud,) = await gul.say(ALOUD[form])

    assert (quiet.text, off) == (gul.words("audio-off"), False)
    assert (aloud.text, (await gul.row()).audio) == (gul.words("audio-on"), True)


async def test_the_menu_always_offers_a_way_without_typing(meet_alone: Meet):
    gul = await meet_alone("zh-Hans")

    (menu,) = await gul.press("menu")
    await gul.press("stop")
    stopped = (await gul.press("menu"))[0]

    assert payloads(menu) == ["topics", "checkin", "next", "nurse", "language", "stop"]
    assert payloads(stopped) == ["topics", "checkin", "next", "nurse", "language", "resume"]
