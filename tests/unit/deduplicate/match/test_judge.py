"""The rule on a pair as a whole: properties, the seed headlines, and the figures on labelled pairs."""

import gzip
import itertools
import random
import re
from importlib import resources
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.deduplicate.evidence import Scores
from worker.deduplicate.match import REASONS, Judgement, doubtful, judge
from worker.deduplicate.match.align import overlap
from worker.deduplicate.match.compare import ASKED_OVERLAP, OVERLAP, compare
from worker.deduplicate.match.tokens import read
from worker.events import Kind
from worker.normalize import match_form
from worker.replay.seed_document import read_seed_document

WORDS = [
    "ferry",
    "sinks",
    "island",
    "protesters",
    "storm",
    "parliament",
    "12",
    "41",
    "dead",
    "hurt",
    "not",
    "iran",
    "iraq",
    "north",
    "south",
    "minister",
    "president",
    "vice",
    "resigns",
    "quits",
    "rise",
    "fall",
    "shares",
    "stocks",
    "may",
    "report",
    "some",
    "all",
    "after",
    "over",
    "the",
    "of",
    "to",
    "in",
    "fire",
    "volcano",
    "museum",
    "opens",
    "closes",
    "macron",
    "google",
    "sues",
    "oracle",
    "$5bn",
    "7%",
    "goverment",
    "parliment",
]

headlines = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)
SENTENCES = (
    "divers recover ancient anchor from harbor near lighthouse",
    "government announces emergency budget after harvest fails in southern valley",
    "museum returns stolen painting to village church",
    "volunteers search flooded villages for missing shepherds",
    "scientists discover shipwreck beneath frozen mountain lake",
    "orchestra postpones several concerts because violins were damaged",
)


@given(headlines, headlines)
def test_the_order_of_a_pair_does_not_matter(one, other):
    assert judge(one, other) == judge(other, one)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_judged_with_a_known_reason_and_a_score_in_thousandths(one, other):
    judgement = judge(one, other)
    assert judgement.reason in REASONS
    assert 0 <= judgement.score <= 1
    assert judgement.score == round(judgement.score * 1000) / 1000


@given(headlines)
def test_a_headline_is_a_duplicate_of_itself(headline):
    assert judge(headline, headline) == Judgement(Kind.DUPLICATE, 1.0, "exact")


@given(st.sampled_from(SENTENCES), st.data())
def test_a_letter_mistyped_in_a_long_common_word_is_forgiven(sentence, data):
    words = sentence.split()
    at = data.draw(st.sampled_from([at for at, word in enumerate(words) if len(word) >= 8]))
    word = words[at]
    cut = data.draw(st.integers(1, len(word) - 2))
    wrong = data.draw(
        st.sampled_from(
            [
                word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :],
                word[:cut] + word[cut + 1 :],
                word[:cut] + word[cut] + word[cut:],
                word[:cut] + "q" + word[cut + 1 :],
            ]
        )
    )
    assert judge(sentence, " ".join([*words[:at], wrong, *words[at + 1 :]])).kind is Kind.DUPLICATE


@given(st.integers(2, 99_999), st.integers(2, 99_999))
def test_another_number_is_never_a_duplicate(one, other):
    kind = judge(
        f"ferry sinks off greek island {one} missing", f"ferry sinks off greek island {other} missing"
    ).kind
    assert (kind is Kind.DUPLICATE) == (one == other)


NAMES = [
    "iran",
    "iraq",
    "austria",
    "australia",
    "niger",
    "nigeria",
    "mali",
    "malawi",
    "macron",
    "marcon",
    "merkel",
    "georgia",
    "slovakia",
    "slovenia",
]


