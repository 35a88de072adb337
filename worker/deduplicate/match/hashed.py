"""Labels and scores of pairs whose texts are not ours to give: by hashes of the two headlines.

`labels.tsv.gz` holds a line for each pair: the hash of either headline as it stands in its file, the smaller one first;
a label (duplicate, same_story, different; "disputed" where two readers did not agree; none where nobody has read it);
and what an encoder that had not seen the pair's stories said of it, in eighths of log-odds: of the same news, of one
story.
"""

from __future__ import annotations

import gzip
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from worker.labels import unquoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from worker.deduplicate.evidence import Scores

LABELS = Path(__file__).with_name("labels.tsv.gz")
HASH_BYTES = 6

Key = tuple[str, str]


class Known(NamedTuple):
    """What a line says of a pair."""

    label: str
    same: int | None
    story: int | None


class Hashed:
    """The pairs that are known by their hashes, and the texts at hand."""

    def __init__(self, known: dict[Key, Known], texts: dict[str, str] | None = None) -> None:
        self._known = known
        self._texts = texts or {}

    def pop(self, earlier: str, later: str) -> Known | None:
        """What is known of a pair; it is asked once."""
        return self._known.pop(key_of(earlier, later), None)

    def rest(self) -> Iterator[tuple[Known, str, str]]:
        """The pairs that were not asked for, where the texts of both headlines are at hand."""
        for (one, other), known in self._known.items():
            if one in self._texts and other in self._texts and known.label != "disputed":
                yield known, self._texts[one], self._texts[other]


def hash_of(text: str) -> str:
    """The hash of a headline, in hex."""
    return blake2b(text.encode(), digest_size=HASH_BYTES).hexdigest()


def key_of(one: str, other: str) -> Key:
    """The hashes of a pair, whichever comes first."""
    first, second = sorted((hash_of(one), hash_of(other)))
    return first, second


def read_hashed(texts: Iterable[Path], path: Path = LABELS) -> Hashed:
    """What `labels.tsv.gz` knows of the headlines of some files: each line, or each of its columns, is one."""
    by_hash: dict[str, str] = {}
    for file in texts:
        content = file.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        for line in content.decode().splitlines():
            for field in line.split("\t"):
                text = unquoted(field)
                by_hash[hash_of(text)] = text
    return Hashed(read_known(path), by_hash)


def read_known(path: Path = LABELS) -> dict[Key, Known]:
    """All lines of such a file."""
    known: dict[Key, Known] = {}
    for line in gzip.decompress(path.read_bytes()).decode().splitlines():
        one, other, label, same, story = line.split("\t")
        known[one, other] = Known(label, int(same) if same else None, int(story) if story else None)
    return known


def rescored(known: Mapping[Key, Known], scores: Mapping[Key, Scores]) -> dict[Key, Known]:
    """What is known, with new scores. Labels stay as they are: those of a file of pairs are not copied from it."""
    new = {key: Known(known[key].label if key in known else "", *found) for key, found in scores.items()}
    return {**known, **new}


def write_known(known: Mapping[Key, Known], path: Path) -> None:
    """Writes such a file, in the order of the hashes; the same content gives the same bytes."""
    lines = [
        "\t".join((*key, label, "" if same is None else str(same), "" if story is None else str(story)))
        for key, (label, same, story) in sorted(known.items(), key=lambda item: item[0])
    ]
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0))
