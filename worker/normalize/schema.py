"""The JSON Schemas of the events, and what the raw headline's schema says of a document."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs
import orjson

from worker.events import Reason, Rejection

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

SHOWN_CHARS: Final = 80
"""How much of a value at fault a message shows."""


@cache
def load(event: str, version: int = 1) -> dict[str, Any]:
    """The schema of an event in its newest minor version, for example `load("headline.routed")`.

    Args:
        event: The folder's name in schemas/: `headline.raw`, `headline.routed`, `headline.duplicate`,
            `deadletter.headers`.
        version: The major version, from 1.

    Raises:
        LookupError: There is no such schema in this release.
    """
    folder = _folder() / event
    names = [file.name for file in folder.iterdir()] if folder.is_dir() else []
    minors = [int(found[1] or 0) for name in names if (found := _name(version).fullmatch(name))]
    if not minors:
        raise LookupError(f"no schema {event!r} version {version} in this release; look into schemas/")
    newest = max(minors)
    schema: dict[str, Any] = orjson.loads(
        (folder / f"v{version}{f'.{newest}' if newest else ''}.json").read_bytes()
    )
    return schema


def validator(event: str, version: int = 1) -> jsonschema_rs.Draft202012Validator:
    """A compiled validator of an event's schema; build it once and keep it.

    Raises:
        LookupError: There is no such schema in this release.
    """
    return jsonschema_rs.Draft202012Validator(load(event, version))


def refusal(document: object) -> Rejection:
    """Why the raw headline's schema does not take `document`: one cause, the one to mend first.

    Call it for documents that the schema refuses. A foreign version comes first, since under it all else may
    differ; then what is missing; then the fields in the order of the schema.
    """
    error = min(RAW.iter_errors(document), key=_rank)
    if error.instance_path:
        return _field_refusal(str(error.instance_path[0]), error)
    facts = error.kind.as_dict()
    if "property" in facts:
        missing = str(facts["property"])
        return Rejection(Reason.SCHEMA, f"{missing} is missing; a raw headline has one", missing)
    return Rejection(Reason.SCHEMA, f"the value is {shown(error.instance)}; expected a JSON object")


def shown(value: object) -> str:
    """A value from the input as a message may show it: quoted, in ASCII, cut, on one line."""
    text = ascii(value[:SHOWN_CHARS] if isinstance(value, str) else value)
    return text if len(text) <= SHOWN_CHARS else text[:SHOWN_CHARS] + "..."


def _name(version: int) -> re.Pattern[str]:
    """The names of the files of a major version, with the minor one, where there is one, as a group."""
    return re.compile(rf"v{version}(?:\.([1-9][0-9]*))?\.json")


def _folder() -> Traversable | Path:
    """`worker/schemas` in an installed package; `schemas/` beside the package in a checkout."""
    packaged = resources.files("worker") / "schemas"
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[2] / "schemas"


RAW: Final = validator("headline.raw")
"""The raw headline's validator."""

_FIELDS: Final[dict[str, dict[str, Any]]] = load("headline.raw")["properties"]
_ORDER: Final = {name: rank for rank, name in enumerate(_FIELDS)}
_VERSION: Final = "schema_version"


def _rank(error: jsonschema_rs.ValidationError) -> int:
    if not error.instance_path:
        return 0
    field = str(error.instance_path[0])
    return -1 if field == _VERSION else 1 + _ORDER[field]


def _field_refusal(field: str, error: jsonschema_rs.ValidationError) -> Rejection:
    value = error.instance
    if field == _VERSION:
        return Rejection(Reason.VERSION, f"{field} is {shown(value)}; this release reads 1", field)
    rule = str(error.schema_path[-1])
    if rule == "maxLength" and isinstance(value, str):
        most = error.kind.as_dict()["limit"]
        message = f"{field} has {len(value)} characters; at most {most} are allowed"
        return Rejection(Reason.TOO_LARGE, message, field)
    expected = "a string" if rule == "type" else _FIELDS[field]["description"]
    return Rejection(Reason.SCHEMA, f"{field} is {shown(value)}; expected {expected}", field)
