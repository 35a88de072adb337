"""Places as agencies shorten them: American states with a full stop, and countries that have two names."""

from __future__ import annotations

from typing import Final

STATES: Final[dict[str, str]] = {
    "ariz.": "arizona",
    "calif.": "california",
    "colo.": "colorado",
    "fla.": "florida",
    "mich.": "michigan",
    "minn.": "minnesota",
    "nebr.": "nebraska",
    "okla.": "oklahoma",
    "tenn.": "tennessee",
    "tex.": "texas",
    "wis.": "wisconsin",
    "wyo.": "wyoming",
}
"""States whose short form is no word, so that its full stop may as well end the headline."""

AMBIGUOUS_STATES: Final[dict[str, str]] = {
    "ala.": "alabama",
    "ark.": "arkansas",
    "conn.": "connecticut",
    "del.": "delaware",
    "ga.": "georgia",
    "ill.": "illinois",
    "ind.": "indiana",
    "kan.": "kansas",
    "ky.": "kentucky",
    "la.": "louisiana",
    "mass.": "massachusetts",
    "md.": "maryland",
    "miss.": "mississippi",
    "mo.": "missouri",
    "mont.": "montana",
    "neb.": "nebraska",
    "nev.": "nevada",
    "ore.": "oregon",
    "pa.": "pennsylvania",
    "va.": "virginia",
    "vt.": "vermont",
    "wash.": "washington",
}
"""States whose short form is a word, a name or an acronym too: the full stop tells, unless it ends a sentence."""

_BEFORE_WORDS: Final = (
    "a an and are be been by critically desperately fall falls fell for gravely his her is mentally my near or our"
    " seriously so taken terminally the their to very violently was were your"
)
BEFORE_NO_STATE: Final = frozenset(_BEFORE_WORDS.split())
"""What comes before such a word where it is no state: "seriously ill.", "the ark.", "a near miss."."""

SHORT_PLACES: Final[dict[str, str]] = {
    "ariz": "arizona",
    "bdesh": "bangladesh",
    "calif": "california",
    "dprk": "north korea",
    "fla": "florida",
    "hk": "hong kong",
    "ksa": "saudi",
    "mich": "michigan",
    "minn": "minnesota",
    "n.c": "north carolina",
    "n.d": "north dakota",
    "n.h": "new hampshire",
    "n.j": "new jersey",
    "n.m": "new mexico",
    "nj": "new jersey",
    "okla": "oklahoma",
    "prc": "china",
    "r.i": "rhode island",
    "s.c": "south carolina",
    "s.d": "south dakota",
    "slanka": "sri lanka",
    "swaziland": "eswatini",
    "tenn": "tennessee",
    "ussr": "soviet union",
    "w.va": "west virginia",
    "wva": "west virginia",
}
"""Short forms that are no words of their own."""

PLACE_PHRASES: Final[dict[tuple[str, ...], str]] = {
    ("bosnia", "and", "herzegovina"): "bosnia",
    ("bosnia", "herzegovina"): "bosnia",
    ("cape", "verde"): "cabo verde",
    ("democratic", "people", "republic", "of", "korea"): "north korea",
    ("e", "guinea"): "equatorial guinea",
    ("g", "bissau"): "guinea bissau",
    ("islamic", "republic", "of", "iran"): "iran",
    ("kingdom", "of", "saudi", "arabia"): "saudi",
    ("n", "macedonia"): "north macedonia",
    ("people", "republic", "of", "china"): "china",
    ("peoples", "republic", "of", "china"): "china",
    ("republic", "of", "korea"): "south korea",
    ("russian", "federation"): "russia",
    ("s", "lanka"): "sri lanka",
    ("s", "lankan"): "sri lankan",
    ("s", "lankans"): "sri lankans",
    ("timor", "leste"): "east timor",
    ("viet", "nam"): "vietnam",
}
"""Long names and names of two parts."""

KOREA: Final = "rok"
"""The Republic of Korea, in capitals; in Czech and Polish a year, and in Slovenian a first name."""

_KOREAN: Final = (
    "after against and army as at defense dprk for forces from government marines military navy of over president says"
    " the troops us with"
)
OF_KOREA: Final = frozenset(_KOREAN.split())
"""Words of which an English headline that speaks of it has one."""
