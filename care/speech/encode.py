"""Samples to files and back: Opus for the web, Telegram and WhatsApp, MP3 for WeChat (facts: language, section 11)."""

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from care.speech.voices import CannotSpeak, Pcm

PIECE = 16_384  # bytes handed to FFmpeg at once
# As loud as speech on a telephone should be (EBU R128, which leaves pauses out of the count), so that a recording made at
# a kitchen table and a machine voice sound alike.
LOUDNESS = -18.0  # LUFS
PEAK = 0.89  # of full scale: what would be louder is held back, not cut off
EXACT = 0.5  # LU: nobody hears less
SILENCE = -60.0  # LUFS: below it there is nothing to make louder
SHORTEST_S = 0.4  # what EBU R128 needs to hear


@dataclass(frozen=True)
class Codec:
    """How one kind of file is written: Hz, bits a second, samples an encoder takes at once."""

    container: str
    name: str
    rate: int
    bit_rate: int
    block: int


CODECS = {"opus": Codec("ogg", "libopus", 48_000, 24_000, 960), "mp3": Codec("mp3", "libmp3lame", 22_050, 32_000, 576)}
# Part of the content hash: files are made anew when the way they are made changes.
SETTINGS = f"{CODECS} {PEAK} {LOUDNESS}"


def encode(pcm: Pcm, extension: str) -> bytes:
    """One mono file of a kind of CODECS, as loud as every other.  Raises CannotSpeak when the encoder fails."""
    return encode_level(level(pcm), extension)


def encode_level(pcm: Pcm, extension: str) -> bytes:
    """The same for what went through `level` already.  Raises CannotSpeak."""
    import av

    codec = CODECS[extension]
    file = io.BytesIO()
    try:
        with av.open(file, "w", format=codec.container) as output:
            stream: Any = output.add_stream(codec.name, rate=codec.rate, layout="mono", bit_rate=codec.bit_rate)
            for frame in _blocks(pcm, codec, stream.format.name):
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
    except av.FFmpegError as wrong:
        raise CannotSpeak(f"cannot encode {extension} ({type(wrong).__name__})") from wrong
    return file.getvalue()


def _blocks(pcm: Pcm, codec: Codec, sample_format: str) -> Iterator[Any]:
    """Resampled and cut into blocks the encoder takes."""
    return _filtered(
        pcm,
        ("aresample", str(codec.rate)),
        ("aformat", f"sample_fmts={sample_format}:channel_layouts=mono"),
        ("asetnsamples", f"n={codec.block}:p=0"),
    )


def level(pcm: Pcm) -> Pcm:
    """The same sound at LOUDNESS, its peaks held below PEAK.  Silence stays silence."""
    missing = LOUDNESS - loudness(pcm)
    if missing > LOUDNESS - SILENCE:
        return pcm
    levelled = _louder(pcm, missing)
    missing = LOUDNESS - loudness(levelled)  # a knock at the microphone counted as loud until it was held back
    return _louder(levelled, missing) if missing > EXACT else levelled


def _louder(pcm: Pcm, by: float) -> Pcm:
    """By so many LU, peaks held back."""
    frames = _filtered(
        pcm,
        ("aformat", "sample_fmts=flt"),
        ("volume", f"{by:.2f}dB"),
        ("alimiter", f"limit={PEAK}:level=false:attack=3:release=50:latency=true"),
        ("aformat", "sample_fmts=s16:channel_layouts=mono"),
    )
    return Pcm(b"".join(map(_samples, frames)), pcm.rate)


def loudness(pcm: Pcm) -> float:
    """Integrated loudness in LUFS (EBU R128); -70 for silence."""
    missing = int(SHORTEST_S * pcm.rate) * 2 - len(pcm.samples)
    whole = Pcm(pcm.samples + bytes(max(0, missing)), pcm.rate)
    heard = -70.0
    for frame in _filtered(whole, ("ebur128", "metadata=1:framelog=quiet")):
        heard = float(frame.metadata.get("lavfi.r128.I", heard))
    return heard


def _filtered(pcm: Pcm, *filters: tuple[str, str]) -> Iterator[Any]:
    """The frames that come out of FFmpeg's own filters: Python would need 50 times as long."""
    from av.filter import Graph

    graph: Any = Graph()
    source = graph.add_abuffer(sample_rate=pcm.rate, format="s16", layout="mono", name="in")
    graph.link_nodes(source, *(graph.add(*each) for each in filters), graph.add("abuffersink")).configure()
    # In small pieces: a minute pushed at once holds hundreds of megabytes.
    for at in range(0, len(pcm.samples), PIECE):
        graph.push(_frame(pcm.samples[at : at + PIECE], pcm.rate, at // 2))
        yield from _ready(graph)
    graph.push(None)
    yield from _ready(graph)


def _ready(graph: Any) -> Iterator[Any]:
    import av

    while True:
        try:
            yield graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):  # wants more sound; has no more
            return


def _frame(samples: bytes, rate: int, at: int) -> Any:
    import av

    frame = av.AudioFrame(format="s16", layout="mono", samples=len(samples) // 2)
    frame.planes[0].update(samples)
    frame.sample_rate = rate
    frame.time_base = Fraction(1, rate)
    frame.pts = at
    return frame


class TooLong(ValueError):
    """A file that sounds longer than anybody asked for: a small one may hold hours."""


def decode(file: bytes, longest_s: float = math.inf) -> Pcm:
    """Mono 16-bit samples of any audio file.  Raises ValueError when it is none, and TooLong before it fills the memory."""
    import av

    pieces: list[bytes] = []
    left = longest_s
    try:
        with av.open(io.BytesIO(file), "r") as source:
            rate = source.streams.audio[0].rate
            for piece in _resampled(source, av.AudioResampler(format="s16", layout="mono", rate=rate)):
                pieces.append(_samples(piece))
                left -= piece.samples / rate
                if left < 0:
                    raise TooLong(f"it sounds longer than {longest_s:.0f} s")
    except (av.FFmpegError, IndexError) as wrong:
        raise ValueError("this is not an audio file: give WAV, Ogg, MP3 or M4A") from wrong
    return Pcm(b"".join(pieces), rate)


def _resampled(source: Any, resampler: Any) -> Iterator[Any]:
    for frame in source.decode(audio=0):
        yield from resampler.resample(frame)
    yield from resampler.resample(None)


def _samples(frame: Any) -> bytes:
    return bytes(frame.planes[0])[: frame.samples * 2]


def decode_seconds(file: bytes) -> float:
    """How long an audio file really sounds, by decoding all of it.  Raises ValueError when it is none."""
    return decode(file).seconds
