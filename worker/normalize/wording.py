"""Different spellings of one word: abbreviations, British and American spelling, numbers.

Tables are moderate on purpose: an entry belongs here only where its two sides say the same in every headline.
"""

from __future__ import annotations

from typing import Final


def _inflected(stems: str, endings: dict[str, str]) -> dict[str, str]:
    return {
        stem + british: stem + american for stem in stems.split() for british, american in endings.items()
    }


_OUR: Final = "arm behavi col endeav fav ferv flav glam harb hon hum lab neighb rum sav tum vap vig val"
_ISE: Final = (
    "apolog author brutal capital categor central character civil coloniz critic crystall demon digit"
    " emphas final formal general global hospital immun industrial legal legitim liberal local marginal"
    " maxim memorial minim mobil modern national neutral normal optim organ patron penal polar popular"
    " priorit privat public radical ration real recogn revital scrutin social special stabil standard"
    " steril subsid summar symbol sympath terror traumat utilt vandal victim visual weapon"
)

SPELLINGS: Final[dict[str, str]] = {
    **_inflected(_OUR, {"our": "or", "ours": "ors", "oured": "ored", "ouring": "oring", "ourite": "orite"}),
    **_inflected(_OUR, {"ourites": "orites", "ourable": "orable", "ourful": "orful", "ourhood": "orhood"}),
    **_inflected(_ISE, {"ise": "ize", "ises": "izes", "ised": "ized", "ising": "izing", "iser": "izer"}),
    **_inflected(_ISE, {"isers": "izers", "isation": "ization", "isations": "izations"}),
    **_inflected("anal catal paral", {"yse": "yze", "ysed": "yzed", "yses": "yzes", "ysing": "yzing"}),
    **_inflected(
        "cance fue labe leve marve mode pane quarre signa trave",
        {"lled": "led", "lling": "ling", "ller": "ler", "llers": "lers"},
    ),
    **_inflected("cent kilomet lit lust met sab theat fib calib", {"re": "er", "res": "ers"}),
    **_inflected("defen offen licen preten", {"ce": "se", "ces": "ses"}),
    "aeroplane": "airplane",
    "aeroplanes": "airplanes",
    "ageing": "aging",
    "aluminium": "aluminum",
    "anaemia": "anemia",
    "centred": "centered",
    "diarrhoea": "diarrhea",
    "foetus": "fetus",
    "grey": "gray",
    "haemorrhage": "hemorrhage",
    "jewellery": "jewelry",
    "judgement": "judgment",
    "leukaemia": "leukemia",
    "manoeuvre": "maneuver",
    "manoeuvres": "maneuvers",
    "mould": "mold",
    "moustache": "mustache",
    "oestrogen": "estrogen",
    "paediatric": "pediatric",
    "plough": "plow",
    "programme": "program",
    "programmes": "programs",
    "pyjamas": "pajamas",
    "sceptic": "skeptic",
    "sceptical": "skeptical",
    "sceptics": "skeptics",
    "sulphur": "sulfur",
    "towards": "toward",
    "whilst": "while",
}
"""British to American."""

ABBREVIATIONS: Final[dict[str, str]] = {
    "&": "and",
    "apr": "april",
    "aug": "august",
    "britain": "uk",
    "bros": "brothers",
    "corp": "corporation",
    "dec": "december",
    "dept": "department",
    "feb": "february",
    "gen": "general",
    "gov": "governor",
    "govt": "government",
    "govts": "governments",
    "intl": "international",
    "jan": "january",
    "kiev": "kyiv",
    "nkorea": "north korea",
    "nkorean": "north korean",
    "nov": "november",
    "ny": "new york",
    "nyc": "new york city",
    "oct": "october",
    "qaida": "qaeda",
    "safrica": "south africa",
    "safrican": "south african",
    "sen": "senator",
    "sep": "september",
    "sept": "september",
    "skorea": "south korea",
    "skorean": "south korean",
    "turkiye": "turkey",
    "usa": "us",
    "utd": "united",
    "v": "vs",
    "versus": "vs",
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

PHRASES: Final[dict[tuple[str, ...], str]] = {
    **{
        (letter, name): f"{word} {name}"
        for letter, (word, names) in _COMPASS.items()
        for name in names.split()
    },
    ("n", "ireland"): "northern ireland",
    ("n", "irish"): "northern irish",
    ("al", "qaeda"): "qaeda",
    ("cease", "fire"): "ceasefire",
    ("cote", "divoire"): "ivory coast",
    ("czech", "republic"): "czechia",
    ("e", "mail"): "email",
    ("e", "mails"): "emails",
    ("e", "u"): "eu",
    ("european", "central", "bank"): "ecb",
    ("european", "union"): "eu",
    ("federal", "reserve"): "fed",
    ("great", "uk"): "uk",
    ("international", "monetary", "fund"): "imf",
    ("per", "cent"): "percent",
    ("prime", "minister"): "pm",
    ("prime", "ministers"): "pms",
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

_ONES: Final = "one two three four five six seven eight nine"
_TEENS: Final = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"

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
    "million": "mn",
    "mn": "mn",
    "mln": "mn",
    "billion": "bn",
    "bn": "bn",
    "bln": "bn",
    "trillion": "tn",
    "tn": "tn",
    "trn": "tn",
}
"""What follows a number and belongs to it: digits where that is exact for whole numbers, else a suffix."""

CURRENCIES: Final[dict[str, str]] = {
    "dollar": "$",
    "dollars": "$",
    "usd": "$",
    "euro": "€",
    "euros": "€",
    "eur": "€",
}
PERCENT: Final = frozenset({"%", "percent", "pct"})
