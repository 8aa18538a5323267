"""What the tests' people are called, what they say, and what vendors share with us: none of it may stand in a log.

A name of three letters would be found in any random bytes, so databases are searched for the longer ones only.
"""

import re
from collections.abc import Iterator

from tests.vendors import aliyun, smsc, telegram, wechat, wechat_followers, whatsapp

NAMES = ("Gul", "Gulnar", "Serik", "Qanarya", "Aygul")  # patients; staff stand in tables by their names
SECRETS = (
    *(telegram.TOKEN, telegram.SECRET, telegram.TOKEN.partition(":")[2]),
    *(wechat.SECRET, wechat.ACCESS, wechat_followers.TOKEN, wechat_followers.AES_KEY),
    *(whatsapp.TOKEN, whatsapp.SECRET, whatsapp.WORD),
    *(smsc.APIKEY, smsc.SECRET, smsc.SIGNING_WORD, aliyun.KEY_SECRET, aliyun.SECRET),
)
ADDRESSES = (telegram.GUL, wechat_followers.GUL, whatsapp.GUL, "77011234567", "13800001111", "13900000000", "77001112233")
SAID = ("qizitma", "qanarya", "Dora waqti", "dorini ichtim")
PUBLIC = ("edition", "publication")  # tables of texts for everybody, which may hold the words a patient used
KNOWN = re.compile(
    "|".join(rf"(?<!\w){re.escape(each)}(?!\w)" for each in NAMES) + "|" + "|".join(map(re.escape, (*SECRETS, *ADDRESSES, *SAID)))
)
LONG = tuple(each for each in (*SECRETS, *ADDRESSES, *SAID, *NAMES) if len(each) > 6)

# What nobody has to know beforehand.  A number with more digits around it is a measure, not a telephone.
SHAPES = {
    "a telephone number": re.compile(r"(?<![\w.-])(?:\+\d{10,15}|1[3-9]\d{9}|7[07]\d{9})(?![\w.])"),
    "a bearer's token": re.compile(r"(?i)\bbearer\s+[\w.~+/-]{8,}"),
    "a bot's token": re.compile(r"\d{6,}:[\w-]{20,}"),
    "a secret in an address": re.compile(r"[?&](?:access_token|token|secret|signature|apikey)=[^&\s\"]{4,}"),
    "a link to a listening page": re.compile(r"/l/[\w-]{16,}"),
}
# Our own logs are English: another letter is a word of somebody's.
OTHER_LETTERS = re.compile(r"[\u0400-\u06ff\u0750-\u077f\u3400-\u9fff\ufb50-\ufdff\ufe70-\ufefc]")
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


def find_canaries(line: str, is_ours: bool) -> Iterator[str]:
    """What a line of a log gives away.  `is_ours`: of a process that serves, not of a command that answers an operator."""
    line = ESCAPED.sub(lambda found: chr(int(found[1], 16)), line)
    yield from (f"“{found}”" for found in KNOWN.findall(line))
    yield from (what for what, shape in SHAPES.items() if shape.search(line))
    if is_ours and OTHER_LETTERS.search(line):
        yield "letters that are not Latin"
