"""Edits that keep a headline's sense, as feeds, sites and careless programs make them.

Each edit is a function from a headline to the edited one; where it does not apply the headline comes back as it was.
"""

import html
import re
from collections.abc import Callable

from tests.unit.deduplicate.match.respellings import ABBREVIATED, BRITISH, NUMBERS

Edit = Callable[[str], str]


def applied(edit: Edit, headlines: list[str]) -> list[tuple[str, str]]:
    """Each headline that the edit changes, with what became of it."""
    pairs = [(headline, edit(headline)) for headline in headlines]
    return [(headline, edited) for headline, edited in pairs if edited != headline]


def between(before: str, after: str) -> Edit:
    return lambda headline: f"{before}{headline}{after}"


def swapped(*pairs: tuple[str, str]) -> Edit:
    """Words, or parts of them, replaced by others, each wherever it stands as a whole."""
    patterns = [
        (re.compile(_left(old) + re.escape(old) + (r"(?!\w|[.,]\d)" if old[-1].isalnum() else "")), new)
        for old, new in pairs
    ]

    def edit(headline: str) -> str:
        for pattern, new in patterns:
            headline = pattern.sub(lambda _, new=new: new, headline)
        return headline

    return edit


def _left(word: str) -> str:
    return r"(?<![\w-])" if word[0].isalnum() else ""


def characters(table: dict[str, str]) -> Edit:
    translation = str.maketrans(table)
    return lambda headline: headline.translate(translation)


def curled(headline: str) -> str:
    """Typewriter quotes as typographers set them."""
    headline = re.sub(r'"([^"]*)"', "\u201c\\1\u201d", headline)
    headline = re.sub(r"(?<!\w)'([^']*)'(?!\w)", "\u2018\\1\u2019", headline)
    return headline.replace("'", "\u2019")


def unquoted(headline: str) -> str:
    """No quotation marks; apostrophes stay."""
    return re.sub(r"\"|(?<!\w)'|'(?!\w)", "", headline)


def title_case(headline: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in headline.split(" "))


def misread(encoding: str, times: int = 1) -> Edit:
    """UTF-8 that was read as something else."""

    def edit(headline: str) -> str:
        edited = curled(headline)
        if edited.isascii():
            return headline
        for _ in range(times):
            edited = "".join(_as(char, encoding) for char in edited)
        return edited

    return edit


def _as(char: str, encoding: str) -> str:
    if char.isascii():
        return char
    return "".join(bytes((byte,)).decode(encoding, "replace") for byte in char.encode()).replace(
        "\ufffd", "\x9d"
    )


def bytewise(headline: str) -> str:
    """Windows-1252 that was read as Latin-1: its quotes are control characters there."""
    try:
        return curled(headline).encode("cp1252").decode("latin-1")
    except UnicodeError:
        return headline


def every(place: int, table: dict[str, str]) -> Edit:
    """Look-alikes for letters in every n-th word that has one of them."""
    translation = str.maketrans(table)

    def edit(headline: str) -> str:
        words = headline.split(" ")
        for at in range(0, len(words), place):
            words[at] = words[at].translate(translation)
        return " ".join(words)

    return edit


def inside(mark: str, every_letters: int = 4) -> Edit:
    """A mark that nobody sees, within words."""
    return lambda headline: re.sub(rf"([A-Za-z]{{{every_letters}}})(?=[A-Za-z])", rf"\1{mark}", headline)


def cut(share: float, mark: str, *, in_word: bool = False) -> Edit:
    """Cut at a share of its length, as feeds do that allow so many characters."""

    def edit(headline: str) -> str:
        if len(headline.split()) < 10:
            return headline
        length = round(len(headline) * share)
        kept = headline[:length] if in_word else headline[: headline.rfind(" ", 0, length)]
        return kept.rstrip(" ,;:\"'-") + mark

    return edit


def doubled(headline: str) -> str:
    """A small word typed twice."""
    return re.sub(r"(?<= )(of|the|to|in|and|after) ", r"\1 \1 ", headline, count=1)


