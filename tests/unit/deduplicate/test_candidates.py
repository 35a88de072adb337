"""What the index brings together: of headlines that say the same, and of a composed stream."""

import gzip
from collections.abc import Sequence
from random import Random

import pytest
from msgspec import structs
from worker.deduplicate.index import Index
from worker.deduplicate.match import MATCHER, Judgement, keys
from worker.deduplicate.match.lexicon import WORDS
from worker.deduplicate.rule import MOST_CANDIDATES, MOST_PROMISING, Rule
from worker.events import Kind
from worker.normalize import clean, match_form

RULE = Rule(version=MATCHER.version, window_ms=1000, max_entries=100_000)
BATCH = 500

SAME = [
    ("Ferry with 120 on board sinks off Zanzibar", "Boat carrying 120 people goes down near Zanzibar"),
    ("Central bank raises rates by half a point", "Interest rates go up half a point, central bank says"),
    ("Mayor of Lyon quits after corruption probe", "Lyon mayor resigns amid corruption investigation"),
    ("Firefighters contain blaze at Hamburg refinery", "Hamburg refinery fire brought under control"),
    ("Norway to ban petrol cars from 2030", "From 2030 Norway will outlaw cars that run on petrol"),
    ("Drugmaker Velmora buys rival Antrix for $4bn", "Velmora to acquire Antrix in $4 billion deal"),
    ("Police arrest two over stolen Vermeer painting", "Two held in theft of Vermeer painting"),
    ("Peru's congress votes to oust president", "Peruvian lawmakers remove the president from office"),
    ("Strike grounds flights across Portugal", "Flights in Portugal cancelled as strike begins"),
    ("Glacier collapse kills five hikers in Alps", "Five hikers dead after a glacier breaks off in the Alps"),
    ("Court clears minister of fraud", "Minister acquitted of fraud by court"),
    ("Tornado flattens school in Oklahoma", "Oklahoma school destroyed by tornado"),
    ("Brexit vote delayed", "Vote on Brexit is put off"),
    ("Toyota recalls vans", "Van recall at Toyota"),
    ("Quake hits Crete", "Crete: quake"),
    ("Chess: Ivanova champion", "Ivanova is chess champion"),
    ("Dutch farmers block motorway in protest over nitrogen", "Nitrogen protest: motorway blocked by farmers"),
    ("Pope to visit Mongolia in September", "Pope Francis plans September trip to Mongolia"),
    ("Cyclone leaves thousands homeless in Malawi", "Thousands lose homes as cyclone strikes Malawi"),
    ("WHO declares end of mpox emergency", "Mpox emergency is over, says WHO"),
]  # fmt: skip


def put(index: Index, forms: Sequence[str]) -> None:
    for start in range(0, len(forms), BATCH):
        batch = forms[start : start + BATCH]
        number = len(batch)
        index.put(
            [form.encode() for form in batch],
            [keys(form) for form in batch],
            [0] * number,
            [0] * number,
            {},
            time=0,
            oldest=0,
            rule=RULE,
        )
        index.flush()


def look(index: Index, forms: Sequence[str]) -> list[list[str]]:
    found = index.look(
        [form.encode() for form in forms],
        [keys(form) for form in forms],
        [0] * len(forms),
        oldest=0,
        rule=RULE,
    )
    return [[form.decode() for form in each] for each in found]


def composed(number: int) -> list[str]:
    """Match forms of six to twelve words, each as frequent as in headlines; the same on every machine."""
    rows = [line.split("\t") for line in gzip.decompress(WORDS.read_bytes()).decode().splitlines()[1:]]
    words = [word for word, _, _ in rows]
    counts = [int(count) for _, count, _ in rows]
    pick = Random(5)
    return [" ".join(pick.choices(words, counts, k=pick.randint(6, 12))) for _ in range(number)]


@pytest.fixture(scope="module")
def stream() -> list[str]:
    return composed(12_000)


def counting() -> tuple[Index, list[tuple[str, str]]]:
    asked: list[tuple[str, str]] = []

    def judge(earlier: str, later: str, scores: object = None) -> Judgement:
        asked.append((earlier, later))
        return Judgement(Kind.ORIGINAL, 0.0, "unrelated")

    return Index(structs.replace(MATCHER, judge=judge), RULE.max_entries), asked


def test_headlines_that_say_the_same_find_each_other_with_thousands_in_between(stream: list[str]) -> None:
    forms = [tuple(match_form(clean(headline)[0]) for headline in pair) for pair in SAME]
    for one, other in ((0, 1), (1, 0)):
        index, _ = counting()
        put(index, [pair[one] for pair in forms])
        put(index, stream)
        found = look(index, [pair[other] for pair in forms])
        assert [pair for pair, there in zip(forms, found, strict=True) if pair[one] not in there] == []


def test_of_a_stream_few_are_candidates_and_fewer_are_judged(stream: list[str]) -> None:
    index, asked = counting()
    put(index, stream[:-1000])
    asked.clear()
    candidates = sum(map(len, look(index, stream[-1000:])))
    put(index, stream[-1000:])
    assert 300 < candidates < 900
    assert 1 < len(asked) < 20


def test_the_most_alike_are_candidates_and_the_newest_where_they_are_alike() -> None:
    index, asked = counting()
    far = [f"zanzibar ferry gondola xylophone qz{letter}" for letter in "ab"]
    near = [f"zanzibar ferry sinks qx{letter}" for letter in "abcdefghijklmnopqrstuvwxyzäöüßéèñçøåæ"]
    put(index, [*near, *far])
    asked.clear()
    assert look(index, ["zanzibar ferry sinks"]) == [near[: -MOST_CANDIDATES - 1 : -1]]
    assert asked == []


def test_a_few_of_the_most_alike_are_judged_the_earliest_first() -> None:
    index, asked = counting()
    put(index, [f"zanzibar ferry sinks qx{letter}" for letter in "abcdefghijklmnopqr"])
    asked.clear()
    put(index, ["zanzibar ferry sinks"])
    assert [earlier[-1] for earlier, _ in asked] == list("ijklmnopqr")
    assert len(asked) == MOST_PROMISING


def test_what_is_a_candidate_need_not_be_promising() -> None:
    index, asked = counting()
    put(index, ["zanzibar ferry qxa qxb qxc"])
    asked.clear()
    later = "zanzibar ferry qya qyb qyc"
    assert look(index, [later]) == [["zanzibar ferry qxa qxb qxc"]]
    put(index, [later])
    assert asked == []
