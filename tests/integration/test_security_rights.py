"""With access rights on, the README's list is enough for every command, and one right less is named."""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import pytest
from confluent_kafka import Producer

from .deployment import said_once_or_the_same
from .guarded import rights_by_command
from .secured import client_of

pytestmark = pytest.mark.broker

RIGHTS = rights_by_command()
END_S = 60


def test_the_readme_lists_rights_for_every_command_that_asks_kafka():
    assert RIGHTS.keys() == {
        "worker",
        "replay",
        "tail",
        "deadletters list",
        "deadletters stats",
        "deadletters show",
        "deadletters redrive --dry-run",
        "deadletters redrive",
        "deadletters discard",
        "status",
        "topics plan",
        "topics check",
        "topics apply",
    }


@pytest.fixture(params=["password", "certificate"])
def users(request, guarded):
    """The settings of a user for each command, with the rights that the README lists and none besides."""
    if request.param == "password":
        return {
            command: guarded.user(command.replace(" ", "-"), rights) for command, rights in RIGHTS.items()
        }
    return {
        command: guarded.owner(command.replace(" ", "-"), rights, password="of the key")
        for command, rights in RIGHTS.items()
    }


def test_every_command_works_with_the_rights_that_the_readme_lists(guarded, users, newsroom, tmp_path):
    def run(command, *arguments):
        done = guarded.newswire(*command.split(), *arguments, **users[command])
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout

    run("topics apply")
    run("topics plan")
    run("topics check")
    guarded.without("news.sport", "headlines.duplicates")
    run("topics apply")
    worker = guarded.start(**users["worker"])
    feed = tmp_path / "feed.jsonl"
    events = [newsroom.event(number) for number in range(40)] + [
        newsroom.copy(number) for number in range(10)
    ]
    feed.write_bytes(b"\n".join([*events, b'{"id": "no headline"}']))
    run("replay", str(feed))
    guarded.feed([b"no JSON"])
    guarded.wait_until_accounted(51)
    assert worker.outcomes() == {"routed": 40, "duplicate": 10, "dead_letter": 1}
    assert len(run("tail", "--from-beginning", "--no-follow", "--json").splitlines()) == 40
    others = ("duplicates", "deadletter")
    assert len(run("tail", *others, "--from-beginning", "--no-follow", "--json").splitlines()) == 11
    assert json.loads(run("deadletters list", "--json"))["reason"] == "not_json"
    assert "1 dead letter\n" in run("deadletters stats")
    assert "now: would fail again" in run("deadletters show", "0")
    assert run("deadletters redrive --dry-run").startswith("would send 0 of 1 dead letter")
    assert run("deadletters redrive", "--even-failing").startswith("1 dead letter redriven")
    guarded.wait_until_accounted(52)
    assert run("deadletters discard", "--note", "no JSON", "--yes") == "1 dead letter discarded\n"
    assert worker.outcomes() == {"routed": 40, "duplicate": 10, "dead_letter": 2}
    assert json.loads(run("status", "--json"))["kafka"]["lag"] == 0
    top = guarded.newswire(
        "top", "--once", "--interval", "0.2", "--url", f"http://127.0.0.1:{worker.port}/metrics"
    )
    assert top.returncode == 0
    worker.stop()
    guarded.wait_until_committed()


def lacking_one(command):
    """Each right of a command that can be left out, with those that are left then."""
    rights = RIGHTS[command]
    return [(right, [each for each in rights if each != right]) for right in rights]


def denied(text):
    """What an error says is missing, and all it says is missing: operations, kind of resource and names."""
    found = re.search(r"does not allow the user \S+: ([\w ]+) on (topic|group) ([^;]+); grant it", text)
    assert found, text
    return found[1], found[2], found[3].split(", ")


def assert_denied(guarded, right, text):
    operations, resource, names = denied(text)
    operation, kind, name = guarded.own(right)
    assert (operations, resource) == (operation, kind), text
    assert all(
        found.startswith(name.rstrip("*")) if name.endswith("*") else found == name for found in names
    ), text


@pytest.mark.parametrize(
    "command",
    [
        "replay",
        "tail",
        "deadletters list",
        "deadletters redrive",
        "status",
        "topics plan",
        "topics check",
    ],
)
def test_a_command_that_lacks_one_right_names_it(guarded, command):
    assert guarded.newswire("topics", "apply").returncode == 0
    shown = ["duplicates", "deadletter", "sport"] if command == "tail" else []

    def run(number, left):
        user = guarded.user(f"{number}", left)
        return guarded.newswire(*command.split(), *shown, **user)

    cases = lacking_one(command)
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(run, range(len(cases)), [left for _, left in cases]))
    for (right, _), done in zip(cases, runs, strict=True):
        assert done.returncode == (4 if command == "status" else 1), (right, done.stdout, done.stderr)
        assert_denied(guarded, right, done.stdout + done.stderr)
    assert sum(guarded.raw_ends().values()) == 0


