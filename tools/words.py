"""Collects every word staff pages ask for and brings the catalogues in api/locale/ up to it: `make words`."""

import ast
import datetime as dt
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import nodes

from api.console.own_numbers import OWN
from api.pages import pages
from api.studio.room import REFUSALS
from care.alarms.service import OUTCOMES, TIERS
from care.channels.base import Way, Why
from care.content.checkin_shapes import WAYS
from care.content.library import Library
from care.content.message_rules import QUESTION
from care.content.plan_shapes import KINDS
from care.content.review import CALLS
from care.content.shape import META
from care.content.standing import Standing
from care.conversation.acts import ACTS
from care.conversation.attached import FLAGS as FILE_FLAGS
from care.conversation.buttons import DOSES, PLAIN, SOUND
from care.conversation.checkin_view import LEFT_OPEN, STATES
from care.inbox.hearing import FLAGS as CONTACT_FLAGS
from care.messages.overview import OVERDUE
from care.messages.replies import REPLY
from care.messages.service import CONTACT_LOST, UNDELIVERED
from care.messages.types import Cause, Skip, State
from care.people.clocks import CLOCKS
from care.people.consent import PURPOSES
from care.people.words import LOCALE, LOCALES, NEAR_DAYS
from care.plans.dose_record import DAY_STATES
from care.plans.endings import ENDED
from care.plans.missed import FLAGS as DOSE_FLAGS
from care.plans.pauses import PAUSES
from care.plans.telling import NAMED_CHANNELS
from care.studio.board import FILES, MISSING
from care.studio.fields import QUESTIONS, WHOLE
from care.studio.types import Did
from care.studio.types import State as Draft
from care.supervisor.progress import STEPS

ROOT = Path(__file__).parent.parent
Key = tuple[str | None, str]  # (kind of code, code), or (None, English sentence)
FIGURES = ["heard", "false-alarms", "language", "intent", "topic-first", "topic-in-three", "changed-by-mistake", "alike"]
TEMPLATES = ROOT / "api" / "templates"


def asked() -> dict[Key, list[str]]:
    """Every key, with the places that ask for it (file:line)."""
    found: dict[Key, list[str]] = defaultdict(list)
    for path in sorted(TEMPLATES.rglob("*.html")):
        for place, english in sentences(path):
            found[None, english].append(place)
    for place, english in told():
        found[None, english].append(place)
    for kind, codes in terms().items():
        for code, place in codes.items():
            found[kind, code].append(place)
    return dict(found)


def calls(path: Path, *functions: str) -> Iterator[tuple[str, nodes.Call]]:
    """Where a template calls one of some functions."""
    for call in pages.parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in functions:
            yield f"{path.relative_to(ROOT)}:{call.lineno}", call


def sentences(path: Path) -> Iterator[tuple[str, str]]:
    """The literal sentences of a template.  Gettext over a built string can never match, so it is refused."""
    for place, call in calls(path, "_"):
        if not isinstance(call.args[0], nodes.Const):
            raise SystemExit(f'{place}: _() needs a literal sentence; for the name of a code write term("kind", code)')
        yield place, call.args[0].value


def told() -> Iterator[tuple[str, str]]:
    """The literal sentences of Python that speaks to staff: words.sentence("...")."""
    for place, call in python_calls("care/plans"):
        if name_of(call) == "sentence":
            yield from ((place, english) for english in words_in(call.args[0]))


