"""`karez bench speech` measures what is really there, and gives no figures for sound that did not come back whole."""

from pathlib import Path

import pytest

from care.kit.settings import Settings
from care.speech.espeak import Espeak
from care.speech.voices import CannotSpeak
from care.supervisor import bench_speech as bench


async def test_every_language_voice_and_format_has_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bench, "TEXTS", 1)
    monkeypatch.setattr(bench, "TRIES", 20)
    lines: list[str] = []

    await bench.bench_speech(Settings(home=tmp_path / "home"), lines.append)

    rows = {line[:34].strip(): line[34:].split() for line in lines if line[34:].strip()}
    measured = {(language, what) for language in ("kk", "ug", "zh") for what in (Espeak.name, "opus", "mp3")}
    assert {f"{language} {what}" for language, what in measured} <= rows.keys()
    assert all(float(rows[f"{language} mp3"][1]) == pytest.approx(235, abs=5) for language in ("kk", "ug", "zh"))
    assert float(rows["stored, again"][0]) < bench.GOAL_FOUND_MS
    assert not (tmp_path / "home").exists(), "what is measured is nobody's"


def test_a_file_that_lost_a_part_ends_the_measurement(monkeypatch: pytest.MonkeyPatch):
    whole = bench.encode_level
    monkeypatch.setattr(bench, "encode_level", lambda pcm, extension: whole(pcm, extension)[: -len(pcm.samples) // 20])

    with pytest.raises(CannotSpeak, match="the figures are worth nothing"):
        bench._encoded("mp3", [Espeak().synthesise("体温到三十八度就要马上去医院。", "zh")])
