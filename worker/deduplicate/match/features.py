"""What the scorer sees of a pair: small whole numbers, the same whichever headline came first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from worker.deduplicate.match.align import near_pairs
from worker.deduplicate.match.edits import Edit, edits
from worker.deduplicate.match.tokens import (
    FILLER,
    FORENAME,
    NAME,
    PLACE,
    SPEECH,
    TITLE,
    Reading,
    Token,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.deduplicate.match.align import Alignment
    from worker.deduplicate.match.left import Left

NAMES: Final = (
    "cover", "contained", "left_more", "left_less", "count_more", "count_less", "heaviest", "heaviest_less", "near",
    "names", "forenames", "titles", "speech", "small_words", "connectors", "questions", "head", "tail", "middle",
    "inflected", "reinflected", "shortest", "matched_names", "turned", "first", "last", "run", "trigrams", "joins",
    "typos", "unpaired_more", "unpaired_less", "other_names", "shape", "places", "exchanges", "odd_exchanges",
    "longest_odd", "heaviest_exchange", "name_for_word", "inserts", "inserts_middle", "inserts_head", "inserts_tail",
    "longest_insert", "heaviest_middle", "words_head", "words_middle", "words_tail", "rarest_insert", "outcomes",
    "words",
)  # fmt: skip
"""The features in order. Weights are in quarter bits of rarity, shares in thousandths; "more" is the side with more
left over."""

_COUNTED = NAME | TITLE | SPEECH | PLACE
_CONNECTORS = words_of("connector")
_QUESTIONS = words_of("question")
_JOINTS = _CONNECTORS | _QUESTIONS


def features(left_a: Left, left_b: Left, found: Alignment) -> tuple[int, ...]:
    """The features of a pair, in the order of `NAMES`."""
    a, b = left_a.reading, left_b.reading
    one, two = _Side(left_a), _Side(left_b)
    more, less = (one, two) if one.sorting() >= two.sorting() else (two, one)
    count_more, count_less = len(more.content), len(less.content)
    near = near_pairs(more.content, less.content) if count_more and count_less else 0
    unpaired_more, unpaired_less = count_more - near, count_less - near
    names = more.names + less.names
    forenames = more.forenames() + less.forenames()
    pairs = _Pairs(a, b, found.pairs)
    length_a, length_b = len(a.tokens), len(b.tokens)
    shortest = min(length_a, length_b)
    matched_more = more.reading.weight - more.weight_all
    matched_less = less.reading.weight - less.weight_all
    return (
        1000 * found.matched // max(1, a.weight + b.weight),
        1000
        * max(matched_more * less.reading.weight, matched_less * more.reading.weight)
        // max(1, more.reading.weight * less.reading.weight),
        more.weight,
        less.weight,
        count_more,
        count_less,
        more.heaviest,
        less.heaviest,
        near,
        names,
        forenames,
        more.titles + less.titles,
        more.speech + less.speech,
        len(found.left_a) + len(found.left_b) - count_more - count_less,
        more.connectors + less.connectors,
        more.questions + less.questions,
        more.head,
        more.tail,
        more.weight - more.head - more.tail,
        more.inflected + less.inflected,
        pairs.reinflected,
        shortest,
        pairs.names,
        pairs.turned,
        int(pairs.first == (0, 0)),
        int(pairs.last == (length_a - 1, length_b - 1)),
        1000 * pairs.run // max(1, shortest),
        _trigrams(a, b),
        found.joins,
        found.typos,
        unpaired_more,
        unpaired_less,
        names - forenames,
        5 * min(4, max(0, unpaired_less)) + min(4, max(0, unpaired_more)),
        more.places + less.places,
        *_measure_edits(edits(a, b, found)),
        length_a + length_b,
    )


def _measure_edits(found: list[Edit]) -> tuple[int, ...]:
    """The edits, counted and weighed: words that took others' place, and words that only one side has."""
    exchanges = odd = longest_odd = heaviest = name_for_word = 0
    counts = [0, 0, 0]
    words = [0, 0, 0]
    longest = heaviest_middle = rarest = outcomes = 0
    for edit in found:
        ours, theirs = _content(edit.ours), _content(edit.theirs)
        if ours and theirs:
            exchanges += 1
            heaviest = max(heaviest, _weight(ours), _weight(theirs))
            name_for_word += _are_names(ours) != _are_names(theirs)
            if near_pairs(ours, theirs) < min(len(ours), len(theirs)):
                odd += 1
                longest_odd = max(longest_odd, len(ours), len(theirs))
        elif ours or theirs:
            only = ours or theirs
            place = _HEAD if edit.at_start else _TAIL if edit.at_end else _MIDDLE
            counts[place] += 1
            words[place] += sum(1 for token in only if not token.flags & (NAME | TITLE | SPEECH))
            longest = max(longest, len(only))
            rarest = max(rarest, *(token.weight for token in only))
            outcomes += any(token.text.endswith("ing") for token in only)
            if place == _MIDDLE:
                heaviest_middle = max(heaviest_middle, _weight(only))
    return (
        exchanges, odd, longest_odd, heaviest, name_for_word, sum(counts), counts[_MIDDLE], counts[_HEAD],
        counts[_TAIL], longest, heaviest_middle, words[_HEAD], words[_MIDDLE], words[_TAIL], rarest, outcomes,
    )  # fmt: skip