@cache
def terms() -> dict[str, dict[str, str]]:
    """Every code that pages name, by kind: code -> the file it comes from."""
    library = Library.load(ROOT / "content")
    anchors = [anchor for plan in library.plans.values() for anchor in plan.anchors]
    subjects = [each.subject for plan in library.plans.values() for each in plan.activities]
    buttons = [*PLAIN, *(f"dose:{each}" for each in DOSES), *(f"audio:{each}" for each in SOUND)]
    buttons += ["checkin", *(f"checkin:{each}" for each in WAYS)]
    reasons = [key.removeprefix("reason-") for key in library.catalogue.values if key.startswith("reason-")]
    return {
        "any": {"other": "care/people/words.py"},
        "date": dict.fromkeys([*NEAR_DAYS.values(), "day", "day-year", "moment"], "care/people/words.py"),
        "month": dict.fromkeys(map(str, range(1, 13)), "care/people/words.py"),
        "tier": dict.fromkeys(TIERS, "care/alarms/service.py"),
        "flag": {**flags_named_before(), **dict.fromkeys(library.alarms, "content/alarms.yml"), **flags_raised()},
        "outcome": dict.fromkeys(OUTCOMES, "care/alarms/service.py"),
        "purpose": dict.fromkeys(PURPOSES, "care/people/consent.py"),
        "clock": dict.fromkeys(CLOCKS, "care/people/clocks.py"),
        "channel": dict.fromkeys(NAMED_CHANNELS, "care/plans/telling.py"),
        "anchor": dict.fromkeys(anchors, "content/plans"),
        "subject": dict.fromkeys(subjects, "content/plans"),
        "problem": {code: place for code, (place, _) in problems().items()},
        "change": changes_made(),
        "pause": dict.fromkeys(PAUSES, "care/plans/pauses.py"),
        "ended": {**dict.fromkeys(ENDED, "care/plans/endings.py"), "undone": "care/plans/undo.py"},
        "own": dict.fromkeys(OWN, "api/console/own_numbers.py"),
        "message": dict.fromkeys([*KINDS, QUESTION, REPLY], "care/content/plan_shapes.py"),
        "state": dict.fromkeys([*map(str, State), OVERDUE], "care/messages/types.py"),
        "why": dict.fromkeys(map(str, [*Cause, *Skip]), "care/messages/types.py"),
        "way": dict.fromkeys(map(str, Way), "care/channels/base.py"),
        "another-way": dict.fromkeys([str(each) for each in Why if each], "care/channels/base.py"),
        "dose-day": dict.fromkeys([each for each in DAY_STATES if each != "none"], "care/plans/dose_record.py"),
        "dose": dict.fromkeys(["due", "taken", "missed", "unanswered"], "care/plans/adherence.py"),
        "button": dict.fromkeys(buttons, "care/conversation/buttons.py"),
        "reason": dict.fromkeys(reasons, "content/phrases.yml"),
        "check-in": dict.fromkeys(STATES, "care/conversation/checkin_view.py"),
        "left-open": dict.fromkeys(LEFT_OPEN, "care/conversation/checkin_view.py"),
        "standing": dict.fromkeys(map(str, Standing), "care/content/standing.py"),
        "act": {**dict.fromkeys(ACTS, "care/conversation/acts.py"), **acts_said()},
        **of_the_studio(library),
    }


def of_the_studio(library: Library) -> dict[str, dict[str, str]]:
    """Codes that the studio's pages name."""
    categories = [str(topic["category"]) for topic in library.topic_list.values()]
    fields = ["title", "summary", "body", *(f"call.{when}" for when in CALLS), QUESTIONS, WHOLE]
    return {
        "stands": dict.fromkeys([*map(str, Standing), MISSING], "care/studio/board.py"),
        "draft": dict.fromkeys(map(str, Draft), "care/studio/types.py"),
        "did": dict.fromkeys(map(str, Did), "care/studio/types.py"),
        "voice": dict.fromkeys(["human", "machine", "silent"], "care/studio/board.py"),
        "file": dict.fromkeys([each.removesuffix(".yml") for each in FILES], "care/studio/board.py"),
        "field": dict.fromkeys(fields, "care/studio/fields.py"),
        "category": dict.fromkeys(categories, "content/topics.yml"),
        "language": dict.fromkeys([*library.languages, "other"], "care/languages/table.py"),
        "intent": dict.fromkeys(sorted({*library.languages["zh"].intents.keys, "ask_topic"} - {*META}), "content/zh/intents.yml"),
        "step": dict.fromkeys(STEPS, "care/supervisor/progress.py"),
        "taught": dict.fromkeys(["passed", "failed", "broken"], "care/supervisor/progress.py"),
        "figure": dict.fromkeys(FIGURES, "care/supervisor/gate.py"),
        "refused": dict.fromkeys(REFUSALS, "care/studio/types.py"),
    }


def flags_named_before() -> dict[str, str]:
    """A red flag that content has retired may stand on an old alert, so its name stays."""
    with (LOCALE / "en" / "karez.po").open("rb") as source:
        return {str(each.id): "content/alarms.yml" for each in read_po(source) if each.context == "flag"}


