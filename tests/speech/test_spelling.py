"""Numbers, hours, dates and units are said in words of the patient's language."""

import re

import pytest

from care.speech.spelling import Speech
from care.speech.wording import SpeechBroken

TABLE = [
    ("zh", "0", "零"),
    ("zh", "10", "十"),
    ("zh", "105", "一百零五"),
    ("zh", "110", "一百一十"),
    ("zh", "1010", "一千零一十"),
    ("zh", "1005", "一千零五"),
    ("zh", "9999", "九千九百九十九"),
    ("zh", "2 次", "两次"),
    ("zh", "第 2 天", "第二天"),
    ("zh", "每 2 到 3 小时", "每两到三小时"),
    ("zh", "08:00", "早上八点"),
    ("zh", "14:05", "下午两点零五分"),
    ("zh", "20:30", "晚上八点半"),
    ("zh", "38.0 度", "三十八度"),
    ("zh", "38.5 °C", "三十八点五度"),
    ("zh", "130/85", "一百三十比八十五"),
    ("zh", "5-10%", "百分之五到十"),
    ("zh", "500mg", "五百毫克"),
    ("zh", "2026-11-24", "二零二六年十一月二十四日"),
    ("zh", "2026年2月2日", "二零二六年二月二日"),
    ("zh", "打 120", "打幺二零"),
    ("zh", "打 120 毫克", "打一百二十毫克"),
    ("zh", "≥38.5", "不低于三十八点五"),
    ("ug", "21", "يىگىرمە بىر"),
    ("ug", "100", "يۈز"),
    ("ug", "345", "ئۈچ يۈز قىرىق بەش"),
    ("ug", "9999", "توققۇز مىڭ توققۇز يۈز توقسان توققۇز"),
    ("ug", "08:00", "ئەتىگەن سائەت سەككىز"),
    ("ug", "20:30", "كەچ سائەت سەككىز يېرىم"),
    ("ug", "38.0 گرادۇس", "ئوتتۇز سەككىز گرادۇس"),
    ("ug", "38.5 °C", "ئوتتۇز سەككىز پۈتۈن ئوندا بەش گرادۇس"),
    ("ug", "4-6 mg", "تۆتتىن ئالتىگىچە مىللىگرام"),
    ("ug", "130/85", "يۈز ئوتتۇز ۋە سەكسەن بەش"),
    ("ug", "8-كۈندىن", "سەككىزىنچى كۈندىن"),
    ("ug", "11-ئاينىڭ 24-كۈنى", "ئون بىرىنچى ئاينىڭ يىگىرمە تۆتىنچى كۈنى"),
    ("ug", "4 تىن", "تۆتتىن"),
    ("ug", "120 گە تېلېفون", "بىر ئىككى نۆل گە تېلېفون"),
    ("kk", "19", "он тоғыз"),
    ("kk", "1999", "мың тоғыз жүз тоқсан тоғыз"),
    ("kk", "08:00", "таңғы сағат сегіз"),
    ("kk", "38.0 градус", "отыз сегіз градус"),
    ("kk", "38,5 °C", "отыз сегіз бүтін оннан бес градус"),
    ("kk", "0.25 мг", "нөл бүтін жүзден жиырма бес миллиграмм"),
    ("kk", "4–6 рет", "төрттен алтыға дейін рет"),
    ("kk", "08:00-20:30", "таңғы сағат сегізден кешкі сағат сегіз жарымға дейін"),
    ("kk", "8-күннен", "сегізінші күннен"),
    ("kk", "6-ға", "алтыға"),
    ("kk", "24 қараша", "жиырма төртінші қараша"),
    ("kk", "24.11.2026", "екі мың жиырма алтыншы жылғы жиырма төртінші қараша"),
    ("kk", "103 нөміріне", "бір нөл үш нөміріне"),
    ("zh", "做 CT 和 MRI", "做西提和核磁共振"),
    ("zh", "CA-125 高", "西诶一百二十五高"),
    ("zh", "CA19-9", "西诶十九杠九"),
    ("zh", "PD-L1 检查", "皮地艾勒一检查"),
    ("zh", "白细胞 3.5×10⁹/L", "白细胞每升三点五乘十的九次方"),
    ("zh", "血糖 7.8 mmol/L", "血糖每升七点八毫摩尔"),
    ("zh", "5 mL", "五毫升"),
    ("zh", "48h 内", "四十八小时内"),
    ("ug", "EGFR غا", "ئى گى ئېف ئار غا"),
    ("ug", "XYZ دېگەن", "ئېكس ۋاي زېت دېگەن"),
    ("ug", "5-FU", "فتورۇراتسىل"),
    ("ug", "HER2 نى تەكشۈرۈش", "خېر ئىككى نى تەكشۈرۈش"),
    ("ug", "25 IU", "يىگىرمە بەش خەلقئارا بىرلىك"),
    ("kk", "C гепатиті", "си гепатиті"),
    ("kk", "CA-125-ке", "си эй жүз жиырма бес-ке"),
    ("kk", "МРТ мен УДЗ", "эм эр тэ мен у дэ зэ"),
    ("kk", "Herceptin 440 mg", "герцептин төрт жүз қырық миллиграмм"),
    ("kk", "7,8 ммоль/л", "литріне жеті бүтін оннан сегіз миллимоль"),
    ("kk", "2 мезгіл", "екі мезгіл"),
]


