"""The command `newswire`: one file a command, imported only when it is called.

`newswire --help` reads the table below and imports nothing else, so that it answers at once. Every module of
the table has `command`, a click command. Errors that newswire raises on purpose end a command with one line
and their exit code; anything else is a bug and shows its traceback.
"""

from __future__ import annotations

import importlib
import logging
import os
import select
import sys
import traceback
from typing import Final, NamedTuple, cast

import click

from worker import __version__
from worker.errors import NewswireError

INTERRUPTED: Final = 130


class Entry(NamedTuple):
    """A command of the table: the module that holds it, and its line in `newswire --help`."""

    module: str
    help: str


COMMANDS: Final = {
    "worker": Entry("worker.cli.worker", "Run the worker: normalize, de-duplicate and route headlines."),
    "replay": Entry("worker.cli.replay", "Send headlines of files to Kafka as raw events."),
    "tail": Entry("worker.cli.tail", "Show the output streams as they come."),
    "deadletters": Entry("worker.cli.deadletters", "Look at dead letters, send them again, put them aside."),
    "status": Entry("worker.cli.status", "Show a running deployment on one screen."),
    "top": Entry("worker.cli.top", "Watch running workers live: rates, lag, latency, topics."),
    "topics": Entry("worker.cli.topics", "Compare the topics with the declaration, and mend them."),
    "preview": Entry("worker.cli.preview", "Run the stages on files, without Kafka."),
    "compare": Entry("worker.cli.compare", "Judge pairs of headlines, without Kafka."),
    "evaluate": Entry("worker.cli.evaluate", "Measure verdicts and topics on label files."),
    "train": Entry("worker.cli.train", "Train topic model or matcher on label files of your own."),
    "rules": Entry("worker.cli.rules", "Check an editor's rules, and show which headlines they hit."),
    "config": Entry("worker.cli.config", "Show the effective settings and where each came from."),
    "demo": Entry("worker.cli.demo", "Send the seed headlines through a local Apache Kafka."),
    "broker": Entry("worker.cli.broker", "Run a local Apache Kafka."),
}

EPILOG: Final = """\
\b
Settings come from NEWSWIRE_SECTION__NAME in the environment and from --set section.name=value;
`newswire config` shows them.

\b
Exit codes:
  0  done                          4  Kafka could not be reached
  1  failed                        5  the worker's drain deadline passed
  2  usage or settings             6  log version or integrity
  3  topics differ from the        7  watchdog: lag without progress
     declaration                 130  interrupted
A second signal n ends the worker at once: 128 + n.
"""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the table, in its order."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, from its module."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        return cast("click.Command", importlib.import_module(COMMANDS[cmd_name].module).command)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a reader that has had enough (`newswire tail | head`) ends it quietly."""
        try:
            result: object = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            if _reader_is_gone():
                return 0
            raise
        return result

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table's lines, without an import."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])


@click.command(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="newswire")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def newswire(debug: bool) -> None:
    """Headlines in; clean, de-duplicated, topic-routed Kafka streams out."""
    del debug  # read by `main` from the context's parameters


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """The exit code of a command line, its errors told on standard error."""
    try:
        result = newswire.main(args=arguments, prog_name="newswire", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except NewswireError as error:
        if "--debug" in arguments or logging.getLogger().isEnabledFor(logging.DEBUG):
            traceback.print_exc()
        click.echo(f"error: {error}", err=True)
        return error.exit_code
    return result if isinstance(result, int) else 0


def _reader_is_gone() -> bool:
    """Whether nobody reads standard output any more; then what is left of it is dropped."""
    descriptor = sys.stdout.fileno()
    poll = select.poll()
    poll.register(descriptor, 0)
    gone = any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))
    if gone:
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
    return gone