def penn(headline: str) -> str:
    """As corpora part words: the Penn Treebank's rules."""
    headline = re.sub(r"(?<=\w)('s|n't|'ll)\b", r" \1", headline)
    return re.sub(r"(?<=\w)([,;:])(?= )", r" \1", headline)


def plain(headline: str) -> str:
    """Letters without their accents, as keyboards have them."""
    return headline.translate(str.maketrans("ğãáéüôÉíóéö", "gaaeuoEioeo"))


def composed(headline: str) -> str:
    return re.sub(r"[aeo](?=[a-z])", lambda found: found.group() + "\u0301", headline, count=2)


CYRILLIC = dict(
    zip(
        "aeopcxyAEOPCTXKMHB",
        "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0410\u0415\u041e\u0420\u0421\u0422\u0425\u041a\u041c\u041d\u0412",
        strict=True,
    )
)
GREEK = dict(
    zip(
        "oABEHIKMNOPTX",
        "\u03bf\u0391\u0392\u0395\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a7",
        strict=True,
    )
)
WIDE = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)} | {" ": "\u3000"}

CASE: dict[str, Edit] = {
    "lower case": str.lower,
    "upper case": str.upper,
    "title case": title_case,
    "lower first letter": lambda headline: headline[:1].lower() + headline[1:],
}
PUNCTUATION: dict[str, Edit] = {
    "curly quotes": curled,
    "no quotation marks": unquoted,
    "single quotation marks": characters({'"': "'"}),
    "angle quotation marks": lambda headline: re.sub(r'"([^"]*)"', "«\\1»", headline),
    "TeX quotation marks": lambda headline: re.sub(r'"([^"]*)"', "``\\1''", headline),
    "backtick": characters({"'": "`"}),
    "acute accent": characters({"'": "\xb4"}),
    "prime": characters({"'": "\u2032"}),
    "no apostrophe": lambda headline: re.sub(r"(?<=[a-z])'s\b", "s", headline),
    "space for apostrophe": lambda headline: re.sub(r"(?<=[a-z])'s\b", " s", headline),
    "in quotation marks": between("\u201c", "\u201d"),
    "en dash": characters({"-": "\u2013"}),
    "em dash": characters({"-": "—"}),
    "no-break hyphen": characters({"-": "\u2011"}),
    "minus sign": characters({"-": "\u2212"}),
    "space for hyphen": characters({"-": " "}),
    "full stop": between("", "."),
    "exclamation mark": between("", "!"),
    "no comma": lambda headline: re.sub(r",(?= )", "", headline),
    "dash for comma": lambda headline: re.sub(r", (?!\d)", " — ", headline, count=1),
    "no space after comma": lambda headline: re.sub(r"(?<=[a-z]), (?=[a-z])", ",", headline),
    "semicolon for comma": lambda headline: re.sub(r",(?= )", ";", headline),
    "spaced apart": penn,
}
SOURCES: dict[str, Edit] = {
    f"{before}…{after}": between(before, after)
    for before, after in [
        ("", " - Reuters"), ("", " | Reuters"), ("", " (Reuters)"), ("", " - The New York Times"),
        ("", " \u2013 BBC News"),
        ("", " — CNN"), ("", " -- AP"), ("", " (AFP)"), ("", " [AP]"), ("", " | World news | The Guardian"),
        ("", " - CNN.com"), ("", " - Washington Post"), ("", " - WSJ"), ("", " - Al Jazeera English"), ("", " • NPR"),
        ("", " - Yahoo News"), ("", " - ABC News"), ("", " | The Independent"), ("", " » Daily Herald"),
        ("", " - Bloomberg"), ("", " - example.com"), ("", " | Fox News"), ("", " - DW"), ("", " - France 24"),
        ("AFP - ", ""), ("Reuters - ", ""), ("(AP) ", ""), ("(Reuters) - ", ""), ("AP: ", ""), ("[AFP] ", ""),
        ("BBC News - ", ""), ("Reuters: ", ""), ("dpa: ", ""), ("AP Exclusive: ", ""), ("CNN Exclusive: ", ""),
    ]
}  # fmt: skip
MARKS: dict[str, Edit] = {
    f"{before}…{after}": between(before, after)
    for before, after in [
        ("UPDATE 1-", ""), ("UPDATE 12-", ""), ("UPDATE: ", ""), ("UPDATED: ", ""), ("(UPDATED) ", ""),
        ("[UPDATE] ", ""), ("UPDATE 3 - ", ""), ("Update1: ", ""), ("RPT-", ""), ("RPT-UPDATE 2-", ""), ("REPEAT-", ""),
        ("WRAPUP 2-", ""), ("WRAPUP 1: ", ""), ("BREAKING: ", ""), ("BREAKING - ", ""), ("BREAKING NEWS: ", ""),
        ("Breaking | ", ""), ("#BREAKING: ", ""), ("🚨 BREAKING: ", ""), ("JUST IN: ", ""), ("EXCLUSIVE-", ""),
        ("EXCLUSIVE: ", ""), ("Exclusive | ", ""), ("EXCLUSIVE ", ""), ("(EXCLUSIVE) ", ""), ("LIVE: ", ""),
        ("URGENT: ", ""), ("URGENT - ", ""), ("FLASH: ", ""), ("ALERT: ", ""), ("NEWSALERT: ", ""), ("LEAD: ", ""),
        ("(LEAD) ", ""), ("(2nd LD) ", ""), ("1st LD: ", ""), ("2nd LD-", ""), ("(URGENT) ", ""), ("*** ", " ***"),
        ("", " (UPDATED)"), ("", " (UPDATE)"), ("", " [UPDATED]"), ("", " (Update2)"), ("", " - UPDATE 2"),
        ("", " (BREAKING)"), ("", " (EXCLUSIVE)"), ("", " -2-"), ("", " - UPDATED"), ("", " (LIVE)"),
        ("", " - LIVE"), ("", " (2nd UPDATE)"), ("", " - BREAKING"), ("", " (Exclusive)"), ("", " #news"),
    ]
}  # fmt: skip
WORDS: dict[str, Edit] = {
    **{f"{old} = {new}": swapped((old, new)) for old, news in ABBREVIATED for new in news},
    **{f"{old} = {new}": swapped((old, new)) for old, new in BRITISH},
    **{f"{old} = {new}": swapped((old, new)) for old, news in NUMBERS for new in news},
}
CUTS: dict[str, Edit] = {
    **{
        f"{share:.0%}{mark}": cut(share, mark)
        for share in (0.8, 0.9, 0.95)
        for mark in ("…", "...", " ...", " …")
    },
    **{
        f"{share:.0%} in a word{mark}": cut(share, mark, in_word=True)
        for share in (0.8, 0.9, 0.95)
        for mark in ("…", "...")
    },
    "a bold ellipsis": cut(0.8, " <b>...</b>"),
    "an ellipsis and the source": cut(0.8, "... - Reuters"),
    "an ellipsis in brackets": cut(0.8, " [...]"),
    "an ellipsis by reference": cut(0.8, "&hellip;"),
}
ENCODING: dict[str, Edit] = {
    "UTF-8 read as Windows-1252": misread("cp1252"),
    "UTF-8 read as Latin-1": misread("latin-1"),
    "UTF-8 read as Windows-1252, twice": misread("cp1252", 2),
    "UTF-8 read as Latin-1, twice": misread("latin-1", 2),
    "Windows-1252 read as Latin-1": bytewise,
    "Cyrillic look-alikes in every word": characters(CYRILLIC),
    "Cyrillic look-alikes in every third word": every(3, CYRILLIC),
    "Greek look-alikes": characters(GREEK),
    "full width": characters(WIDE),
    "ligatures": lambda headline: headline.replace("ffi", "ﬃ").replace("fi", "ﬁ").replace("fl", "ﬂ"),
    "long s": lambda headline: re.sub(r"(?<=[a-z])s(?=[a-z])", "\u017f", headline),
    "no accents": plain,
    "an accent": composed,
    "bold by mathematical letters": characters(
        {chr(65 + at): chr(0x1D400 + at) for at in range(26)}
        | {chr(97 + at): chr(0x1D41A + at) for at in range(26)}
    ),
}
MARKUP: dict[str, Edit] = {
    "escaped": lambda headline: html.escape(headline).replace("&#x27;", "&#39;"),
    "escaped twice": lambda headline: html.escape(html.escape(headline)),
    "escaped thrice": lambda headline: html.escape(html.escape(html.escape(headline))),
    "named quotes": lambda headline: curled(headline).translate(
        {0x2018: "&lsquo;", 0x2019: "&rsquo;", 0x201C: "&ldquo;", 0x201D: "&rdquo;"}
    ),
    "&#39; without a semicolon": characters({"'": "&#39"}),
    "&#8217;": characters({"'": "&#8217;"}),
    "&#8217; without an ampersand": characters({"'": "#8217;"}),
    "#39;": characters({"'": "#39;"}),
    "a space and #39;": lambda headline: headline.replace("'s", " #39;s").replace("n't", "n #39;t"),
    "a space and 39": lambda headline: headline.replace("'s", " 39 s").replace("n't", "n 39 t"),
    "a space and 39;": lambda headline: headline.replace("'s", " 39;s").replace("n't", "n 39;t"),
    "#039;": characters({"'": "#039;"}),
    "&apos;": characters({"'": "&apos;"}),
    "a space and quot;": lambda headline: re.sub(r'"([^"]*)"', r"quot;\1 quot;", headline),
    "quot;": characters({'"': "quot;"}),
    "&quot without a semicolon": lambda headline: re.sub(r'"([^"]*)"', r"&quot \1 &quot ", headline).strip(),
    "amp;": characters({"&": "amp;"}),
    "a space and amp;": lambda headline: headline.replace("&", " amp;").replace("  ", " "),
    "&amp;amp;": characters({"&": "&amp;amp;"}),
    "&amp;#39;": characters({"'": "&amp;#39;"}),
    "bold": lambda headline: re.sub(r"^(\S+ \S+)", r"<b>\1</b>", headline),
    "bold escaped": lambda headline: re.sub(r"^(\S+ \S+)", r"&lt;b&gt;\1&lt;/b&gt;", headline),
    "bold half unescaped": lambda headline: re.sub(r"^(\S+ \S+)", r"lt;b gt;\1 lt;/b gt;", headline),
    "bold without ampersands": lambda headline: re.sub(r"^(\S+ \S+)", r"lt;b&gt;\1lt;/b&gt;", headline),
    "paragraph": between("<p>", "</p>"),
    "link": between('<a href="/news/1.html">', "</a>"),
    "CDATA": between("<![CDATA[", "]]>"),
    "line break": lambda headline: headline.replace(", ", ",<br/>", 1),
    "backslashes": lambda headline: re.sub(r"(['\"$])", r"\\\1", headline),
    "double quotes doubled": characters({'"': '""'}),
    "apostrophes doubled": characters({"'": "''"}),
    "a number sign for quotes": lambda headline: headline.replace("'s", "?s"),
}
SPACE: dict[str, Edit] = {
    "no-break spaces": characters({" ": "\xa0"}),
    "thin spaces": characters({" ": "\u2009"}),
    "two spaces": characters({" ": "  "}),
    "tabs": characters({" ": "\t"}),
    "line feed": lambda headline: headline.replace(" ", "\n", 3),
    "space around": between("  ", " \r\n"),
    "zero-width space": inside("\u200b"),
    "zero-width joiner": inside("\u200d"),
    "word joiner": inside("\u2060"),
    "soft hyphen": inside("\xad"),
    "byte order mark": between("\ufeff", ""),
    "left-to-right marks": between("\u200e", "\u200e"),
    "&nbsp;": characters({" ": "&nbsp;"}),
    "a word doubled": doubled,
}
KINDS: dict[str, dict[str, Edit]] = {
    "case": CASE,
    "punctuation": PUNCTUATION,
    "sources": SOURCES,
    "marks": MARKS,
    "words": WORDS,
    "cuts": CUTS,
    "encoding": ENCODING,
    "markup": MARKUP,
    "space": SPACE,
}
"""All edits by kind, each under its name."""
