"""`newswire train`: topic model and matcher from label files of a user's own.

    topics      the topic model: cross-validated, written, beside the one that is used so far
    matcher     the matcher, in the same way
    confusion   which label was taken for which
    picture     a confusion table and a curve as SVG

Needs the packages of the extra `newswire[train]`; `require` says so where they are missing, and
`require_writable` where there is no place for what comes out. Nothing here is needed by
the worker.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from worker.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def require(packages: Iterable[str]) -> None:
    """See that the extra is there.

    Args:
        packages: the modules that will be imported.

    Raises:
        UsageError: one of them is not.
    """
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"training needs {', '.join(missing)}, which newswire alone does not: pip install 'newswire[train]'"
        )


def require_writable(path: Path, option: str) -> None:
    """See that a file can be written, before the minutes that go by until it is. Leaves what is there as it is.

    Args:
        path: where it will go.
        option: which names it.

    Raises:
        UsageError: it cannot.
    """
    was_there = path.exists()
    try:
        path.open("ab").close()
        if not was_there:
            path.unlink()
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); name another {option}") from error
