"""What the stages are given and what they answer. All of it fits into MessagePack."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from msgspec import Struct, field

from worker.events import Guard, Rejection, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence


class Opened(Struct, frozen=True, array_like=True):
    """What the stages compute with: the version of the topic model, and that of an editor's rules, with their names."""

    model: str
    rules: str | None
    rule_names: list[str]


class Raw(Struct, frozen=True, array_like=True, gc=False):
    """Records of one partition: their offsets, timestamps (ms since 1970), and values."""

    topic: str
    partition: int
    offsets: list[int]
    timestamps: list[int]
    values: list[bytes | None]


class Print(Struct, frozen=True, array_like=True, gc=False):
    """What de-duplication needs of a headline (`worker.events.Headline`), with its blocking keys."""

    id: str
    match: str
    guard: Guard | None
    language: str | None
    keys: tuple[int, ...]


class Read(Struct, frozen=True, array_like=True):
    """What became of the records of one partition.

    `rejected` holds the place and the cause of those that can never be headlines; `prints` are the others', in order.
    `sources` counts the headlines by their source.
    """

    rejected: list[tuple[int, Rejection]]
    prints: list[Print]
    sources: dict[str, int]


class Decided(Struct, frozen=True, array_like=True):
    """The verdicts on the headlines of one partition: the different ones, and for each headline which one it is."""

    verdicts: list[Verdict]
    which: bytes
    """Unsigned numbers of 32 bits, in the machine's order."""

    @classmethod
    def of(cls, verdicts: Sequence[Verdict]) -> Decided:
        """Nearly all verdicts are one and the same object."""
        different: dict[int, int] = {}
        which = array("I", [different.setdefault(id(verdict), len(different)) for verdict in verdicts])
        by_id = {id(verdict): verdict for verdict in verdicts}
        return cls([by_id[each] for each in different], which.tobytes())

    def each(self) -> list[Verdict]:
        """The verdict of each headline."""
        which = array("I")
        which.frombytes(self.which)
        return [self.verdicts[place] for place in which]


class Tally(Struct, frozen=True, array_like=True):
    """What became of the headlines of one partition: how many went to each topic, by each rule, and nowhere."""

    topics: dict[str, int] = field(default_factory=dict)
    topic_rules: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0


class Written(Struct, frozen=True, array_like=True):
    """The records that go out, encoded, by topic and partition; and a tally for each partition that they come from.

    `words` counts those that the topic model was given to read, and those of them that it does not know.
    """

    records: list[tuple[str, int, list[bytes]]]
    tallies: list[Tally]
    words: tuple[int, int]
