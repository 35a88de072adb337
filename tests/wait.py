"""How tests wait: for a condition, with a deadline. None of them sleeps and hopes."""

import time

DEADLINE_S = 90
POLL_S = 0.05


def until(condition, what, deadline_s=DEADLINE_S, poll_s=POLL_S):
    """Wait until `condition()` is true, and return what it gave."""
    deadline = time.monotonic() + deadline_s
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {deadline_s} s: {what}"
        time.sleep(poll_s)
    return found
