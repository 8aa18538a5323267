"""Reports of texts and calls as they come on a bad day: other letters, other types, half of them missing, one item broken."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.channels import aliyun, smsc
from care.channels.base import Act, Cause, Forged, Inbound, Post, Unreadable
from tests.vendors.aliyun import SECRET as WORD_OF_ALIYUN
from tests.vendors.smsc import SECRET, SETTINGS, SIGNING_WORD

STOP = {"phone": "77011234567", "mes": "СТОП", "to": "77000000000", "sms_id": "5", "ts": "1796104800"}
STATUS = {"id": "k1", "phone": "77011234567", "status": "1", "err": "0", "ts": "1796104800"}
TEXT = {"biz_id": "1^0", "phone_number": "13800001111", "success": True, "err_code": "DELIVERED"}
WORDS = {"phone_number": "13800001111", "send_time": "2026-12-01 14:05:00", "content": "TD"}
CALL = {"call_id": "1^1", "callee": "13800001111", "status_code": "300000"}
DEEP = b"[" * 100_000
OTHERWISE = (None, "", 7, True, 1.5, [], {}, "\ud83d")
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.text("0123456789-: ."),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


def can_be_kept(heard: list[Inbound]) -> bool:
    """Whether a database takes what they hold: no half letters, and a key to know each by."""
    return all(
        each.key and "".join((each.key, each.address, each.text, each.provider_id, each.our_key)).encode() for each in heard
    )


def any_values(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(names), ANY)


# SMSC.kz


def smsc_hears(body: bytes | dict[str, Any], **query: str) -> Inbound:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    [heard] = smsc.reports.parse(Post("POST", query, {}, content))
    return heard


def signed(fields: dict[str, Any], letters: str = "utf-8", word: str = SIGNING_WORD) -> str:
    names = ("phone", "mes", "to") if "mes" in fields else ("id", "phone", "status")
    return hashlib.sha1(":".join([*(str(fields[name]) for name in names), word]).encode(letters)).hexdigest()


def verify_smsc(body: bytes, sha1: str) -> None:
    smsc.reports.verify(Post("POST", {"secret": SECRET, "sha1": sha1}, {}, body), SETTINGS)


@pytest.mark.parametrize("letters", ["utf-8", "cp1251"])
@pytest.mark.parametrize("as_form", [True, False])
def test_words_are_read_and_believed_in_either_letters_the_cabinet_may_choose(letters: str, as_form: bool) -> None:
    body = urlencode(STOP, encoding=letters).encode() if as_form else json.dumps(STOP, ensure_ascii=False).encode(letters)

    verify_smsc(body, signed(STOP, letters))

    assert smsc_hears(body).text == "СТОП"


def test_the_letters_of_a_form_may_stand_unescaped() -> None:
    assert smsc_hears("phone=77011234567&mes=СТОП&sms_id=5".encode("cp1251")).text == "СТОП"


@pytest.mark.parametrize("body", [b"phone=7&sms_id=1&mes=%98", b'{"phone": "7", "sms_id": "1", "mes": "\x98"}'])
def test_letters_of_no_kind_are_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        smsc_hears(body)


def test_a_byte_order_mark_and_empty_fields_hinder_nobody() -> None:
    assert smsc_hears(b"\xef\xbb\xbf" + json.dumps(STATUS).encode()).status == "delivered"
    assert smsc_hears(b"\xef\xbb\xbfid=k1&phone=77011234567&status=1&err=&ts=&").status == "delivered"
    assert smsc_hears(b"phone=77011234567&mes=&sms_id=5").text == ""


@pytest.mark.parametrize("body", [b"[]", b'"status=1"', b"7", b"null", b'[{"status": "1"}]', b"<html>", DEEP])
def test_what_is_neither_a_form_nor_an_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        smsc_hears(body, **STATUS)


def test_nothing_is_never_a_word_of_a_patients_nor_a_name_for_anything() -> None:
    assert smsc_hears({**STATUS, "mes": None, "err": None, "ts": None}).key == "k1/1/0"
    assert smsc_hears({**STOP, "sms_id": None, "time": "01.12.2026 11:00:09"}).key.startswith("words/77011234567/01.12.2026")
    for nothing in ({**STATUS, "id": None}, {**STATUS, "status": None}, {**STOP, "phone": None}, {**STOP, "mes": None}):
        with pytest.raises(Unreadable):
            smsc_hears(nothing)


def test_two_words_without_an_id_are_two_and_a_repeat_is_a_repeat() -> None:
    nameless = {"phone": "77011234567"}

    first, again, other = (smsc_hears(nameless | {"mes": mes}) for mes in ("СТОП", "СТОП", "Қызуым бар"))

    assert first == again
    assert first.key != other.key


@pytest.mark.parametrize("ts", ["1796104800000", "1796104800.5", "9" * 30, "-" + "9" * 18, "soon", 1796104800.5, []])
def test_a_moment_that_cannot_be_read_is_none(ts: object) -> None:
    heard = smsc_hears({**STATUS, "ts": ts})

    assert (heard.status, heard.at) == ("delivered", None)


@pytest.mark.parametrize(("err", "cause"), [("6", Cause.UNREACHABLE), ("9999", Cause.UNKNOWN)])
def test_a_status_of_next_year_is_a_failure_a_nurse_hears_of(err: str, cause: Cause) -> None:
    heard = smsc_hears({**STATUS, "status": "77", "err": err})

    assert (heard.status, heard.cause) == ("failed", cause)


def test_a_digest_in_capitals_is_as_good() -> None:
    verify_smsc(json.dumps(STATUS).encode(), signed(STATUS).upper())


@pytest.mark.parametrize("sha1", ["ә" * 40, "\ud83d", "?", "0" * 40])
@pytest.mark.parametrize(
    "body", [json.dumps(STATUS).encode(), json.dumps({**STOP, "mes": "\ud83d"}).encode(), DEEP, b"\x98=\x98"]
)
def test_whoever_knows_only_the_word_of_the_address_is_refused_like_anybody(body: bytes, sha1: str) -> None:
    with pytest.raises(Forged):
        verify_smsc(body, sha1)


@given(any_values(*STATUS, "time"), any_values(*STOP, "sha1", "md5"), st.binary(max_size=20), st.sampled_from(["", "\ud83d"]))
@settings(deadline=None, max_examples=200)
def test_smsc_may_say_anything_and_is_heard_or_refused(
    status: dict[str, Any], words: dict[str, Any], raw: bytes, sha1: str
) -> None:
    for told in (STATUS | status, STOP | words):
        for body in (json.dumps(told).encode(), urlencode(told, errors="replace").encode(), raw):
            with pytest.raises(Forged):
                verify_smsc(body, sha1)
            assert can_be_kept(heard_or_unreadable(smsc.reports.parse, body))


def heard_or_unreadable(parse: Any, body: bytes) -> list[Inbound]:
    try:
        heard: list[Inbound] = parse(Post("POST", {}, {}, body))
    except Unreadable:
        return []
    return heard


# Aliyun


def aliyun_hears(*items: object) -> list[Inbound]:
    return aliyun.reports.parse(Post("POST", {}, {}, json.dumps(items).encode()))


@pytest.mark.parametrize(
    "bad",
    [
        *OTHERWISE,
        {**TEXT, "biz_id": None},
        {**WORDS, "content": None},
        {**WORDS, "content": 7},
        {**WORDS, "phone_number": None},
        {**CALL, "call_id": None},
    ],
)
def test_one_bad_item_silences_nobody_beside_it(bad: object, capsys: pytest.CaptureFixture[str]) -> None:
    heard = aliyun_hears(WORDS, bad, TEXT)

    assert [(each.act, each.text, each.status) for each in heard] == [(Act.WRITE, "TD", ""), (Act.STATUS, "", "delivered")]
    out = capsys.readouterr().out
    assert out.count("report.unreadable") == 1
    assert "count=1" in out
    assert "13800001111" not in out


@pytest.mark.parametrize("body", [b"{}", b"7", b"null", b"", b"\xff", b"[null]", b"[7, {}]", DEEP])
def test_a_post_of_which_nothing_can_be_read_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        aliyun.reports.parse(Post("POST", {}, {}, body))


@pytest.mark.parametrize("told", ["2026-12-01 14:00:00", "20261201140000", "2026-12-01 14:00:00.123", "20261201140000123"])
def test_a_moment_is_read_however_aliyun_writes_it(told: str) -> None:
    [heard] = aliyun_hears({**TEXT, "report_time": told})

    assert heard.at == datetime(2026, 12, 1, 6, tzinfo=UTC)


@pytest.mark.parametrize("told", [None, "", 7, [], "soon", "2026-13-01 14:00:00", "2026-12-01T14:00:00Z", "٢٠٢٦1201140000"])
def test_a_moment_nobody_can_read_refuses_nothing(told: object) -> None:
    heard = aliyun_hears({**TEXT, "report_time": told}, {**WORDS, "send_time": told}, {**CALL, "dtmf": 1, "status_time": told})

    assert [(each.act, each.at) for each in heard] == [(Act.STATUS, None), (Act.WRITE, None), (Act.PRESS, None)]


@pytest.mark.parametrize("nameless", [{}, {"sequence_id": None}])
def test_words_without_a_number_of_theirs_are_told_apart(nameless: dict[str, None]) -> None:
    first, again, other, later = aliyun_hears(
        WORDS | nameless,
        WORDS | nameless,
        WORDS | nameless | {"content": "有血"},
        WORDS | nameless | {"send_time": "2026-12-02 14:05:00"},
    )

    assert first.key == again.key
    assert len({first.key, other.key, later.key}) == 3


@pytest.mark.parametrize(("dtmf", "key"), [("1#", "1"), ("1,1", "1"), ("11", "1"), (1, "1"), ("12", "12"), ("#", "#")])
def test_an_impatient_thumb_means_one_key(dtmf: object, key: str) -> None:
    assert [(each.act, each.text, each.key) for each in aliyun_hears({**CALL, "dtmf": dtmf})] == [
        (Act.PRESS, key, f"1^1/key/{key}")
    ]


@pytest.mark.parametrize("phone", [13800001111, "8613800001111", "008613800001111", "013800001111", "+8613800001111"])
def test_a_mainland_number_is_one_however_it_is_written(phone: object) -> None:
    assert [each.address for each in aliyun_hears({**WORDS, "phone_number": phone})] == ["+8613800001111"]


def test_a_key_of_ours_may_come_back_as_a_number() -> None:
    assert [each.our_key for each in aliyun_hears({**TEXT, "out_id": 61}, {**TEXT, "out_id": None})] == ["61", ""]


@given(st.lists(any_values(*TEXT, *WORDS, "sequence_id") | any_values(*CALL, "dtmf", "end_time", "out_id") | ANY, max_size=4))
@settings(deadline=None, max_examples=200)
def test_aliyun_may_say_anything_and_is_heard_or_refused(items: list[Any]) -> None:
    mixed = [base | each if isinstance(each, dict) else each for each in items for base in (TEXT, WORDS, CALL)]

    assert can_be_kept(aliyun_hears(*mixed, TEXT))
    assert can_be_kept(heard_or_unreadable(aliyun.reports.parse, json.dumps(items).encode()))


@pytest.mark.parametrize("word", ["", "guessed", "ә", "\ud83d"])
def test_a_wrong_word_in_the_address_is_forged(word: str) -> None:
    with pytest.raises(Forged):
        aliyun.reports.verify(Post("POST", {"secret": word}), WORD_OF_ALIYUN)
