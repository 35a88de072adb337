"""Different spellings of one word: abbreviations, phrases, numbers.

Tables are moderate on purpose: an entry belongs here only where its two sides say the same in every headline.
"""

from __future__ import annotations

from typing import Final

from worker.normalize.places import PLACE_PHRASES, SHORT_PLACES

_NEGATED: Final = "are could did do does had has have is must need should was were would"

CONTRACTIONS: Final[dict[str, str]] = {"'ll": " will", "'re": " are", "'ve": " have"}
"""Ends of words that are words, of three characters; `'d` is two of them."""

_ONES: Final = "one two three four five six seven eight nine"
_TEENS: Final = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS: Final = "first second third fourth fifth sixth seventh eighth ninth"
_ENDINGS: Final = ("th", "st", "nd", "rd", "th", "th", "th", "th", "th", "th")

ABBREVIATIONS: Final[dict[str, str]] = {
    **SHORT_PLACES,
    "&": "and",
    "apr": "april",
    "aug": "august",
    **{f"{verb}nt": f"{verb} not" for verb in _NEGATED.split()},
    "bofa": "bank of america",
    "britain": "uk",
    "bros": "brothers",
    "cannot": "can not",
    "cant": "can not",
    "corp": "corporation",
    "dec": "december",
    "dept": "department",
    "feb": "february",
    "gen": "general",
    "gov": "governor",
    "govt": "government",
    "govts": "governments",
    "hr": "hour",
    "hrs": "hours",
    "intl": "international",
    "jan": "january",
    "kiev": "kyiv",
    "kmh": "kph",
    "kms": "kilometers",
    "lieut": "lieutenant",
    "mins": "minutes",
    "mon": "monday",
    "mth": "month",
    "mths": "months",
    "nkorea": "north korea",
    "nkorean": "north korean",
    "nov": "november",
    "ny": "new york",
    "nyc": "new york city",
    "nz": "new zealand",
    "oct": "october",
    "q1": "first quarter",
    "q2": "second quarter",
    "q3": "third quarter",
    "q4": "fourth quarter",
    "qaida": "qaeda",
    "safrica": "south africa",
    "safrican": "south african",
    "sen": "senator",
    "sep": "september",
    "sept": "september",
    "skorea": "south korea",
    "skorean": "south korean",
    "thur": "thursday",
    "thurs": "thursday",
    "tues": "tuesday",
    "turkiye": "turkey",
    "usa": "us",
    "utd": "united",
    "v": "vs",
    "versus": "vs",
    "wks": "weeks",
    "wont": "will not",
    "yr": "year",
    "yrs": "years",
    # The short ordinals are words, the long ones digits: so most headlines have them.
    **{f"{number}{_ENDINGS[number]}": word for number, word in enumerate(_ORDINALS.split(), start=1)},
    "10th": "tenth",
    "hundredth": "100th",
    "m&ms": "m&m",
    "thousandth": "1000th",
    "eleventh": "11th",
    "twelfth": "12th",
    "thirteenth": "13th",
    "fourteenth": "14th",
    "fifteenth": "15th",
    "sixteenth": "16th",
    "seventeenth": "17th",
    "eighteenth": "18th",
    "nineteenth": "19th",
    **{f"{word[:-1]}ieth": f"{tens}0th" for tens, word in enumerate(_TENS.split(), start=2)},
}
"""One word for one or more. The pronoun "us" and the country are one token, or case would matter."""

_COMPASS: Final = {
    "s": (
        "south",
        "africa african africans korea korean koreans sudan sudanese carolina dakota america american",
    ),
    "n": ("north", "korea korean koreans carolina dakota america american"),
    "w": ("west", "virginia bank africa african"),
    "e": ("east", "timor jerusalem africa african"),
}

PARTED: Final = frozenset({"s", "t", "re", "ve", "ll"})
"""What is behind an apostrophe that became a space: "what s", "don t"."""

_PRONOUNS: Final = "he how i it she that there they we what where who you"

