"""`karez bench channels`: what vendors post until we thank for it, and each adapter beside a bare loop of the same client.

Vendors are played by a process of its own (`python -m scheduler.bench vendor`); posts go to a real web door over a real
database, whose worker works them off meanwhile, while the assistant is away.
"""

import json
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from care.channels.trial import Trial, find_trials
from care.content.library import Library
from care.kit.settings import Settings
from care.supervisor.bench_posts import Posts, time_posts
from care.supervisor.bench_runs import start
from care.supervisor.prepare import CannotStart

GOAL_OF_BARE, GOAL_THANKS_MS = 0.70, 1000.0
Say = Callable[[str], object]


@dataclass(frozen=True)
class Asked:
    """What is to be measured; no names: every channel."""

    seconds: float = 10
    per_second: float = 50
    count: int = 2_000
    at_once: int = 32
    rounds: int = 3
    only: tuple[str, ...] = ()


async def bench_channels(settings: Settings, asked: Asked, say: Say) -> None:
    """Measure and print.  Raises CannotStart for a channel there is not."""
    trials = find_trials()
    if strangers := set(asked.only) - trials.keys():
        raise CannotStart(f"--only names {', '.join(sorted(strangers))}; there are {', '.join(trials)}.")
    chosen = {name: trial for name, trial in trials.items() if not asked.only or name in asked.only}
    with tempfile.TemporaryDirectory(prefix="karez-bench-") as folder:
        async with _running_vendors(Path(folder)) as url:
            await _hear(settings, asked, chosen, Path(folder), url, say)
            await _send(settings, asked, chosen, Path(folder), url, say)


@asynccontextmanager
async def _running_vendors(home: Path) -> AsyncIterator[str]:
    child = await start({"HOME": str(home)}, "vendor", alone=True)
    try:
        yield f"http://127.0.0.1:{await child.says()}"
    finally:
        await child.end()


async def _hear(settings: Settings, asked: Asked, trials: dict[str, Trial], home: Path, url: str, say: Say) -> None:
    say(f"{asked.per_second:.0f} posts a second for {asked.seconds:.0f} s, until 200 is there (goal {GOAL_THANKS_MS:.0f} ms)")
    say(f"{'':<12}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'most ms':>9}   worked off")
    for name, trial in trials.items():
        at_home = home / name
        at_home.mkdir()
        say(told_of_posts(name, await time_posts(settings, at_home, name, trial, url, asked.seconds, asked.per_second)))


def told_of_posts(name: str, posts: Posts) -> str:
    """One row."""
    cut = quantiles(posts.thanked_ms, n=100, method="inclusive")
    figures = "".join(f"{ms:>9.1f}" for ms in (cut[49], cut[94], cut[98], max(posts.thanked_ms)))
    wrong = f"  {posts.refused} not thanked for" if posts.refused else ""
    return f"{name:<12}{figures}   {posts.worked_off} of {posts.count} when the last came, all {posts.after_s:.1f} s later{wrong}"


async def _send(settings: Settings, asked: Asked, trials: dict[str, Trial], home: Path, url: str, say: Say) -> None:
    say(f"\n{asked.count} messages a round, at most {asked.at_once} at once, each to another person")
    say(f"{'':<12}{'bare /s':>9}{'ours /s':>9}{'of bare':>9}   (goal {GOAL_OF_BARE:.2f})")
    words = Library.load(settings.content).phrase("kk-Cyrl", "reminder-return-unused").text
    given: dict[str, Any] = {"url": url, "words": words, "choices": [["1", "dose:taken:1"], ["2", "dose:later:1"]]}
    given |= {"count": asked.count, "rounds": asked.rounds}
    for name, trial in trials.items():
        environment = {"HOME": str(home), "LOG_JSON": "true"} | bare_names(trial.environment(url))
        child = await start(environment, "adapter", json.dumps(given | {"name": name, "at_once": asked.at_once}), alone=True)
        try:
            say(told_of_sending(name, asked.count, json.loads(await child.says())))
        finally:
            await child.end()


def told_of_sending(name: str, count: int, seconds: dict[str, list[float]]) -> str:
    """One row: medians, and the median of what ran side by side."""
    bare, ours = (median(count / each for each in seconds[way]) for way in ("bare", "ours"))
    of_bare = median(b / o for b, o in zip(seconds["bare"], seconds["ours"], strict=True))
    return f"{name:<12}{bare:>9.0f}{ours:>9.0f}{of_bare:>9.2f}"


def bare_names(environment: dict[str, str]) -> dict[str, str]:
    """As `start` wants them."""
    return {name.removeprefix("KAREZ_"): value for name, value in environment.items()}
