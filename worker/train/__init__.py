"""`newswire train`: topic model and matcher from label files of a user's own.

    topics      the topic model: cross-validated, written, beside the one that is used so far
    matcher     the matcher, in the same way
    confusion   which label was taken for which
    picture     a confusion table and a curve as SVG

Needs the packages of the extra `newswire[train]`; `require` says so where they are missing. Nothing here is needed by
the worker.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from worker.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable


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
