"""How many parts a text has, and how a request to Aliyun is signed: both by the documents, not by our own words."""

import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.channels.aliyun.signer import Call, Signer, encode
from care.channels.smsc.length import count_parts

# How long a text is


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 151, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("ә" * 70, 1),
        ("ә" * 71, 2),
        ("ә" * 116, 2),
        ("ә" * 135, 3),
        ("a" * 70 + "ه", 2),
        ("👵" * 35, 1),
        ("👵" * 66, 2),
        ("👵" * 67, 3),
    ],
)
def test_a_text_has_as_many_parts_as_are_paid_for(text: str, parts: int) -> None:
    """A letter of two places is never torn apart, so a part may end one place early."""
    assert count_parts(text) == parts


@given(st.text(max_size=500), st.characters())
def test_a_longer_text_never_has_fewer_parts(text: str, letter: str) -> None:
    units = len((text + letter).encode("utf-16-le", "surrogatepass")) // 2

    assert 0 <= count_parts(text) <= count_parts(text + letter) <= -(-units * 2 // 66) + 1


# The signature of Aliyun


EXAMPLE = Call(
    host="ecs.cn-shanghai.aliyuncs.com",
    action="RunInstances",
    version="2014-05-26",
    query=encode({"RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"}),
    at=datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC),
    nonce="3156853299f313e23d1673dc12e1703d",
)


def test_the_signature_is_that_of_aliyuns_own_example() -> None:
    """help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature"""
    headers = Signer("YourAccessKeyId", "YourAccessKeySecret").sign(EXAMPLE)

    assert headers["authorization"] == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,"
        "SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)


@given(st.dictionaries(st.from_regex(r"[A-Za-z][A-Za-z0-9.]*", fullmatch=True), WORDS, max_size=6))
def test_parameters_survive_their_encoding(parameters: dict[str, str]) -> None:
    query = encode(parameters)

    assert dict(parse_qsl(query, keep_blank_values=True)) == parameters
    assert not set(query) & set(" +!*'()/:,;@")


@given(st.sampled_from(["host", "action", "version", "nonce", "query", "at"]), st.integers(1, 10**6))
def test_every_part_of_a_request_is_signed(part: str, number: int) -> None:
    was = getattr(EXAMPLE, part)
    other = was + timedelta(seconds=number) if part == "at" else f"{was}{number}"
    signer = Signer("id", "secret")
    first, second = (signer.sign(each)["authorization"] for each in (EXAMPLE, EXAMPLE._replace(**{part: other})))

    assert not hmac.compare_digest(first, second)
