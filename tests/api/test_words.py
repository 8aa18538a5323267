"""Words of staff pages inside one another, and days as people say them."""

from datetime import date, timedelta

import pytest

from care.people.words import StaffWords
from tests.ward import NOON


def test_a_moment_inside_a_sentence_reads_in_the_direction_of_its_page() -> None:
    words = StaffWords("ug", NOON)

    said = words.sentence("Since {moment}", moment=words.moment(NOON, "Asia/Shanghai"))

    assert said.endswith(f"{words.term('date', 'today')} <bdi>12:00</bdi>")


def test_a_name_of_another_script_stands_isolated_and_harmless() -> None:
    said = StaffWords("ug", NOON).sentence("Topic: {title}", title="<b>恶心</b>")

    assert "<bdi>&lt;b&gt;恶心&lt;/b&gt;</bdi>" in said


@pytest.mark.parametrize(
    ("locale", "day", "said"),
    [
        ("zh", date(2026, 11, 30), "昨天"),
        ("kk", date(2026, 12, 2), "ертең"),
        ("zh", date(2026, 11, 3), "11月3日"),
        ("ug", date(2026, 11, 3), "11-ئاينىڭ 3-كۈنى"),
        ("kk", date(2025, 12, 3), "2025 ж. 3 желтоқсан"),
        ("ug", date(2025, 12, 3), "2025-يىلى 12-ئاينىڭ 3-كۈنى"),
    ],
)
def test_a_day_is_said_by_how_far_away_it_is(locale: str, day: date, said: str) -> None:
    shown = StaffWords(locale, NOON).near_day(day, "Asia/Shanghai")

    assert shown.striptags() == said


def test_today_is_the_day_of_the_clock_and_not_of_the_server() -> None:
    late = NOON + timedelta(hours=12, minutes=30)  # 00:30 in Beijing, 21:30 in Almaty, and still December 1 in UTC
    words = StaffWords("en", late)

    assert words.near_day(date(2026, 12, 2), "Asia/Shanghai") == "today"
    assert words.near_day(date(2026, 12, 2), "Asia/Almaty") == "tomorrow"
