"""A file of rules, as an editor writes it: lines of `key: value; value`, a blank line or not between rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from worker.faults import Fault, refusal
from worker.labels import lines_of
from worker.mediatopics import CODES, SLUGS, UNSORTED
from worker.normalize import clean, match_form
from worker.normalize.tokens import UNSPACED
from worker.route.rules.rules import Rule, Rules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MOST_RULES: Final = 1_000
"""Each is a label value of a metric, so that their number has a bound."""

MOST_FURTHER: Final = 2
"""Further topics of an event."""

KEYS: Final = ("rule", "topic", "also", "any", "all", "not", "source", "language")
"""What a line can begin with, in the order in which a rule is best written."""

_UNREAD: Final = ""
"""The key of a line that could not be read: what its rule lacks may stand in it."""

_NAME: Final = re.compile(r"[^\W_][\w .()&+/-]{0,63}")
_CODE: Final = re.compile(r"(?:medtop:)?([0-9]{8})")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}")
_COMMA: Final = re.compile(r"(?<![0-9]),|,(?![0-9])")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LONE: Final = re.compile(f"[{UNSPACED}]")
_BY_CODE: Final = {code.removeprefix("medtop:"): slug for slug, code in CODES.items()}


class _Line(NamedTuple):
    """A line with what was continued on the lines below it."""

    number: int
    key: str
    values: tuple[str, ...]


def load(path: Path) -> Rules:
    """The rules of a file.

    Raises:
        UsageError: it cannot be read, or lines of it are no rules; each is told with its line.
    """
    faults: list[Fault] = []
    rules = [_rule(lines, faults) for lines in _blocks(_lines(path, faults), faults)]
    _compare(rules, faults)
    if faults:
        raise refusal(path, faults)
    if not rules:
        raise refusal(path, [Fault(1, "there is no rule in the file; a rule begins with rule: NAME")])
    return Rules(rules)


def _lines(path: Path, faults: list[Fault]) -> list[_Line]:
    lines: list[_Line] = []
    for number, text in enumerate(lines_of(path), start=1):
        control = _CONTROL.search(text)
        if control is not None:
            faults.append(
                Fault(
                    number,
                    f"the control character U+{ord(control[0]):04X} stands in it, at character {control.start() + 1};"
                    " take it out, or save the file as UTF-8 if it is in another encoding",
                )
            )
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        if text[0].isspace():
            if lines:
                lines[-1] = lines[-1]._replace(values=lines[-1].values + _values(text))
            else:
                faults.append(
                    Fault(number, "it goes on with the line before, and there is none; take out the space")
                )
            continue
        key, colon, rest = text.partition(":")
        key = key.strip().lower()
        if not colon or key not in KEYS:
            faults.append(
                Fault(number, f"a line begins with one of {', '.join(f'{name}:' for name in KEYS)}")
            )
            key = _UNREAD
        lines.append(_Line(number, key, (rest.strip(),) if key == "rule" else _values(rest)))
    return lines


def _values(text: str) -> tuple[str, ...]:
    return tuple(value for part in text.split(";") if (value := part.strip()))


def _blocks(lines: Sequence[_Line], faults: list[Fault]) -> list[list[_Line]]:
    """The lines rule by rule; each begins with its name."""
    blocks: list[list[_Line]] = []
    for line in lines:
        if line.key == "rule":
            blocks.append([line])
        elif blocks:
            blocks[-1].append(line)
        elif line.key != _UNREAD:
            faults.append(Fault(line.number, f"{line.key}: belongs to no rule; begin with rule: NAME"))
    return blocks


def _rule(lines: Sequence[_Line], faults: list[Fault]) -> Rule:
    """The rule of a block; what is wrong with it goes to the faults."""
    head, *rest = lines
    name = " ".join(" ".join(head.values).split())
    found = _Parts(faults)
    if not _NAME.fullmatch(name):
        found.fault(
            head,
            f"the rule's name is {name!r}; it takes up to 64 letters, digits, spaces and . _ ( ) & + / -,"
            " and begins with a letter or a digit",
        )
    for line in rest:
        found.take(line)
    return found.rule(head, name)


class _Parts:
    """What the lines of one rule say, as far as they were read."""

    def __init__(self, faults: list[Fault]) -> None:
        self._faults = faults
        self._seen: dict[str, _Line] = {}
        self._topic: str | None = None
        self._also: tuple[str, ...] = ()
        self._needed: list[tuple[str, ...]] = []
        self._unwanted: list[str] = []
        self._sources: tuple[str, ...] = ()
        self._languages: tuple[str, ...] = ()

    def fault(self, line: _Line, message: str) -> None:
        self._faults.append(Fault(line.number, message))

    def take(self, line: _Line) -> None:
        """Read one line."""
        if line.key == _UNREAD or not line.values:
            self._seen[_UNREAD] = line
            if line.key != _UNREAD:
                self.fault(line, f"nothing stands after {line.key}: ; write it there, or take the line out")
            return
        if line.key in self._seen and line.key not in {"any", "all", "not"}:
            before = self._seen[line.key].number
            self.fault(
                line,
                f"{line.key}: stands in line {before} of the rule already; write all in one, with ; between",
            )
            return
        self._seen[line.key] = line
        match line.key:
            case "topic":
                self._take_topic(line)
            case "also":
                self._take_also(line)
            case "any":
                self._needed.append(self._terms(line))
            case "all":
                self._needed += [(term,) for term in self._terms(line)]
            case "not":
                self._unwanted += self._terms(line)
            case "source":
                self._sources = tuple(dict.fromkeys(source.casefold() for source in line.values))
            case _:
                self._take_languages(line)

    def rule(self, head: _Line, name: str) -> Rule:
        """The rule that was read."""
        if "topic" not in self._seen and _UNREAD not in self._seen:
            self.fault(
                head, f"the rule {name!r} has no topic: ; one of {', '.join(SLUGS)} or {UNSORTED}, or a code"
            )
        if self._seen.keys().isdisjoint({"any", "all", "source", "language", _UNREAD}):
            self.fault(
                head, f"the rule {name!r} would take every headline; give it any:, all:, source: or language:"
            )
        for term in sorted(
            {term for (term,) in (t for t in self._needed if len(t) == 1)} & set(self._unwanted)
        ):
            self.fault(self._seen["not"], f"{term!r} is needed by the rule as well: it would never fit")
        return Rule(
            name,
            head.number,
            self._topic or UNSORTED,
            self._also,
            tuple(self._needed),
            tuple(dict.fromkeys(self._unwanted)),
            self._sources,
            self._languages,
        )

    def _take_topic(self, line: _Line) -> None:
        if len(line.values) > 1:
            self.fault(line, "a rule has one topic; put further ones after also:")
            return
        if line.values[0].lower() == UNSORTED:
            self._topic = UNSORTED
        else:
            (self._topic,) = self._slugs(line) or (None,)

    def _take_also(self, line: _Line) -> None:
        self._also = self._slugs(line)
        if len(self._also) > MOST_FURTHER:
            self.fault(line, f"{len(self._also)} further topics; an event has {MOST_FURTHER} at most")
        if self._topic is not None and self._topic in {*self._also, UNSORTED}:
            self.fault(line, f"the topic is {self._topic} already; take also: out, or its name out of it")

    def _slugs(self, line: _Line) -> tuple[str, ...]:
        slugs = []
        for value in line.values:
            code = _CODE.fullmatch(value)
            slug = _BY_CODE.get(code[1]) if code else value.lower()
            if slug in CODES:
                slugs.append(slug)
            else:
                self.fault(
                    line,
                    f"{value!r} is no topic; it is one of {', '.join(SLUGS)}, or a code such as 15000000",
                )
        return tuple(dict.fromkeys(slugs))

    def _terms(self, line: _Line) -> tuple[str, ...]:
        terms = []
        for value in line.values:
            term = match_form(clean(value)[0])
            if _COMMA.search(value):
                self.fault(line, f"{value!r} has a comma; put ; between words, and take it out of a phrase")
            elif not any(map(str.isalnum, term)):
                self.fault(line, f"nothing of {value!r} can be compared; it needs a letter or a digit")
            elif _LONE.fullmatch(term):
                self.fault(
                    line,
                    f"{value!r} is one character of a script without spaces, of which headlines are compared by"
                    " pairs; write two characters or more",
                )
            else:
                terms.append(term)
        return tuple(dict.fromkeys(terms))

    def _take_languages(self, line: _Line) -> None:
        for value in line.values:
            if not _LANGUAGE.fullmatch(value):
                self.fault(
                    line,
                    f"{value!r} is no language; write two or three letters without a region, such as en; pt",
                )
        self._languages = tuple(dict.fromkeys(value.lower() for value in line.values))


def _compare(rules: Sequence[Rule], faults: list[Fault]) -> None:
    """What is wrong with rules beside each other."""
    names: dict[str, Rule] = {}
    conditions: dict[tuple[object, ...], Rule] = {}
    for rule in rules:
        if rule.name in names:
            line = names[rule.name].line
            faults.append(
                Fault(rule.line, f"the name {rule.name!r} is that of the rule in line {line}; choose another")
            )
        before = conditions.get(rule.conditions)
        if before is not None and any(rule.conditions):
            faults.append(
                Fault(
                    rule.line,
                    f"the rule {rule.name!r} asks for what {before.name!r} in line {before.line} asks for, which comes"
                    " first and always wins; take one of them out",
                )
            )
        names.setdefault(rule.name, rule)
        conditions.setdefault(rule.conditions, rule)
    if len(rules) > MOST_RULES:
        faults.append(
            Fault(rules[MOST_RULES].line, f"{len(rules):,} rules; {MOST_RULES:,} are allowed at most")
        )
