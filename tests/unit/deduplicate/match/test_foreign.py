"""Headlines that are not English: the same by their words alone."""

# ruff: noqa: RUF001 - letters that look like Latin ones are meant here

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.deduplicate.match import MATCHER, REASONS, judge
from worker.deduplicate.match.foreign import DIFFERENCES
from worker.events import Kind
from worker.normalize import match_form


def judged(one: str, other: str):
    return judge(match_form(one), match_form(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Written together or apart.
        ("대통령 선거 결과 오늘 발표", "대통령선거 결과 오늘 발표"),
        ("Klima-Gipfel endet ohne Einigung der Staaten", "Klimagipfel endet ohne Einigung der Staaten"),
        ("پزشکان جوان مهاجرت می‌کنند و نمی‌مانند", "پزشکان جوان مهاجرت می کنند و نمی مانند"),
        # Thousands.
        ("Más de 10.000 personas protestan en Madrid", "Más de 10 000 personas protestan en Madrid"),
        (
            "Plus de 12 500 manifestants dans les rues de Lyon",
            "Plus de 12500 manifestants dans les rues de Lyon",
        ),
        ("Более 20 000 человек вышли на улицы города", "Более 20000 человек вышли на улицы города"),
        # An article before all.
        ("El Gobierno aprueba la subida del salario", "Gobierno aprueba la subida del salario"),
        ("Le gouvernement renonce à la hausse des taxes", "Gouvernement renonce à la hausse des taxes"),
        (
            "Die Polizei nimmt nach dem Überfall drei Männer fest",
            "Polizei nimmt nach dem Überfall drei Männer fest",
        ),
        ("Η κυβέρνηση ενέκρινε τον προϋπολογισμό", "Κυβέρνηση ενέκρινε τον προϋπολογισμό"),
    ],
)
def test_the_same_words_are_a_duplicate(one, other):
    found = judged(one, other)
    assert (found.kind, found.reason) == (Kind.DUPLICATE, "spacing")
    assert judged(other, one) == found


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("Sube el precio de la luz en enero", "Baja el precio de la luz en enero", "words"),
        ("El Gobierno aprueba la subida del salario", "El Gobierno rechaza la subida del salario", "words"),
        (
            "Detienen al alcalde de Sevilla por corrupción",
            "Detienen al alcalde de Granada por corrupción",
            "words",
        ),
        ("Dos muertos en un choque de trenes", "Dos heridos en un choque de trenes", "words"),
        ("La ministra dimite tras la polémica", "La ministra no dimite tras la polémica", "words"),
        ("Mann schlägt Hund in der Innenstadt", "Hund schlägt Mann in der Innenstadt", "words"),
        ("На трассе под Самарой погибли 12 человек", "На трассе под Самарой погибли 21 человек", "number"),
        (
            "Más de 10.000 personas protestan en Madrid",
            "Más de 11.000 personas protestan en Madrid",
            "number",
        ),
        ("Polisen söker 3 män efter rånet i Malmö", "Polisen söker 3 1 män efter rånet i Malmö", "number"),
        ("مقتل ٣ أشخاص في حادث سير قرب القاهرة", "مقتل ٤ أشخاص في حادث سير قرب القاهرة", "number"),
        ("الشرطة تعتقل مشتبها به في سرقة بنك", "الشرطة تطلق مشتبها به في سرقة بنك", "words"),
        ("המשטרה עצרה חשוד בשוד בנק בחיפה", "המשטרה שחררה חשוד בשוד בנק בחיפה", "words"),
        ("जयपुर में सड़क हादसे में 2 लोगों की मौत", "जयपुर में सड़क हादसे में 5 लोगों की मौत", "number"),
        ("भारत ने ऑस्ट्रेलिया को हराया", "ऑस्ट्रेलिया ने भारत को हराया", "words"),
        ("政府批准明年预算草案", "政府否决明年预算草案", "words"),
        ("地震造成12人死亡", "地震造成21人死亡", "number"),
        ("中国队击败巴西队晋级决赛", "巴西队击败中国队晋级决赛", "words"),
        ("日銀、金利の据え置きを決定", "日銀、金利の引き上げを決定", "words"),
        ("台風3号が九州に接近", "台風8号が九州に接近", "number"),
        ("여당, 예산안 단독 통과", "야당, 예산안 단독 통과", "words"),
        ("Δύο νεκροί σε τροχαίο στη Λάρισα", "Τρεις νεκροί σε τροχαίο στη Λάρισα", "words"),
        ("น้ำท่วมหลายจังหวัด 3 ราย", "น้ำท่วมหลายจังหวัด 5 ราย", "number"),
    ],
)
def test_another_word_number_or_order_is_other_news(one, other, reason):
    found = judged(one, other)
    assert (found.kind, found.score, found.reason) == (Kind.ORIGINAL, 0.0, reason)
    assert judged(other, one) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Minister resigns after budget vote", "El ministro dimite tras la votación del presupuesto"),
        (
            "Vláda schválila rozpočet na příští rok se schodkem",
            "Rząd przyjął projekt budżetu na przyszły rok",
        ),
        (
            "Правительство одобрило проект бюджета на следующий год",
            "Уряд ухвалив проєкт бюджету на наступний рік",
        ),
    ],
)
def test_two_languages_are_never_compared(one, other):
    assert judged(one, other).reason == "language"


CUP = "real madrid liverpool bayern munich juventus milan champions league"


@pytest.mark.parametrize("other", [CUP, f"<pt> {CUP}", f"<pt> {CUP} …", f"{CUP} …"])
def test_names_alone_are_kept_apart_by_what_their_feeds_say(other):
    spanish = f"<es> {CUP}"
    assert judge(spanish, other).reason == judge(other, spanish).reason == "language"
    assert judge(spanish, spanish).reason == "exact"
    assert judge(spanish, f"{spanish} …").reason == "truncated"
    assert MATCHER.keys(spanish) == MATCHER.keys(CUP)


def test_names_alone_are_compared_with_a_text_of_the_language_that_their_feed_names():
    assert judge("<es> champions league", match_form("El Gobierno aprueba la subida")).reason == "words"
    assert judge("<es> champions league", match_form("Gobierno aprueba la subida en enero")).reason == "words"


def test_the_same_form_is_a_duplicate_whatever_its_language():
    assert judged("政府，批准预算", "政府批准预算").reason == "exact"
    assert judged("Президент Путин", "ПРЕЗИДЕНТ ПУТИН").reason == "exact"


def test_english_is_judged_as_before():
    assert (
        judged("Goverment announces emergency budget", "Government announces emergency budget").reason
        == "typo"
    )
    assert judged("Oil prices rise sharply", "Oil prices fall sharply").kind is Kind.UPDATE


def test_every_reason_is_a_known_one():
    assert {"spacing", *DIFFERENCES} <= REASONS


@given(
    st.text(st.sampled_from("中国政府批准明年 预算12かな"), min_size=1),
    st.text(st.sampled_from("中国政府批准明年 预算12かな"), min_size=1),
)
def test_chinese_and_japanese_that_differ_in_a_character_are_never_duplicates(one, other):
    bare = [text.replace(" ", "") for text in (one, other)]
    if bare[0] != bare[1]:
        assert judged(one, other).kind is Kind.ORIGINAL
