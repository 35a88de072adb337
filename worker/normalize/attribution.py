"""What wires and sites put around a headline that is not part of it: prefixes, and the source's name."""

from __future__ import annotations

import re
from collections import deque
from functools import lru_cache
from importlib import resources
from typing import Final, NamedTuple

from worker.normalize.tokens import UNSPACED, words_of


class Feed(NamedTuple):
    """A feed's own name: what it is compared by, and the last word of a headline that has it at its end."""

    name: str
    last: str


@lru_cache(maxsize=4096)
def feed_of(source: str) -> Feed | None:
    """The name that a feed may put behind its headlines; None where it has none that could be told from a letter."""
    bare_name = _without_domain(source.casefold())
    words, name = words_of(bare_name), _folded(bare_name)
    return Feed(name, words[-1].rpartition(" ")[2]) if len(name) > 1 else None


def bare(display: str, feed: Feed | None = None) -> str:
    """The headline without a wire's prefix ("UPDATE 1-", "BREAKING:") and without a source's name around it.

    A name counts only where it is the feed's own, or known, or written like an outlet's, after a dash, a bar, an
    underscore or in brackets: what merely follows a dash may be the news. Never empty where `display` is not.
    """
    text = display.rstrip(_QUOTES)
    text = display if text.endswith(("...", "\u2026")) else text.rstrip(" .!")
    for _ in range(_LAYERS):
        shorter = _without_source(_without_prefix(text), feed)
        if shorter == text or not shorter:
            break
        text = shorter
    return text


_LAYERS: Final = 4
_QUOTES: Final = "'\"\u2019\u201d"

_AGENCY: Final = "(?:reuters|ap|afp|upi|dpa|bbc|bbc news|cnn|xinhua|tass)"

_URGENT: Final = (
    "eilmeldung", "urgente", "última hora", "ultima hora", "ultim'ora", "son dakika", "срочно", "молния",
    "терміново", "عاجل", "فوری", "ब्रेकिंग न्यूज़", "속보", "速報", "快讯", "快訊", "突发", "突發", "έκτακτο",
    "εκτακτο", "מבזק", "en direct", "en vivo", "ao vivo", "liveticker", "alerte info", "flash info",
)  # fmt: skip
"""What agencies of other languages put before a headline that is new."""

_PREFIX: Final = re.compile(
    r"[\W_]*(?:"
    r"(?:updated?|wrapup|refile|rpt|corrected|correction)[\s-]?[0-9]{0,2}\s*(?:\([^()]{1,20}\)\s*)?"
    r"(?:[:\u2010-\u2015]|-+)"
    # How agencies number the versions of a story: "(2nd LD)", "3rd LD-Writethru:". "Lead-free" is a word.
    r"|(?:(?:1st|2nd|3rd|[4-9]th)\s)?ld(?:-writethru)?\s?(?:\)|:|-+)"
    r"|(?<=\()lead\)|(?-i:LEAD):\s"
    r"|(?<=[(\[])(?:updated?|urgent|exclusive|breaking|live)\s?[0-9]?[)\]]"
    rf"|(?:{_AGENCY}\s)?(?:exclusive|urgent|newsalert|news alert|brief|repeat)\s*(?:[:|\u2010-\u2015]|-+)"
    r"|(?-i:EXCLUSIVE)\s(?=\S+\s\S*[a-z])"
    r"|(?:breaking|breaking news|just in|developing|alert|flash|live|watch)\s*(?::|\s[-\u2010-\u2015|]+\s|--)"
    rf"|(?:{'|'.join(_URGENT)})\s*(?:[:\uff1a|\]\u3011!\uff01>\uff1e\u300b+]+|\s[-\u2010-\u2015]+\s|--)"
    rf"|{_AGENCY}\s*(?:\s[-\u2010-\u2015]+\s|\||--|:\s)"
    rf"|(?<=[(\[]){_AGENCY}[)\]](?:\s[-\u2010-\u2015]+\s)?"
    r")\s*",
    re.IGNORECASE,
)
HEADS: Final = (
    frozenset(
        {
            "update",
            "updated",
            "wrapup",
            "refile",
            "rpt",
            "corrected",
            "correction",
            "repeat",
            "exclusive",
            "urgent",
        }
    )
    | {"newsalert", "news", "brief", "breaking", "flash", "just", "developing", "alert", "live", "watch"}
    | {"reuters", "ap", "afp", "upi", "dpa", "bbc", "cnn", "xinhua", "tass"}
    | {f"{word}{number}" for word in ("update", "wrapup") for number in range(10)}
    | {"ld", "lead", "first", "second", "third", "fourth", "fifth", "sixth"}
    | {words_of(words)[0].partition(" ")[0] for words in _URGENT}
)
"""First tokens without which there is no prefix."""

_BARS: Final = "|\uff5c\xa6\u2758\u2502\u2503"
_SEPARATOR: Final = re.compile(
    rf"\s*(?:[{_BARS}_\uff3f]|--|\u2014)\s*|\s+[-\u2010-\u2015\u2212\uff0d\u2022\xb7~\xbb]\s*|[-\u2010-\u2015\uff0d\u2022]\s+"
    rf"|(?<=[{UNSPACED}])[-\u2010-\u2015\uff0d]|[-\u2010-\u2015\uff0d](?=[{UNSPACED}])"
)
"""Scripts that put no space between words put none around a dash."""

