"""`karez speak`: gives the library its sound before anybody asks for it, in time nobody else wants."""

from collections.abc import Callable

from care.content.library import Library
from care.conversation.standing import speak_standing
from care.kit.clock import stopwatch_s
from care.kit.settings import Settings
from care.speech.speaker import Speaker


async def speak_library(settings: Settings, say: Callable[[str], object]) -> None:
    """Synthesise what is not stored yet."""
    begun = stopwatch_s()
    library = Library.load(settings.content)
    speaker = Speaker(settings.content, settings.home / "audio", library.speeches, settings.gtts)
    count = await speak_standing(library, speaker, settings.region)
    say(f"{count} texts have their sound ({stopwatch_s() - begun:.0f} s).")
