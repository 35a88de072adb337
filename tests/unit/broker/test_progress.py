import io

from rich.console import Console
from worker.broker.progress import download_progress


def shown(terminal, *arrived):
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=100, color_system=None)
    with download_progress("Apache Kafka", 4000, console) as show:
        for size in arrived:
            show(size)
    return out.getvalue()


def test_a_pipe_gets_one_line_for_each_quarter():
    lines = shown(False, 10, 1000, 1001, 1999, 4000).splitlines()
    assert lines[:-1] == ["Fetching Apache Kafka, 4.0 kB, this once", "  25%", "  100%"]
    assert lines[-1].startswith("Fetched Apache Kafka in ")


def test_a_terminal_gets_a_bar_with_sizes():
    assert "4.0/4.0 kB" in shown(True, 1000, 4000)
