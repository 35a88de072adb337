"""dedup.mode: what happens to a duplicate."""

from collections import Counter

import jsonschema_rs
import pytest
from worker.normalize.schema import load


@pytest.fixture
def out(deploy, newsroom):
    """Runs ten headlines and a copy of each through a worker of a mode; what comes out, and the deployment."""

    def run(mode):
        deployment = deploy(NEWSWIRE_DEDUP__MODE=mode).apply_topics()
        values = [newsroom.event(number) for number in range(10)] + [
            newsroom.copy(number) for number in range(10)
        ]
        deployment.feed(values, partition=0)
        worker = deployment.start()
        outputs = deployment.wait_until_accounted(20)
        deployment.wait_until_committed()
        assert worker.get("/readyz")[0] == 200
        validator = jsonschema_rs.Draft202012Validator(load("headline.routed"))
        for output in outputs:
            if output.outcome == "routed":
                validator.validate(output.event)
        return deployment, worker, outputs

    return run


def test_mark_routes_a_duplicate_too_and_says_of_which_it_is_one(out):
    _, worker, outputs = out("mark")
    assert worker.outcomes() == {"routed": 20}
    by_event = {output.event["event_id"]: output.event for output in outputs}
    for number in range(10):
        original, copy = by_event[f"n-{number}"], by_event[f"c-{number}"]
        assert original["verdict"] in {"original", "update"}
        assert (copy["verdict"], copy["duplicate_of"]) == ("duplicate", original["id"])
        assert copy["topic"] == original["topic"]


def test_off_routes_everything_and_writes_no_log(out):
    deployment, worker, outputs = out("off")
    assert worker.outcomes() == {"routed": 20}
    assert Counter(output.event["verdict"] for output in outputs) == {"original": 20}
    assert deployment.read_log() == []
