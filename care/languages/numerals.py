"""Body temperatures said in words: alarm rules compare numbers, patients also write "thirty-eight and a half"."""

import re

ZH_DIGITS = {char: number for number, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
ZH_TENS = re.compile(r"([三四])十([一二三四五六七八九])?")
ZH_DEGREE = re.compile(r"(\d{2})\s*(?:度|点)\s*([\d零一二三四五六七八九半])")
ZH_HALF = "半"
DECIMAL_COMMA = re.compile(r"(?<!\d)(3[4-9]|4[0-3]),(\d)(?!\d)")
# 30, 40 and 1-9; the words for "and a half" and for the decimal point (content/*/speech.yml has the same words).
UG_ONES = ["بىر", "ئىككى", "ئۈچ", "تۆت", "بەش", "ئالتە", "يەتتە", "سەككىز", "توققۇز"]
KK_ONES = ["бір", "екі", "үш", "төрт", "бес", "алты", "жеті", "сегіз", "тоғыз"]
KK_ARABIC_ONES = ["ءبىر", "ەكى", "ءۇش", "ءتورت", "بەس", "التى", "جەتى", "سەگىز", "توعىز"]
UG = ({"ئوتتۇز": 30, "قىرىق": 40}, UG_ONES, "يېرىم", "پۈتۈن ئوندا")
KK = ({"отыз": 30, "қырық": 40}, KK_ONES, "жарым", "бүтін оннан")
KK_ARABIC = ({"وتىز": 30, "قىرىق": 40}, KK_ARABIC_ONES, "جارىم", "ءبۇتىن وننان")
WORDS = {"ug": (UG,), "kk": (KK, KK_ARABIC)}


def digits_from_words(text: str, language: str) -> str:
    """The same text with temperatures between 30 and 49 written as digits with a point: `三十八度五` becomes `38.5`."""
    text = DECIMAL_COMMA.sub(r"\1.\2", text)
    if language == "zh":
        return _chinese(text)
    for tens, ones, half, point in WORDS.get(language, ()):
        text = _spaced(text, tens, ones, half, point)
    return text


def _chinese(text: str) -> str:
    tens = ZH_TENS.sub(lambda found: str(10 * ZH_DIGITS[found[1]] + ZH_DIGITS.get(found[2] or "零", 0)), text)
    return ZH_DEGREE.sub(lambda found: f"{found[1]}.{_chinese_tenth(found[2])}", tens)


def _chinese_tenth(written: str) -> str:
    return "5" if written == ZH_HALF else written if written.isdigit() and written.isascii() else str(ZH_DIGITS[written])


def _spaced(text: str, tens: dict[str, int], ones: list[str], half: str, point: str) -> str:
    for word, value in tens.items():
        for number, one in reversed(list(enumerate(["", *ones]))):
            text = re.sub(rf"(?<!\w){word} ?{one}(?!\w)" if one else rf"(?<!\w){word}(?!\w)", str(value + number), text)
    text = re.sub(rf"(\d\d) {half}(?!\w)", r"\1.5", text)
    for number, one in enumerate(ones, start=1):
        text = re.sub(rf"(\d\d) {point} {one}(?!\w)", rf"\1.{number}", text)
    return text
