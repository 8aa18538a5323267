"""The figures of the delivery measurement, and how they stand to their goals."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from care.supervisor.bench_reminders import Asked

NAMES = {"raw": "bare POSTs", "ours": "Karez", "jobs": "APScheduler job each", "mark": "mark, then send"}
OVER_RAW, OVER_JOBS = {"sqlite": 0.60, "postgresql": 0.55}, {"sqlite": 4.0, "postgresql": 6.0}
FIRST_S, ROWS, COMMITS, OF_SOCKETS, OF_CAP, REFUSED = 1.0, 3.1, 0.05, 0.80, 0.85, 0.02


@dataclass(frozen=True)
class Run:
    """What one run came to.  `attempts`: rows of tries, written with each intent and filled with its outcome."""

    kind: str
    count: int
    seconds: float
    first_s: float
    copies: int
    lost: int
    refused: int
    attempts: int
    rows: int
    commits: int
    peak_mb: float
    cpu_s: float

    @property
    def rate(self) -> float:
        return self.count / self.seconds

    def __str__(self) -> str:
        parts = f"{NAMES[self.kind]:<22}{self.rate:8.0f}/s  first {self.first_s:6.2f} s  copies {self.copies}  lost {self.lost}"
        return f"{parts}  429s {self.refused}  {1e6 * self.cpu_s / self.count:4.0f} us CPU  {self.peak_mb:4.0f} MB"


def report(runs: list[Run], asked: "Asked", say: Callable[[str], object]) -> None:
    """Medians, and ratios of what ran side by side."""
    by_kind = {kind: [run for run in runs if run.kind == kind] for kind in NAMES}
    for kind, mine in by_kind.items():
        if mine:
            say(f"{NAMES[kind]:<22}{median(run.rate for run in mine):8.0f}/s, median of {len(mine)}")
    ours = by_kind["ours"]
    if not ours:
        return

    def ratio(kind: str) -> float:
        pairs = zip(ours, by_kind[kind], strict=False)
        return median(mine.rate / other.rate for mine, other in pairs)

    if by_kind["raw"]:
        say(f"of bare POSTs          {ratio('raw'):.2f} (goal {OVER_RAW[asked.database]:.2f})")
    if by_kind["jobs"]:
        say(f"over a job each        {ratio('jobs'):.1f} times (goal {OVER_JOBS[asked.database]:.0f})")
    if by_kind["mark"]:
        say(f"of mark, then send     {ratio('mark'):.2f}")
    _costs(ours, asked, say)


def _costs(ours: list[Run], asked: "Asked", say: Callable[[str], object]) -> None:
    def middle(of: Callable[[Run], float]) -> float:
        return median(of(run) for run in ours)

    say(f"first message          {middle(lambda run: run.first_s):.2f} s after the due second (goal {FIRST_S:.0f})")
    rows = middle(lambda run: (run.rows - 2 * run.attempts) / run.count)
    say(f"row writes             {rows:.2f} a reminder beside its attempt, which is written twice (goal {ROWS})")
    say(f"commits                {middle(lambda run: run.commits / run.count):.3f} a reminder (goal {COMMITS})")
    say(f"copies and lost        {sum(run.copies for run in ours)} and {sum(run.lost for run in ours)}")
    say(f"peak memory            {middle(lambda run: run.peak_mb):.0f} MB")
    if asked.latency_ms:
        most = asked.sockets * asked.workers * 1000 / asked.latency_ms
        say(f"of sockets/latency     {middle(lambda run: run.rate) / most:.2f} (goal {OF_SOCKETS:.2f})")
    if asked.cap:
        say(f"of the cap             {middle(lambda run: run.rate) / asked.cap:.2f} (goal {OF_CAP:.2f})")
        say(f"refused with 429       {middle(lambda run: run.refused / (run.count + run.refused)):.1%} (goal {REFUSED:.0%})")
