"""What is committed names no machine, no registry and no unfinished work, and tells nothing of how it was written.

Why: a clone must work anywhere; a path or a mirror of one machine breaks it elsewhere, a note to oneself stays for years.
Mend: paths from the project's root; let the installer choose its index; finish the work or write it in an issue; say what
the thing does, not who or what wrote it.
"""

import re
from collections.abc import Iterator

from tests.house.house import Finding, Source, judge, texts

HERE = ("tests/house/test_files_stand_alone.py",)
SIGNS = {
    # A folder everybody has (/tmp in a how-to) is no machine's own.
    "names a folder of one machine": r"(?<![\w.}])/(?:work|root|Users|home/\w+|mnt|opt/\w+)/|\b[A-Z]:\\\w",
    "names a registry or a mirror": (
        r"\b(?:pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|conda\.\w+|docker\.io|ghcr\.io|quay\.io)\b"
        r"|\b(?:mirrors?|registry|artifactory|nexus|pypi)\.[\w-]+\.\w+|--(?:extra-)?index-url[ =]\S*://"
    ),
    "holds a mark of unfinished work": r"\b(?:TODO|FIXME|XXX|HACK|WIP)\b(?!\.md)",
    "tells how it was written": (
        r"(?i)\b(?:claude|anthropic|chatgpt|openai|gemini|copilot|codex)\b"
        r"|\bas an ai\b|\b(?:ai|machine)[- ](?:generated|written) code"
        r"|\b(?:sub)?agents? (?:wrote|session|task)|\bcoding agents?\b|\bcontext window\b|\bthis session\b|\bsystem prompt\b"
        r"|\.\./shared/|\bissues? #?\d+\b"
    ),
}
LOOKS = {what: re.compile(pattern) for what, pattern in SIGNS.items()}


def signs(source: Source) -> Iterator[Finding]:
    for number, line in enumerate(source.lines, 1):
        yield from (
            Finding(source.file, number, f"{what}: {found[0].strip()}")
            for what, look in LOOKS.items()
            for found in look.finditer(line)
        )


def test_files_stand_alone() -> None:
    judge(__doc__, [each for source in texts() if source.file not in HERE for each in signs(source)])


def test_a_path_a_registry_a_note_to_oneself_and_a_confession_are_found() -> None:
    text = "x = '/home/gul/karez'\n--index-url=https://mirror.example/simple\nurl: files.pythonhosted.org/x\n"
    text += "# FIXME later\nWritten in this session.\n"
    fine = "cd /tmp/rehearsal\n<a href='/console/work'>\nhttps://developers.example/home/docs\nTODOS are work\nuser-agent: x\n"

    assert [each.line for each in signs(Source("x.md", text))] == [1, 2, 3, 4, 5]
    assert [each.line for each in signs(Source("x.md", fine))] == []
