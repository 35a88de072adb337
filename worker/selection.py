"""Which events of the streams are wanted: by confidence, verdict, source and language."""

from collections.abc import Collection

from msgspec import DecodeError, Struct
from msgspec.json import Decoder

from worker.events import Kind


class Selection:
    """What an event has to say to be wanted. Each of the four narrows it down; what is not given does not ask.

    `min_confidence` is 0..1. Sources are compared as they are, languages as RFC 4647 filters them: `en` takes `en-GB`
    too. An event that does not name what is asked for is not wanted, such as a duplicate, which has no confidence.
    """

    def __init__(
        self,
        *,
        min_confidence: float | None = None,
        verdicts: Collection[Kind] = (),
        sources: Collection[str] = (),
        languages: Collection[str] = (),
    ) -> None:
        self._min_confidence = min_confidence
        self._verdicts = frozenset(map(str, verdicts))
        self._sources = frozenset(sources)
        self._languages = tuple(language.lower() for language in languages)

    def __bool__(self) -> bool:
        """Whether it asks for anything at all."""
        return self._min_confidence is not None or bool(self._verdicts or self._sources or self._languages)

    def takes(self, value: bytes | None) -> bool:
        """Whether the event in a record's value is wanted; a value that is no event never is."""
        try:
            event = _DECODER.decode(value or b"")
        except (DecodeError, UnicodeDecodeError):
            return False
        return (
            (not self._sources or event.source in self._sources)
            and (not self._verdicts or event.verdict in self._verdicts)
            and (
                self._min_confidence is None
                or (event.confidence is not None and event.confidence >= self._min_confidence)
            )
            and (not self._languages or self._speaks(event.language))
        )

    def _speaks(self, language: str | None) -> bool:
        spoken = (language or "").lower()
        return any(spoken == wanted or spoken.startswith(f"{wanted}-") for wanted in self._languages)


class _Event(Struct, frozen=True, gc=False):
    """Of an event, what is asked for; the rest is not even decoded."""

    source: str | None = None
    verdict: str | None = None
    confidence: float | None = None
    language: str | None = None


_DECODER = Decoder(_Event)