def test_topics_apply_that_lacks_one_right_names_it(guarded):
    for number, (right, left) in enumerate(lacking_one("topics apply")):
        assert guarded.newswire("topics", "apply").returncode == 0
        # What is there needs to be altered, and what is not to be created.
        guarded.without("news.sport", "headlines.duplicates")
        done = guarded.newswire("topics", "apply", **guarded.user(f"{number}", left))
        assert done.returncode == 1, (right, done.stdout, done.stderr)
        assert_denied(guarded, right, done.stderr)


def batched(items, size=2):
    """So many items at a time: there are two cores at least."""
    items = iter(items)
    return iter(lambda: list(islice(items, size)), [])


def test_a_worker_that_lacks_one_right_names_it_and_commits_nothing(guarded, newsroom):
    assert guarded.newswire("topics", "apply").returncode == 0
    guarded.feed([newsroom.event(number) for number in range(20)])
    cases = lacking_one("worker")
    users = [guarded.user(f"{number}", left) for number, (_, left) in enumerate(cases)]
    for pair in batched(zip(cases, users, strict=True)):
        workers = [guarded.start(working=False, **user) for _, user in pair]
        for ((right, _), _), worker in zip(pair, workers, strict=True):
            assert worker.wait(END_S) == 1, (right, worker.log)
            assert_denied(guarded, right, worker.log[-1]["event"])
    assert guarded.committed() == {}
    assert guarded.count() == 0


BUSY = [
    ("Read", "topic", "headlines.raw"),
    ("Read", "topic", "headlines.fingerprints"),
    ("Write", "topic", "headlines.fingerprints"),
    ("Write", "topic", "news.*"),
    ("Write", "topic", "headlines.duplicates"),
    ("Write", "topic", "headlines.deadletter"),
    ("Read", "group", "newswire"),
    ("Read", "group", "newswire.progress"),
]
IDLE = [BUSY[0], BUSY[3], BUSY[6]]


@pytest.mark.parametrize(
    ("right", "busy"),
    [
        *(pytest.param(right, True, id=f"busy {' '.join(right)}") for right in BUSY),
        *(pytest.param(right, False, id=f"idle {' '.join(right)}") for right in IDLE),
    ],
)
def test_a_right_that_is_withdrawn_ends_the_worker_with_its_name_and_loses_nothing(
    guarded, newsroom, right, busy
):
    assert guarded.newswire("topics", "apply").returncode == 0
    user = guarded.user("worker", RIGHTS["worker"])
    worker = guarded.start(**user)
    positions = guarded.feed([newsroom.event(number) for number in range(300)])
    guarded.wait_until_accounted(300)

    guarded.kafka.withdraw(user["NEWSWIRE_KAFKA__SASL_USERNAME"], guarded.own(right))
    if busy:
        events = [newsroom.event(number) for number in range(300, 600)]
        copies = [newsroom.copy(number) for number in range(300, 350)]
        positions += guarded.feed([*events, *copies, *[b"no JSON"] * 10])
    assert worker.wait(END_S) == 1
    assert_denied(guarded, right, worker.log[-1]["event"])
    done = {output.position for output in guarded.read()}
    for partition, committed in guarded.committed().items():
        missing = {(partition, offset) for offset in range(committed)} - done
        assert not missing, f"committed over {missing}"

    guarded.may("worker", RIGHTS["worker"])
    guarded.start(**user)
    outputs = guarded.wait_until_accounted(len(positions))
    assert said_once_or_the_same(outputs).keys() == set(positions)


def test_a_tail_that_follows_ends_when_its_right_is_withdrawn(guarded):
    assert guarded.newswire("topics", "apply").returncode == 0
    right = ("Read", "topic", "headlines.duplicates")
    settings = guarded.user("tail", [right])
    producer = Producer(client_of(guarded.admin))
    producer.produce(guarded.own(right)[2], b"{}")
    assert producer.flush(END_S) == 0
    with subprocess.Popen(
        [sys.executable, "-m", "worker", "tail", "duplicates", "--from-beginning", "--json"],
        env={**os.environ, **guarded.environment, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as tail:
        try:
            assert tail.stdout.readline() == "{}\n"
            guarded.kafka.withdraw(settings["NEWSWIRE_KAFKA__SASL_USERNAME"], guarded.own(right))
            _, said = tail.communicate(timeout=END_S)
        finally:
            tail.kill()
    assert tail.returncode == 1, said
    assert_denied(guarded, right, said)
    assert "Traceback" not in said
