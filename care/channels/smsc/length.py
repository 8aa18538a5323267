"""How many parts a text message has, each of which is paid for and may be lost by itself (3GPP TS 23.038, 23.040)."""

from string import ascii_letters, digits

from care.kit.cutting import in_utf16

# house: letters 1 - the alphabet every telephone has, no words
PLAIN = set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà" + ascii_letters + digits)
DOUBLE = set("^{}\\[~]|€\f")  # sent as two
KNOWN = PLAIN | DOUBLE
ALONE_PLAIN, PART_PLAIN = 160, 153
ALONE_WIDE, PART_WIDE = 70, 67  # any letter beyond those makes the whole message wide: UCS-2


def count_parts(text: str) -> int:
    """Parts of one message; none for no text."""
    is_plain = KNOWN.issuperset(text)
    doubles = sum(map(text.count, DOUBLE)) if is_plain else in_utf16(text) - len(text)
    alone, part = (ALONE_PLAIN, PART_PLAIN) if is_plain else (ALONE_WIDE, PART_WIDE)
    if len(text) + doubles <= alone:
        return min(len(text), 1)
    if not doubles:
        return -(-len(text) // part)
    return _fill([1 + (c in DOUBLE) if is_plain else 1 + (c > "\uffff") for c in text], part)


def _fill(sizes: list[int], part: int) -> int:
    """What needs two places is not torn apart, so a part may end one place early."""
    parts, left = 1, part
    for size in sizes:
        if size > left:
            parts, left = parts + 1, part
        left -= size
    return parts
