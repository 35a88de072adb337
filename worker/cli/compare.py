"""`newswire compare`: what the de-duplication says of pairs of headlines, without Kafka."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click
import orjson

from worker.cli.options import settings_options_without_kafka
from worker.errors import NewswireError, UsageError
from worker.labels import unquoted
from worker.replay.document import documents, open_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from worker.config import Settings
    from worker.deduplicate.evidence import Scores
    from worker.deduplicate.match.own import Chosen
    from worker.events import Headline
    from worker.normalize import Limits

_BOM: Final = b"\xef\xbb\xbf"

ANSWERS: Final = """\
\b
Every line gives one JSON object, in order:
  a, b      the headlines as they came
  relation  duplicate, update (the same story, with a new fact)
            or distinct
  score     0 to 1, how sure: of "duplicate" where that is the
            relation, else of "update"
  reason    why; a correction, refile or kill notice in b is
            always distinct

With --explain each has besides:

\b
  why       a sentence: the same but for what, or all that differs
  alike     words that stand for each other
  differs   what stands on either side, the earlier headline's first
  log_odds  how sure the scorer of duplicates is, and from where on it
  needed    says so; null where none was asked
  scorer    whose features follow: that of duplicates, or that of
            updates where a difference rules a duplicate out
  features  the four that spoke most for it and the four that spoke
            most against it, the heaviest first: name, what it means,
            value, and the log-odds that it added
  encoder   with deep.mode=on, how likely the encoder finds them a
            duplicate, and one story; null where it was not asked

