"""Lines of the conversation as they are read again later, by a newer version and on a screen."""

from datetime import UTC, datetime

from care.conversation.record import LineView
from care.messages.reply import Button, Reply

AT = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)


def test_a_line_of_an_older_version_is_read_without_what_is_gone() -> None:
    reply = Reply("دورا ئىچتىڭىزمۇ؟", "ug-Arab", "reminder", buttons=(Button("ئىچتىم", "dose:taken:o1"),))

    assert Reply.from_json(reply.to_json() | {"audio": None, "mood": "calm"}) == reply


def test_only_our_own_right_to_left_lines_are_isolated_for_a_screen() -> None:
    said = "130/85 بولدى"
    shown = {
        (who, form): LineView(1, "k", who, AT, Reply(said, form, "said")).shown
        for who in ("karez", "patient")
        for form in ("ug-Arab", "kk-Cyrl")
    }

    assert shown[("karez", "ug-Arab")] != said
    assert shown[("karez", "ug-Arab")].replace("\u2068", "").replace("\u2069", "") == said
    assert {each for key, each in shown.items() if key != ("karez", "ug-Arab")} == {said}
