"""De-duplication: the verdict on a headline is a function of one ordered log of fingerprints.

    writer   plan.Writer        a batch of headlines -> frames for the log
    replica  replica.Replica    the log's records -> verdicts by identity
    rule     rule               windows and bounds, and what a matcher is
    frame    frame              the frame as bytes

README.md in this folder describes the rule, the binary format, and why replicas agree. All of it is pure: the
caller appends the frames to Kafka, feeds the replica, and starts it at the right offset.
"""

from worker.deduplicate.memory import Past
from worker.deduplicate.plan import Batch, Plan, Writer
from worker.deduplicate.replica import Applied, Replica, Status
from worker.deduplicate.rule import Judgement, Matcher, Rule, start_time_ms

__all__ = [
    "Applied",
    "Batch",
    "Judgement",
    "Matcher",
    "Past",
    "Plan",
    "Replica",
    "Rule",
    "Status",
    "Writer",
    "start_time_ms",
]