_HEAD, _MIDDLE, _TAIL = range(3)


def _content(tokens: Sequence[Token]) -> list[Token]:
    return [token for token in tokens if not token.flags & FILLER]


def _weight(tokens: Sequence[Token]) -> int:
    return sum(token.weight for token in tokens)


def _are_names(tokens: Sequence[Token]) -> bool:
    return all(token.flags & NAME for token in tokens)


class _Side:
    """One headline's left-over words, measured. All but `weight_all` leave fillers out, or count small words."""

    __slots__ = (
        "connectors", "content", "head", "heaviest", "inflected", "left", "names", "places", "questions", "reading",
        "speech", "tail", "titles", "weight", "weight_all",
    )  # fmt: skip

    def __init__(self, left: Left) -> None:
        self.reading = left.reading
        self.left = left
        self.content = left.content
        names = titles = speech = places = 0
        weight = weight_all = heaviest = inflected = connectors = questions = 0
        for token in left.tokens:
            weight_all += token.weight
            key = token.key
            if key in _JOINTS:
                connectors += key in _CONNECTORS
                questions += key in _QUESTIONS
        for token in left.content:
            heavy = token.weight
            weight += heavy
            if heavy > heaviest:
                heaviest = heavy
            if token.text != token.key:
                inflected += 1
            flags = token.flags
            if flags & _COUNTED:
                if flags & NAME:
                    names += 1
                if flags & TITLE:
                    titles += 1
                if flags & SPEECH:
                    speech += 1
                if flags & PLACE:
                    places += 1
        self.names, self.titles, self.speech, self.places = names, titles, speech, places
        self.weight, self.weight_all, self.heaviest = weight, weight_all, heaviest
        self.inflected, self.connectors, self.questions = inflected, connectors, questions
        self.head = self.tail = 0
        if left.places:
            self._measure_ends()

    def _measure_ends(self) -> None:
        """The weight of the run of left-over words at the start, and of the run at the end if it is another."""
        tokens, left = self.reading.tokens, self.left.places
        for at, place in enumerate(left):
            if place != at:
                break
            self.head += 0 if tokens[place].flags & FILLER else tokens[place].weight
        last = len(tokens) - 1
        for at, place in enumerate(reversed(left)):
            if place != last - at or self.head == self.weight:
                break
            self.tail += 0 if tokens[place].flags & FILLER else tokens[place].weight

    def sorting(self) -> tuple[int, int, int, int, int]:
        """Orders the two sides; equal only for sides that measure the same."""
        return self.weight, len(self.content), self.weight_all, self.tail, self.heaviest

    def forenames(self) -> int:
        """Left-over first names that stand right before a name that is not left over."""
        if not self.left.flags & FORENAME:
            return 0
        tokens, left = self.reading.tokens, self.left.places
        last = len(tokens) - 1
        return sum(
            1
            for at in left
            if tokens[at].flags & FORENAME
            and at < last
            and tokens[at + 1].flags & NAME
            and at + 1 not in left
        )


class _Pairs:
    """The matched words, measured: those spelled otherwise, the weight of names, turns, the longest common run."""

    __slots__ = ("first", "last", "names", "reinflected", "run", "turned")

    def __init__(self, a: Reading, b: Reading, pairs: tuple[tuple[int, int], ...]) -> None:
        self.first = pairs[0] if pairs else None
        self.last = pairs[-1] if pairs else None
        reinflected = names = turned = best = run = 0
        before, before_other = -2, -2
        ours, theirs = a.tokens, b.tokens
        for at, other in pairs:
            token = ours[at]
            if token.flags & NAME:
                names += token.weight
            if token.text != theirs[other].text:
                reinflected += 1
            if other < before_other:
                turned += 1
            run = run + 1 if at == before + 1 and other == before_other + 1 else 1
            if run > best:
                best = run
            before, before_other = at, other
        self.reinflected, self.names, self.turned, self.run = reinflected, names, turned, best


def _trigrams(a: Reading, b: Reading) -> int:
    """The Dice similarity of the two sets of character trigrams over the keys, in thousandths."""
    one, two = _grams(a.keys), _grams(b.keys)
    return 2000 * len(one & two) // max(1, len(one) + len(two))


def _grams(keys: tuple[str, ...]) -> set[tuple[str, str, str]]:
    text = f"  {' '.join(keys)} "
    return set(zip(text, text[1:], text[2:], strict=False))
