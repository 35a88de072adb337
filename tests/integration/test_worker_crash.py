"""Promises 2 and 3 when a worker is killed: nothing lost, no group swallowed, and what comes twice is the same."""

from collections import defaultdict

import pytest

from .deployment import disordered, said_once_or_the_same

HEADLINES = 20_000
GROUPS = 2_000


@pytest.fixture
def groups(newsroom):
    """Values of raw records by group: one feed's headline and, for some, two copies of others far behind it."""
    values = [(number, newsroom.event(number)) for number in range(HEADLINES - 2 * GROUPS)]
    for number in range(GROUPS):
        values.insert(7 * number + 900, (number, newsroom.copy(number)))
        values.append((number, newsroom.event(number, id=f"third-{number}")))
    return values


def test_a_worker_killed_in_the_middle_of_20_000_headlines_loses_none_and_swallows_no_group(
    deployment, groups
):
    positions = deployment.feed([value for _, value in groups])
    # The group waits for a member that was killed until its session is over.
    small = {
        "NEWSWIRE_WORKER__BATCH_RECORDS": "200",
        "NEWSWIRE_KAFKA__SESSION_TIMEOUT_S": "3",
        "NEWSWIRE_KAFKA__HEARTBEAT_INTERVAL_S": "0.5",
    }
    for middle in (2_000, 8_000):
        killed = deployment.start(working=False, **small)
        deployment.wait_until_count(middle)
        killed.kill().wait()
    came_out = len({output.position for output in deployment.read()})
    assert came_out < HEADLINES, "it was to be killed in the middle"
    deployment.start(**small)
    outputs = deployment.wait_until_accounted(HEADLINES)
    deployment.wait_until_committed()

    outputs = deployment.read()
    by_position = said_once_or_the_same(outputs)
    assert by_position.keys() == set(positions)
    assert len(outputs) > HEADLINES, "a kill leaves copies; without them the test shows nothing"
    assert disordered(outputs) == []
    verdicts = defaultdict(list)
    for (number, _), position in zip(groups, positions, strict=True):
        verdicts[number].append(by_position[position].verdict[0])
    assert not [number for number, said in verdicts.items() if set(said) == {"duplicate"}]
    assert sum(said.count("duplicate") for said in verdicts.values()) == 2 * GROUPS
