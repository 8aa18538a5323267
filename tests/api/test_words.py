"""Words of staff pages inside one another."""

from api.words import Words
from tests.ward import NOON


def test_a_moment_inside_a_sentence_reads_in_the_direction_of_its_page() -> None:
    words = Words("ug", NOON)

    said = words.sentence("Since {moment}", moment=words.moment(NOON, "Asia/Shanghai"))

    assert said.endswith(f"{words.term('date', 'today')} <bdi>12:00</bdi>")


def test_a_name_of_another_script_stands_isolated_and_harmless() -> None:
    said = Words("ug", NOON).sentence("Topic: {title}", title="<b>恶心</b>")

    assert "<bdi>&lt;b&gt;恶心&lt;/b&gt;</bdi>" in said
