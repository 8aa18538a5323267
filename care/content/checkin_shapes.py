"""What the files of check-ins must hold; a name nobody knows is refused: a rule that loses a condition is met too often."""

from collections.abc import Iterator
from typing import Any

from care.content.checkin_types import LEVELS
from care.content.plan_shapes import LADDER
from care.content.shape import Fault, each, either, flag, many, number, one_of, only, text, whole

SURE = ("verified", "secondary", "general", "proposal")
KINDS = ("severity", "frequency", "interference", "zero-to-ten", "yes-no", "count", "number")
OVER = ("recall", "24-hours", "7-days", "today", "now")
RECALLS = ("24-hours", "3-days", "7-days", "14-days")
ANSWERS = ("severity", "frequency", "interference", "yes-no", "skip", "not-measured")


def value(where: str, found: Any) -> Iterator[Fault]:
    """An answer: a number, or a quoted yes or no."""
    if isinstance(found, bool) or found not in (*range(11), "yes", "no"):
        yield where, f"is `{found}`", 'write a number, or "yes" or "no" in quotes'


SOURCE = {"source": text, "confidence": one_of(*SURE)}
SOURCES = each(only(ref=text, check=text))
RANGE = only({"unit": text}, **{"from": number, "to": number, **SOURCE})
ITEM = only(
    {
        "range": RANGE,
        "offers": whole,
        "after": only(**{"item": text, "from": whole}),
        "who": one_of("anyone", "patient", "relative"),
        "needs": one_of("live-response"),
        **dict.fromkeys(("only_if_measured", "private", "opt_in", "ask_reason"), flag),
        **dict.fromkeys(("no_rule", "loinc", "proctcae"), text),
    },
    label=only(en=text),
    kind=one_of(*KINDS),
    over=one_of(*OVER),
    topic=text,
)
ITEMS = only(
    scales=each(only(**{"from": whole, "to": whole})),
    sources=SOURCES,
    items=each(ITEM),
    follow_ups=each(ITEM, at_least=0),
)
QUESTIONNAIRES = only(
    questionnaires=each(
        only(
            {"proxy": flag},
            title=only(en=text),
            recall=one_of(*RECALLS),
            confidence=one_of(*SURE),
            plans=many(text),
            items=many(text),
        )
    )
)
WHEN = only(
    {
        "is": value,
        **dict.fromkeys(("from", "to", "below", "fell_percent"), number),
        **dict.fromkeys(("rose_by", "answers", "within_days", "missed", "missed_in_a_row"), whole),
        **dict.fromkeys(("unanswered_in_a_row", "cycles_to"), whole),
        **dict.fromkeys(("not_taken", "not_taken_in_a_row", "days_left", "silent_days"), whole),
        "taken_below": number,
        **dict.fromkeys(("new", "with_another", "act_on_first"), flag),
        "treatment": many(text),
    }
)
RULES = only(
    sources=SOURCES,
    facts=each(only(what=text, plans=many(text, at_least=0)), at_least=0),
    rules=many(
        only(
            {
                **dict.fromkeys(("flag", "differs", "advice"), text),
                "advice_for": many(text),
                "by_phone": flag,
                "step": one_of(*LADDER[1:]),
                "consent": one_of("family"),
            },
            id=text,
            of=text,
            when=either(many(WHEN), WHEN),
            tier=one_of(*LEVELS),
            **SOURCE,
        )
    ),
)
REPLIES = only(replies=each(only(where=text, names=many(text, at_least=0))))

ANSWER = only(button=text, words=many(text))
SINGLE = ("skip", "not-measured")
WAYS = ("start", "go-on", "stop", "show", "relative", "myself")  # what is pressed or typed besides answers
WORDS = only(
    recall=only(**dict.fromkeys(RECALLS, text)),
    questionnaires=each(text),
    answers=only(**{name: ANSWER if name in SINGLE else each(ANSWER) for name in ANSWERS}),
    ways=only(**dict.fromkeys(WAYS, ANSWER)),
    counts=only(button=text, last=text),
    numbers=each(many(text)),
    items=each(only({"answers": each(ANSWER)}, label=text, ask=text)),
    replies=each(text),
)
