"""Options that the commands share: the settings, loaded and checked before a command starts."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

import click

from worker import logs
from worker.config import Settings, resolve
from worker.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.config import Resolved

SHORTCUTS: Final = {
    "bootstrap_servers": "kafka.bootstrap_servers",
    "log_level": "log.level",
    "log_format": "log.format",
}
"""Options of their own for the settings that are given by hand most often."""


def settings_options(command: Callable[..., object]) -> Callable[..., object]:
    """Give a command the options `--set`, `--bootstrap-servers`, `--log-level` and `--log-format`.

    The command gets the loaded `Settings` as the keyword argument `settings`, and logging is set up by them.
    """
    return _kafka_option(settings_options_without_kafka(command))


def settings_options_without_kafka(command: Callable[..., object]) -> Callable[..., object]:
    """As `settings_options`, for a command that asks no broker."""

    @functools.wraps(command)
    def with_settings(*args: object, assignments: tuple[str, ...], **kwargs: object) -> object:
        given = {name: kwargs.pop(option, None) for option, name in SHORTCUTS.items()}
        shortcuts = {name: str(value) for name, value in given.items() if value is not None}
        assigned = parse_assignments(assignments)
        written = {name: f"--{option.replace('_', '-')}" for option, name in SHORTCUTS.items()}
        resolved = resolve(
            shortcuts | assigned, {name: written[name] for name in shortcuts.keys() - assigned.keys()}
        )
        click.get_current_context().meta[_RESOLVED] = resolved
        configure_logs(resolved.settings)
        try:
            return command(*args, settings=resolved.settings, **kwargs)
        finally:
            logs.flush()

    for option in reversed(_OPTIONS):
        with_settings = option(with_settings)
    return with_settings


def resolved_settings() -> Resolved:
    """The running command's settings with their origins."""
    resolved: Resolved = click.get_current_context().meta[_RESOLVED]
    return resolved


def parse_assignments(assignments: tuple[str, ...]) -> dict[str, str]:
    """`section.name=value` texts as values by dotted name; the last one counts.

    Raises:
        SettingsError: a text has no equals sign.
    """
    options = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise SettingsError(
                f"--set {assignment}: write it as section.name=value, such as kafka.group=newswire"
            )
        options[name.strip().lower()] = value
    return options


def configure_logs(settings: Settings) -> None:
    """Set logging up by the settings."""
    logs.configure(level=settings.log.level, form=settings.log.format, secrets=settings.secrets())


workers_option: Final = click.option(
    "--url",
    "--metrics",
    "urls",
    multiple=True,
    metavar="URL",
    help="A worker's HOST:PORT or URL; may be given for several workers. By default where http.port says.",
)
"""For commands that ask workers: the keyword argument `urls`; see `worker_urls`."""


def worker_urls(settings: Settings, urls: tuple[str, ...]) -> tuple[str, ...]:
    """The addresses of /metrics that were given, or else the one that a worker of these settings has.

    Raises:
        UsageError: what was given is no address.
    """
    from worker.scrape import metrics_url

    host = f"[{settings.http.host}]" if ":" in settings.http.host else settings.http.host
    return tuple(map(metrics_url, urls or (f"{host}:{settings.http.port}",)))


json_lines_option: Final = click.option(
    "--json", "as_json_lines", is_flag=True, help="Print one JSON object a line instead of a table."
)
"""For commands that print rows: the keyword argument `as_json_lines`."""

_RESOLVED: Final = "newswire.resolved"
_kafka_option: Final = click.option(
    "--bootstrap-servers", "-b", metavar="HOST:PORT", help="Kafka brokers; kafka.bootstrap_servers."
)
_OPTIONS: Final = (
    click.option("--log-level", metavar="LEVEL", help="debug, info, warning or error; log.level."),
    click.option("--log-format", metavar="FORMAT", help="auto, console or json; log.format."),
    click.option(
        "--set",
        "assignments",
        multiple=True,
        metavar="SECTION.NAME=VALUE",
        help="Any setting; may be given several times. `newswire config` lists them.",
    ),
)
