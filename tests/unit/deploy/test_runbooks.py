"""The runbooks speak of commands, options, settings and metrics that there are."""

import re
import shlex

import click
import pytest
from worker.cli import newswire
from worker.config.catalog import catalog

from .rules import METRIC, REPOSITORY, RUNBOOKS, alerts, exported, page, rules

HEADINGS = ["## What it means", "## How to see it", "## What to do", "## How to know that it is over"]
PAGES = sorted(RUNBOOKS.glob("*.md"))
SOURCES = "".join(path.read_text() for path in (REPOSITORY / "worker").rglob("*.py"))
MESSAGES = re.sub(r'"\s*\n\s*f?"', "", SOURCES)
"""All texts in the code, those whole that stand on several lines."""
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


@pytest.mark.parametrize("alert", sorted(alerts()))
def test_pages_and_index_say_of_an_alert_what_its_rule_says(alert):
    rule = alerts()[alert]
    severity, summary = rule["labels"]["severity"], rule["annotations"]["summary"]

    assert page(alert).read_text().splitlines()[2].startswith(f"Alert `{alert}`, {severity}: ")
    line = f"| [{alert}]({page(alert).name}) | {severity} | {summary} |"
    assert line in (RUNBOOKS / "README.md").read_text().splitlines()


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


def test_no_line_calls_what_the_image_does_not_have(runbook):
    assert not [line for line in code(runbook) if re.search(r"\b(?:curl|wget|jq)\b", line)]


def test_settings_are_those_of_newswire(runbook):
    for text in code(runbook):
        for name in re.findall(rf"(?<![\w./-])(?:{'|'.join(SECTIONS)})\.[a-z][a-z_]+(?![\w./-])", text):
            assert name in catalog(), name
        for variable in re.findall(r"NEWSWIRE_[A-Z_]+__[A-Z_]+", text):
            assert variable in {entry.variable for entry in catalog().values()}, variable


def test_metrics_are_those_of_a_worker(runbook):
    assert {name for text in code(runbook) for name in METRIC.findall(text)} <= exported()


def test_recorded_series_are_those_of_the_rules(runbook):
    recorded = {rule["record"] for rule in rules() if "record" in rule}

    assert {name for text in code(runbook) for name in re.findall(r"\w+:newswire_\w+:\w+", text)} <= recorded


def test_lines_of_a_log_that_a_page_quotes_are_those_that_a_worker_writes(runbook):
    for quoted in quoted_lines(" ".join(runbook.split())):
        assert quoted in MESSAGES, quoted


def quoted_lines(text):
    """What is looked for in a log, and what stands in backticks and is a sentence and no command."""
    yield from re.findall(r'grep (?:-e )?"([^"]+)"', text)
    yield from re.findall(r' -e "([^"]+)"', text)
    for phrase in re.findall(r"`([a-z][a-z ',;]+ [a-z ',;]+[a-z])`", text, re.IGNORECASE):
        if phrase.split()[0] not in {"newswire", "make", "docker"} and len(phrase.split()) > 2:
            yield phrase


def test_make_targets_are_those_of_the_makefile(runbook):
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))

    assert {target for text in code(runbook) for target in re.findall(r"\bmake ([a-z-]+)", text)} <= targets
