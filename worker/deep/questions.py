"""What is worth asking about the headlines of a fetch, and the evidence that the answers make."""

from __future__ import annotations

from collections import defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from worker.deduplicate.evidence import Evidence, Pair, form_hash

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.deduplicate import Batch, Writer
    from worker.deduplicate.doubts import Doubts
    from worker.deduplicate.evidence import Scores
    from worker.deduplicate.frame import Entry
    from worker.route.router import Router


class Entries(NamedTuple):
    """Entries that a fetch will append, and the languages of their headlines."""

    entries: Sequence[Entry]
    languages: Sequence[str | None]


def new_entries(writer: Writer, batches: Sequence[Batch]) -> Entries:
    """What a writer is to append of these batches."""
    entries: list[Entry] = []
    languages: list[str | None] = []
    for batch in batches:
        unknown = writer.unknown(batch)
        entries += unknown
        by_offset = dict(zip(batch.offsets, batch.headlines, strict=True))
        languages += [by_offset[entry.offset].language for entry in unknown]
    return Entries(entries, languages)


class PairQuestion(NamedTuple):
    """Do the two say the same? `id` is the later headline's; of its pairs this is number `rank`, from 0."""

    id: bytes
    earlier: str
    later: str
    rank: int


class TopicsQuestion(NamedTuple):
    """What is the headline about? `confidence` is how sure the router is by itself."""

    id: bytes
    form: str
    confidence: float


class Questions(NamedTuple):
    """Of both kinds."""

    pairs: list[PairQuestion]
    topics: list[TopicsQuestion]

    def by_promise(self) -> Questions:
        """The same, the most promising first: each headline's best pair; what the router is least sure of."""
        return Questions(
            sorted(self.pairs, key=attrgetter("rank")), sorted(self.topics, key=attrgetter("confidence"))
        )


class Answers:
    """As many answers as there was time for; None for the others. One thread writes, another may read meanwhile."""

    def __init__(self, questions: Questions) -> None:
        self.questions = questions
        self.pairs: list[Scores | None] = [None] * len(questions.pairs)
        self.topics: list[bytes | None] = [None] * len(questions.topics)
        self.seconds = 0.0
        """How long it took."""

    def evidence(self) -> dict[bytes, Evidence]:
        """What is known by now, by the id of the headline."""
        pairs: defaultdict[bytes, list[Pair]] = defaultdict(list)
        for question, scores in zip(self.questions.pairs, self.pairs, strict=True):
            if scores is not None:
                pairs[question.id].append(Pair(form_hash(question.earlier.encode()), scores))
        topics = {
            question.id: shares
            for question, shares in zip(self.questions.topics, self.topics, strict=True)
            if shares is not None
        }
        return {
            each: Evidence(tuple(pairs.get(each, ())), topics.get(each, b"")) for each in {**pairs, **topics}
        }


class Curiosity:
    """Finds the questions.

    Args:
        doubts: finds pairs.
        router: routes without the deep tier.
        threshold: the router's, as the pipeline has it,
        also_threshold: and this one.
        most_pairs: of a headline.
        topics_below: the topics of a headline of which the router is less sure than this are asked for.
    """

    def __init__(
        self,
        doubts: Doubts,
        router: Router,
        *,
        threshold: float,
        also_threshold: float,
        most_pairs: int,
        topics_below: float,
    ) -> None:
        self._doubts = doubts
        self._router = router
        self._threshold = threshold
        self._also_threshold = also_threshold
        self._most_pairs = most_pairs
        self._topics_below = topics_below

    def about(self, entries: Sequence[Entry], languages: Sequence[str | None]) -> Questions:
        """The questions about a writer's next entries.

        Args:
            entries: as they are planned.
            languages: of their headlines.
        """
        readable = [is_readable(language) for language in languages]
        pairs = [
            PairQuestion(entry.id, earlier, entry.form.decode(), rank)
            for entry, doubtful in zip(
                entries, self._doubts.of(entries, readable, self._most_pairs), strict=True
            )
            for rank, earlier in enumerate(doubtful)
        ]
        topics = self._unsure([entry for entry, is_asked in zip(entries, readable, strict=True) if is_asked])
        return Questions(pairs, topics)

    def _unsure(self, entries: Sequence[Entry]) -> list[TopicsQuestion]:
        """The headlines of which the router is not sure."""
        forms = [entry.form.decode() for entry in entries]
        routes = self._router.route(forms, threshold=self._threshold, also_threshold=self._also_threshold)
        return [
            TopicsQuestion(entry.id, form, route.confidence)
            for route, entry, form in zip(routes, entries, forms, strict=True)
            if route.confidence < self._topics_below
        ]


def is_readable(language: str | None) -> bool:
    """Whether the encoder was trained on a language: English, or nobody says."""
    return language is None or language == "und" or language.split("-")[0] == "en"
