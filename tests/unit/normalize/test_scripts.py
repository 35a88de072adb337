"""Match forms of headlines in many scripts: what is the same, and what is not."""

# ruff: noqa: RUF001 - letters that look like Latin ones are meant here

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.normalize import clean, match_form
from worker.normalize.fold import fold

SAME = [
    # Latin: case, accents, ligatures, full width.
    ("La CIGÜEÑA vuelve al campanario", "la cigueña vuelve al campanario"),
    ("ISTANBUL'DA KAR YAĞIŞI", "İstanbul'da kar yağışı"),
    ("Straße in Köln gesperrt", "STRASSE IN KÖLN GESPERRT"),
    ("L’été sera chaud à Sète", "L'ÉTÉ SERA CHAUD À SÈTE"),
    ("Bão đổ bộ miền Trung", "BÃO ĐỔ BỘ MIỀN TRUNG"),
    ("ＮＡＴＯ拡大へ", "NATO拡大へ"),
    # Cyrillic: ё, case, quotation marks.
    ("Всё о «Зените»", 'ВСЕ О "ЗЕНИТЕ"'),
    ("Уряд ухвалив бюджет", "УРЯД УХВАЛИВ БЮДЖЕТ"),
    # Greek: tonos, final sigma.
    ("Ο ΝΈΟΣ ΝΌΜΟΣ", "ο νέος νόμος"),
    ("Νέος σεισμός", "ΝΕΟΣ ΣΕΙΣΜΟΣ"),
    # Arabic: tatweel, harakat, hamza on alef, yeh and kaf of Persian, digits.
    ("الحـــكومة تُقرّ المُوازنة", "الحكومة تقر الموازنة"),
    ("أزمة إلى آخر العام", "ازمة الى اخر العام"),
    ("مقتل ٣٤ شخصًا", "مقتل 34 شخصا"),
    ("ارتفاع ٥٪ في الأسعار، بحسب البنك", "ارتفاع 5% في الأسعار بحسب البنك"),
    ("دولت ۱۲۳ پروژه را افتتاح کرد", "دولت 123 پروژه را افتتاح كرد"),
    ("تیم ملی پیروز شد", "تيم ملي پيروز شد"),
    ("کیا بجٹ منظور ہوگا؟", "كيا بجٹ منظور ہوگا"),
    # Hebrew: niqqud, marks of acronyms, geresh, maqaf.
    ("שָׁלוֹם לְכֻלָּם", "שלום לכלם"),
    ('צה"ל הודיע', "צה״ל הודיע"),
    ("תל־אביב", "תל-אביב"),
    ("ג'ורג' ביקר בארץ", "ג׳ורג׳ ביקר בארץ"),
    # Devanagari: digits, danda, nukta written either way.
    ("१२ लोगों की मौत।", "12 लोगों की मौत"),
    ("ज़रूरी बैठक", "ज\u093cरूरी बैठक"),
    # Chinese: punctuation, spaces, full width, number and percent.
    ("习近平会见普京，双方讨论贸易", "习近平会见普京 双方讨论贸易"),
    ("《流浪地球》票房破十亿！", "“流浪地球”票房破十亿"),
    ("通脹率升至５．２％", "通脹率升至5.2%"),
    ("马克·扎克伯格访华", "马克•扎克伯格访华"),
    # Japanese: brackets, commas, half-width kana, ideographic space.
    ("首相「増税しない」", "首相『増税しない』"),
    ("日銀、金利を据え置き", "日銀 金利を据え置き"),
    ("ｶﾞｿﾘﾝ価格が上昇", "ガソリン価格が上昇"),
    ("大雨　避難指示", "大雨、避難指示"),
    # Korean: decomposed, punctuation, quotation marks.
    ("정부, 예산안 의결", "정부 예산안 의결"),
    ("대통령 '사퇴 없다'", "대통령 “사퇴 없다”"),
    ("\u1112\u1161\u11ab\u1100\u116e\u11a8 은행", "한국 은행"),
    # Thai: spaces between phrases, digits.
    ("น้ำท่วม ๓ จังหวัด", "น้ำท่วม 3 จังหวัด"),
    ("รัฐบาล อนุมัติงบ", "รัฐบาลอนุมัติงบ"),
    # What agencies put before it.
    ("【速報】首相が辞任", "首相が辞任"),
    ("快讯：总统辞职", "总统辞职"),
    ("[속보] 대통령 사임", "대통령 사임"),
    ("СРОЧНО: Президент ушёл в отставку", "Президент ушёл в отставку"),
    ("عاجل: استقالة رئيس الوزراء", "استقالة رئيس الوزراء"),
    ("EILMELDUNG: Kanzler tritt zurück", "Kanzler tritt zurück"),
    ("ÚLTIMA HORA | Dimite el presidente", "Dimite el presidente"),
    ("ब्रेकिंग न्यूज़: भूकंप के झटके", "भूकंप के झटके"),
]

