"""Every setting with what a person needs to set it: variable, default, what it accepts, what it means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import SecretStr

from worker.config.settings import ENV_PREFIX, Settings

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

MASK: Final = "********"


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting. `accepts` is type, bounds or choices, and unit, in words; `default` is "" for none."""

    name: str
    default: str
    accepts: str
    description: str
    secret: bool

    @property
    def variable(self) -> str:
        """The environment variable: `kafka.group` is `NEWSWIRE_KAFKA__GROUP`."""
        return ENV_PREFIX + self.name.replace(".", "__").upper()

    @property
    def unit(self) -> str:
        """What a number of it counts; "" where the name does not say."""
        return next((unit for suffix, unit in _UNITS.items() if self.name.endswith(suffix)), "")


@cache
def catalog() -> dict[str, Entry]:
    """All settings by dotted name, in the order of the documentation."""
    return {
        f"{section}.{key}": _entry(f"{section}.{key}", field)
        for section, model in Settings.model_fields.items()
        for key, field in getattr(model.annotation, "model_fields", {}).items()
    }


def shown(settings: Settings, name: str) -> str:
    """The effective value of a setting as text; a secret is masked, nothing is the empty string."""
    section, _, key = name.partition(".")
    return _text(getattr(getattr(settings, section), key))


def _entry(name: str, field: FieldInfo) -> Entry:
    entry = Entry(
        name=name,
        default=_text(field.default),
        accepts="",
        description=field.description or "",
        secret=SecretStr in (field.annotation, *get_args(field.annotation)),
    )
    return replace(entry, accepts=_accepts(entry.unit, field))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return MASK
    if isinstance(value, Enum):
        return str(value.value)
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _accepts(unit: str, field: FieldInfo) -> str:
    kind = field.annotation
    if get_origin(kind) is Literal:
        return " | ".join(get_args(kind))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return " | ".join(member.value for member in kind)
    if kind not in {int, float}:
        return "text"
    number = "whole number" if kind is int else "number"
    bounds = f"{_bound(field, Ge, Gt, 'above ')} to {_bound(field, Le, Lt, 'below ')}"
    return f"{number} {bounds} {unit}".rstrip()


_UNITS: Final = {
    "_ms": "milliseconds",
    "_s": "seconds",
    "_h": "hours",
    "_bytes": "bytes",
    "_chars": "characters",
    "_records": "records",
    "_partitions": "partitions",
}
"""Units by the end of a setting's name."""


def _bound(field: FieldInfo, closed: type[Ge | Le], opened: type[Gt | Lt], word: str) -> str:
    for limit in field.metadata:
        if isinstance(limit, closed):
            return str(getattr(limit, closed.__name__.lower()))
        if isinstance(limit, opened):
            return f"{word}{getattr(limit, opened.__name__.lower())}"
    return "any"
