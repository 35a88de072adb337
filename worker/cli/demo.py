"""`newswire demo`: the whole way, on a local Apache Kafka of its own."""

from __future__ import annotations

import click


@click.command()
def command() -> None:
    """Send the seed headlines through a worker on a local Apache Kafka, and show what comes out.

    Broker, topics and worker are made afresh and end with the demo. Needs newswire[local].
    """
    from worker.demo import run

    run()
