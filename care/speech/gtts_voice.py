"""Google's Mandarin voice: better, but online, unofficial and unreachable from mainland China.  Off by default."""

import io
from collections.abc import Callable
from importlib.metadata import version

from care.speech.voices import CannotSpeak, Kind, Pcm, Rest

TIMEOUT_S = 5


def fetch_mp3(text: str) -> bytes:
    """The MP3 of a Mandarin text from Google.  Raises CannotSpeak."""
    from gtts import gTTS, gTTSError

    sound = io.BytesIO()
    try:
        gTTS(text, lang="zh-CN", lang_check=False, timeout=TIMEOUT_S).write_to_fp(sound)
    except (gTTSError, OSError, AssertionError) as wrong:
        raise CannotSpeak(f"Google's voice did not answer ({type(wrong).__name__}): is it reachable from here?") from wrong
    return sound.getvalue()


class Google:
    """It has no Uyghur and no Kazakh (facts: language, section 10)."""

    kind: Kind = "machine"

    def __init__(self, fetch: Callable[[str], bytes] = fetch_mp3) -> None:
        self.name = f"gtts {version('gtts')}"
        self._fetch = fetch
        self._rest = Rest()

    def speaks(self, language: str) -> bool:
        return language == "zh"

    def synthesise(self, text: str, language: str) -> Pcm:
        from care.speech.encode import decode

        self._rest.check("Google's voice")
        try:
            return decode(self._fetch(text))
        except (CannotSpeak, ValueError) as wrong:
            self._rest.start()
            raise CannotSpeak(str(wrong)) from wrong
