"""How many parts a text message has, each of which is paid for and may be lost by itself (3GPP TS 23.038, 23.040)."""

from string import ascii_letters, digits

# house: letters 1 - the alphabet every telephone has, no words
PLAIN = set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà" + ascii_letters + digits)
DOUBLE = set("^{}\\[~]|€\f")  # sent as two
ALONE_PLAIN, PART_PLAIN = 160, 153
ALONE_WIDE, PART_WIDE = 70, 67  # any letter beyond those makes the whole message wide: UCS-2


def count_parts(text: str) -> int:
    """Parts of one message; none for no text."""
    is_plain = set(text) <= PLAIN | DOUBLE
    sizes = [1 + (c in DOUBLE) if is_plain else 1 + (c > "\uffff") for c in text]
    alone, part = (ALONE_PLAIN, PART_PLAIN) if is_plain else (ALONE_WIDE, PART_WIDE)
    return min(sum(sizes), 1) if sum(sizes) <= alone else _fill(sizes, part)


def _fill(sizes: list[int], part: int) -> int:
    """What needs two places is not torn apart, so a part may end one place early."""
    parts, left = 1, part
    for size in sizes:
        if size > left:
            parts, left = parts + 1, part
        left -= size
    return parts
