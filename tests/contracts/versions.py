"""The versions of the schemas: what is released stays as it is, and what is new fits to what was there before.

    problems(folder)     everything that is wrong with the schemas in a folder
    release(folder)      writes down what is new as released; from then on it stays as it is

`schemas/<event>/v<major>[.<minor>].json` is a JSON Schema, `v<major>.ksy` a binary format. `schemas/released.json`
holds what is released, by its file's name, word by word: lines are added to it, and never changed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .compatibility import Change, Effect, UnknownKeywordError, changes, check_keywords

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
INPUTS = frozenset({"headline.raw"})
"""The events that others write and newswire reads; it writes all the others."""

_NAME = re.compile(
    r"(?P<event>[a-z]+(?:\.[a-z]+)*)/v(?P<major>[1-9]\d*)(?:\.(?P<minor>[1-9]\d*))?\.(?P<kind>json|ksy)"
)
_RELEASED = "released.json"


@dataclass(frozen=True, order=True)
class Version:
    """A version of an event's schema: `v1.json` is 1.0, `v1.2.json` 1.2."""

    event: str
    kind: str
    major: int
    minor: int

    @property
    def name(self) -> str:
        """The file's name in the folder."""
        return f"{self.event}/v{self.label}.{self.kind}"

    @property
    def label(self) -> str:
        """The version as it is written: 1 or 1.2."""
        return f"{self.major}.{self.minor}" if self.minor else str(self.major)


def versions(folder: Path = SCHEMAS) -> list[Version]:
    """All schemas of a folder, by event, the older first.

    Raises:
        ValueError: a file lies where a schema would, under a name that none has.
    """
    found = []
    for path in folder.glob("*/*"):
        name = f"{path.parent.name}/{path.name}"
        if path.parent.name == "examples":
            continue
        parts = _NAME.fullmatch(name)
        if parts is None:
            raise ValueError(
                f"schemas/{name}: no name of a schema; those are <event>/v<major>.json, <event>/v<major>.<minor>.json"
                " and, for a binary format, <event>/v<major>.ksy"
            )
        found.append(Version(parts["event"], parts["kind"], int(parts["major"]), int(parts["minor"] or 0)))
    return sorted(found)


def read(version: Version, folder: Path = SCHEMAS) -> dict[str, Any]:
    """A schema, or the description of a binary format.

    Raises:
        ValueError: the file holds no JSON, or no YAML; or no object.
    """
    text = (folder / version.name).read_text("utf-8")
    try:
        # Through JSON, so that numbers as names become text: released.json holds them so.
        document = json.loads(json.dumps(yaml.safe_load(text)) if version.kind == "ksy" else text)
    except (ValueError, yaml.YAMLError) as error:
        raise ValueError(f"schemas/{version.name}: can not be read: {error}") from error
    if not isinstance(document, dict):
        raise ValueError(f"schemas/{version.name}: holds {type(document).__name__}, not an object")  # noqa: TRY004 - the file is wrong, no argument
    return document


def released(folder: Path = SCHEMAS) -> dict[str, Any]:
    """What is released, by the name of its file."""
    path = folder / _RELEASED
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found


def release(folder: Path = SCHEMAS) -> list[str]:
    """Write down as released what is not yet; the names of what was added."""
    known = released(folder)
    added = {each.name: read(each, folder) for each in versions(folder) if each.name not in known}
    lines = [
        f"{json.dumps(name)}: {json.dumps(document, ensure_ascii=False, separators=(',', ':'))}"
        for name, document in sorted({**known, **added}.items())
    ]
    (folder / _RELEASED).write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    return sorted(added)