@given(st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_another_name_is_never_a_duplicate(one, other):
    kind = judge(
        f"{one} recalls envoy from vienna in fishing dispute",
        f"{other} recalls envoy from vienna in fishing dispute",
    )
    assert (kind.kind is Kind.DUPLICATE) == (one == other)


@given(st.sampled_from(SENTENCES), st.data())
def test_another_word_in_the_place_of_one_is_never_a_duplicate(sentence, data):
    words = sentence.split()
    at = data.draw(st.integers(0, len(words) - 1))
    other = data.draw(st.sampled_from(["umbrella", "zimbabwe", "zwrbk", "seventeen", "never", "without"]))
    assert judge(sentence, " ".join([*words[:at], other, *words[at + 1 :]])).kind is not Kind.DUPLICATE


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("Asian stocks mixed ahead of US jobs", "Asian stocks rally ahead of US jobs", "opposite"),
        (
            "Oil prices rise sharply after OPEC meeting",
            "Oil prices fall sharply after OPEC meeting",
            "opposite",
        ),
    ],
)
def test_a_reversal_of_the_same_item_is_an_update(one, other, reason):
    judgement = judge(match_form(one), match_form(other))
    assert (judgement.kind, judgement.reason) == (Kind.UPDATE, reason)


def test_news_with_nothing_in_common_is_distinct():
    assert judge("museum returns painting", "volcano erupts near capital") == Judgement(
        Kind.ORIGINAL, 0.0, "unrelated"
    )


def test_the_seed_headlines_hold_exactly_two_duplicates():
    lines = resources.files("worker.replay").joinpath("seeds.txt").read_text("utf-8").splitlines()
    entries = read_seed_document((at, line.strip()) for at, line in enumerate(lines, start=1) if line.strip())
    shown = [entry.headline for entry in entries]
    assert len(shown) == 62
    found = [
        {one, other}
        for one, other in itertools.combinations(shown, 2)
        if judge(match_form(one), match_form(other)).kind is Kind.DUPLICATE
    ]
    assert found == [
        {
            "Russia joins Chinese, Iran warships for drills off South Africa",
            "Russia joins Chinese, Iran warships for drills off S.Africa",
        },
        {"Man City win race to sign forward Semenyo", "Man City win race to sign Semenyo"},
    ]


def labelled(path):
    for line in path.read_text("utf-8").splitlines()[1:]:
        label, *pair = line.split("\t")
        yield label, *(match_form(field) for field in pair)


def test_of_the_labelled_pairs_a_fifth_is_found_and_19_of_20_found_are_right(shared_data):
    answers = [
        (label, judge(one, other).kind) for label, one, other in labelled(shared_data / "pairs_dev.tsv")
    ]
    found = [label for label, kind in answers if kind is Kind.DUPLICATE]
    right = found.count("duplicate")
    assert right / len(found) >= 0.95
    assert right / sum(label == "duplicate" for label, _ in answers) >= 0.20


def test_of_the_labelled_headlines_with_a_digit_changed_none_is_a_duplicate(shared_data):
    forms = {form for _, *pair in labelled(shared_data / "pairs_dev.tsv") for form in pair}
    changed = [
        (form, re.sub(r"[0-9]", lambda digit: str(9 - int(digit[0])), form, count=1))
        for form in sorted(forms)
    ]
    assert not [pair for pair in changed if pair[0] != pair[1] and judge(*pair).kind is Kind.DUPLICATE]


def mistyped(word, draw):
    """The word with a letter swapped, dropped, doubled and replaced."""
    cut = draw.randrange(1, len(word) - 1)
    yield word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :]
    yield word[:cut] + word[cut + 1 :]
    yield word[:cut] + word[cut] + word[cut:]
    yield word[:cut] + draw.choice(ascii_lowercase) + word[cut + 1 :]


def test_of_the_letters_mistyped_in_long_lower_case_words_97_of_100_are_forgiven(shared_data):
    draw = random.Random(1)
    lines = gzip.decompress((shared_data / "stream.txt.gz").read_bytes()).decode().splitlines()
    pairs = []
    for line in draw.sample(lines, 12_000):
        words = line.split()
        is_sentence = any(word[0].isupper() for word in words[1:])
        for at, word in enumerate(words):
            if is_sentence and at and len(word) >= 8 and word.isascii() and word.isalpha() and word.islower():
                others = (" ".join([*words[:at], wrong, *words[at + 1 :]]) for wrong in mistyped(word, draw))
                pairs += [(match_form(line), match_form(other)) for other in others]
    found = sum(judge(*pair).kind is Kind.DUPLICATE for pair in pairs)
    assert len(pairs) > 3_000
    assert found / len(pairs) >= 0.97


