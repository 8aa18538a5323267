"""Samples to files and back: Opus for the web, Telegram and WhatsApp, MP3 for WeChat (facts: language, section 11)."""

import array
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from care.speech.voices import CannotSpeak, Pcm

FULL = 32_767
PIECE = 16_384  # bytes handed to FFmpeg at once
PEAK = 0.89  # of full scale: the loudest sample
LOUDNESS = 0.12  # of full scale, root mean square: about -18 dB, so that recordings and machine voices sound alike


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
    """One mono file of a kind of CODECS, levelled.  Raises CannotSpeak when the encoder fails."""
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
    """Levelled, resampled and cut into blocks the encoder takes, by FFmpeg's own filters: Python would need 50 times as long."""
    from av.filter import Graph

    graph: Any = Graph()
    steps = [
        graph.add_abuffer(sample_rate=pcm.rate, format="s16", layout="mono", name="in"),
        graph.add("volume", f"{gain(pcm):.4f}"),
        graph.add("aresample", str(codec.rate)),
        graph.add("aformat", f"sample_fmts={sample_format}:channel_layouts=mono"),
        graph.add("asetnsamples", f"n={codec.block}:p=0"),
        graph.add("abuffersink"),
    ]
    graph.link_nodes(*steps).configure()
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


def gain(pcm: Pcm) -> float:
    """What to multiply the samples with to reach LOUDNESS without passing PEAK; 1 for silence."""
    samples = array.array("h", pcm.samples)
    loudest = max(max(samples, default=0), -min(samples, default=0))
    if loudest == 0:
        return 1.0
    mean = math.sqrt(math.sumprod(samples, samples) / len(samples))
    return min(LOUDNESS * FULL / mean, PEAK * FULL / loudest)


def decode(file: bytes) -> Pcm:
    """Mono 16-bit samples of any audio file.  Raises ValueError when it is none."""
    import av

    try:
        with av.open(io.BytesIO(file), "r") as source:
            rate = source.streams.audio[0].rate
            resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
            pieces = [_samples(piece) for frame in source.decode(audio=0) for piece in resampler.resample(frame)]
            pieces += [_samples(piece) for piece in resampler.resample(None)]
    except (av.FFmpegError, IndexError) as wrong:
        raise ValueError("this is not an audio file: give WAV, Ogg, MP3 or M4A") from wrong
    return Pcm(b"".join(pieces), rate)


def _samples(frame: Any) -> bytes:
    return bytes(frame.planes[0])[: frame.samples * 2]


def decode_seconds(file: bytes) -> float:
    """How long an audio file really sounds, by decoding all of it.  Raises ValueError when it is none."""
    return decode(file).seconds
