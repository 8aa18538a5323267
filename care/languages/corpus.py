"""Text the project owns, to learn languages from: every sentence of content/, in every script it can be written in."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import yaml

from care.languages.fold import fold
from care.languages.ngrams import Ngrams, load, save, train
from care.languages.normalise import normalise
from care.languages.table import FORMS, Form
from care.languages.transliterate import UYGHUR_WORD, kazakh_arabic, uyghur_latin

ROOT = Path(__file__).resolve().parents[2]
VERSION = "4"  # raise it when the model is trained in another way: saved models of before are then left unread
CONTENT, WHERE = ROOT / "content", ROOT / "var" / f"languages-{VERSION}"
SAMPLES = Path(__file__).parent / "samples"
FIRST = ("ug", "kk", "zh")  # what is done for them alone stands below
FOREIGN = {"Arab": ("ar", "fa"), "Cyrl": ("ru",), "Latn": ("en", "tr", "pinyin")}

CLEARLY = 5  # times as often
PLACEHOLDER = re.compile(r"\$\{\w+\}")
CYRILLIC, LATIN = re.compile(r"[\u0400-\u04ff]"), re.compile(r"[a-z]{4}")
RULES = ("rules", "negations", "negative_endings", "past", "asking", "now")  # beginnings of words
NOT_SENTENCES = frozenset(["id", "follows", "review", "revision", "where", "tier", "sources", *RULES])
# house: letters 2 - alphabets beside one another, no words
RUSSIAN_KEYBOARD = str.maketrans("әғқңөұүһі", "агкноуухи")
_2021 = "аa әä бb вv гg ғğ дd еe ёë жj зz иi йi кk қq лl мm нn ңñ оo өö пp рr сs тt уu ұū үü фf хh һh чç шş ыy іı эe"
LATIN_2021 = str.maketrans(
    {pair[0]: pair[1] for pair in _2021.split()} | {"ц": "ts", "щ": "ş", "ю": "iu", "я": "ia", "ъ": "", "ь": ""}
)
WITHOUT_MARKS = str.maketrans({"ş": "sh", "ç": "ch", "ı": "i"})
UYGHUR_CYRILLIC = str.maketrans("اەبپتجچخدرزژسشغفقكگڭلمنھوۇۆۈۋېىي", "аәбптҗчхдрзжсшғфқкгңлмнһоуөүвеий", "ئ")

_kept: dict[str, Ngrams] = {}
_lock = Lock()
_YamlLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def models() -> dict[str, Ngrams]:
    """One model a script (Arab, Cyrl, Latn), shared by the process: of the last teaching, else trained on first use."""
    with _lock:
        if not _kept:
            _kept.update(load(WHERE, fingerprint(CONTENT)) or load(WHERE) or train_all(CONTENT))
        return _kept


def renew(content: Path) -> None:
    """Recognise from now on with what was learnt from this folder, else as `models` does."""
    fresh = load(WHERE, fingerprint(content)) or load(WHERE, fingerprint(CONTENT)) or load(WHERE)
    if fresh:
        use(fresh)


def use(made: Mapping[str, Ngrams]) -> None:
    """Recognise with these from now on, in this process."""
    with _lock:
        _kept.clear()
        _kept.update(made)


def build_model(content: Path, where: Path) -> None:
    """Train on a content folder and keep the models, for processes that start later."""
    save(train_all(content), where, fingerprint(content))


def train_all(content: Path) -> dict[str, Ngrams]:
    return {script: train(classes) for script, classes in samples(content).items()}


def fingerprint(content: Path) -> str:
    """Changes when the text models are made from changes, as 16 hexadecimal digits."""
    digest = hashlib.sha256()
    folders = ["ug", "kk", *(each.language for each in later_forms())]
    for path in [*(path for each in folders for path in _files(content / each)), *sorted(SAMPLES.glob("*.txt"))]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def known_words(content: Path) -> dict[str, str]:
    """Uyghur words of the content by plain Latin key, for uyghur_arabic; left out are keys that words share nearly evenly.

    Samples hold slips of the finger on purpose: what is written many times is the word, what is written once the slip.
    """
    spellings: dict[str, Counter[str]] = {}
    for sentence in sentences(content / "ug"):
        for word in UYGHUR_WORD.findall(sentence):
            spellings.setdefault(fold(word, "ug"), Counter())[word] += 1
    return {key: written.most_common(1)[0][0] for key, written in spellings.items() if _is_clear(written)}


def _is_clear(written: Counter[str]) -> bool:
    (_, times), *others = written.most_common(2)
    return not others or times >= CLEARLY * others[0][1]


def samples(content: Path) -> dict[str, dict[str, list[str]]]:
    """Training lines by script and language: ug and kk as content has them, the rest from samples/."""
    authored = [normalise(line, "ug") for line in (*sentences(content / "ug"), *_own("ug"))]
    uyghur = [line for line in authored if UYGHUR_WORD.search(line)]
    typed = [line for line in authored if LATIN.search(line) and not UYGHUR_WORD.search(line)]
    kazakh = [normalise(line, "kk") for line in (*sentences(content / "kk"), *_own("kk")) if CYRILLIC.search(line)]
    latin = [line.translate(LATIN_2021) for line in kazakh]
    ours = {
        "Arab": {"ug": uyghur, "kk": [kazakh_arabic(line) for line in kazakh]},
        "Cyrl": {
            "kk": [*kazakh, *(line.translate(RUSSIAN_KEYBOARD) for line in kazakh)],
            "ug": [line.translate(UYGHUR_CYRILLIC) for line in uyghur],
        },
        # People leave out é ö ü and apostrophes: both spellings are learnt.
        "Latn": {
            "ug": [*(uyghur_latin(line) for line in uyghur), *(fold(line, "ug") for line in uyghur), *typed],
            "kk": [*latin, *(_without_marks(line) for line in latin)],
        },
    }
    for each in later_forms():
        ours[each.script][each.language] = [normalise(line, each.language) for line in sentences(content / each.language)]
    return {script: {**classes, **{name: _foreign(name) for name in FOREIGN[script]}} for script, classes in ours.items()}


def later_forms() -> list[Form]:
    """The written forms of languages that came after the first three: learnt from their folder alone."""
    return [each for each in FORMS.values() if each.authored and each.language not in FIRST and each.script in FOREIGN]


def sentences(folder: Path) -> Iterator[str]:
    """Every text value of the YAML and Markdown files of a folder; placeholders become spaces."""
    for path in _files(folder):
        written = path.read_text(encoding="utf-8")
        front, body = _parts(written) if path.suffix == ".md" else (written, "")
        yield from (PLACEHOLDER.sub(" ", text) for text in (*_values(_parse(front)), *body.splitlines()) if text.strip())


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in (".yml", ".yaml", ".md"))


def _parts(written: str) -> tuple[str, str]:
    pieces = written.split("---\n", 2)
    return (pieces[1], pieces[2]) if len(pieces) == 3 and not pieces[0].strip() else ("", written)


def _parse(written: str) -> object:
    """What a YAML text holds; its bare lines when somebody is in the middle of writing it."""
    try:
        return yaml.load(written, Loader=_YamlLoader)  # noqa: S506 - a safe loader, the C one where there is one
    except yaml.YAMLError:
        return written.splitlines()


def _values(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _values(value) if key not in NOT_SENTENCES else ()
    elif isinstance(node, Iterable):
        for value in node:
            yield from _values(value)


def _own(name: str) -> list[str]:
    return (SAMPLES / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def _foreign(name: str) -> list[str]:
    """Lines of a language we do not have, as the identifier will see them."""
    return [normalise(line) for line in _own(name)]


def _without_marks(line: str) -> str:
    plain = unicodedata.normalize("NFD", line.translate(WITHOUT_MARKS))
    return "".join(char for char in plain if not unicodedata.combining(char))
