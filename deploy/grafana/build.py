"""Write the dashboards' JSON: python deploy/grafana/build.py. Where and what: see README.md beside this file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from boards import news, overview, worker

TARGET: Final = Path(__file__).parent / "dashboards"
BOARDS: Final = {"overview": overview.board, "worker": worker.board, "news": news.board}


def dashboards() -> dict[str, str]:
    """The JSON of each dashboard, by the name of its file."""
    return {
        f"{name}.json": json.dumps(make(), cls=JSONEncoder, indent=2) + "\n" for name, make in BOARDS.items()
    }


def main() -> None:
    """Write them all."""
    TARGET.mkdir(exist_ok=True)
    for name, text in dashboards().items():
        (TARGET / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
