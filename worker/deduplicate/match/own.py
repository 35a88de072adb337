"""A matcher with a model of a user's own, as `newswire train matcher` writes it.

Its verdicts are not the release's, so it is a version of the log of its own: `OWN` and 15 bits of a hash of the file.
A worker with another model meets a version that it does not read, and stops, as at any other version.
"""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
from msgspec import Struct, structs

from worker.deduplicate.match import MATCHER
from worker.deduplicate.match.differences import REASONS
from worker.deduplicate.match.features import NAMES
from worker.deduplicate.match.judge import RULE_NAME, doubtful, judge
from worker.deduplicate.match.model import Model, check
from worker.deduplicate.match.model import load as load_shipped
from worker.deduplicate.versions import OWN
from worker.errors import UsageError

if TYPE_CHECKING:
    from worker.deduplicate.rule import Matcher


class Chosen(NamedTuple):
    """What judges: by what events call it, its model, and its matcher."""

    name: str
    model: Model
    matcher: Matcher

    def name_of(self, version: int) -> str:
        """What events call the rule of a version that is written: this one's, or the release's own before it."""
        return self.name if version == self.matcher.version else RULE_NAME


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    """What a file holds: the rule that the model was trained with, what it sees of a pair, and the model."""

    rule: str
    features: tuple[str, ...]
    model: Model


_FEATURES: Final = (*NAMES, *REASONS)


def save(model: Model, path: Path) -> str:
    """Write a model; the same model gives the same bytes. Returns what events will call it."""
    content = msgspec.json.encode(_File(RULE_NAME, _FEATURES, model)) + b"\n"
    path.write_bytes(content)
    return _name(content)


def chosen(path: str | None) -> Chosen:
    """The matcher with the model of a file, or the release's where none is named.

    Raises:
        UsageError: as `load`.
    """
    return load(Path(path)) if path else Chosen(RULE_NAME, load_shipped(), MATCHER)


def load(path: Path) -> Chosen:
    """The matcher with the model of a file; the version before it is the release's.

    Raises:
        UsageError: the file cannot be read, is no matcher's model, or one of another release's rule.
    """
    remedy = "train it again with this release: newswire train matcher"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be read ({error.strerror}); dedup.model names a matcher's model"
        ) from error
    try:
        file = msgspec.json.decode(content, type=_File)
    except msgspec.DecodeError as error:
        raise UsageError(f"{path}: no matcher's model ({error}); {remedy}") from error
    if file.rule != RULE_NAME or file.features != _FEATURES:
        raise UsageError(f"{path}: is for the rule {file.rule}, and this release has {RULE_NAME}; {remedy}")
    try:
        check(file.model, _FEATURES)
    except ValueError as error:
        raise UsageError(f"{path}: its trees or scores do not fit each other ({error}); {remedy}") from error
    name = _name(content)
    matcher = structs.replace(
        MATCHER,
        version=OWN | int(name.rpartition("+")[2], 16) % OWN,
        judge=partial(judge, scorer=file.model),
        doubtful=doubtful,
        before=structs.replace(MATCHER, before=None),
    )
    return Chosen(name, file.model, matcher)


def _name(content: bytes) -> str:
    return f"{RULE_NAME}+{hashlib.blake2b(content, digest_size=4).hexdigest()}"
