"""Tells a nurse what will happen to a patient, in the words of staff: sentences for her page, and a page of plain text."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from care.content.message_rules import QUESTION
from care.languages.normalise import isolate
from care.languages.table import form as form_of
from care.messages.overview import NEEDS_A_NURSE
from care.people.clocks import CLOCKS, local
from care.people.words import PlainWords, StaffWords, hour
from care.plans.future import NURSE, Entry, Found, Future, Reason

NAMED_CHANNELS = ("web", NURSE)  # the others are called by their own names, the same in every language
UNTOLD_WAYS = ("", "line")  # in our own app nothing is to be told
RIGHT_TO_LEFT, POP = "\u2067", "\u2069"


@dataclass(frozen=True)
class Teller:
    """One future in one reader's words."""

    future: Future
    words: StaffWords

    def assumed(self) -> Markup:
        """What these days rest on."""
        if self.future.answered:
            return self.words.sentence("It is taken that the patient answers each reminder.")
        return self.words.sentence("It is taken that the patient answers nothing.")

    def bars(self) -> Iterator[Markup]:
        """Why nothing is said: of the patient, or of a plan."""
        for why in self.future.bars:
            yield self.words.sentence("Nothing is sent: {why}.", why=self.words.term("why", why))
        for plan in self.future.plans:
            title = self._title(plan.titles)
            if plan.unreadable:
                yield self.words.sentence("{plan}: this plan cannot be read, and nothing of it is said.", plan=title)
            elif plan.paused:
                since = self.words.day(plan.paused)
                yield self.words.sentence(
                    "{plan}: paused since {day}. Nothing of it is said until a nurse resumes it.", plan=title, day=since
                )

    def waiting(self) -> Iterator[Markup]:
        """What begins or gets its day only when a nurse does something."""
        for each in self.future.rounds:
            names = {"number": each.number, "day": self.words.day(each.planned)}
            yield self.words.sentence(
                "Cycle {number}, planned for {day}, waits for a nurse’s word. Nothing of it is said before.", **names
            )
        for visit in self.future.visits:
            names = {"visit": self.words.term("subject", visit.subject), "due": self.words.day(visit.due)}
            if visit.earliest == visit.latest:
                yield self.words.sentence("To be booked: {visit}, for {due}.", **names)
            else:
                between = {"earliest": self.words.day(visit.earliest), "latest": self.words.day(visit.latest)}
                yield self.words.sentence(
                    "To be booked: {visit}, for {due}; possible from {earliest} to {latest}.", **names, **between
                )

    def plans(self) -> list[Markup]:
        return [self._title(plan.titles) for plan in self.future.plans]

    def when(self, happens: Entry | Found) -> Markup:
        """The hour with its clock; and on the clinic's, where that is another hour."""
        mine, theirs = self.future.zone, self.future.clinic_zone
        here = self.words.sentence("{hour}, {clock}", hour=hour(happens.at, mine), clock=self.words.term("clock", mine))
        if theirs not in CLOCKS or hour(happens.at, theirs) == hour(happens.at, mine):
            return here
        there = self.words.sentence("{hour}, {clock}", hour=hour(happens.at, theirs), clock=self.words.term("clock", theirs))
        return self.words.sentence("{here} ({there})", here=here, there=there)

    def lines(self, happens: Entry | Found) -> Iterator[Markup]:
        """Everything a nurse should know of it beside the words."""
        if isinstance(happens, Found):
            flag, tier = self.words.term("flag", happens.flag), self.words.term("tier", happens.tier)
            yield self.words.sentence("On the worklist: {flag} ({tier})", flag=flag, tier=tier)
            return
        yield from map(self._reason, happens.reasons)
        yield from self._delivery(happens)
        for at in happens.again:
            again, zone = hour(at, self.future.zone), self.future.zone
            if local(at, zone).date() == local(happens.at, zone).date():
                yield self.words.sentence("Not answered by {hour}: asked once more", hour=again)
            else:
                yield self.words.sentence("Not answered by {hour} of the next day: asked why", hour=again)

    def _delivery(self, entry: Entry) -> Iterator[Markup]:
        if not entry.channel:
            yield self.words.sentence("Not sent: {why}", why=self.words.term("why", entry.why))
            if entry.state in NEEDS_A_NURSE:
                yield self.words.sentence("It stands on the nurse’s list.")
            return
        route = self._channel(entry.channel)
        for name in entry.then:
            route = self.words.sentence("{first}, else {then}", first=route, then=self._channel(name))
        yield route
        if entry.way not in UNTOLD_WAYS:
            yield self._way(entry)
        if entry.why:
            held = {"hour": hour(entry.due_at, self.future.zone), "why": self.words.term("why", entry.why)}
            yield self.words.sentence("Due at {hour}, sent later: {why}", **held)

    def _way(self, entry: Entry) -> Markup:
        way = self.words.term("way", entry.way)
        if not entry.another_way:
            return way
        return self.words.sentence("{way}: {why}", way=way, why=self.words.term("another-way", entry.another_way))

    def _reason(self, reason: Reason) -> Markup:
        """What it is about, in which plan, which round and which dose, and which step of it this is."""
        told = self.words.isolate(reason.name) if reason.name else self.words.term("subject", reason.subject)
        for more in self._details(reason):
            told = self.words.sentence("{what} · {more}", what=told, more=more)
        return told

    def _details(self, reason: Reason) -> Iterator[Markup]:
        if len(self.future.plans) > 1:
            yield from (self._title(plan.titles) for plan in self.future.plans if plan.template == reason.plan)
        if reason.cycle:
            yield self.words.sentence("cycle {number}", number=reason.cycle)
        if reason.dose:
            yield self.words.sentence("dose {number}", number=reason.dose)
        if reason.about:
            yield self.words.sentence("for {day}", day=self.words.day(reason.about))
        yield from self._step(reason)

    def _step(self, reason: Reason) -> Iterator[Markup]:
        if reason.days_before == 1:
            yield self.words.sentence("the day before")
        elif reason.days_before:
            yield self.words.sentence("{days} days before", days=reason.days_before)
        elif reason.hours_before:
            yield self.words.sentence("{hours} hours before", hours=reason.hours_before)
        elif reason.step == "again":
            yield self.words.sentence("asked once more")
        elif reason.step == QUESTION:
            yield self.words.sentence("asked why, as nobody answered")
        elif reason.step == "later":
            yield self.words.sentence("asked for by the patient")

    def _channel(self, name: str) -> Markup:
        return self.words.term("channel", name) if name in NAMED_CHANNELS else self.words.isolate(name.capitalize())

    def _title(self, titles: dict[str, str]) -> Markup:
        return self.words.isolate(titles.get(self.words.locale, titles["en"]))


