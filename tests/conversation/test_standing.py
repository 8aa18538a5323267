"""What can be said without knowing to whom has its sound before anybody asks."""

from pathlib import Path

from care.content.library import Library
from care.conversation.standing import speak_standing, standing_replies
from care.kit.settings import ROOT
from care.speech.speaker import Speaker
from care.speech.voices import Kind, Pcm
from tests.content.conftest import few_words
from tests.conversation.conftest import Meet

__all__ = ["few_words"]


class Beep:
    """A voice that counts what it is asked to say."""

    name = "beep"
    kind: Kind = "machine"

    def __init__(self) -> None:
        self.said: list[str] = []

    def speaks(self, language: str) -> bool:
        return True

    def synthesise(self, text: str, language: str) -> Pcm:
        self.said.append(text)
        return Pcm(b"\x00\x10" * 2_000, 22_050)


def speaker_with(beep: Beep, library: Library, folder: Path) -> Speaker:
    return Speaker(ROOT / "content", folder, library.speeches, voices=[beep])


async def test_topics_alarms_and_plain_phrases_are_said_word_for_word_as_prepared(meet: Meet, library: Library):
    prepared = {reply.spoken for reply in standing_replies(library, "CN")}
    for tag, flag, question in (("zh-Hans", "我发烧39度", "化疗恶心怎么办"), ("kk-Arab", "қызуым 39", "көңілім айнып тұр")):
        patient = await meet(tag)
        replies = [*await patient.press("topic:fatigue"), *await patient.press("menu"), *await patient.say(question)]
        replies += [*await patient.say(flag), *await patient.press("topic:mouth-sores")]

        assert {reply.act for reply in replies} >= {"show_topic", "alarm", "menu"}
        assert [reply.text for reply in replies if reply.spoken not in prepared] == []


async def test_a_second_start_says_nothing_again(few_words: Path, tmp_path: Path):
    library, first, second = Library.load(few_words), Beep(), Beep()

    count = await speak_standing(library, speaker_with(first, library, tmp_path), "CN")
    await speak_standing(library, speaker_with(second, library, tmp_path), "CN")

    assert count == len({reply.spoken for reply in standing_replies(library, "CN")}) == len(first.said)
    assert second.said == []