def problems(folder: Path = SCHEMAS) -> list[str]:
    """What is wrong with the schemas of a folder: each says where, which rule is broken, and what to do."""
    found: list[str] = []
    present = versions(folder)
    documents = {each: read(each, folder) for each in present}
    for version in present:
        found += _gaps(version, present)
        if version.kind == "json":
            found += _unknown(version, documents[version])
        elif version.minor:
            found.append(_minor_format(version))
    if found:
        return found
    frozen = released(folder)
    names = {each.name for each in present}
    for name in sorted(frozen.keys() - names):
        found.append(
            f"schemas/{name}: is released and not there any more\n"
            "  rule: released versions stay, since topics keep their records and readers know them\n"
            "  do: git restore the file"
        )
    for version in present:
        if version.name in frozen:
            found += _changed(version, frozen[version.name], documents[version])
        if version.kind == "json":
            for older in present:
                if (older.event, older.major) == (version.event, version.major) and older < version:
                    found += _unfit(older, version, documents)
    return found


def rule_broken(event: str, change: Change) -> str | None:
    """The rule of `schemas/README.md` that a change of an event's schema breaks within a major version, if any."""
    if change.effect is Effect.FEWER:
        if event in INPUTS:
            return "backward: whoever writes by the older version goes on unchanged"
        if not change.describes:
            return "backward: a reader of the newer version meets older records, which topics keep for days"
    elif event not in INPUTS:
        return "forward: a reader of the older version can take all that the newer sends"
    return None


def _gaps(version: Version, present: list[Version]) -> list[str]:
    before = (
        Version(version.event, version.kind, version.major, version.minor - 1)
        if version.minor
        else Version(version.event, version.kind, version.major - 1, 0)
    )
    if before in present or not before.major:
        return []
    missing = (
        f"schemas/{version.name}: there is no {before.name} before it\n"
        "  rule: versions are counted without gaps\n"
        f"  do: name it v{before.label}.{version.kind}, or restore what was there"
    )
    return [missing]


def _unknown(version: Version, document: dict[str, Any]) -> list[str]:
    try:
        check_keywords(document)
    except UnknownKeywordError as error:
        return [f"schemas/{version.name}{error}"]
    return []


def _minor_format(version: Version) -> str:
    return (
        f"schemas/{version.name}: is a minor version of a binary format\n"
        "  rule: a binary format has major versions only: no reader passes over bytes that it does not know\n"
        f"  do: name it v{version.major + 1}.{version.kind}"
    )


def _unfit(older: Version, newer: Version, documents: dict[Version, dict[str, Any]]) -> list[str]:
    """Where a newer minor version breaks what an older one promised."""
    return [
        f"schemas/{newer.name}#{change.pointer}: {change.what}; it {change.effect.value} by {older.name}\n"
        f"  rule: {rule}\n"
        f"  do: leave it as it was in {older.name}, or make the change in v{newer.major + 1}.{newer.kind}"
        for change in changes(documents[older], documents[newer])
        if (rule := rule_broken(newer.event, change))
    ]


def _changed(version: Version, before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Where a released file differs from what was released."""
    if before == after:
        return []
    breaks = version.kind == "ksy"
    lines = []
    if version.kind == "json":
        for change in changes(before, after):
            rule = rule_broken(version.event, change)
            breaks = breaks or rule is not None
            lines.append(f"  #{change.pointer}: {change.what}; breaks {rule or 'none of the rules'}")
    lines = lines or [f"  #{pointer}: differs" for pointer in _differences(before, after)]
    target = f"v{version.major + 1}" if breaks else f"v{version.major}.{version.minor + 1}"
    remedy = (
        f"git restore schemas/{version.name}, and make the change in {version.event}/{target}.{version.kind}"
    )
    told = (
        f"schemas/{version.name}: is released, and was changed",
        *lines,
        "  rule: a released version stays as it is, to the word",
        f"  do: {remedy}",
    )
    return ["\n".join(told)]


def _differences(before: object, after: object, at: str = "") -> list[str]:
    """JSON pointers to the places in which two documents differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        names = [*before, *(name for name in after if name not in before)]
        inner = [(before.get(name), after.get(name), f"{at}/{name}") for name in names]
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        inner = [
            (one, other, f"{at}/{place}")
            for place, (one, other) in enumerate(zip(before, after, strict=True))
        ]
    else:
        return [] if before == after else [at]
    return [pointer for one, other, where in inner for pointer in _differences(one, other, where)]