def test_the_encoder_may_undo_a_duplicate_that_a_scorer_alone_would_find():
    pair = (
        match_form("Governor signs bill on clean water after long debate"),
        match_form("Governor signs clean water bill after long debate"),
    )
    assert judge(*pair).kind is Kind.DUPLICATE
    assert judge(*pair, Scores(127, -127)).kind is Kind.DUPLICATE
    assert judge(*pair, Scores(-127, -127)).kind is not Kind.DUPLICATE


@pytest.mark.parametrize(
    ("headline", "differs"),
    [
        ("Ferry sinks off Greek island, 38 dead", "Ferry sinks off Greek island, 41 dead"),
        ("Stocks rally as inflation slows", "Stocks fall as inflation slows"),
        ("Minister resigns over leaked letters", "Minister may resign over leaked letters"),
        ("Johnson says Sunak misled parliament", "Sunak says Johnson misled parliament"),
        ("Villa signs Arsenal striker", "Villa signs Everton striker"),
    ],
)
def test_where_little_differs_no_word_of_the_encoder_makes_a_duplicate(headline: str, differs: str):
    assert judge(match_form(headline), match_form(differs), Scores(127, -127)).kind is not Kind.DUPLICATE


@pytest.mark.parametrize(
    ("headline", "differs"),
    [
        (
            "Minister resigns over leaked letters to building firm",
            "Minister reportedly quits post after letters to builder are leaked",
        ),
        (
            "Court rules tunnel contract void after bidders complain",
            "Tunnel contract is not void, court rules after complaints by bidders",
        ),
        (
            "Stocks climb for fourth day as investors shrug off weak data from factories in China",
            "Stocks slide for fourth day as traders fret about Chinese factory data",
        ),
        (
            "Ferry sinks off Greek island in storm, 38 people dead",
            "Storm sinks passenger ferry near island in Greece, killing 41",
        ),
    ],
)
def test_nor_where_much_is_worded_otherwise_and_a_certain_difference_stands(headline: str, differs: str):
    assert judge(match_form(headline), match_form(differs), Scores(127, -127)).kind is not Kind.DUPLICATE


@pytest.mark.parametrize(
    ("headline", "differs"),
    [
        (
            "Dairy reopens after flood in Ripon valley",
            "Dairy to reopen in valley town of Ripon after the flood",
        ),
        ("Lawyers say client was held in the dark", "Client was held in the dark, court rules"),
        ("According to leaked memo, tobacco firm hid cancer data", "Tobacco firm hid cancer data"),
        (
            "Council adopts rule to cap taxi fares after protests",
            "Council weighs proposal to cap taxi fares after protests",
        ),
    ],
)
def test_a_difference_is_no_wording_where_one_side_or_the_source_alone_differs(headline: str, differs: str):
    assert judge(match_form(headline), match_form(differs), Scores(127, -127)).kind is not Kind.DUPLICATE


@pytest.mark.parametrize(
    ("headline", "reworded"),
    [
        (
            "Row over bridge budget: minister quits",
            "Minister leaves office after row over bridge budget",
        ),
        ("Islands ferry strike ends after pay deal", "Pay deal brings strike on ferry to islands to an end"),
    ],
)
def test_where_both_are_worded_otherwise_the_encoder_is_believed(headline: str, reworded: str):
    pair = match_form(headline), match_form(reworded)
    assert not isinstance(seen := compare(*pair), Judgement)
    assert seen.reasons
    assert judge(*pair).kind is not Kind.DUPLICATE
    assert judge(*pair, Scores(127, -127)).kind is Kind.DUPLICATE


def test_pairs_that_share_less_are_asked_about_and_only_then_told_from_unrelated_ones():
    pair = match_form("Storm delays island ferries"), match_form("Island ferries at sea again after gale")
    assert OVERLAP > overlap(*map(read, pair)) >= ASKED_OVERLAP
    assert doubtful(*pair)
    assert judge(*pair).reason == "unrelated"
    assert judge(*pair, Scores(-40, 40)).reason != "unrelated"
