from pathlib import Path

import pytest
from click.testing import CliRunner
from worker.broker.jars import locked_jars
from worker.cli.broker import command

README = Path(__file__).parents[3] / "README.md"


@pytest.mark.parametrize("given", ["log.retention.ms", "=5"])
def test_a_property_without_name_or_value_is_a_usage_error(given):
    result = CliRunner().invoke(command, ["--property", given])
    assert result.exit_code == 2
    assert "is not NAME=VALUE" in result.output


def test_a_fresh_start_needs_a_folder_that_is_kept():
    result = CliRunner().invoke(command, ["--fresh"])
    assert result.exit_code == 2
    assert "--fresh needs --data-dir" in result.output


def test_ports_that_do_not_exist_are_a_usage_error():
    result = CliRunner().invoke(command, ["--nodes", "3", "--port", "65534"])
    assert result.exit_code == 2
    assert "3 nodes from 65534 on would need ports above 65535" in result.output


def test_the_download_is_as_large_as_help_and_readme_say():
    size = f"about {sum(jar.size for jar in locked_jars()) / 1e6:.0f} MB"
    assert size in CliRunner().invoke(command, ["--help"]).output
    assert size in README.read_text(encoding="utf-8")
