"""Check-ins on the patient's page: day by day, in the words of the page's language."""

from datetime import date
from itertools import groupby

from care.conversation.checkin_view import CheckInView
from care.people.clocks import local


def check_ins_by_day(views: list[CheckInView], zone: str) -> list[tuple[date, list[CheckInView]]]:
    """The check-ins of each day of a clock, the newest first."""
    days = groupby(views, lambda view: local(view.due_at, zone).date())
    return [(day, list(asked)) for day, asked in days]