PHRASES: Final[dict[tuple[str, ...], str]] = {
    **PLACE_PHRASES,
    ("at", "and", "t"): "at&t",
    **{(word, "s"): word for word in ("here", "let", *_PRONOUNS.split())},
    **{
        (word, end[1:]): word + verb
        for word in _PRONOUNS.split()
        for end, verb in CONTRACTIONS.items()
        if word not in ("how", "where")
    },
    **{(f"{verb}n", "t"): f"{verb} not" for verb in _NEGATED.split()},
    ("can", "t"): "can not",
    ("won", "t"): "will not",
    **{
        (word, ordinal): f"{tens}{ones}{_ENDINGS[ones]}"
        for tens, word in enumerate(_TENS.split(), start=2)
        for ones, ordinal in enumerate(_ORDINALS.split(), start=1)
    },
    **{
        (letter, name): f"{word} {name}"
        for letter, (word, names) in _COMPASS.items()
        for name in names.split()
    },
    ("man", "united"): "manchester united",
    ("n", "ireland"): "northern ireland",
    ("n", "irish"): "northern irish",
    ("n", "zealand"): "new zealand",
    ("al", "qaeda"): "qaeda",
    ("cease", "fire"): "ceasefire",
    ("co", "ltd"): "ltd",
    ("cote", "divoire"): "ivory coast",
    ("czech", "republic"): "czechia",
    ("e", "mail"): "email",
    ("e", "mails"): "emails",
    ("e", "u"): "eu",
    ("european", "central", "bank"): "ecb",
    ("european", "union"): "eu",
    ("federal", "aviation", "administration"): "faa",
    ("federal", "bureau", "of", "investigation"): "fbi",
    ("federal", "communications", "commission"): "fcc",
    ("federal", "trade", "commission"): "ftc",
    ("food", "and", "agriculture", "organization"): "fao",
    ("international", "atomic", "energy", "agency"): "iaea",
    ("international", "criminal", "court"): "icc",
    ("international", "energy", "agency"): "iea",
    ("international", "labor", "organization"): "ilo",
    ("international", "olympic", "committee"): "ioc",
    ("kilometers", "per", "hour"): "kph",
    ("km", "h"): "kph",
    ("km", "per", "hour"): "kph",
    ("miles", "per", "hour"): "mph",
    ("national", "transportation", "safety", "board"): "ntsb",
    ("organization", "for", "economic", "cooperation", "and", "development"): "oecd",
    ("pte", "ltd"): "ltd",
    ("pty", "ltd"): "ltd",
    ("reserve", "bank", "of", "india"): "rbi",
    ("securities", "and", "exchange", "commission"): "sec",
    ("world", "trade", "organization"): "wto",
    ("federal", "reserve"): "fed",
    ("great", "uk"): "uk",
    ("international", "monetary", "fund"): "imf",
    ("per", "cent"): "percent",
    ("prime", "minister"): "pm",
    ("prime", "ministers"): "pms",
    ("s", "arabia"): "saudi",
    ("saudi", "arabia"): "saudi",
    ("saudi", "arabian"): "saudi",
    ("taiwan", "semiconductor"): "tsmc",
    ("taiwan", "semiconductor", "manufacturing"): "tsmc",
    ("u", "k"): "uk",
    ("u", "n"): "un",
    ("u", "s"): "us",
    ("u", "s", "a"): "us",
    ("united", "arab", "emirates"): "uae",
    ("united", "kingdom"): "uk",
    ("united", "nations"): "un",
    ("united", "states"): "us",
    ("united", "states", "of", "america"): "us",
}
"""Several words for one or more."""

ONES: Final[dict[str, str]] = {word: str(number) for number, word in enumerate(_ONES.split(), start=1)}
TENS: Final[dict[str, str]] = {word: str(number) for number, word in enumerate(_TENS.split(), start=2)}
NUMBER_WORDS: Final[dict[str, str]] = {
    **ONES,
    **{word: str(number) for number, word in enumerate(_TEENS.split(), start=10)},
    **{word: digit + "0" for word, digit in TENS.items()},
}

SCALES: Final[dict[str, str]] = {
    "hundred": "00",
    "thousand": "000",
    "lakh": "00000",
    "lakhs": "00000",
    "crore": "0000000",
    "crores": "0000000",
    "million": "mn",
    "mn": "mn",
    "mln": "mn",
    "mil": "mn",
    "billion": "bn",
    "bn": "bn",
    "bln": "bn",
    "bil": "bn",
    "trillion": "tn",
    "tn": "tn",
    "trn": "tn",
}
"""What follows a number and belongs to it: digits where that is exact for whole numbers, else a suffix."""

MONEY_SCALES: Final = {"m": "mn", "b": "bn", "t": "tn"}
"""Letters that mean a million and so on beside a currency only: `100m` is a race."""

CURRENCIES: Final[dict[str, str]] = {
    "dollar": "$",
    "dollars": "$",
    "usd": "$",
    "euro": "€",
    "euros": "€",
    "eur": "€",
    "pounds": "£",
    "gbp": "£",
    "yen": "¥",
    "jpy": "¥",
    "rupee": "₹",
    "rupees": "₹",
    "inr": "₹",
}
"""What names a currency behind an amount; pounds are money in millions only."""

CODES: Final[dict[str, str]] = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "inr": "₹", "rs": "₹"}
"""What does so before it."""

PERCENT: Final = frozenset({"%", "percent", "pct", "pc"})

_MEASURES: Final = "bps cm ft gb gw ha hr hrs kg km kph kw lb min mins mph mw tb yr yrs"
UNITS: Final[dict[str, str]] = {
    **{unit: unit for unit in _MEASURES.split()},
    "bp": "bps",
    "kgs": "kg",
    "kmh": "kph",
    "kms": "km",
    "lbs": "lb",
}
"""Measures that are written at a number or apart from it."""

DOZEN: Final = 12
"""What "a dozen" counts; "dozens" are no number."""

FRACTIONS: Final[dict[str, str]] = {
    "1/2": ".5",
    "1/4": ".25",
    "3/4": ".75",
    "1/8": ".125",
    "3/8": ".375",
    "5/8": ".625",
    "7/8": ".875",
}
"""Parts of one behind a whole number."""

SHARES: Final[dict[str, str]] = {
    "1/3": "one third",
    "2/3": "two thirds",
    "1/4": "one quarter",
    "3/4": "three quarters",
}
"""Parts of one that stand alone, as words; others may be days ("1/6", "9/11")."""
