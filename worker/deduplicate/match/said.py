"""The words in which explanations speak: of the rule's reasons, and of what the scorers see of a pair."""

from __future__ import annotations

from typing import Final

from worker.deduplicate.match.differences import REASONS
from worker.deduplicate.match.features import NAMES

SAID: Final = {
    "exact": "the same words",
    "typo": "the same but for a mistyped word",
    "truncated": "one is the other, cut off",
    "spacing": "the same words, written together or apart",
    "language": "in two languages",
    "words": "in a language in which only the same words are the same news, and the words differ",
    "number": "another number or amount",
    "negation": "one has a negation more",
    "opposite": "words of opposite sense",
    "name": "another name, or a word that counts as one",
    "hedge": "a word for how sure it is",
    "scope": "another scope or extent",
    "role": "a word that changes what or whom it is about",
    "event": "one has a turn of events that the other does not tell",
    "angle": "one asks, explains or shows",
    "source": "one says who says so",
    "exchange": "a word for another",
    "form": "in a quiz, list or series each word tells which it is",
    "figure": "a number on one side",
    "actor": "each has a name, or a word that counts as one, that the other lacks",
    "swap": "other words in the same place",
    "clause": "one has a clause that the other has not",
    "plan": "meant, announced, begun or done",
    "voice": "who did it, and to whom it was done",
    "order": "turned around",
    "detail": "more on one side than a detail",
}
"""What the reasons mean, true of all that each stands for; a difference's comes behind "differs: "."""

CLOSED: Final = "another of a kind of which only one can be meant"
"""What is said instead of `name` where each side has one of a closed set: a day, a rank, a time of day."""

MENTION: Final = "a month, currency, continent or point of the compass on one side"
"""What is said instead of `name` where only one side has one of a closed set."""

FEATURES: Final = {
    "cover": "thousandths of the weight of all words that both share",
    "contained": "thousandths of one's weight that the other contains",
    "left_more": "weight of the words that only one has",
    "left_less": "weight of the words that only the other has",
    "count_more": "words that only one has",
    "count_less": "words that only the other has",
    "heaviest": "weight of the rarest word that only one has",
    "heaviest_less": "weight of the rarest word that only the other has",
    "near": "left-over words that are near in sense to one of the other's",
    "names": "names that only one has",
    "forenames": "first names left out before a shared surname",
    "titles": "titles that only one has",
    "speech": "verbs of speech that only one has",
    "small_words": "small words that only one has",
    "connectors": "conjunctions that only one has",
    "questions": "words of asking that only one has",
    "head": "weight of what only one has at its start",
    "tail": "weight of what only one has at its end",
    "middle": "weight of what only one has in between",
    "inflected": "left-over words that are inflected",
    "reinflected": "shared words that are spelled otherwise",
    "shortest": "words of the shorter headline",
    "matched_names": "weight of the names that both share",
    "turned": "shared words in another order",
    "first": "whether they begin with the same word",
    "last": "whether they end with the same word",
    "run": "thousandths of the shorter that both have in one piece",
    "trigrams": "thousandths of the runs of three letters that both share",
    "joins": "words written together here and apart there",
    "typos": "words mistyped",
    "unpaired_more": "left-over words of one with nothing near to them",
    "unpaired_less": "left-over words of the other with nothing near to them",
    "other_names": "names that only one has, first names aside",
    "shape": "how many words each side has left without a partner, as one number",
    "places": "places that only one has",
    "exchanges": "places where both have other words",
    "odd_exchanges": "places where both have words that are nothing like each other",
    "longest_odd": "words of the longest such place",
    "heaviest_exchange": "weight of the heaviest place where both have other words",
    "name_for_word": "names that stand for a common word",
    "inserts": "places where only one has words",
    "inserts_middle": "such places in between",
    "inserts_head": "such places at the start",
    "inserts_tail": "such places at the end",
    "longest_insert": "words of the longest such place",
    "heaviest_middle": "weight of the heaviest such place in between",
    "words_head": "common words that only one has at its start",
    "words_middle": "common words that only one has in between",
    "words_tail": "common words that only one has at its end",
    "rarest_insert": "weight of the rarest word where only one has words",
    "outcomes": "words in -ing where only one has words",
    "words": "words of both headlines",
}
"""What a feature counts; a weight is the rarity of words in quarter bits."""

SEEN: Final = (
    *NAMES,
    *(f"differs: {reason}" for reason in REASONS),
    "encoder: duplicate",
    "encoder: same story",
)
"""What a scorer sees of a pair, in the order of `values_of`; the cheap one sees no encoder."""

MEANING: Final = (
    *(FEATURES[name] for name in NAMES),
    *(SAID[reason] for reason in REASONS),
    "how sure the encoder is that they say the same, in eighths of log-odds",
    "how sure the encoder is of one story with something new, in eighths of log-odds",
)
"""What each of `SEEN` means."""
