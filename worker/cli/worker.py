"""`newswire worker`: run a worker until a signal ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from worker import collector
from worker.cli.options import settings_options
from worker.logs import get_logger
from worker.stages.remote import Helper

if TYPE_CHECKING:
    from worker.config import Settings

log = get_logger(__name__)


@click.command("worker")
@settings_options
def command(settings: Settings) -> int:
    """Run the worker: normalize, de-duplicate and route headlines.

    SIGTERM or Ctrl-C lets it finish what is in flight, commit and exit 0; a second one ends it at once. /metrics,
    /livez and /readyz are served on http.host and http.port.
    """
    for warning in settings.warnings():
        log.warning(warning)
    collector.run_seldom()
    # Its process loads its half while this one imports all the rest.
    helper = Helper(settings) if settings.worker.helper.is_on() else None
    from worker import app

    return app.run(settings, helper)
