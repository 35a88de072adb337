"""What travels between the worker and its helper keeps its sense."""

from hypothesis import given
from hypothesis import strategies as st
from worker.events import Kind, Verdict
from worker.stages.messages import Decided

VERDICTS = [
    Verdict(Kind.ORIGINAL, "new"),
    Verdict(Kind.DUPLICATE, "exact", "ab" * 16, 1.0),
    Verdict(Kind.ORIGINAL, "late"),
]


@given(st.lists(st.sampled_from(VERDICTS)))
def test_verdicts_come_back_in_order_and_each_is_sent_once(verdicts):
    decided = Decided.of(verdicts)

    assert decided.each() == verdicts
    assert len(decided.verdicts) == len({id(verdict) for verdict in verdicts})
