"""Different spellings of one word: abbreviations, British and American spelling, numbers.

Tables are moderate on purpose: an entry belongs here only where its two sides say the same in every headline.
"""

from __future__ import annotations

from typing import Final


def _inflected(stems: str, endings: dict[str, str]) -> dict[str, str]:
    return {
        stem + british: stem + american for stem in stems.split() for british, american in endings.items()
    }


_OUR: Final = (
    "ard arm behavi cand clam col demean discol disfav dishon enam endeav fav ferv flav glam harb hon hum lab misdemean"
    " neighb parl rig rum sav splend succ tum val vap vig"
)
_ISE: Final = (
    "agon anonym antagon apolog author bapt brutal burglar capital categor central character civil colon commercial"
    " computer criminal critic crystall custom decriminal demilitar democrat demon demoral destabil digit digital"
    " disorgan dramat econom emphas energ epitom equal fantas fertil final formal galvan general global harmon hospital"
    " hypnot ideal idol immobil immortal immun individual industrial initial item jeopard legal legitim liberal"
    " local magnet marginal material maxim mechan memorial mesmer militar minim mobil modern monet monopol moral motor"
    " national natural neutral normal optim organ ostrac patron penal personal polar politic popular priorit privat"
    " public radical random ration rational real recogn reorgan revital revolution sanit satir scandal scrutin"
    " sensational sexual social special stabil standard steril stigmat strateg subsid summar symbol sympath synchron"
    " terror theor traumat trivial tyrann unauthor union unrecogn urban util vandal victim visual weapon western"
)

SPELLINGS: Final[dict[str, str]] = {
    **_inflected(_OUR, {"our": "or", "ours": "ors", "oured": "ored", "ouring": "oring", "ourite": "orite"}),
    **_inflected(_OUR, {"ourites": "orites", "ourable": "orable", "ourful": "orful", "ourhood": "orhood"}),
    **_inflected(_ISE, {"ise": "ize", "ises": "izes", "ised": "ized", "ising": "izing", "iser": "izer"}),
    **_inflected(_ISE, {"isers": "izers", "isation": "ization", "isations": "izations"}),
    **_inflected("anal catal paral", {"yse": "yze", "ysed": "yzed", "yses": "yzes", "ysing": "yzing"}),
    **_inflected(
        "barre cance channe counse dia due equa fue labe leve libe marve mode pane quarre riva shove signa spira tota"
        " trave tunne unrave",
        {"lled": "led", "lling": "ling", "ller": "ler", "llers": "lers"},
    ),
    **_inflected("cent kilomet lit lust met sab theat fib calib", {"re": "er", "res": "ers"}),
    **_inflected("defen offen licen preten", {"ce": "se", "ces": "ses"}),
    "aeroplane": "airplane",
    "aeroplanes": "airplanes",
    "ageing": "aging",
    "aluminium": "aluminum",
    "archeological": "archaeological",
    "archeologist": "archaeologist",
    "archeologists": "archaeologists",
    "archeology": "archaeology",
    "artefact": "artifact",
    "artefacts": "artifacts",
    "ax": "axe",
    "catalogue": "catalog",
    "catalogues": "catalogs",
    "chilli": "chili",
    "cosy": "cozy",
    "dialog": "dialogue",
    "anaemia": "anemia",
    "centred": "centered",
    "diarrhoea": "diarrhea",
    "donut": "doughnut",
    "donuts": "doughnuts",
    "draught": "draft",
    "enrol": "enroll",
    "enrolment": "enrollment",
    "faeces": "feces",
    "foetus": "fetus",
    "fulfil": "fulfill",
    "fulfils": "fulfills",
    "gaol": "jail",
    "gramme": "gram",
    "grammes": "grams",
    "grey": "gray",
    "haemorrhage": "hemorrhage",
    "instalment": "installment",
    "instalments": "installments",
    "jewellery": "jewelry",
    "judgement": "judgment",
    "kidnaped": "kidnapped",
    "kidnaper": "kidnapper",
    "kilogramme": "kilogram",
    "kilogrammes": "kilograms",
    "leukaemia": "leukemia",
    "manoeuvre": "maneuver",
    "manoeuvres": "maneuvers",
    "mould": "mold",
    "moustache": "mustache",
    "oestrogen": "estrogen",
    "orthopaedic": "orthopedic",
    "paediatric": "pediatric",
    "paediatrician": "pediatrician",
    "paedophile": "pedophile",
    "paedophiles": "pedophiles",
    "paedophilia": "pedophilia",
    "plough": "plow",
    "ploughs": "plows",
    "practise": "practice",
    "programme": "program",
    "programmes": "programs",
    "pyjamas": "pajamas",
    "rouble": "ruble",
    "roubles": "rubles",
    "sceptic": "skeptic",
    "sceptical": "skeptical",
    "sceptics": "skeptics",
    "skilful": "skillful",
    "smoulder": "smolder",
    "smouldering": "smoldering",
    "sulphur": "sulfur",
    "towards": "toward",
    "tsar": "czar",
    "tyre": "tire",
    "tyres": "tires",
    "whilst": "while",
    "whisky": "whiskey",
    "yoghurt": "yogurt",
}
"""British to American, and the rarer spelling to the usual one."""

_NEGATED: Final = "are could did do does had has have is must need should was were would"

CONTRACTIONS: Final[dict[str, str]] = {"'ll": " will", "'re": " are", "'ve": " have"}
"""Ends of words that are words, of three characters; `'d` is two of them."""

_ONES: Final = "one two three four five six seven eight nine"
_TEENS: Final = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS: Final = "first second third fourth fifth sixth seventh eighth ninth"
_ENDINGS: Final = ("th", "st", "nd", "rd", "th", "th", "th", "th", "th", "th")

ABBREVIATIONS: Final[dict[str, str]] = {
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
    ("s", "arabia"): "saudi",
    ("saudi", "arabia"): "saudi",
    ("saudi", "arabian"): "saudi",
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
}
"""What names a currency behind an amount; pounds are money in millions only."""

CODES: Final[dict[str, str]] = {"usd": "$", "eur": "€", "gbp": "£"}
"""What does so before it."""

PERCENT: Final = frozenset({"%", "percent", "pct", "pc"})
