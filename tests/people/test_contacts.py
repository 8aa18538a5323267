"""Numbers as nurses write them and as vendors name them."""

import pytest

from care.people.contacts import international


@pytest.mark.parametrize(
    ("written", "region", "named"),
    [
        ("139 0000 0000", "CN", "+8613900000000"),
        ("+86 139-0000-0000", "KZ", "+8613900000000"),
        ("8 (701) 111-22-33", "KZ", "+77011112233"),
        ("7011112233", "KZ", "+77011112233"),
        ("138 1234 5678", "KZ", "+8613812345678"),
        ("8 912 345 67 89", "KZ", "+79123456789"),
        ("+7 701 111 22 33", "CN", "+77011112233"),
        ("0077011112233", "CN", "+77011112233"),
    ],
)
def test_a_number_is_named_as_vendors_do(written: str, region: str, named: str) -> None:
    assert international(written, region) == named
