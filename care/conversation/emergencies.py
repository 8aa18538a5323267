"""The answer to a red flag: the number first, then what to do, then that a person has been told."""

from datetime import timedelta

from care.alarms.listen import RedFlag
from care.conversation.context import Turn, with_text_first
from care.messages.reply import Reply, Wording

REMEMBER = timedelta(hours=24)  # for how long the number is repeated after an alarm


def answer_alarm(turn: Turn, flags: list[RedFlag]) -> list[Reply]:
    """One bubble for the most dangerous flag; the others stand on the worklist."""
    turn.dialog.alarm_at = turn.work.now
    turn.expect("none")
    first = flags[0]
    wording = Wording(turn.form)
    if first.tier == "emergency":
        wording.add(turn.phrase("alarm-emergency"))
    wording.add(turn.library.alarm(turn.form, first.id, turn.emergency_number), turn.phrase("alarm-nurse-told"))
    return [wording.reply("alarm", buttons=(turn.button("button-nurse", "nurse"),))]


def remind_of_alarm(turn: Turn, replies: list[Reply]) -> list[Reply]:
    """After an alarm the next turns still begin with the number, even if all else is unsure."""
    alarm_at = turn.dialog.alarm_at
    if not replies or alarm_at is None or turn.work.now - alarm_at > REMEMBER:
        return replies
    return [with_text_first(replies[0], turn.phrase("alarm-still")), *replies[1:]]
