"""The seed document: which of its lines are headlines."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.replay.document import SEEDS, Document, read_document
from worker.replay.entry import Entry, Fault
from worker.replay.fields import FieldMap
from worker.replay.seed_document import is_paragraph, read_seed_document

PARAGRAPH = (
    "The council met on Tuesday to discuss the new bridge, which has been planned for eleven years, "
    "and adjourned without a vote after four hours of debate."
)
FURTHER_TITLES = [
    "Brexit's broken promises",
    "France's debt spiral Crisis",
    "Trump preps Allies for Ven Op",
    "UK politics: Outlook for 2026",
    "United Kingdom vs Immigration",
    "Trump's threats to Colombia",
    "COSTCO profits from Fees",
    "AI bust: Layoffs & Rent surge",
    "Trap laid, Ukraine walked in",
    "BRICS-Dollar challenge",
    "Saudi shift shakes Israel",
]


def headlines(*lines: str) -> list[str]:
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line]
    return [found.headline for found in read_seed_document(numbered) if isinstance(found, Entry)]


def entries_of(document: Document) -> list[Entry | Fault]:
    return list(read_document(document, None, FieldMap()))


def test_the_package_carries_50_dashed_headlines_the_article_s_title_and_11_further_titles():
    found = entries_of(SEEDS)

    texts = [entry.headline for entry in found if isinstance(entry, Entry)]
    assert len(found) == len(texts) == 62
    assert texts[0] == "Russia joins Chinese, Iran warships for drills off South Africa"
    assert texts[49] == "Asian stocks rally ahead of US jobs, Supreme Court ruling"
    assert texts[50] == "Azerbaijan defies Russia"
    assert texts[51:] == FURTHER_TITLES


def test_the_original_document_gives_the_same_headlines_in_the_same_order():
    default = Path(__file__).parents[4] / "shared" / "data"
    seeds = Path(os.environ.get("NEWSWIRE_SHARED_DATA", default)).parent / "seeds"
    originals = sorted(seeds.glob("*.txt"))
    if not originals:
        pytest.skip(f"needs the original seed document in {seeds}; set NEWSWIRE_SHARED_DATA")

    for original in originals:
        assert [e.headline for e in entries_of(Document(original.name, original))] == [
            e.headline for e in entries_of(SEEDS)
        ]


def test_an_entry_names_the_line_of_its_headline_and_not_of_its_dash():
    assert list(read_seed_document([(1, "-"), (2, "Rain ends drought"), (5, "Late title")])) == [
        Entry(2, "Rain ends drought"),
        Entry(5, "Late title"),
    ]


def test_a_short_line_before_a_paragraph_is_a_heading_but_for_the_article_s_title():
    assert headlines(
        "-", "First", "Bridge divides town", PARAGRAPH, "Background", PARAGRAPH, PARAGRAPH, "Further title"
    ) == ["First", "Bridge divides town", "Further title"]


def test_a_document_may_be_dashes_only():
    assert headlines("-", "First", "-", "Second") == ["First", "Second"]


def test_a_document_may_have_no_section_headings():
    assert headlines("Bridge divides town", PARAGRAPH, PARAGRAPH, "One more") == [
        "Bridge divides town",
        "One more",
    ]


def test_dashes_may_follow_the_article():
    assert headlines("Bridge divides town", PARAGRAPH, "Background", PARAGRAPH, "-", "Rain", "-", "Snow") == [
        "Bridge divides town",
        "Rain",
        "Snow",
    ]


def test_a_long_line_after_a_dash_is_a_headline_all_the_same():
    assert headlines("-", PARAGRAPH) == [PARAGRAPH]


def test_a_headline_may_stand_on_the_line_of_its_dash():
    assert headlines("- Rain ends drought", "\N{EM DASH} Snow follows") == [
        "Rain ends drought",
        "Snow follows",
    ]


def test_a_dash_within_a_title_announces_nothing():
    assert headlines("-", "First", "Part-time work grows", "-5 degrees in Rome") == [
        "First",
        "Part-time work grows",
        "-5 degrees in Rome",
    ]


def test_a_dash_without_a_headline_is_a_fault_of_its_own_line():
    found = list(read_seed_document([(1, "-"), (2, "-"), (3, "Rain ends drought"), (4, "-")]))

    assert [(f.line, type(f)) for f in found] == [(1, Fault), (3, Entry), (4, Fault)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (PARAGRAPH, True),
        ("The accident claimed thirty-eight lives.", True),
        ('He said that it was "the end of the road."', True),
        ("Background to the relations", False),
        ("Will it ever stop raining over the valley?", False),
        ("Will the tunnel ever be built? Nobody in the town knows!", True),
        ("The digging starts in May. But who will pay?", True),
        ("Trump vs. Biden: who won?", False),
        ("Ready or not? Five takeaways from the debate", False),
        ("It is a lot of money (about $3bn)", False),
        ("Merger talks stall at carmaker Brown & Sons Ltd.", False),
        ("Court rules against ban in the U.S.", False),
        ("And then the lights went out...", False),
        ("Rain again.", False),
    ],
)
def test_a_paragraph_is_long_or_a_sentence(line, expected):
    assert is_paragraph(line) is expected


SHORT_PARAGRAPHS = [
    "Will the tunnel ever be built? Nobody in the town knows!",
    "It is a lot of money (about $3bn)",
    "Nobody had reckoned with the rain!",
    "But who is going to pay for the repairs of the old bridge?",
    'The mayor called it "the end of the road."',
    "The toll would rise to nine crowns for cars and to thirty for lorries from May on",
    "The council adjourned without a vote.",
]


@pytest.mark.parametrize("line", SHORT_PARAGRAPHS)
def test_within_the_article_less_is_needed_to_tell_a_paragraph(line):
    assert is_paragraph(line, in_article=True)
    assert headlines("Bridge divides town", PARAGRAPH, "Costs", line, "Further title") == [
        "Bridge divides town",
        "Further title",
    ]


@pytest.mark.parametrize("line", [*FURTHER_TITLES, "Is Europe ready for more?", "Rain!", "Brown & Sons Ltd."])
def test_a_title_after_the_article_is_none_of_its_paragraphs(line):
    assert not is_paragraph(line, in_article=True)


def test_a_short_line_between_a_heading_and_a_paragraph_belongs_to_the_article():
    assert headlines(
        "Bridge divides town", PARAGRAPH, "Costs", "About $3bn, perhaps", PARAGRAPH, "Later"
    ) == [
        "Bridge divides town",
        "Later",
    ]


def test_a_stray_paragraph_at_the_end_takes_few_of_the_further_titles_with_it():
    found = headlines("Bridge divides town", PARAGRAPH, *FURTHER_TITLES, PARAGRAPH)

    assert found == ["Bridge divides town", *FURTHER_TITLES[:-2]]


@pytest.mark.parametrize("dash", ["-", "\N{EN DASH}"])
def test_a_list_of_dashes_and_headlines_is_read_without_the_dashes(tmp_path, dash):
    listed = tmp_path / "list.txt"
    listed.write_text(
        f"Today\n{dash} Rain ends drought\n{dash} Snow follows, says {dash} who else\n{dash}  Sun\n"
    )

    assert [entry.headline for entry in entries_of(Document("list.txt", listed))] == [
        "Today",
        "Rain ends drought",
        f"Snow follows, says {dash} who else",
        "Sun",
    ]


def test_plain_lines_of_which_a_few_begin_with_a_dash_stay_as_they_are(tmp_path):
    plain = tmp_path / "plain.txt"
    plain.write_text(f"Rain ends drought\n- Snow follows\n{PARAGRAPH}\n")

    assert [entry.headline for entry in entries_of(Document("plain.txt", plain))] == [
        "Rain ends drought",
        "- Snow follows",
        PARAGRAPH,
    ]


title = st.text(alphabet="abcdefgh XYZ'&:5", min_size=1, max_size=28).map(str.strip).filter(bool)
paragraph = st.sampled_from([PARAGRAPH, *SHORT_PARAGRAPHS])
section = st.tuples(title, st.lists(paragraph, min_size=1, max_size=3))


@given(
    dashed=st.lists(title, max_size=20),
    name=title,
    opening=st.lists(paragraph, max_size=3),
    sections=st.lists(section, max_size=5),
    further=st.lists(title, max_size=10),
    blanks=st.integers(min_value=0, max_value=2),
)
def test_any_document_of_the_form_gives_its_headlines_and_nothing_else(
    dashed, name, opening, sections, further, blanks
):
    lines = [line for headline in dashed for line in ("-", headline)]
    lines += [name, PARAGRAPH, *opening]
    for heading, paragraphs in sections:
        lines += [heading, *paragraphs]
    lines += further
    spaced = [spaced for line in lines for spaced in (line, *[""] * blanks)]

    assert headlines(*spaced) == [*dashed, name, *further]
