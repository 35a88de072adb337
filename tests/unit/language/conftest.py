"""The headlines of `headlines.txt`, by language."""

from pathlib import Path

import pytest

LISTED = Path(__file__).with_name("headlines.txt")
LONGEST_TAG = 3


@pytest.fixture(scope="session")
def listed() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    language = ""
    for line in LISTED.read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if len(line) <= LONGEST_TAG:
            language = line
        else:
            found.setdefault(language, []).append(line)
    return found
