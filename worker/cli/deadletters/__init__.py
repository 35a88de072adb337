"""`newswire deadletters`: records that could not become headlines, looked at, sent again, or put aside."""

from __future__ import annotations

import click

from worker.cli.deadletters.discard import discard
from worker.cli.deadletters.listing import list_letters, stats
from worker.cli.deadletters.redrive import redrive
from worker.cli.deadletters.show import show


@click.group()
def command() -> None:
    """Look at dead letters, send them again, or put them aside.

    A dead letter is a raw record as it came, with the cause in its headers. Its address is its offset in the
    dead-letter topic. It is open until it is redriven or discarded; headlines.deadletter.status says which. Nothing
    here deletes anything.
    """


for each in (list_letters, stats, show, redrive, discard):
    command.add_command(each)
