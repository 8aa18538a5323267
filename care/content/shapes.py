"""What each content file must hold."""

from care.content.shape import anything, each, either, fields, flag, many, number, one_of, scrap, string, text, whole

TIERS = ("emergency", "urgent-1h", "same-day")  # the most dangerous first

CATALOGUE = each(fields(where=text, names=many(text, at_least=0)))
TOPICS = fields(
    topics=many(fields(id=text, category=text, sources=many(text, at_least=0))),
    sources=each(fields(ref=text)),
)
REGION = fields(ambulance=fields(number=text, source=text))
NUMBERS = fields(
    regions=fields(CN=REGION, KZ=REGION),
    temperature=fields(fever_from=number, warm_from=number, low_below=number, source=text),
)
LANGUAGES = fields(
    languages=each(many(text)),
    scripts=each(many(text)),
    first=fields(CN=each(text), KZ=each(text)),
    strangers=each(text),
)
FLAGS = fields(
    flags=each(fields(tier=one_of(*TIERS))),
    floors=fields(heard=number, false_alarms=number),
    may={"sources": each(fields(ref=text))},
)

RULE = fields(all=many(many(scrap)), may={"unless": many(scrap, at_least=0), "always": flag})
ALARMS = fields(
    flags=each(fields(say=text, rules=many(RULE), examples=many(scrap), may={"not": many(scrap)})),
    negations=many(scrap),
    past=many(scrap),
    asking=many(scrap),
    may={"negative_endings": many(scrap, at_least=0)},
)
INTENTS = each(either(many(scrap), each(many(scrap))))
REASONS = each(many(scrap))
SEVERITY = fields(mild=many(scrap), troubling=many(scrap), severe=many(scrap), denials=many(scrap))
UNITS = each(many(text))
SPELLING = each(each(text, at_least=0), at_least=0)
SPOKEN_LISTS = (
    "ones",
    "tens",
    "hundreds",
    "thousands",
    "points",
    "range_marks",
    "months",
    "ordinal_before",
    "endings",
    "digit_years",
)
SPOKEN_WORDS = ("stop", "ten_within", "range", "over", "hour", "half", "minutes", "date", "gap")
SPOKEN_NAMES = ("units", "signs", "symbols", "words", "letters", "ordinals", "until", "from")
SPEECH = fields(  # which of them must be there, how long and with which placeholders, care/speech/wording.py knows
    may={
        **dict.fromkeys(SPOKEN_LISTS, many(string, at_least=0)),
        **dict.fromkeys(SPOKEN_WORDS, string),
        **dict.fromkeys(SPOKEN_NAMES, each(string, at_least=0, names=text)),
        **dict.fromkeys(("spaced", "digits_after_point"), flag),
        "decimal_marks": text,
        "years": one_of("digits", "ordinal"),
        "day_parts": each(string, names=whole),
        "phone": fields(digits=many(text), after=many(text, at_least=0), before=many(text, at_least=0)),
        "two": fields(say=text, before=many(text, at_least=0), not_after=many(text, at_least=0)),
    }
)
PHRASES = each(anything)  # the catalogue knows its keys
TOPIC = fields(
    title=text,
    summary=text,
    questions=many(scrap),
    call=fields(may=dict.fromkeys(("emergency", "same_day", "next_contact"), text)),
)