A line that cannot be read gives {"line": N, "error": "..."} in its place, is told on standard error, and
makes the exit code 1.
"""


@click.command(epilog=ANSWERS)
@click.argument("file", default="-")
@click.option(
    "--a-column", metavar="NAME", help="Column of the earlier headline; the first line names columns."
)
@click.option(
    "--b-column", metavar="NAME", help="Column of the later headline; the first line names columns."
)
@click.option("--explain", is_flag=True, help="Say why in words, and which features weighed most.")
@settings_options_without_kafka
def command(
    settings: Settings, *, file: str, a_column: str | None, b_column: str | None, explain: bool
) -> None:
    """Judge pairs of headlines as the worker would, the first of a pair as the earlier one.

    FILE is a TSV, plain or compressed by gzip, or - for standard input. Without the options it has two columns
    and no header.
    """
    from worker.deduplicate.match.own import chosen

    if (a_column is None) != (b_column is None):
        raise UsageError(
            "--a-column and --b-column belong together: give both, or neither for two plain columns"
        )
    name = "standard input" if file == "-" else file
    lines = _lines(file)
    places = (0, 1)
    first = 1
    width: int | None = 2
    if a_column is not None and b_column is not None:
        places = _places(next(lines, b""), (a_column, b_column), name)
        first, width = 2, None
    limits, by = settings.normalize.limits(), chosen(settings.dedup.model)
    ask = _deep(settings)
    output = click.get_binary_stream("stdout")
    bad = 0
    for number, line in enumerate(lines, start=first):
        try:
            answer = _compare(*_pair(line, places, width), limits, by, ask, explain=explain)
        except ValueError as error:
            bad += 1
            click.echo(f"{name}:{number}: {error}", err=True)
            answer = {"line": number, "error": str(error)}
        output.write(orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE))
    output.flush()
    if bad:
        raise NewswireError(f"{bad:,} line{'s' if bad > 1 else ''} of {name} could not be read; see above")


def _lines(file: str) -> Iterator[bytes]:
    """The lines of a file without their ends.

    Raises:
        UsageError: the file cannot be read, or is damaged.
    """
    (document,) = documents([file])
    with open_document(document) as stream:
        for at, line in enumerate(stream):
            bare = line.removesuffix(b"\n").removesuffix(b"\r")
            yield bare.removeprefix(_BOM) if at == 0 else bare


def _places(header: bytes, names: tuple[str, str], file: str) -> tuple[int, int]:
    """The places of the named columns in a header.

    Raises:
        UsageError: the header lacks one of them.
    """
    columns = [unquoted(field) for field in header.decode(errors="replace").split("\t")]
    for name in names:
        if name not in columns:
            raise UsageError(f"{file} has no column {name!r}; its first line names {', '.join(columns)}")
    return columns.index(names[0]), columns.index(names[1])


def _pair(line: bytes, places: tuple[int, int], width: int | None) -> tuple[str, str]:
    """The two headlines of a line.

    Args:
        line: as it came, without its end.
        places: of the two columns.
        width: how many columns the line must have, or None for any that has both.

    Raises:
        ValueError: says what is wrong with the line.
    """
    try:
        fields = line.decode().split("\t")
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from error
    if width is not None and len(fields) != width:
        raise ValueError(
            f"{width} columns expected, {len(fields)} found; --a-column and --b-column choose by name"
        )
    if len(fields) <= max(places):
        raise ValueError(f"at least {max(places) + 1} columns expected, {len(fields)} found")
    return unquoted(fields[places[0]]), unquoted(fields[places[1]])


def _deep(settings: Settings) -> Callable[[str, str], Scores] | None:
    """What asks the deep tier about a pair, if the settings ask for it."""
    from worker.config import DeepMode

    if settings.deep.mode is DeepMode.OFF:
        return None
    from worker.deep.opening import load_encoder

    encoder = load_encoder(settings)

    def ask(earlier: str, later: str) -> Scores:
        return encoder.pairs([encoder.vocabulary.pair(earlier, later)])[0]

    return ask


def _compare(
    a: str,
    b: str,
    limits: Limits,
    by: Chosen,
    ask: Callable[[str, str], Scores] | None = None,
    *,
    explain: bool = False,
) -> dict[str, Any]:
    """The answer to a pair.

    Args:
        a: the earlier headline.
        b: the later one.
        limits: what a headline may measure.
        by: what judges.
        ask: what asks the deep tier, if it is on; about pairs that are doubtful without it.
        explain: whether to say why.

    Raises:
        ValueError: one of the headlines is such that the worker would dead-letter it.
    """
    from worker.events import Kind

    earlier, later = _normalized(a, "first", limits), _normalized(b, "second", limits)
    if later.guard is not None:
        answer = {"a": a, "b": b, "relation": "distinct", "score": 0.0, "reason": str(later.guard)}
        return {**answer, "why": f"never suppressed: a {later.guard}"} if explain else answer
    scores = (
        None
        if ask is None or not by.matcher.doubtful(earlier.match, later.match)
        else ask(earlier.match, later.match)
    )
    judgement = by.matcher.judge(earlier.match, later.match, scores)
    relation = "distinct" if judgement.kind is Kind.ORIGINAL else str(judgement.kind)
    answer = {"a": a, "b": b, "relation": relation, "score": judgement.score, "reason": judgement.reason}
    return {**answer, **_explanation(earlier, later, by, scores)} if explain else answer


def _explanation(earlier: Headline, later: Headline, by: Chosen, scores: Scores | None) -> dict[str, Any]:
    import msgspec

    from worker.deduplicate.match.explain import explain, respelled
    from worker.normalize import REPAIRS

    if earlier.match == later.match:
        repairs = [name for name in REPAIRS if name in {*earlier.repairs, *later.repairs}]
        said = respelled(earlier.display, later.display, repairs)
    else:
        said = explain(earlier.match, later.match, scores, scorer=by.model)
    found: dict[str, Any] = msgspec.to_builtins(said)
    return found


def _normalized(headline: str, which: str, limits: Limits) -> Headline:
    """The headline by the very stage that the worker runs."""
    from worker.events import Headline
    from worker.normalize import normalize

    outcome = normalize(orjson.dumps({"id": which, "source": "compare", "headline": headline}), limits)
    if isinstance(outcome, Headline):
        return outcome
    raise ValueError(f"the {which} headline would be rejected: {outcome.message}")
