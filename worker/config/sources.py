"""Reading the settings: environment and command line, all problems at once, each value with its origin."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from worker.config.catalog import MASK, catalog
from worker.config.settings import ENV_PREFIX, Settings
from worker.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from worker.config.catalog import Entry


@dataclass(frozen=True, slots=True)
class Resolved:
    """The effective settings, and by dotted name where each value came from.

    An origin is `default`, `derived` (a default that followed another setting), the name of the environment
    variable, or `command line`.
    """

    settings: Settings
    origins: Mapping[str, str]


def load(options: Mapping[str, str] | None = None) -> Settings:
    """The settings from the environment and from `options`, values by dotted name, which win.

    Raises:
        SettingsError: naming every setting that is unknown, out of bounds or contradicts another.
    """
    return resolve(options).settings


def resolve(options: Mapping[str, str] | None = None, shortcuts: Mapping[str, str] | None = None) -> Resolved:
    """As `load`, and where each value came from; `shortcuts` names the option of those that have one of their own."""
    options, shortcuts = options or {}, shortcuts or {}
    variables = dict(_variables())
    given = [_Given(name, variable, value) for variable, (name, value) in variables.items()]
    given = [each for each in given if each.name not in options]
    given += [_Given(name, shortcuts.get(name, f"--set {name}"), value) for name, value in options.items()]
    unknown = [each for each in given if each.name not in catalog()]
    problems = [_unknown(each) for each in unknown]
    settings = None
    try:
        settings = Settings(**_nested(options))
    except ValidationError as error:
        problems += list(_invalid(error, {each.name: each for each in given}))
    if settings is None or problems:
        raise SettingsError(_complaint(problems))
    return Resolved(settings, _origins(settings, given))


@dataclass(frozen=True, slots=True)
class _Given:
    """A value that someone gave: its dotted name, how it was given, and the text."""

    name: str
    how: str
    value: str

    def __str__(self) -> str:
        shown = MASK if catalog()[self.name].secret else self.value
        return f"{self.how}={shown}"


def _variables() -> Iterator[tuple[str, tuple[str, str]]]:
    """Environment variables that are settings: dotted name and value by variable; empty ones left out."""
    for variable, value in sorted(os.environ.items()):
        if variable.upper().startswith(ENV_PREFIX) and "__" in variable and value:
            yield variable, (variable[len(ENV_PREFIX) :].lower().replace("__", ".", 1), value)


def _nested(options: Mapping[str, str]) -> dict[str, Any]:
    nested: dict[str, dict[str, str]] = {}
    for name, value in options.items():
        if name in catalog():
            section, _, key = name.partition(".")
            nested.setdefault(section, {})[key] = value
    return nested


def _unknown(given: _Given) -> str:
    """`there is no such setting`, with the nearest names."""
    by_variable = given.how.upper().startswith(ENV_PREFIX)
    names = nearest(given.name)
    if not names:
        return f"{given.how}: there is no such setting"
    shown = " or ".join(catalog()[name].variable if by_variable else name for name in names)
    return f"{given.how}: there is no such setting; did you mean {shown}?"


def nearest(name: str) -> list[str]:
    """The known dotted names most like `name`, best first, at most two."""
    # One letter mistyped, which the ratio of difflib may find less alike than two letters more.
    mistyped = [
        known
        for known in catalog()
        if len(known) == len(name) and sum(a != b for a, b in zip(known, name, strict=True)) == 1
    ]
    if mistyped:
        return mistyped[:2]
    close = difflib.get_close_matches(name, catalog(), n=1, cutoff=0.75)
    if close:
        return close
    key = name.rpartition(".")[2]
    same_key = [known for known in catalog() if known.rpartition(".")[2] == key]
    return (same_key or difflib.get_close_matches(name, catalog(), n=2, cutoff=0.55))[:2]


def _invalid(error: ValidationError, given: Mapping[str, _Given]) -> Iterator[str]:
    """One line for each thing that pydantic found, in the words of whoever set the value."""
    for found in error.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in found["loc"][:2])
        if found["type"] == "extra_forbidden":
            continue
        message = found["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
        if name in given:
            yield f"{given[name]}: {_with_unit(message, found['type'], catalog()[name])}"
        else:
            yield from message.splitlines()


def _with_unit(message: str, kind: str, entry: Entry) -> str:
    """What is wrong with a number, with what it counts."""
    if kind in _NO_NUMBER:
        return f"must be a {entry.accepts}"
    return f"{message} {entry.unit}" if kind in _OUT_OF_BOUNDS and entry.unit else message


_NO_NUMBER: Final = frozenset({"float_parsing", "int_parsing", "int_from_float", "finite_number"})
_OUT_OF_BOUNDS: Final = frozenset({"greater_than", "greater_than_equal", "less_than", "less_than_equal"})


def _complaint(problems: Iterable[str]) -> str:
    lines = list(problems)
    hint = "`newswire config --env` lists every setting with its unit and bounds"
    if len(lines) == 1:
        return f"{lines[0]}\n  {hint}"
    return "\n  ".join([f"{len(lines)} settings cannot be used:", *lines, hint])


def _origins(settings: Settings, given: Iterable[_Given]) -> dict[str, str]:
    origins = dict.fromkeys(catalog(), "default")
    if settings.topics.log_retention_h != type(settings.topics).model_fields["log_retention_h"].default:
        origins["topics.log_retention_h"] = "derived"
    for each in given:
        origins[each.name] = "command line" if each.how.startswith("--") else each.how
    return origins