_BRACKETED: Final = re.compile(
    "\\s*[(\\[\uff08\u3010]\\s*([^()\\[\\]\uff08\uff09\u3010\u3011]{1,40}?)\\s*[)\\]\uff09\u3011]"
)
_OPENING: Final = "([\uff08\u3010"
_CLOSING: Final = (")", "]", "\uff09", "\u3011")
_MARK: Final = re.compile(
    r"(?:(?:1st|2nd|3rd|[4-9]th)\s)?(?:updated?|ld|lead)\s?[0-9]?|live|breaking|exclusive|urgent"
)
"""What stands before a headline as a rule, in brackets or behind a dash at its end."""

_REPORTED: Final = re.compile(
    rf",\s(?:the\s)?(?:{_AGENCY}|bloomberg|associated press|agence france-presse)(?:\s(?:news agency|agency))?"
    r"\s(?:reports?|reported)$",
    re.IGNORECASE,
)
"""An agency named behind a comma for what it reports: no more than its name in brackets. A source is a hedge."""

_PAGE: Final = re.compile(r"\s-[2-9]-$")
"""The mark of a story's further parts, which have the headline of the first."""

_NAMES: Final = resources.files(__package__).joinpath("sources.txt").read_text("utf-8").splitlines()
"""Casefolded, without "the" where no word of the language is meant without it."""

_OUTLET: Final = frozenset({"herald", "tribune", "gazette", "chronicle", "inquirer", "examiner"})
"""Last words that make a newspaper's name wherever they stand behind a dash or a bar."""

_SITE: Final = (
    _OUTLET
    | {"news", "times", "post", "journal", "telegraph", "courier", "observer"}
    | {"online", "magazine", "tv", "radio"}
)
"""Last words that do so behind a bar, or behind a dash where the name begins with "the"."""

_SITE_WORDS: Final = 5
_TOP_LEVEL: Final = "(?:com|org|net|info|news|press|media|online|[a-z]{2}|\u0440\u0444)"
_DOMAIN: Final = re.compile(rf"(?:www\.)?(?:[\w-]+\.){{0,2}}[\w-]{{2,}}\.{_TOP_LEVEL}|[a-z0-9]\.com")
_DOMAIN_END: Final = re.compile(rf"(?<=\w)(?:\.(?:com?|org|net|ac|gov))?\.{_TOP_LEVEL}\Z")

TAILS: Final = (
    frozenset(words_of(name)[-1].rpartition(" ")[2] for name in _NAMES)
    | _SITE
    | {"update", "updated"}
    | {f"update{number}" for number in range(10)}
    | {
        "ld",
        "lead",
        "live",
        "breaking",
        "exclusive",
        "urgent",
        "report",
        "reports",
        "reported",
        *"0123456789",
    }
)
"""Last words of a headline's last token without which there is no source's name at its end, but for a domain."""


def _without_prefix(text: str) -> str:
    prefix = _PREFIX.match(text)
    return text[prefix.end() :] if prefix else text


def _without_source(text: str, feed: Feed | None) -> str:
    if text.endswith(_CLOSING):
        opening = max(map(text.rfind, _OPENING))
        bracketed = _BRACKETED.fullmatch(text, max(opening, 0))
        if bracketed is not None:
            name = bracketed.group(1).casefold()
            if _is_source(name, feed, barred=False) or _MARK.fullmatch(name):
                return text[:opening].rstrip()
        return text
    if text[-8:].casefold().endswith(("report", "reports", "reported")):
        return _REPORTED.sub("", text)
    if text.endswith("-"):
        return _PAGE.sub("", text)
    separators = deque(_SEPARATOR.finditer(text), maxlen=_SEPARATORS)
    if not separators:
        return text
    if feed is not None:
        # A feed's own name may hold a dash or a bar.
        for separator in separators:
            if (
                len(text) - separator.end() <= _LONGEST
                and _folded(text[separator.end() :].casefold()) == feed.name
            ):
                return text[: separator.start()].rstrip()
    separator = separators[-1]
    name = text[separator.end() :].casefold()
    if _MARK.fullmatch(name) or _is_source(name, None, barred=separator.group().strip() in _BARRED):
        return text[: separator.start()].rstrip()
    return text


_SEPARATORS: Final = 3
_LONGEST: Final = 80
"""Characters of a name; what is longer need not be compared."""

_BARRED: Final = frozenset(_BARS)


def _is_source(name: str, feed: Feed | None, *, barred: bool) -> bool:
    name = name.rstrip(". ")
    if len(name) > _LONGEST:
        return False
    if _DOMAIN.fullmatch(name):
        return True
    folded = _folded(name)
    if folded in _SOURCES or _folded(name.removeprefix("the ")) in _SOURCES:
        return True
    if feed is not None and folded == feed.name:
        return True
    words = name.split()
    if not 1 < len(words) <= _SITE_WORDS or any(char.isdigit() for char in name):
        return False
    return words[-1] in (_SITE if barred or words[0] == "the" else _OUTLET)


def _folded(name: str) -> str:
    """What two spellings of a source's name have in common: no case, accents, spaces, punctuation, domain."""
    return "".join(words_of(_without_domain(name))).replace(" ", "")


def _without_domain(name: str) -> str:
    return _DOMAIN_END.sub("", name.strip().rstrip(".").removeprefix("www."))


_SOURCES: Final = frozenset(map(_folded, _NAMES))