def write_page(future: Future, words: PlainWords) -> str:
    """A future as plain text that is Markdown too."""
    teller = Teller(future, words)
    last = future.all_days[-1]
    lines = [
        "# " + words.sentence("What happens next: {first} to {last}", first=words.day(future.first), last=words.day(last)),
        "",
    ]
    lines += [str(title) for title in teller.plans()] or [words.sentence("No care plan.")]
    lines += ["", *(f"- {line}" for line in (*teller.bars(), *teller.waiting(), teller.assumed()))]
    for notice in dict.fromkeys(_shown(each.notice, each.form) for each in future.entries if each.notice):
        lines.append("- " + words.sentence("Each message adds: {words}", words=Markup(notice)))  # noqa: S704 - plain text
    for day in future.all_days:
        lines += ["", f"## {words.day(day)}"]
        at_once = groupby(future.on(day), teller.when)
        lines += [line for when, each in at_once for line in _told(teller, when, list(each))] or [
            "",
            words.sentence("Nothing is said."),
        ]
    return "\n".join(lines) + "\n"


def _told(teller: Teller, when: Markup, happens: list[Entry | Found]) -> Iterator[str]:
    """One moment, and all that happens in it."""
    yield from ("", f"### {when}")
    for each in happens:
        yield ""
        if isinstance(each, Entry):
            yield from _words(teller, each)
        yield from (f"- {line}" for line in teller.lines(each))


def _words(teller: Teller, entry: Entry) -> Iterator[str]:
    """What the patient reads, and the same for the nurse."""
    yield from (f"> {_shown(line, entry.form)}" for line in entry.text.splitlines())
    if entry.buttons:
        yield f"> {_shown(' '.join(f'[{label}]' for label in entry.buttons), entry.form)}"
    if entry.second:
        yield from ("", _shown(" ".join(entry.second.splitlines()), teller.future.form))
    if entry.text:
        yield ""


def _shown(text: str, form: str) -> str:
    """A patient's words on a line of their own direction."""
    return f"{RIGHT_TO_LEFT}{isolate(text)}{POP}" if form_of(form).direction == "rtl" else text