DIFFERENT = [
    ("Sube el precio de la luz", "Baja el precio de la luz"),
    ("На трассе погибли 12 человек", "На трассе погибли 21 человек"),
    ("Νεκροί 3 στη Λάρισα", "Νεκροί 5 στη Λάρισα"),
    ("مقتل ٣ أشخاص", "مقتل ٤ أشخاص"),
    ("שלושה הרוגים בחיפה", "שלושה הרוגים ביפו"),
    ("१२ लोगों की मौत", "१३ लोगों की मौत"),
    ("दिल्ली में बारिश", "दिल्ली में बारिस"),
    ("地震造成12人死亡", "地震造成21人死亡"),
    ("北京暴雨", "南京暴雨"),
    ("日銀、金利を据え置き", "日銀、金利を引き上げ"),
    ("台風3号が接近", "台風8号が接近"),
    ("여당, 예산안 통과", "야당, 예산안 통과"),
    ("น้ำท่วม 3 จังหวัด", "น้ำท่วม 5 จังหวัด"),
    ("快讯社成立", "社成立"),
    ("Срочно требуется кровь", "требуется кровь"),
]


def form(text: str) -> str:
    return match_form(clean(text)[0])


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_writings_are_one(one, other):
    assert form(one) == form(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_senses_stay_two(one, other):
    assert form(one) != form(other)


def test_traditional_and_simplified_stay_two():
    # One character may stand for several of the other kind: telling which takes a dictionary.
    assert form("總統宣布選舉") != form("总统宣布选举")


@pytest.mark.parametrize("text", ["한국은행", "한국", "은"])
def test_korean_words_stay_whole(text):
    assert form(text) == text


ALPHABETS = (
    "abz ÀÉßİıŁøñ", "абвЁйїґ", "άΏςΣ", "أإآىئکیـًٱ٣۴", "שָׁלוֹםצ״׳", "कखज़१।", "中国國、。《》５", "かガｶﾞー「」",
    "한국ᄒ", "ไทย๓", "0123456789", " -–—.,:;!?'\"&%$€\u200b\u200d\u00a0\u3000",
)  # fmt: skip
MIXED = st.text(st.sampled_from("".join(ALPHABETS)), max_size=40)


@given(MIXED)
def test_repairing_and_folding_twice_changes_nothing(text):
    once, _ = clean(text)
    assert clean(once) == (once, ())
    assert fold(fold(once)) == fold(once)


@given(st.lists(st.sampled_from(ALPHABETS).flatmap(st.text), max_size=8).map(" ".join))
def test_the_form_of_capitals_is_the_form(text):
    display, _ = clean(text)
    folded = fold(display)
    # What has no capital of its own kind, or two small letters, is left aside, and what stands beside Latin letters and
    # looks like them as a capital only.
    is_mixed = re.search("[A-Za-z]", folded) and re.search("[\u0370-\u052f]", folded)
    if display.upper().lower() == display.lower() and not is_mixed:
        assert match_form(display.upper()) == match_form(display)


@given(st.text(st.sampled_from("中国政府批准明年预算かなカナ"), min_size=1, max_size=20), st.data())
def test_punctuation_and_spaces_between_characters_do_not_matter(text, data):
    place = data.draw(st.integers(0, len(text)))
    # At the end an ellipsis says that the headline was cut.
    marks = ["、", "，", "。", " ", "\u3000", "・", "“", "！", " - ", *(["…"] if place < len(text) else [])]
    assert form(text[:place] + data.draw(st.sampled_from(marks)) + text[place:]) == form(text)


@given(st.text(st.sampled_from("中国政府批准明年预算"), min_size=2, max_size=20), st.data())
def test_one_other_character_is_another_form(text, data):
    place = data.draw(st.integers(0, len(text) - 1))
    assert form(text[:place] + "雨" + text[place + 1 :]) != form(text)
