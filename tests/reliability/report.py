"""What the judge found, and what of it is an objection."""

from __future__ import annotations

from dataclasses import dataclass, field, fields


@dataclass
class Report:
    """What was found; each list holds a sentence or a place for each case, empty when all is well."""

    positions: int = 0
    """Raw records judged."""
    outcomes: dict[str, int] = field(default_factory=dict)
    """Raw records by outcome."""
    lost: list[str] = field(default_factory=list)
    """Raw records that ended in no outcome."""
    false_drop: list[str] = field(default_factory=list)
    """Groups of which nothing came out. A single and an update are groups of one."""
    leaked: list[str] = field(default_factory=list)
    """Duplicates that came out as originals, although the log held another of their group within the window."""
    apart: list[str] = field(default_factory=list)
    """Duplicates that came out since the window had left what they repeat, by log time or by raw time."""
    late: list[str] = field(default_factory=list)
    """Headlines that the log marks as late: they may have been forgotten. Of these none is in `leaked`."""
    void: list[str] = field(default_factory=list)
    """Headlines that stood in a frame that came too late to count: so many may be late in the next one."""
    unlogged: list[str] = field(default_factory=list)
    """Headlines that came out, and of which the log holds no entry that counts."""
    copies: list[str] = field(default_factory=list)
    """Records published again, with the same id."""
    unexcused: list[str] = field(default_factory=list)
    """Of these, what was committed whenever somebody died or was cut off, or came more often than that."""
    unstable: list[str] = field(default_factory=list)
    """One id with other bytes, headers, topic or partition, or with another verdict."""
    disordered: list[str] = field(default_factory=list)
    """First copies from one raw partition out of its order, within one output partition."""
    foreign: list[str] = field(default_factory=list)
    """What came out of no raw record, or does not say what its raw record says."""
    unbalanced: list[str] = field(default_factory=list)
    """Where the workers' counters and the positions differ."""

    NEVER = ("lost", "false_drop", "unstable", "disordered", "foreign", "unexcused", "unbalanced")
    """What no fault excuses."""

    def objections(
        self, *, leaked: int = 0, late: int = 0, copies: int = 0, unstable: int = 0, unlogged: int = 0
    ) -> list[str]:
        """What is not as promised, when so many may leak, come twice, differ: a line each, with the first cases.

        What got another verdict before it came out by the first one may have come late to where the second one leads.
        """
        allowed = {**dict.fromkeys(self.NEVER, 0), "leaked": leaked, "copies": copies}
        allowed |= {
            "unstable": unstable,
            "disordered": unstable,
            "unlogged": unlogged,
            "late": late + len(self.void),
        }
        found = {name: getattr(self, name) for name in allowed}
        return [
            f"{name} = {len(cases)}, at most {allowed[name]} allowed: {'; '.join(cases[:5])}"
            for name, cases in found.items()
            if len(cases) > allowed[name]
        ]

    def figures(self) -> dict[str, int]:
        """The number of cases of each kind."""
        return {
            one.name: len(getattr(self, one.name))
            for one in fields(self)
            if isinstance(getattr(self, one.name), list)
        }
