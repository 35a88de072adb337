import pytest
from click.testing import CliRunner
from worker.cli.broker import command


@pytest.mark.parametrize("given", ["log.retention.ms", "=5"])
def test_a_property_without_name_or_value_is_a_usage_error(given):
    result = CliRunner().invoke(command, ["--property", given])
    assert result.exit_code == 2
    assert "is not NAME=VALUE" in result.output


def test_a_fresh_start_needs_a_folder_that_is_kept():
    result = CliRunner().invoke(command, ["--fresh"])
    assert result.exit_code == 2
    assert "--fresh needs --data-dir" in result.output
