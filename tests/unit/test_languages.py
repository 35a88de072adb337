"""Headlines in many languages through all stages: told, de-duplicated within their language, and left unsorted."""

# ruff: noqa: RUF001 - letters that look like Latin ones are meant here

from __future__ import annotations

import orjson
import pytest
from worker.deduplicate.match import MATCHER
from worker.deduplicate.rule import MOST_KEYS
from worker.events import Kind
from worker.normalize import Limits, match_form
from worker.preview import Policy, Preview
from worker.replay.document import documents
from worker.replay.fields import FieldMap
from worker.replay.plan import Plan, readings
from worker.route.rules import RuledRouter

POLICY = Policy(Limits(), max_entries=1_000_000, threshold=0.6, also_threshold=0.55)

GROUPS = {
    "es": (
        "El Gobierno aprueba la subida del salario mínimo",
        "GOBIERNO APRUEBA LA SUBIDA DEL SALARIO MINIMO",
        "El Gobierno rechaza la subida del salario mínimo",
    ),
    "ru": (
        "Более 20 000 человек вышли на улицы города",
        "СРОЧНО: Более 20000 человек вышли на улицы города",
        "Более 30 000 человек вышли на улицы города",
    ),
    "el": (
        "Η κυβέρνηση ενέκρινε τον νέο προϋπολογισμό",
        "ΚΥΒΕΡΝΗΣΗ ΕΝΕΚΡΙΝΕ ΤΟΝ ΝΕΟ ΠΡΟΫΠΟΛΟΓΙΣΜΟ",
        "Η κυβέρνηση απέσυρε τον νέο προϋπολογισμό",
    ),
    "ar": (
        "الحكومة تُقرّ مشروع المُوازنة للعام المقبل",
        "عاجل: الحـكومة تقر مشروع الموازنة للعام المقبل",
        "الحكومة ترفض مشروع الموازنة للعام المقبل",
    ),
    "fa": (
        "پزشکان جوان از کشور مهاجرت می‌کنند و نمی‌مانند",
        "پزشکان جوان از کشور مهاجرت می کنند و نمی مانند",
        "معلمان جوان از کشور مهاجرت می‌کنند و نمی‌مانند",
    ),
    "he": (
        'צה"ל הודיע על סיום המבצע בצפון',
        "צה״ל הודיע על סיום המבצע, בצפון",
        'צה"ל הודיע על תחילת המבצע בצפון',
    ),
    "hi": (
        "सड़क हादसे में १२ लोगों की मौत, जांच के आदेश",
        "ब्रेकिंग न्यूज़: सड़क हादसे में 12 लोगों की मौत जांच के आदेश।",
        "सड़क हादसे में 13 लोगों की मौत, जांच के आदेश",
    ),
    "zh": (
        "习近平会见普京，双方讨论贸易问题",
        "快讯：习近平会见普京 双方讨论贸易问题",
        "习近平会见拜登，双方讨论贸易问题",
    ),
    "ja": (
        "【速報】日銀、金利の据え置きを決定",
        "日銀　金利の据え置きを決定",
        "日銀、金利の引き上げを決定",
    ),
    "ko": (
        "대통령 선거 결과 오늘 발표 예정",
        "[속보] 대통령선거 결과, 오늘 발표 예정",
        "국회의원 선거 결과 오늘 발표 예정",
    ),
    "th": (
        "น้ำท่วมหนัก ๓ จังหวัดภาคใต้",
        "น้ำท่วมหนัก 3 จังหวัดภาคใต้!",
        "น้ำท่วมหนัก 5 จังหวัดภาคใต้",
    ),
}
"""Of each language a headline, the same written otherwise, and one that says something else."""


@pytest.fixture(scope="module")
def router():
    return RuledRouter.load()


@pytest.fixture
def outcomes(tmp_path, router):
    def outcomes(*headlines):
        path = tmp_path / "feed.jsonl"
        records = [{"headline": each} if isinstance(each, str) else each for each in headlines]
        path.write_bytes(b"\n".join(map(orjson.dumps, records)))
        plan = Plan(tuple(documents([str(path)])), source="wire", fields=FieldMap())
        return list(Preview(POLICY, MATCHER, router).outcomes(readings(plan)))

    return outcomes


def test_in_each_script_a_duplicate_is_found_and_other_news_is_not(outcomes):
    found = outcomes(*(headline for group in GROUPS.values() for headline in group))

    for at, language in enumerate(GROUPS):
        first, same, other = found[3 * at : 3 * at + 3]
        assert (first.verdict.kind, first.headline.language) == (Kind.ORIGINAL, language)
        assert (same.verdict.kind, same.of) == (Kind.DUPLICATE, first.position), language
        assert other.verdict.kind is Kind.ORIGINAL, language


@pytest.mark.parametrize("language", GROUPS)
def test_each_script_has_keys_that_two_writings_share(language):
    first, same, _ = (set(MATCHER.keys(match_form(headline))) for headline in GROUPS[language])
    assert 3 <= len(first) <= MOST_KEYS
    assert len(first & same) >= 3


def test_a_translation_is_no_duplicate(outcomes):
    found = outcomes(
        "Minister resigns after budget vote", "El ministro dimite tras la votación del presupuesto"
    )
    assert [each.verdict.kind for each in found] == [Kind.ORIGINAL] * 2


def test_what_the_model_was_not_trained_for_is_unsorted(outcomes):
    found = outcomes(
        *(group[0] for group in GROUPS.values()),
        "La policía detiene al presidente del club de fútbol por fraude",
    )
    assert {(each.route.topic, each.route.confidence) for each in found} == {("unsorted", 0.0)}
    assert all(each.route.also == () for each in found)


def test_english_is_routed_and_says_that_it_is_english(outcomes):
    (found,) = outcomes("Striker scores twice as league leaders win derby")
    assert (found.route.topic, found.headline.language, found.headline.foreign) == ("sport", "en", False)


def test_the_language_that_a_feed_names_is_kept(outcomes):
    found = outcomes(
        {"headline": "Striker scores twice as league leaders win derby", "language": "en_gb"},
        {"headline": "El Gobierno aprueba la subida del salario mínimo", "language": "es-419"},
        {"headline": "Macron Merkel Putin", "language": "fr"},
        {"headline": "Macron Merkel Putin Draghi", "language": "und"},
    )
    assert [each.headline.language for each in found] == ["en-GB", "es-419", "fr", None]


def test_a_text_is_believed_before_its_feed_and_the_feed_before_nothing(outcomes):
    found = outcomes(
        {"headline": "Striker scores twice as league leaders win derby", "language": "de"},
        {"headline": "La policía detiene al presidente del club por fraude", "language": "en"},
        {"headline": "Nadal Federer Wimbledon", "language": "fr"},
        {"headline": "Nadal Federer Wimbledon 2024", "language": "en"},
        "Nadal Federer Wimbledon 6-4",
    )
    assert [each.headline.foreign for each in found] == [False, True, True, False, False]
    assert found[0].route.topic == "sport"
    assert [found[at].route.confidence for at in (1, 2)] == [0.0, 0.0]
