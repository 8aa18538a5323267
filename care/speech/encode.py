"""Samples to files and back: Opus for the web, Telegram and WhatsApp, MP3 for WeChat (facts: language, section 11)."""

import array
import io
from typing import Any

from care.speech.voices import Pcm

PEAK = 0.89  # of full scale, so that quiet voices and loud ones sound alike
FORMATS = {"opus": ("ogg", "libopus", 48_000, 24_000), "mp3": ("mp3", "libmp3lame", 22_050, 32_000)}


def encode(pcm: Pcm, extension: str) -> bytes:
    """One file of a format of FORMATS, mono."""
    import av

    container, codec, rate, bit_rate = FORMATS[extension]
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream: Any = output.add_stream(codec, rate=rate, layout="mono", bit_rate=bit_rate)
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=rate)
        for frame in [*resampler.resample(_frame(level(pcm))), *resampler.resample(None)]:
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


def _frame(pcm: Pcm) -> Any:
    import av

    frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm.samples) // 2)
    frame.planes[0].update(pcm.samples)
    frame.sample_rate = pcm.rate
    frame.pts = 0
    return frame


def level(pcm: Pcm) -> Pcm:
    """The same sound with its loudest sample at PEAK."""
    samples = array.array("h", pcm.samples)
    loudest = max(map(abs, samples), default=0)
    if loudest == 0:
        return pcm
    gain = PEAK * 32_767 / loudest
    return Pcm(array.array("h", (int(sample * gain) for sample in samples)).tobytes(), pcm.rate)


def decode(file: bytes) -> Pcm:
    """Mono 16-bit samples of any audio file.  Raises ValueError when it is none."""
    import av

    try:
        with av.open(io.BytesIO(file), "r") as source:
            rate = source.streams.audio[0].rate
            resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
            frames = [frame for packet in source.decode(audio=0) for frame in resampler.resample(packet)]
    except (av.FFmpegError, IndexError) as wrong:
        raise ValueError("not an audio file") from wrong
    return Pcm(b"".join(bytes(frame.planes[0])[: frame.samples * 2] for frame in frames), rate)


def seconds(pcm: Pcm) -> float:
    return len(pcm.samples) / 2 / pcm.rate