@pytest.mark.parametrize(("language", "written", "said"), TABLE)
def test_a_number_is_said_as_people_say_it(speeches, language, written, said):
    assert speeches[language].spell(written).rstrip("。.") == said


@pytest.mark.parametrize("language", ["zh", "ug", "kk"])
def test_all_numbers_to_9999_have_words_of_their_own(speeches, language):
    said = {speeches[language].numbers.whole(number) for number in range(10_000)}

    assert len(said) == 10_000
    assert not any(re.search(r"\d|  ", words) for words in said)


@pytest.mark.parametrize("language", ["ug", "kk"])
def test_every_number_word_has_its_endings(raw, language):
    words = raw[language]
    last = {word for word in words["ones"] + words["tens"] if word} | {words["hundreds"][1], words["thousands"][1]}

    assert all(last <= set(words[forms]) for forms in ("ordinals", "from", "until"))


@pytest.mark.parametrize("language", ["zh", "ug", "kk"])
def test_no_topic_leaves_a_digit_for_the_voice_to_guess(speeches, language):
    from tests.speech.conftest import CONTENT

    for page in sorted((CONTENT / language / "topics").glob("*.md")):
        body = page.read_text("utf-8").split("---")[2]
        assert not re.search(r"[\d/%°A-Za-z]", speeches[language].spell(body)), page.name


def test_dashes_and_marks_of_direction_are_not_read_and_each_line_ends(speeches):
    assert speeches["zh"].spell("标题\n- \u206638.5\u2069 度\n- **喝水**。") == "标题。\n三十八点五度。\n喝水。"


def test_a_latin_drug_name_is_said_in_the_language(speeches):
    said = [speeches[language].spell("Capecitabine 500 mg") for language in ("zh", "ug", "kk")]

    assert said == ["卡培他滨五百毫克。", "كاپېتسىتابىن بەش يۈز مىللىگرام.", "капецитабин бес жүз миллиграмм."]


@pytest.mark.parametrize("language", ["zh", "ug", "kk"])
def test_every_foreign_name_is_said_in_the_letters_of_the_language(speeches, raw, language):
    spelled = {written: speeches[language].spell(f"{written} ") for written in raw[language]["words"]}

    assert {written: said for written, said in spelled.items() if re.search(r"[A-Za-z\d]", said)} == {}


def test_a_name_that_one_language_says_the_others_say_too(raw):
    names = {language: {name for name in raw[language]["words"] if name.isascii()} for language in raw}

    assert names["zh"] == names["ug"] == names["kk"]
    assert len({frozenset(raw[language]["letters"]) for language in raw}) == 1


def test_what_no_file_says_is_named(speeches):
    assert speeches["ug"].unsaid("Capecitabine 500 mg, HPV, CA-125, 38.5 °C, ≥38") == []
    assert speeches["ug"].unsaid("Omegaven نى ئىچىڭ، 12 dl، 5‰") == ["Omegaven", "dl", "‰"]


def test_digits_of_other_scripts_are_numbers_too(speeches):
    assert speeches["ug"].spell("٣٨") == "ئوتتۇز سەككىز."


def test_a_date_that_does_not_exist_does_not_stop_the_voice(speeches):
    assert speeches["zh"].spell("2026-13-45")


def test_a_broken_file_names_every_problem(raw):
    broken = {**raw["kk"], "tens": ["", "он"], "hours": "сағат"}
    del broken["over"]

    with pytest.raises(SpeechBroken) as refused:
        Speech.of(broken, "content/kk/speech.yml")

    assert len(refused.value.problems) == 3
    assert "content/kk/speech.yml: tens has 2 words: give 10" in str(refused.value)
