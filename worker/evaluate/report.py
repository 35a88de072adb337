"""All figures of some label files, tier by tier: taken, and shown as one table or as JSON."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from rich.table import Table

from worker.errors import UsageError
from worker.evaluate import candidates, pairs, topics, worst
from worker.evaluate.bootstrap import RESAMPLES, SEED, Figure, Measured, share, with_intervals
from worker.evaluate.tiers import tiers
from worker.labels import Form, Relation, form_of
from worker.mediatopics import SLUGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from worker.config import Settings
    from worker.evaluate.bootstrap import Measure
    from worker.evaluate.tiers import Tier
    from worker.evaluate.worst import Error
    from worker.events import Headline

TITLES: Final = {
    "duplicate_precision": "duplicates: precision, as decided",
    "duplicate_recall": "duplicates: recall, as decided",
    "duplicate_recall_at_95": "duplicates: recall at precision .95, by rank",
    "duplicate_recall_at_90": "duplicates: recall at precision .90, by rank",
    "same_story_suppressed": "same story: suppressed",
    "update_precision": "updates: precision, against same story",
    "update_recall": "updates: recall, of same story",
    "index_recall": "candidates: duplicates that the index finds",
    "topic_right": "topics: primary or acceptable",
    "topic_primary": "topics: primary",
    "topic_macro_f1": "topics: macro-F1, of ten headlines or more",
    "unsorted": "topics: unsorted",
    "right_of_sorted": "topics: right of the sorted",
    "calibration_error": "topics: expected calibration error",
    "with_further": "further topics: headlines with some",
    "further_precision": "further topics: precision",
    "candidates_per_headline": "candidates: a headline, on average",
    "judged_per_headline": "candidates: judged a headline, on average",
}
"""The figures by name, and how they are called for people."""

NOTE: Final = (
    "In brackets: intervals of 95% by {resamples:,} bootstrap samples (seed {seed}), and of how many the figure speaks."
    ' "By rank" is the best threshold on these labels themselves.'
)

TRAINING: Final = "_train"
"""A label file of a folder whose name ends so was learned from: it is measured only where it is named."""


class Plan(NamedTuple):
    """What to take: `apart` headlines of the stream between those of a pair, how many samples, how many errors."""

    labels: tuple[Path, ...]
    stream: Path | None = None
    apart: int | None = None
    resamples: int = RESAMPLES
    seed: int = SEED
    errors: int = 0


class Part(NamedTuple):
    """The figures of one file by tier and name, and its worst errors by tier. `counts` says what is in the file."""

    path: Path
    rows: int
    counts: dict[str, int]
    figures: dict[str, dict[str, Figure]]
    errors: dict[str, list[Error]]


class Report(NamedTuple):
    """The parts in order, and those files of a folder that were left out."""

    plan: Plan
    parts: list[Part]
    left_out: list[Path]


def evaluate(plan: Plan, settings: Settings) -> Report:
    """Take all figures.

    Raises:
        UsageError: a file cannot be used as given.
    """
    files, left_out = _files(plan.labels)
    stream = candidates.load_stream(plan.stream) if plan.stream else []
    if plan.stream and not stream:
        raise UsageError(f"{plan.stream}: there is no headline in it; a stream has one a line")
    measuring = _Measuring(plan, settings, tiers(settings), stream)
    parts = [measuring.pairs(path) if form is Form.PAIRS else measuring.topics(path) for path, form in files]
    if plan.stream:
        parts.append(measuring.stream(plan.stream))
    return Report(plan, parts, left_out)


class _Measuring(NamedTuple):
    plan: Plan
    settings: Settings
    tiers: list[Tier]
    headlines: list[Headline]

    def pairs(self, path: Path) -> Part:
        labelled = pairs.load(path, self.settings.normalize.limits())
        both = [pair.pair for pair in labelled]
        apart = len(self.headlines) if self.plan.apart is None else self.plan.apart
        is_duplicate = np.array([pair.relation is Relation.DUPLICATE for pair in labelled])
        found = np.array(is_duplicate)
        found[is_duplicate] = candidates.found(
            [pair.pair for pair in labelled if pair.relation is Relation.DUPLICATE], self.headlines, apart
        )
        figures, errors = {}, {}
        for tier in self.tiers:
            decisions = tier.decide(both)
            measure = _with_index(
                pairs.PairFigures([pair.relation for pair in labelled], decisions), found, is_duplicate
            )
            figures[tier.name] = self._with_intervals(measure, len(labelled))
            errors[tier.name] = worst.of_pairs(labelled, decisions, found, self.plan.errors)
        counts = Counter(str(pair.relation) for pair in labelled)
        return Part(path, len(labelled), {name: counts[name] for name in Relation}, figures, errors)

    def topics(self, path: Path) -> Part:
        labelled = topics.load(path, self.settings.normalize.limits())
        figures, errors = {}, {}
        for tier in self.tiers:
            routes = tier.route([topic.headline for topic in labelled])
            figures[tier.name] = self._with_intervals(
                topics.TopicFigures([topic.label for topic in labelled], routes), len(labelled)
            )
            errors[tier.name] = worst.of_topics(labelled, routes, self.plan.errors)
        counts = Counter(topic.label.topic for topic in labelled)
        by_topic = {slug: counts[column] for column, slug in enumerate(SLUGS) if counts[column]}
        return Part(path, len(labelled), by_topic, figures, errors)

    def _with_intervals(self, measure: Measure, rows: int) -> dict[str, Figure]:
        return with_intervals(measure, rows, resamples=self.plan.resamples, seed=self.plan.seed)

    def stream(self, path: Path) -> Part:
        figure = candidates.per_headline(self.headlines)
        figures = {tier.name: figure for tier in self.tiers}
        return Part(path, len(self.headlines), {}, figures, {})


def _with_index(measure: Measure, found: NDArray[np.bool_], is_duplicate: NDArray[np.bool_]) -> Measure:
    def both(weights: NDArray[np.int64]) -> dict[str, Measured]:
        return {**measure(weights), "index_recall": share(weights, found, is_duplicate)}

    return both


def table(parts: Sequence[Part]) -> Table:
    """One table of all figures: a column for each of what is compared, such as the tiers, and a section a file."""
    shown = Table(box=None, pad_edge=False)
    shown.add_column("figure", no_wrap=True)
    for tier in parts[0].figures:
        shown.add_column(tier, no_wrap=True)
    for part in parts:
        shown.add_row(f"{part.path.name}: {_counted(part)}", style="bold")
        for name in next(iter(part.figures.values())):
            cells = [_cell(figures[name]) for figures in part.figures.values()]
            shown.add_row(f"  {TITLES[name]}", *cells)
        shown.add_section()
    return shown


def notes(report: Report) -> Iterator[str]:
    """What a reader of the table has to know."""
    plan = report.plan
    if plan.resamples:
        yield NOTE.format(resamples=plan.resamples, seed=plan.seed)
    if report.left_out:
        names = ", ".join(path.name for path in report.left_out)
        yield f"Left out, since the names say that they were learned from: {names}. Name a file to measure on it."


def as_json(report: Report) -> dict[str, Any]:
    """The report as one object, without a text of a headline but for the errors that were asked for."""
    plan = report.plan
    return {
        "resamples": plan.resamples,
        "seed": plan.seed,
        "left_out": [str(path) for path in report.left_out],
        "files": [
            {
                "file": str(part.path),
                "rows": part.rows,
                "counts": part.counts,
                "figures": {
                    tier: {name: figure._asdict() for name, figure in figures.items()}
                    for tier, figures in part.figures.items()
                },
                **(
                    {"errors": {t: [e._asdict() for e in errors] for t, errors in part.errors.items()}}
                    if plan.errors
                    else {}
                ),
            }
            for part in report.parts
        ],
    }


def errors_as_text(report: Report) -> Iterator[str]:
    """The worst errors, a heading for each file, tier and kind."""
    for part in report.parts:
        for tier, errors in part.errors.items():
            kind = None
            for error in errors:
                if error.kind != kind:
                    kind = error.kind
                    yield f"\n{part.path.name}, {tier}: {kind}"
                yield f"  {error.where.rpartition(', ')[2]}: {error.said}"
                yield from (f"      {headline}" for headline in error.headlines)


def _files(named: Sequence[Path]) -> tuple[list[tuple[Path, Form]], list[Path]]:
    """The label files with their forms, and those of folders that were left out."""
    files: list[tuple[Path, Form]] = []
    left_out: list[Path] = []
    for path in named:
        if not path.is_dir():
            form = form_of(path)
            if form is None:
                raise UsageError(
                    f"{path}: no label file; its first line has to name the columns: label, headline_a, headline_b, or"
                    " topic, acceptable, headline (tab-separated)"
                )
            files.append((path, form))
            continue
        inside = [(each, form_of(each)) for each in sorted(path.iterdir()) if _is_table(each)]
        forms = [(each, form) for each, form in inside if form is not None]
        if not forms:
            raise UsageError(f"{path}: no label file is in it; name another folder, or the files")
        left_out += [each for each, _ in forms if _was_learned(each)]
        files += [(each, form) for each, form in forms if not _was_learned(each)]
    if not files:
        raise UsageError(
            f"{named[0]}: only labels that were learned from are in it; name a file to measure on it"
        )
    return files, left_out


def _is_table(path: Path) -> bool:
    return path.is_file() and path.name.removesuffix(".gz").endswith(".tsv")


def _was_learned(path: Path) -> bool:
    return path.name.partition(".")[0].endswith(TRAINING)


def _counted(part: Part) -> str:
    rows = f"{part.rows:,} rows"
    if not 0 < len(part.counts) <= len(Relation):
        return rows
    return f"{rows}, " + ", ".join(f"{count:,} {name}" for name, count in part.counts.items())


def _cell(figure: Figure) -> str:
    if figure.value is None:
        return "-"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.3f}  (of {figure.of:,})"
    return f"{figure.value:.3f}  ({figure.low:.3f} to {figure.high:.3f}, of {figure.of:,})"
