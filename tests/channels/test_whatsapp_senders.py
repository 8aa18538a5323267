"""Whose words a post of Meta's brings, among the words of others: the sender's own id, their number, and the code of a card."""

import json
from typing import Any

import pytest

from care.channels.base import Act
from care.channels.whatsapp.hearing import read_post
from tests.channels.cases import NOON
from tests.vendors import whatsapp_hooks as hooks
from tests.vendors.whatsapp import GUL, PEOPLE, SERIK
from tests.vendors.whatsapp_hooks import Json

FEVER = "Қызуым бар 🤒 38/39"


def said(body: str) -> Json:
    return {"type": "text", "text": {"body": body}}


def post_of(contacts: list[Json], messages: list[Json]) -> bytes:
    value = {"messaging_product": "whatsapp", "contacts": contacts, "messages": messages}
    return json.dumps({"entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]}).encode()


# Who sent it


def test_the_number_stands_beside_metas_id_where_it_is_shown() -> None:
    heard = read_post(hooks.post_of([hooks.message(each, f"m{each.id}", NOON, said("x")) for each in PEOPLE]))

    assert [(one.address, one.aliases) for one in heard] == [
        (GUL, ("77011234567",)),
        (SERIK, ()),
        ("US.ENT.11815799212886844830", ("15550001122",)),
    ]


def test_a_number_that_differs_by_a_digit_is_the_same_person_unless_several_wrote() -> None:
    """In some countries Meta's id of a person has one digit less than their number."""
    contact = {"user_id": "BR.1", "wa_id": "551187654321"}
    mine = {"from": "5511987654321", "id": "m1", **said("x")}
    alone, both = post_of([contact], [mine]), post_of([contact], [mine, {"from": "77011234567", "id": "m2", **said("y")}])

    assert [(one.address, one.aliases) for one in read_post(alone)] == [("BR.1", ("551187654321", "5511987654321"))]
    assert [one.address for one in read_post(both)] == ["5511987654321", "77011234567"]


@pytest.mark.parametrize("code", ["K7QM2XRT", " K7QM2XRT\n", "ABCDEFGHJK"])
def test_a_code_is_found_and_stays_a_text(code: str) -> None:
    (one,) = read_post(post_of([], [{"from": "7701", "id": "m", **said(code)}]))

    assert (one.act, one.code, one.text) == (Act.WRITE, code.strip(), code)


@pytest.mark.parametrize("word", ["K7QM2XR", "K7QM2XRTABC", "K7QM 2XRT", "RAHMET10", "k7qm2xrt", "salem"])
def test_other_words_are_no_codes(word: str) -> None:
    assert [one.code for one in read_post(post_of([], [{"from": "7701", "id": "m", **said(word)}]))] == [""]


GOOD: Json = {"id": "wamid.good", "from_user_id": GUL, "from": "77011234567", "type": "text", "text": {"body": FEVER}}


@pytest.mark.parametrize(
    "bad",
    [
        None,
        "x",
        GOOD | {"id": None},
        GOOD | {"id": "wamid.b", "text": {"body": {"a": 1}}},
        GOOD | {"id": "wamid.b", "type": "edit"},
        {"id": "wamid.b", "type": "text", "text": {"body": "nobody sent it"}},
    ],
)
def test_one_bad_message_takes_no_other_with_it(bad: Any) -> None:
    contacts: list[Any] = [None, {"user_id": GUL, "wa_id": "77011234567"}]
    statuses = [{"id": "wamid.s", "status": "failed", "recipient_user_id": GUL, "errors": {"code": 131026}}, None]
    value = {"contacts": contacts, "messages": [bad, GOOD], "statuses": statuses, "errors": [{"code": 1e999}]}
    changes = [None, {"field": "messages", "value": None}, {"field": "messages", "value": value}, {"field": "account_update"}]

    assert [each.text for each in read_post(json.dumps({"entry": [None, {"changes": changes}]}).encode())] == [FEVER]


def test_the_senders_own_id_outweighs_the_only_contact_of_the_post() -> None:
    """Else one patient's words would be another's."""
    gul = {"user_id": GUL, "wa_id": "77011234567"}
    message = GOOD | {"from_user_id": SERIK, "from": "77019876543"}

    for contact in (gul, gul | {"wa_id": "77019876543"}):
        [heard] = read_post(post_of([contact], [message]))
        assert (heard.address, heard.aliases) == (SERIK, ("77019876543",))


@pytest.mark.parametrize(("mime", "act"), [("image/jpeg", Act.SHOW), ("audio/ogg", Act.SPEAK), ("application/pdf", Act.SEND)])
def test_a_picture_or_a_recording_sent_as_a_file_is_one(mime: str, act: Act) -> None:
    file = {"id": "wamid.f", "from_user_id": GUL, "type": "document", "document": {"id": "1", "mime_type": mime, "caption": "?"}}

    [heard] = read_post(post_of([], [file]))
    assert (heard.act, heard.media, heard.text) == (act, "1", "?")


def test_who_has_another_number_is_told_by_the_names_they_had() -> None:
    told = {"type": "user_changed_number", "wa_id": "77017654321", "user_id": "KZ.NEW", "previous_user_id": GUL}
    message = {"id": "wamid.m", "from": "77011234567", "from_user_id": GUL, "type": "system", "system": told}

    [heard] = read_post(post_of([], [message]))
    assert (heard.act, heard.address, heard.aliases) == (Act.MOVE, "KZ.NEW", ("77017654321",))
    assert heard.formerly == (GUL, "77011234567")


def test_what_is_said_in_a_group_is_not_said_to_us() -> None:
    assert read_post(post_of([], [GOOD | {"group_id": "g"}])) == []


def test_what_is_said_to_another_number_of_the_account_is_not_said_to_us() -> None:
    """Meta posts what comes to any number of a hospital's account to one address."""
    body = hooks.post_of([hooks.message(PEOPLE[0], "wamid.x", NOON, said(FEVER))])

    assert read_post(body, "999") == []
    assert [one.text for one in read_post(body, hooks.METADATA["phone_number_id"])] == [FEVER]
    assert [one.text for one in read_post(post_of([], [GOOD]), "999")] == [FEVER]  # nobody says whose it is
