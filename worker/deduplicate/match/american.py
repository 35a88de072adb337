"""British spelling as American, by the letters and the endings of a word, held against the dictionary.

`worker.normalize.spellings` has the frequent words one by one. Here stand the rules that spell the rarer ones: a word
that no rule fits, or that a rule would make into no word, stays as it is.
"""

from __future__ import annotations

import re
from typing import Final

from worker.deduplicate.match import lexicon


def american(word: str) -> str:
    """The word in American spelling; itself where it has no other."""
    if "ae" in word or "oe" in word:
        word = _DIGRAPHS.sub(_without_digraph, word)
    for letters, pattern, replacement in _ENDINGS:
        if letters in word and word not in _OTHER_WORDS:
            other = pattern.sub(replacement, word)
            if other != word and (lexicon.is_common(other) or letters in _ALWAYS):
                return other
    return word


_DIGRAPHS: Final = re.compile(
    "aemi|aesth|aether$|aetio|anaem|archae|caesar(?=[ei])|caesiu|chimaer|encyclopaed|faec|gynaec|haem|hyaen|mediaev|paed"
    "|palae|primaev|spirae|amoeb|coelia|diarrhoe|foet|homoeo|oedem|oesoph|(?<!sh)oestr|pharmacopoe|pnoea|rrhoea"
)
"""Stems from Greek and Latin in which Americans write "e" for a digraph; there is no word without it, so none is asked
for. Elsewhere ("Israel", "shoes") the letters belong to two sounds."""

_SYLLABLE: Final = "[aeiouy][^aeiouy]+"

_ENDINGS: Final[tuple[tuple[str, re.Pattern[str], str], ...]] = (
    ("isat", re.compile(r"(?<=\w{3}i)s(?=ation(?:s|al)?$)"), "z"),
    ("is", re.compile(r"(?<=\w{3}i)s(?=(?:e|ed|es|er|ers|ing|able)$)"), "z"),
    ("lys", re.compile(r"(?<=ly)s(?=(?:e|ed|er|ers|ing)$)"), "z"),
    (
        "our",
        re.compile(rf"({_SYLLABLE}o)u(r\w*)$"),
        r"\1\2",
    ),
    # The last syllable is unstressed: "counselling", and not "filling", whose stem has no other.
    (
        "ll",
        re.compile(
            rf"((?:{_SYLLABLE}[aeiou]+|[iu][ae])l)l((?:ed|ers?|ings?|ors?|ous(?:ly)?|ens?|ists?|i[sz]\w+))$"
        ),
        r"\1\2",
    ),
    ("re", re.compile(r"((?:[bt]|eag|och|pulch))re(s?)$"), r"\1er\2"),
    ("gue", re.compile(r"(og)ue(s?)$"), r"\1\2"),
    ("mme", re.compile(r"(\w{3}m)me(s?)$"), r"\1\2"),
    ("l", re.compile(r"([aeiou]l)(ments?|ful(?:ly)?)$"), r"\1l\2"),
)
"""What a word has in it, what is replaced there and by what, where the dictionary has the word that comes of it."""

_ALWAYS: Final = frozenset({"isat", "lys"})
"""Rules that make no other word, whether the dictionary has theirs or not."""

_KEPT: Final = (
    "apprise apprised apprises chartres prise prised prises refilled refiller refilling timbre timbres"
)
_OTHER_WORDS: Final = frozenset(_KEPT.split())
"""Words that would become others: "prize", "refiling", "timber"."""


def _without_digraph(found: re.Match[str]) -> str:
    return found.group().replace("ae", "e").replace("oe", "e")
