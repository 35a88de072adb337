"""UTF-8 that was read as Windows-1252, Latin-1 or Windows-1251 on its way: `JapanÃ¢Â€Â™s` and its like, mended.

Conservative by construction. The whole text is read again where all of it fits; else single sequences
that proper text does not contain. The approach is that of ftfy, with fewer encodings and no heuristics to
tune.
"""

from __future__ import annotations

import re
from typing import Final


def mend(text: str) -> str:
    """The text without its layers of mojibake; the same text where there is none.

    All at once: a layer between holds control characters, which others take away.
    """
    if text.isascii():
        return text
    if _CYRILLIC_TRACE.search(text) is not None:
        text = _CYRILLIC_RUN.sub(_reread_cyrillic, text)
    for _ in range(_LAYERS):
        before, text = text, _without_layer(text)
        if text == before:
            break
    return text


_LAYERS: Final = 4
"""More than feeds have: each doubles what is not ASCII."""


def _without_layer(text: str) -> str:
    if _TRACE.search(text) is None:
        return text.translate(_CONTROLS)
    try:
        reread = _bytes(text).decode()
    except UnicodeError:
        mended = _LOST_SPACE.sub("", _ODD_SEQUENCE.sub(_reread, text))
        return _CUT_QUOTE.sub("\u201d", mended).translate(_CONTROLS)
    return reread if _plainly_mojibake(text) else text.translate(_CONTROLS)


def _to_unicode(byte: int) -> str:
    """The character that Windows-1252 has for a byte, and Latin-1 where Windows-1252 has none."""
    try:
        return bytes((byte,)).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


_BYTE_OF: Final = {_to_unicode(byte): byte for byte in range(0x80, 0x100)} | {
    chr(byte): byte for byte in range(0x100)
}
_TAIL: Final = "".join(char for char, byte in _BYTE_OF.items() if 0x80 <= byte < 0xC0)
_CLOSING: Final = bytes((0x84, 0x85, 0x91, 0x92, 0x93, 0x94, 0x96, 0x97, 0x9B, 0xA0, 0xB0, 0xBB)).decode(
    "cp1252"
)
_TAIL_CLASS: Final = f"[{re.escape(_TAIL)}]"
_SURE_TAIL: Final = "".join(char for char in _TAIL if char not in _CLOSING)


def _to_cyrillic(byte: int) -> str:
    """The character that Windows-1251 has for a byte, and Latin-1 for the one that it has none for."""
    try:
        return bytes((byte,)).decode("cp1251")
    except UnicodeDecodeError:
        return chr(byte)


_CYRILLIC_BYTE: Final = {_to_cyrillic(byte): byte for byte in range(0x80, 0x100)}
_CYRILLIC_TAIL: Final = (
    f"[{re.escape(''.join(char for char, byte in _CYRILLIC_BYTE.items() if byte < 0xC0))}]"
)
CYRILLIC_TRACE: Final = f"(?:[\u0420\u0421]{_CYRILLIC_TAIL}){{3}}"
"""Three letters of UTF-8 read as Windows-1251: in no text is every second letter one of two."""

_CYRILLIC_TRACE: Final = re.compile(CYRILLIC_TRACE)
_CYRILLIC_RUN: Final = re.compile(
    # Letters of two bytes, no-break spaces and angle quotes; and dashes and quotes of three.
    f"(?:[\u0420\u0421\u0412\u0422]{_CYRILLIC_TAIL}|\u0432{_CYRILLIC_TAIL}{{2}})+"
)


def _reread_cyrillic(found: re.Match[str]) -> str:
    try:
        return bytes([_CYRILLIC_BYTE[char] for char in found.group()]).decode()
    except UnicodeError:
        return found.group()


_CONTROLS: Final = {byte: _to_unicode(byte) for byte in range(0x80, 0xA0) if byte != 0x85}
"""C1 controls, which nobody writes, as the quotes and dashes of Windows-1252; but NEL is a line's end."""

_LOST_SPACE: Final = re.compile("(?<=[a-z0-9.,:;!?])Â(?= )")
"""What is left of a no-break space whose second byte became a plain one."""

_TRACE: Final = re.compile(f"[Â-ô]{_TAIL_CLASS}|{_LOST_SPACE.pattern}")
"""A lead byte's character before a continuation byte's: without one there is nothing to mend."""

_SURE_CLASS: Final = f"[{re.escape(_SURE_TAIL)}]"
_MULTIPLE: Final = re.compile(
    f"[à-ï](?:{_SURE_CLASS}{_TAIL_CLASS}|{_TAIL_CLASS}{_SURE_CLASS})|[ð-ô]{_TAIL_CLASS}{{3}}"
)
"""Three bytes or four; not an accented letter before an ellipsis and a closing quote."""

_PAIR: Final = re.compile(f"(?<![A-ZÀ-ÖØ-Þ])[Â-ß]{_TAIL_CLASS}|[Â-ß]{_SURE_CLASS}")
"""A pair that is no accented capital at the end of a word with a quote, a dash or an ellipsis after it."""

_ODD_SEQUENCE: Final = re.compile(
    f"â[€\x80\u201a\u201e]{_TAIL_CLASS}|ð[Ÿ\x9f]{_TAIL_CLASS}{{2}}|Ã{_SURE_CLASS}|Â[£©®½¼¾¢¥§¡¿]"
)
"""What proper text does not contain, whatever stands around it: quotes, dashes, emoji, accented letters."""

_CUT_QUOTE: Final = re.compile(f"â€Â?(?!{_TAIL_CLASS})")
"""A closing quote: Windows-1252 has no character for its last byte, which is lost on many ways."""


def _bytes(text: str) -> bytes:
    """What the text was before it was misread; UnicodeError where no misreading makes it."""
    try:
        return bytes([_BYTE_OF[char] for char in text])
    except KeyError as unknown:
        raise UnicodeError(f"{unknown} is not a byte of Windows-1252") from unknown


def _plainly_mojibake(text: str) -> bool:
    return _MULTIPLE.search(text) is not None or _PAIR.search(text) is not None


def _reread(found: re.Match[str]) -> str:
    try:
        return _bytes(found.group()).decode()
    except UnicodeError:
        return found.group()
