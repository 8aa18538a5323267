"""The answer to a red flag: the number first, then what to do, then that a person has been told."""

from datetime import timedelta

from care.alarms.listen import RedFlag
from care.content.library import Library
from care.content.types import Text
from care.conversation.context import Turn
from care.messages.reply import Reply, Wording

REMEMBER = timedelta(hours=24)  # for how long the number is repeated after an alarm


def answer_alarm(turn: Turn, flags: list[RedFlag], is_red: bool = False) -> list[Reply]:
    """One bubble for the most dangerous flag; the others stand on the worklist.  `is_red`: two ambers make it an emergency."""
    tier = "emergency" if is_red else flags[0].tier
    return [say_alarm(turn, turn.library.alarm(turn.form, flags[0].id, turn.emergency_number), tier)]


def say_alarm(turn: Turn, advice: Text, tier: str) -> Reply:
    """The bubble itself; from now on the number is repeated for a day."""
    turn.dialog.alarm_at = turn.work.now
    turn.expect("none")
    wording = word_alarm(turn.library, turn.form, advice, tier, turn.emergency_number)
    return wording.reply("alarm", buttons=(turn.button("button-nurse", "nurse"),))


def word_alarm(library: Library, tag: str, advice: Text, tier: str, number: str) -> Wording:
    """The number when it is an emergency, then what to do, then that a person has been told."""
    wording = Wording(tag)
    if tier == "emergency":
        wording.add(library.phrase(tag, "alarm-emergency", emergency_number=number))
    return wording.add(advice, library.phrase(tag, "alarm-nurse-told"))


def remind_of_alarm(turn: Turn, replies: list[Reply]) -> list[Reply]:
    """After an alarm the next turns still begin with the number, in a bubble of its own, even if all else is unsure."""
    alarm_at = turn.dialog.alarm_at
    is_alarm = any(reply.act == "alarm" for reply in replies)  # the number stands there already
    if not replies or is_alarm or alarm_at is None or turn.work.now - alarm_at > REMEMBER:
        return replies
    return [turn.say("alarm-still", "alarm"), *replies]
