"""What wires and sites put around a headline, in the languages that newswire reads."""

# ruff: noqa: RUF001 - letters and dashes that look like Latin ones are meant here

import pytest
from worker.normalize.attribution import bare, feed_of


@pytest.mark.parametrize(
    ("display", "expected"),
    [
        ("Oil rises - Reuters", "Oil rises"),
        ("Oil rises | The Guardian", "Oil rises"),
        ("Oil rises \u2013 BBC News", "Oil rises"),
        ("Oil rises — AP", "Oil rises"),
        ("Oil rises (Reuters)", "Oil rises"),
        ("Oil rises [AFP]", "Oil rises"),
        ("Oil rises | Business News | CNN", "Oil rises"),
        ("Oil rises - The Springfield Post", "Oil rises"),
        ("Oil rises - Springfield Gazette", "Oil rises"),
        ("Oil rises | Springfield Post", "Oil rises"),
        ("Oil rises - wire.example.com", "Oil rises"),
        ("Oil rises (Update2)", "Oil rises"),
        ("UPDATE 1-Oil rises", "Oil rises"),
        ("Update: Oil rises", "Oil rises"),
        ("BREAKING NEWS: Oil rises", "Oil rises"),
        ("RPT-UPDATE 2-Oil rises", "Oil rises"),
        ("CORRECTED (OFFICIAL)-Oil rises", "Oil rises"),
        ("Reuters - Oil rises", "Oil rises"),
    ],
)
def test_what_is_around_a_headline_goes(display, expected):
    assert bare(display) == expected


@pytest.mark.parametrize(
    "display",
    [
        "Oil rises - analysts",
        "Oil rises - good news",
        "Oil rises: Reuters",
        "Oil rises | Texas",
        "Watch out for oil",
        "Breaking-up is hard to do",
        "Live aid - what became of it",
        "Update your phone now",
        "Reuters",
        "Alert level raised - again",
        "Give it time",
        "BBC-style broadcasting",
    ],
)
def test_what_may_be_the_news_stays(display):
    assert bare(display) == display


@pytest.mark.parametrize("display", ["Reuters - AP", "UPDATE 1-", "| CNN", "(AFP)"])
def test_something_always_stays(display):
    assert bare(display)


@pytest.mark.parametrize(
    "display",
    [
        "Цены растут - РИА Новости",
        "Цены растут | Lenta.ru",
        "Цены растут — Коммерсантъ",
        "Цены растут | Цензор.НЕТ",
        "Los precios suben - EL PAÍS",
        "Los precios suben | El Pais",
        "Preise steigen | tagesschau.de",
        "Preise steigen – Süddeutsche Zeitung",
        "물가 상승 - 연합뉴스",
        "الأسعار ترتفع - الجزيرة نت",
        "המחירים עולים - ynet",
        "Prices rise - Premium Times Nigeria",
        "Prices rise - News24",
        "Prices rise | Stuff.co.nz",
        "Prices rise | www.example.co.nz",
        "कीमतें बढ़ीं - दैनिक भास्कर",
        "Οι τιμές ανεβαίνουν - Η Καθημερινή",
    ],
)
def test_outlets_of_other_languages_are_known(display):
    assert bare(display) == display[: max(display.rfind(mark) for mark in "-|–—")].rstrip()


@pytest.mark.parametrize(
    ("display", "expected"),
    [
        ("两国领导人会面_新华网", "两国领导人会面"),
        ("两国领导人会面-新华社", "两国领导人会面"),
        ("首相が予算案を発表 - 日本経済新聞", "首相が予算案を発表"),
        ("首相が予算案を発表｜NHKニュース", "首相が予算案を発表"),
        ("首相が予算案を発表（毎日新聞）", "首相が予算案を発表"),
    ],
)
def test_scripts_without_spaces_have_none_around_the_mark(display, expected):
    assert bare(display) == expected


@pytest.mark.parametrize(
    ("display", "source"),
    [
        ("Oil rises - Crete Today", "Crete Today"),
        ("Oil rises | CRETE TODAY", "crete today"),
        ("Oil rises _ CreteToday", "Crete Today"),
        ("Oil rises – Río Hoy", "RIO HOY"),
        ("Oil rises | Crete - Today", "Crete - Today"),
        ("Oil rises (Havelbote)", "Havelbote.de"),
        ("Oil rises — Вестник Урала", "Вестник Урала"),
        ("Oil rises＿港日報", "港日報"),
    ],
)
def test_a_feed_s_own_name_goes(display, source):
    assert bare(display, feed_of(source)) == "Oil rises"
    assert bare(display, feed_of("Another Wire")) == display


@pytest.mark.parametrize(
    ("display", "source"),
    [
        ("Oil rises - Putin", "Crete Today"),
        ("Oil rises - analysts at Crete Today", "Crete Today"),
        ("Oil rises on Crete Today", "Crete Today"),
        ("Oil rises - S.Africa", "Crete Today"),
        ("Oil rises - U", "u"),
        ("Oil rises - details", "Wire"),
        ("Нефть дорожает - Путин", "Вестник Урала"),
        ("两国领导人会面-外交部", "新华网"),
    ],
)
def test_a_tail_that_is_not_the_feed_s_name_stays(display, source):
    assert bare(display, feed_of(source)) == display


def test_a_name_without_letters_is_none():
    assert feed_of("---") is None
    assert feed_of("x") is None
