"""A record of the raw topic, and what became of it."""

from dataclasses import dataclass, field

from worker.events import Guard, Headline, Kind, Verdict

TOPIC = "raw"


@dataclass(eq=False, slots=True)
class Record:
    """A record, its place, and its outcomes.

    `raw_ms` is its timestamp, `born` the true time of its append; `made` counts how often its partition had been made
    anew. `gone`: its partition was made anew after it. `appended_at`: when its fingerprint was first appended.
    """

    partition: int
    offset: int
    made: int
    raw_ms: int
    born: int
    headline: Headline
    verdicts: list[tuple[Verdict, object]] = field(default_factory=list)
    """Each verdict that it was published by, with the log's entry that gave it."""
    gone: bool = False
    appended_at: int | None = None

    @property
    def published(self) -> bool:
        return any(verdict.kind is not Kind.DUPLICATE for verdict, _ in self.verdicts)

    @property
    def source(self) -> tuple[str, int, int]:
        return TOPIC, self.partition, self.offset

    def __str__(self) -> str:
        return f"record {self.partition}/{self.offset}, {self.headline.match!r}"


def record(
    partition: int, offset: int, made: int, raw_ms: int, born: int, match: str, *, guard: bool
) -> Record:
    headline = Headline(
        id=f"{partition:08x}{offset:08x}{made:016x}",
        event_id="",
        source="",
        display=match,
        match=match,
        guard=Guard.CORRECTION if guard else None,
    )
    return Record(partition, offset, made, raw_ms, born, headline)
