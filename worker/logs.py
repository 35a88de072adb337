"""Logging: readable on a terminal, JSON otherwise, to standard error, never a flood and never a secret.

newswire logs by structlog, the libraries under it (Faust, mode, aiokafka) by the standard library; both leave
through one handler. `configure` is called once, by a command. A line that repeats is let through a few times
in a window; then the rest is counted and told in one line. Libraries are heard less often than newswire: in an
outage each of their connections complains, several times a second, and what it means newswire says once itself.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TextIO

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from structlog.typing import EventDict, Processor

LIBRARIES: Final = ("aiokafka", "kafka", "faust", "mode", "asyncio", "aiohttp")
"""Loggers that speak from `warning` up, or from `info` up where newswire's own level is `debug`."""

MASK: Final = "********"

LONGEST_WINDOW_S: Final = 60.0
"""The window of a library's line that goes on and on."""


def configure(
    *,
    level: str = "info",
    form: Literal["auto", "console", "json"] = "auto",
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Send structlog and the standard library's logging to one handler.

    Args:
        level: least severity of newswire's own lines: debug, info, warning or error.
        form: `auto` is `console` when the stream is a terminal, else `json`.
        secrets: values that are blotted out wherever they turn up in a line.
        stream: where lines go; standard error when None.
        clock: seconds that only go forward, for the windows of repeated lines.
    """
    stream = stream or sys.stderr
    console = form == "console" or (form == "auto" and stream.isatty())
    handler = RepeatHandler(stream, clock=clock)
    handler.setFormatter(_formatter(console=console, colors=console and stream.isatty(), secrets=secrets))
    if level != "debug":
        handler.addFilter(_is_news)
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old, RepeatHandler)]:
        old.flush_summaries()
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.INFO if level == "debug" else logging.WARNING)
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger: `log.info("what happened", key=value)`; what varies goes into keys, the phrase is fixed."""
    return structlog.stdlib.get_logger(name)


def flush() -> None:
    """Tell what was held back so far; for an exit that skips the interpreter's own end."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, RepeatHandler):
            handler.flush_summaries()


class Key(NamedTuple):
    """What makes two lines the same: numbers in the template are left out."""

    logger: str
    level: int
    template: str


@dataclass(slots=True)
class _Window:
    """A key's current window: when it began and with which line, what it let through and held back, until when."""

    began: float
    line: str
    length: float
    burst: int
    spent: int = 0
    held: int = 0
    last: float = 0.0

    @property
    def end(self) -> float:
        return self.began + self.length


@dataclass(frozen=True, slots=True)
class Summary:
    """How often lines like `line` were held back within `seconds`."""

    key: Key
    line: str
    held: int
    seconds: float


class RepeatLimiter:
    """Lets each key through `burst` times in a window of `window_s` seconds and counts the rest.

    While a key goes on, its window doubles up to `longest_s`; one that has grown lets nothing through, since the
    summary of the last one has just told it.
    """

    def __init__(self, burst: int = 5, window_s: float = 10.0, longest_s: float | None = None) -> None:
        self.burst = burst
        self.window_s = window_s
        self.longest_s = longest_s or window_s
        self._windows: dict[Key, _Window] = {}
        self._ended: dict[Key, _Window] = {}
        self._next_end = float("inf")

    def admit(self, key: Key, line: str, now: float, weight: int = 1) -> bool:
        """Whether a line passes; `weight` is how much of the burst it uses up."""
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = self._open(key, line, now)
            self._next_end = min(self._next_end, window.end)
        if window.spent >= window.burst:
            window.held += 1
            window.last = now
            return False
        window.spent += weight
        return True

    def ended(self, now: float) -> list[Summary]:
        """The windows that are over by `now` and held something back, oldest first; they are forgotten."""
        if now < self._next_end:
            return []
        return self._close({key: window for key, window in self._windows.items() if now >= window.end}, now)

    def close(self, now: float) -> list[Summary]:
        """All windows that held something back, over or not; they are forgotten."""
        return self._close(dict(self._windows), now)

    def _open(self, key: Key, line: str, now: float) -> _Window:
        before = self._ended.pop(key, None)
        if before is None or now >= before.end + before.length:
            return _Window(now, line, self.window_s, self.burst)
        length = min(2 * before.length, self.longest_s)
        return _Window(now, line, length, 0 if length > self.window_s else self.burst)

    def _close(self, windows: dict[Key, _Window], now: float) -> list[Summary]:
        for key in windows:
            del self._windows[key]
        self._next_end = min((window.end for window in self._windows.values()), default=float("inf"))
        held = {key: window for key, window in windows.items() if window.held}
        remembered = {**self._ended, **held}
        self._ended = {key: window for key, window in remembered.items() if now < window.end + window.length}
        return [
            Summary(key, window.line, window.held, window.last - window.began) for key, window in held.items()
        ]


class RepeatHandler(logging.StreamHandler[TextIO]):
    """A stream handler that does not repeat itself."""

    def __init__(self, stream: TextIO, *, clock: Callable[[], float]) -> None:
        super().__init__(stream)
        self._clock = clock
        self._own = RepeatLimiter()
        self._of_libraries = RepeatLimiter(burst=2, longest_s=LONGEST_WINDOW_S)

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record, unless it is one too many; first the summaries of windows that are over."""
        now = self._clock()
        self._tell([*self._own.ended(now), *self._of_libraries.ended(now)])
        if record.levelno >= logging.CRITICAL or self._admitted(record, now):
            super().emit(record)

    def flush_summaries(self) -> None:
        """Tell at once what was held back."""
        self.acquire()
        try:
            now = self._clock()
            self._tell([*self._own.close(now), *self._of_libraries.close(now)])
        finally:
            self.release()

    def close(self) -> None:
        """Tell what was held back, then close."""
        self.flush_summaries()
        super().close()

    def _admitted(self, record: logging.LogRecord, now: float) -> bool:
        # structlog hands its event over as a dictionary in place of the template.
        event = record.msg.get("event", "") if isinstance(record.msg, dict) else None
        line = record.getMessage() if event is None else str(event)
        key = Key(
            record.name, record.levelno, _NUMBER.sub("#", line if event is not None else str(record.msg))
        )
        limiter = self._of_libraries if record.name.partition(".")[0] in LIBRARIES else self._own
        return limiter.admit(key, line, now, limiter.burst if record.exc_info else 1)

    def _tell(self, summaries: list[Summary]) -> None:
        for summary in summaries:
            text = f"repeated {summary.held} more times in {summary.seconds:.0f} s: {summary.line}"
            super().emit(logging.LogRecord(summary.key.logger, summary.key.level, "", 0, text, None, None))


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a line is more than what libraries say at each ordinary rebalance, or of a connection that ended.

    Nobody asks a connection that has ended for its error, which asyncio then tells, traceback and all; whoever used the
    connection has told it in terms of Kafka.
    """
    if record.name.startswith("aiokafka."):
        return not str(record.msg).startswith(_ORDINARY)
    error = record.exc_info[1] if record.exc_info else None
    return not (record.name == "asyncio" and _of_a_connection(error))


def _of_a_connection(error: BaseException | None) -> bool:
    return isinstance(error, OSError | EOFError) or type(error).__module__ == "aiokafka.errors"


_ORDINARY: Final = "Heartbeat failed for group %s because it is rebalancing"
_NUMBER: Final = re.compile(r"0x[0-9a-fA-F]+|\d+")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SECRET_NAME: Final = re.compile(r"passw|secret|token|credential|api_?key", re.IGNORECASE)
_USERINFO: Final = re.compile(r"(://[^\s/:@]*:)[^\s/@]+@")


def _mask_names(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Blot out values whose name says that they are secret."""
    for name in event:
        if _SECRET_NAME.search(name):
            event[name] = MASK
    return event


def _printable(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Escape control characters, which could redraw the reader's terminal."""
    for name, value in event.items():
        if isinstance(value, str) and _CONTROL.search(value):
            event[name] = _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), value)
    return event


_SHARED: Final[tuple[Processor, ...]] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    _mask_names,
)


def _formatter(*, console: bool, colors: bool, secrets: Iterable[str]) -> logging.Formatter:
    render: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if console:
        traceback = structlog.dev.plain_traceback
        render += [_printable, structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=traceback)]
    else:
        render += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=str)]
    return _Redacting(secrets, render)


class _Redacting(structlog.stdlib.ProcessorFormatter):
    """Formats a line, then blots out known secrets and passwords in addresses."""

    def __init__(self, secrets: Iterable[str], processors: list[Processor]) -> None:
        super().__init__(foreign_pre_chain=_SHARED, processors=processors)
        forms = {
            form
            for secret in secrets
            if secret
            for form in (secret, json.dumps(secret)[1:-1], repr(secret)[1:-1])
        }
        longest_first = sorted(forms, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def format(self, record: logging.LogRecord) -> str:
        line = _USERINFO.sub(rf"\1{MASK}@", super().format(record))
        return self._secrets.sub(MASK, line) if self._secrets else line
