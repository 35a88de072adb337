"""Every error that newswire raises on purpose, and the exit code each one ends a command with.

    NewswireError                  1  failed
    ├── UsageError                 2  a command line or a file that cannot be used as given
    │   └── SettingsError          2  a setting that is unknown, out of bounds or contradicts another
    ├── TopicDriftError            3  the cluster's topics differ from the declaration
    ├── BrokerUnavailableError     4  Kafka could not be reached in the time allowed
    ├── DrainTimeoutError          5  the worker could not finish its batches before the deadline
    ├── LogError                   6  the fingerprint log cannot be trusted or understood
    │   ├── LogIntegrityError      6  a gap, a truncation, a frame that is not the one sent
    │   └── LogVersionError        6  a frame of a format, rule or window that this release does not read
    ├── StalledError               7  the watchdog saw lag and no progress
    ├── WorkerUnreachableError     1  no worker answers at the address of its metrics
    ├── AccessDeniedError          1  Kafka does not allow this client something that it needs
    ├── DeliveryError              1  Kafka refused or lost a record that had to be confirmed
    ├── UnreadableRecordError      1  a record of a stream that holds no event of that stream
    │   └── UnknownVersionError    1  an event of a version that this release does not read
    ├── OffsetBeyondEndError       1  a partition that ends before the offset that a consumer committed
    └── LocalBrokerError           1  the local Apache Kafka could not be fetched, verified or started

A message says what was wrong, where, and what to do about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator


class NewswireError(Exception):
    """The root of the tree: catches everything that newswire raises on purpose."""

    exit_code: ClassVar[int] = 1


class UsageError(NewswireError):
    """A command line, or a file named on it, that cannot be used as given."""

    exit_code = 2


class SettingsError(UsageError):
    """A setting that is unknown, out of bounds, or contradicts another."""


class TopicDriftError(NewswireError):
    """The cluster's topics differ from the declaration."""

    exit_code = 3


class BrokerUnavailableError(NewswireError):
    """Kafka could not be reached in the time allowed."""

    exit_code = 4


class DrainTimeoutError(NewswireError):
    """The worker could not finish its batches before the deadline."""

    exit_code = 5


class LogError(NewswireError):
    """The fingerprint log cannot be trusted or understood; deciding on it could lose headlines."""

    exit_code = 6


class LogIntegrityError(LogError):
    """The fingerprint log has a gap, was truncated, or holds a frame that is not the one sent."""


class LogVersionError(LogError):
    """A frame of a format, a rule or a window that this release does not read."""


class StalledError(NewswireError):
    """There was lag and no progress for longer than the watchdog allows."""

    exit_code = 7


class WorkerUnreachableError(NewswireError):
    """No worker answers at the address of its metrics; `why` says what was found there instead."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"{url}: {why}; start it, or name another worker by --url")
        self.why = why


class AccessDeniedError(NewswireError):
    """Kafka's access rules do not allow this client something that it needs; the message names the rights."""


class DeliveryError(NewswireError):
    """Kafka refused or lost a record whose delivery had to be confirmed."""


class UnreadableRecordError(NewswireError):
    """A record of a stream that holds no event of that stream, or none that fits its schema."""


class UnknownVersionError(UnreadableRecordError):
    """An event of a version that this release does not read."""


class OffsetBeyondEndError(NewswireError):
    """A partition ends before the offset that a consumer committed: it is another log than the one that was read."""


class LocalBrokerError(NewswireError):
    """The local Apache Kafka could not be fetched, verified, started or stopped."""


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, then what it came of, down to the first."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
