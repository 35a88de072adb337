"""British spelling and American: one spelling of each word for the match form.

The dictionary that the matcher has is not known here, so each rule names its stems. The matcher knows more of both
spellings, by the words' endings.
"""

from __future__ import annotations

from typing import Final


def _inflected(stems: str, endings: dict[str, str]) -> dict[str, str]:
    return {
        stem + british: stem + american for stem in stems.split() for british, american in endings.items()
    }


_OUR: Final = (
    "ard arm behavi cand clam col demean discol disfav dishon enam endeav fav ferv flav glam harb hon hum lab misdemean"
    " neighb parl ranc rig rum sav splend succ tum val vap vig"
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

_LED: Final = (
    "appare backpeda barre beve bowe cance channe chise counse cudge devi dia due disheve drive due ename"
    " equa fue funne grave grove hove impane initia jewe kenne labe leve libe marsha marve meda mode pane peda penci"
    " pumme quarre rabe refue remode reve riva shove shrive signa snive snorke spira stenci swive tasse tinse tota towe"
    " trave tunne unrave victua wease yode"
)
_ER: Final = (
    "accout amphitheat calib cent centimet epicent fib goit kilomet lit lust meag met micromet millilit millimet mit"
    " nit och reconnoit sab saltpet scept sepulch somb spect theat"
)

SPELLINGS: Final[dict[str, str]] = {
    **_inflected(_OUR, {"our": "or", "ours": "ors", "oured": "ored", "ouring": "oring", "ourite": "orite"}),
    **_inflected(_OUR, {"ourites": "orites", "ourable": "orable", "ourful": "orful", "ourhood": "orhood"}),
    **_inflected(_ISE, {"ise": "ize", "ises": "izes", "ised": "ized", "ising": "izing", "iser": "izer"}),
    **_inflected(_ISE, {"isers": "izers", "isation": "ization", "isations": "izations"}),
    **_inflected("anal catal paral", {"yse": "yze", "ysed": "yzed", "yses": "yzes", "ysing": "yzing"}),
    **_inflected(_LED, {"lled": "led", "lling": "ling", "ller": "ler", "llers": "lers"}),
    **_inflected("theat", {"regoer": "ergoer", "regoers": "ergoers", "regoing": "ergoing"}),
    **_inflected("cent", {"repiece": "erpiece", "repieces": "erpieces", "reback": "erback"}),
    **_inflected(_ER, {"re": "er", "res": "ers", "red": "ered", "ring": "ering"}),
    **_inflected("defen offen licen preten", {"ce": "se", "ces": "ses"}),
    **_inflected("practi", {"se": "ce", "ses": "ces", "sed": "ced", "sing": "cing"}),
    **_inflected("analo catalo monolo prolo epilo travelo", {"gue": "g", "gues": "gs"}),
    **_inflected("appa disti ensti enthra fulfi insti", {"l": "ll", "ls": "lls", "lment": "llment"}),
    **_inflected("after back down east home in north on out sky south up west", {"wards": "ward"}),
    **_inflected("burn dream lean leap learn spoil", {"t": "ed"}),
    **_inflected("gra kilogra milligra centigra microgra progra", {"mme": "m", "mmes": "ms"}),
    "acknowledgement": "acknowledgment",
    "acknowledgements": "acknowledgments",
    "aeon": "eon",
    "aeons": "eons",
    "aeroplane": "airplane",
    "aeroplanes": "airplanes",
    "ageing": "aging",
    "aluminium": "aluminum",
    "anaemia": "anemia",
    "archeological": "archaeological",
    "archeologist": "archaeologist",
    "archeologists": "archaeologists",
    "archeology": "archaeology",
    "artefact": "artifact",
    "artefacts": "artifacts",
    "ax": "axe",
    "barbeque": "barbecue",
    "benefitted": "benefited",
    "benefitting": "benefiting",
    "carburettor": "carburetor",
    "carburettors": "carburetors",
    "caviare": "caviar",
    "chequebook": "checkbook",
    "chequered": "checkered",
    "chilli": "chili",
    "cosier": "cozier",
    "cosiest": "coziest",
    "cosily": "cozily",
    "cosy": "cozy",
    "councillor": "councilor",
    "councillors": "councilors",
    "counsellor": "counselor",
    "counsellors": "counselors",
    "cypher": "cipher",
    "dialog": "dialogue",
    "diarrhoea": "diarrhea",
    "disk": "disc",
    "disks": "discs",
    "donut": "doughnut",
    "donuts": "doughnuts",
    "draught": "draft",
    "draughtsman": "draftsman",
    "draughty": "drafty",
    "enrol": "enroll",
    "enrolment": "enrollment",
    "enrolments": "enrollments",
    "enrols": "enrolls",
    "faeces": "feces",
    "focussed": "focused",
    "focussing": "focusing",
    "foetus": "fetus",
    "furore": "furor",
    "gaol": "jail",
    "gaoled": "jailed",
    "gaoler": "jailer",
    "gipsies": "gypsies",
    "gipsy": "gypsy",
    "glycerine": "glycerin",
    "grandad": "granddad",
    "grandads": "granddads",
    "grey": "gray",
    "greying": "graying",
    "greys": "grays",
    "haemorrhage": "hemorrhage",
    "haulier": "hauler",
    "hauliers": "haulers",
    "hiccough": "hiccup",
    "instalment": "installment",
    "instalments": "installments",
    "jewellery": "jewelry",
    "judgement": "judgment",
    "kerb": "curb",
    "kerbs": "curbs",
    "kerbside": "curbside",
    "kidnaped": "kidnapped",
    "kidnaper": "kidnapper",
    "leukaemia": "leukemia",
    "libellous": "libelous",
    "licenced": "licensed",
    "likeable": "likable",
    "liquorice": "licorice",
    "liveable": "livable",
    "loveable": "lovable",
    "manoeuvrable": "maneuverable",
    "manoeuvre": "maneuver",
    "manoeuvred": "maneuvered",
    "manoeuvres": "maneuvers",
    "manoeuvring": "maneuvering",
    "marvellous": "marvelous",
    "marvellously": "marvelously",
    "maths": "math",
    "mollusc": "mollusk",
    "molluscs": "mollusks",
    "mould": "mold",
    "moulded": "molded",
    "moulding": "molding",
    "moulds": "molds",
    "mouldy": "moldy",
    "moult": "molt",
    "moustache": "mustache",
    "moustached": "mustached",
    "moustaches": "mustaches",
    "moveable": "movable",
    "oestrogen": "estrogen",
    "omelette": "omelet",
    "omelettes": "omelets",
    "orthopaedic": "orthopedic",
    "paediatric": "pediatric",
    "paediatrician": "pediatrician",
    "paediatricians": "pediatricians",
    "paedophile": "pedophile",
    "paedophiles": "pedophiles",
    "paedophilia": "pedophilia",
    "phoney": "phony",
    "phoneys": "phonies",
    "plough": "plow",
    "ploughed": "plowed",
    "ploughing": "plowing",
    "ploughman": "plowman",
    "ploughs": "plows",
    "pyjama": "pajama",
    "pyjamas": "pajamas",
    "rouble": "ruble",
    "roubles": "rubles",
    "saleable": "salable",
    "sceptic": "skeptic",
    "sceptical": "skeptical",
    "sceptically": "skeptically",
    "scepticism": "skepticism",
    "sceptics": "skeptics",
    "sizeable": "sizable",
    "skilful": "skillful",
    "skilfully": "skillfully",
    "smoulder": "smolder",
    "smouldered": "smoldered",
    "smouldering": "smoldering",
    "smoulders": "smolders",
    "specialities": "specialties",
    "speciality": "specialty",
    "spilt": "spilled",
    "storey": "story",
    "storeys": "stories",
    "sulphate": "sulfate",
    "sulphates": "sulfates",
    "sulphide": "sulfide",
    "sulphur": "sulfur",
    "sulphuric": "sulfuric",
    "titbit": "tidbit",
    "titbits": "tidbits",
    "tonne": "ton",
    "tonnes": "tons",
    "towards": "toward",
    "tranquilliser": "tranquilizer",
    "tranquillisers": "tranquilizers",
    "tranquillizer": "tranquilizer",
    "tranquillizers": "tranquilizers",
    "tsar": "czar",
    "tsars": "czars",
    "tyre": "tire",
    "tyres": "tires",
    "unshakeable": "unshakable",
    "whilst": "while",
    "whisky": "whiskey",
    "wilful": "willful",
    "wilfully": "willfully",
    "woollen": "woolen",
    "woollens": "woolens",
    "worshiped": "worshipped",
    "worshiper": "worshipper",
    "worshipers": "worshippers",
    "worshiping": "worshipping",
    "yoghourt": "yogurt",
    "yoghurt": "yogurt",
    "yoghurts": "yogurts",
}
"""British to American, and the rarer spelling to the usual one."""