def python_calls(*folders: str) -> Iterator[tuple[str, ast.Call]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            file = path.relative_to(ROOT)
            yield from ((f"{file}:{call.lineno}", call) for call in _calls_in(path))


@cache
def _calls_in(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]


def name_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def words_in(node: ast.expr | None) -> list[str]:
    """The literal strings an argument can be."""
    parts = ast.walk(node) if node else ()
    return [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]


def flags_raised() -> dict[str, str]:
    """Flags that code raises: raise_alert(work, patient, "ask-nurse", ...), and what _follow_up of a missed dose answers."""
    found = {}
    for place, call in python_calls("care", "scheduler"):
        if name_of(call) in ("raise_alert", "raise_once"):
            found |= dict.fromkeys(words_in(call.args[2]), place)
    doses = ROOT / "care" / "conversation" / "doses.py"
    follow_up = next(node for node in ast.walk(ast.parse(doses.read_text("utf-8"))) if getattr(node, "name", "") == "_follow_up")
    answers = [node.value for node in ast.walk(follow_up) if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple)]
    found |= dict.fromkeys([UNDELIVERED, CONTACT_LOST], "care/messages/service.py")
    found |= dict.fromkeys(DOSE_FLAGS.values(), "care/plans/missed.py")
    found |= dict.fromkeys([*FILE_FLAGS.values(), *CONTACT_FLAGS.values()], "care/conversation/attached.py")
    return found | {flag: "care/conversation/doses.py" for answer in answers for flag in words_in(answer.elts[1])}


def problems() -> dict[str, tuple[str, set[str]]]:
    """Problems of a plan, and faults of a schedule: code -> (place, the names its sentence may use)."""
    found: dict[str, tuple[str, set[str]]] = {}
    for place, call in python_calls("care", "api", "scheduler"):
        if name_of(call) in ("PlanProblem", "Fault", "forbid"):
            given = call.args[2] if len(call.args) > 2 else None
            names = {word for key in given.keys for word in words_in(key)} if isinstance(given, ast.Dict) else set()
            names |= {each.arg for each in call.keywords if each.arg and name_of(call) == "forbid"}
            found |= dict.fromkeys(words_in(call.args[0]), (place, names))
    return found


def changes_made() -> dict[str, str]:
    """Kinds of a change of a plan: changing(work, library, patient_id, "plan.paused", ...)."""
    found = {}
    for place, call in python_calls("care"):
        position = {"changing": 3, "_end_all": 3}.get(name_of(call))
        if position is not None:
            found |= dict.fromkeys(words_in(call.args[position]), place)
    return found


def acts_said() -> dict[str, str]:
    """Acts that replies are marked with: .say(phrase, act), .reply(act), act=..."""
    found = {}
    for place, call in python_calls("care"):
        if place.startswith("care/channels/"):  # they speak to vendors
            continue
        position = {"say": 1, "reply": 0}.get(name_of(call))
        given = [call.args[position]] if position is not None and len(call.args) > position else []
        for node in [*given, *(each.value for each in call.keywords if each.arg == "act")]:
            found |= dict.fromkeys(words_in(node), place)
    # A patient's own words are shown as they are; a standing reply is only spoken beforehand.
    unshown = ("said", "pressed", "attached", "neutral", "standing")
    return {act: place for act, place in found.items() if act not in unshown} | {"choose_topic": "care/conversation/topics.py"}


def catalogue(locale: str, keys: dict[Key, list[str]]) -> Catalog:
    """One language's catalogue for today's words: new ones empty, those nobody asks for gone."""
    with (LOCALE / locale / "karez.po").open("rb") as source:
        before = read_po(source, locale=locale)
    known = {(each.context, each.id): each.string for each in before if each.id}
    english = {(None, text): text for kind, text in keys if kind is None} if locale == "en" else {}
    return _catalogue(keys, known | english, locale)


def template(keys: dict[Key, list[str]]) -> Catalog:
    """Today's words without a language."""
    return _catalogue(keys, {})


def written(catalogue: Catalog) -> bytes:
    """The catalogue as its file: no line numbers, so that moving a sentence changes nothing."""
    file = BytesIO()
    write_po(file, catalogue, width=0, include_lineno=False)
    return file.getvalue()


def _catalogue(keys: dict[Key, list[str]], known: dict[Key, str], locale: str | None = None) -> Catalog:
    day = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)  # a fixed date, so that nothing changes when nothing changed
    about = f"# Staff words of Karez{': ' + LOCALES[locale][0] if locale else ''}.  Patient words live in content/."
    made = Catalog(locale, project="karez", creation_date=day, revision_date=day, header_comment=about, fuzzy=False)
    for (kind, text), places in keys.items():
        files = sorted({(place.partition(":")[0], 1) for place in places})
        made.add(text, known.get((kind, text), ""), locations=files, context=kind)
    return made


def main() -> None:
    keys = asked()
    (LOCALE / "karez.pot").write_bytes(written(template(keys)))
    for locale in LOCALES:
        made = catalogue(locale, keys)
        (LOCALE / locale / "karez.po").write_bytes(written(made))
        waiting = sum(not each.string for each in made if each.id)
        sys.stdout.write(f"api/locale/{locale}/karez.po: {len(keys)} words, {waiting} to translate\n")


if __name__ == "__main__":
    main()
