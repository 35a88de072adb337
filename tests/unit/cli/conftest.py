from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch):
    """Settings are read from the test alone, whatever the developer's shell holds."""
    for name in os.environ:
        if name.upper().startswith("NEWSWIRE_"):
            monkeypatch.delenv(name)
