"""The runbooks speak of commands, options, settings and metrics that there are."""

import re
import shlex

import click
import pytest
from worker.cli import newswire
from worker.config.catalog import catalog

from .rules import METRIC, REPOSITORY, RUNBOOKS, alerts, exported, page

HEADINGS = ["## What it means", "## How to see it", "## What to do", "## How to know that it is over"]
PAGES = sorted(RUNBOOKS.glob("*.md"))
SECTIONS = {name.partition(".")[0] for name in catalog()}


@pytest.fixture(params=PAGES, ids=[path.stem for path in PAGES])
def runbook(request):
    return request.param.read_text()


def code(text):
    """What stands in code: indented lines and what is between backticks."""
    text = text.replace("\\\n", " ")
    return [*re.findall(r"^ {4}(.*)$", text, re.MULTILINE), *re.findall(r"`([^`]+)`", text)]


def command_lines(text):
    """The arguments of each call of newswire, wherever in a pipeline it stands."""
    for line in code(text):
        for call in re.findall(r"(?<![\w./-])newswire ([a-z][^|;&#<>)]*)", line):
            yield shlex.split(call)


@pytest.mark.parametrize("alert", sorted(alerts()))
def test_the_page_of_an_alert_says_what_it_means_what_to_do_and_when_it_is_over(alert):
    text = page(alert).read_text()

    assert re.findall(r"^## .*$", text, re.MULTILINE) == HEADINGS
    assert alert in text.splitlines()[2], "the line under the title names the alert"


def test_the_index_names_every_page():
    index = (RUNBOOKS / "README.md").read_text()
    linked = set(re.findall(r"\]\(([\w-]+\.md)\)", index))

    assert linked == {path.name for path in PAGES} - {"README.md"}


def test_links_lead_somewhere(runbook):
    for target in re.findall(r"\]\(([^)#:]+)\)", runbook):
        assert (RUNBOOKS / target).exists(), target


def called(arguments):
    """The command that is called, with its own arguments."""
    command = newswire
    with click.Context(newswire) as context:
        while isinstance(command, click.Group):
            name, arguments = arguments[0], arguments[1:]
            command = command.get_command(context, name)
            assert command is not None, name
    return command, arguments


def test_commands_are_those_of_newswire(runbook):
    for line in command_lines(runbook):
        command, arguments = called(line)
        known = {option for given in command.params for option in (*given.opts, *given.secondary_opts)}
        given = {argument.partition("=")[0] for argument in arguments if argument.startswith("-")}
        assert given - {"-"} <= known, line


def test_settings_are_those_of_newswire(runbook):
    for text in code(runbook):
        for name in re.findall(rf"(?<![\w./-])(?:{'|'.join(SECTIONS)})\.[a-z][a-z_]+(?![\w./-])", text):
            assert name in catalog(), name
        for variable in re.findall(r"NEWSWIRE_[A-Z_]+__[A-Z_]+", text):
            assert variable in {entry.variable for entry in catalog().values()}, variable


def test_metrics_are_those_of_a_worker(runbook):
    assert {name for text in code(runbook) for name in METRIC.findall(text)} <= exported()


def test_make_targets_are_those_of_the_makefile(runbook):
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))

    assert {target for text in code(runbook) for target in re.findall(r"\bmake ([a-z-]+)", text)} <= targets
