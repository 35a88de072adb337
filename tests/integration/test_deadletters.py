"""`newswire deadletters` against a live Kafka: from a burst of poison to an empty list, and crashes on the way."""

import random
import signal
from collections import Counter, defaultdict

import pytest
from confluent_kafka import TopicPartition
from tests.wait import until
from worker.broker.probe import free_ports
from worker.deadletter import ATTEMPT, FIRST
from worker.deadletters.plan import MAX_ATTEMPTS

from .clerk import Clerk
from .deployment import Raw
from .poison import document

pytestmark = pytest.mark.broker

STRICT = {"NEWSWIRE_NORMALIZE__MAX_HEADLINE_CHARS": "100"}
"""Settings of a worker to which long headlines are too large."""
NARROW = {
    "NEWSWIRE_TOPICS__RAW_MAX_MESSAGE_BYTES": "900000",
    "NEWSWIRE_TOPICS__DEADLETTER_MAX_MESSAGE_BYTES": "1000000",
}
"""Settings of a worker whose topics are declared smaller than they are: a raw record may fit no dead letter."""
GOOD = 40
LONG = 30
KILLED_S = 60


@pytest.fixture(autouse=True)
def _logging_untouched(monkeypatch):
    monkeypatch.setattr("worker.cli.options.configure_logs", lambda _: None)


@pytest.fixture
def clerk(deployment):
    return Clerk(deployment)


def long_headline(newsroom, number):
    return "; ".join(newsroom.headline(3 * number + part) for part in range(3))


def long_event(newsroom, number):
    return newsroom.event(number, headline=long_headline(newsroom, number))


@pytest.fixture
def burst(newsroom):
    """Long headlines, four without a source, a typing error, and noise that fits no dead letter."""
    noise = random.Random(1).randbytes(1_040_000)
    return [
        *(Raw(long_event(newsroom, n), b"long-%d" % n, (("trace", b"%d" % n),)) for n in range(LONG)),
        *[Raw(document(source=None), b"feed-a")] * 4,
        Raw(b'{"id": "1", "source": "wire", "headline": Rain}', b"feed-b"),
        Raw(noise, b"noise", (("trace", b"noise"),)),
    ]


def test_from_a_burst_of_poison_to_an_empty_list(deployment, clerk, newsroom, burst, tmp_path):
    deployment.feed([newsroom.event(10_000 + n) for n in range(GOOD)])
    positions = deployment.feed(burst, partition=lambda n: n % 6)
    strict = deployment.start(**STRICT, **NARROW)
    deployment.wait_until_accounted(GOOD + len(burst))
    deployment.wait_until_committed()
    before = strict.outcomes()
    assert before == {"routed": GOOD, "dead_letter": len(burst)}
    strict.stop()
    worker = deployment.start()

    addresses = see_what_is_there(clerk, newsroom, positions)
    redrive_what_would_pass(clerk, burst, positions)
    mend_one_by_hand_and_one_whose_record_is_in_the_raw_topic(clerk, newsroom, addresses, tmp_path)
    assert "4 dead letters discarded" in clerk(
        "discard", "--reason", "schema", "--note", "feed A is shut", "--yes"
    )

    assert clerk.lines("list") == []
    assert clerk("redrive") == "no dead letters are chosen\n"
    states = {row["name"]: row["count"] for row in clerk.lines("stats", "--by", "state")}
    assert states == {"redriven": LONG + 2, "discarded": 4}
    # Each redriven record is a position of its own, with one outcome.
    deployment.wait_until_committed()
    after = worker.outcomes()
    assert after == {"routed": LONG + 2}
    assert sum(before.values()) + sum(after.values()) == sum(deployment.raw_ends().values())
    assert worker.metrics()["newswire_redriven_records_total", "routed"] == LONG + 2
    outputs = deployment.read()
    assert len(outputs) == len({output.position for output in outputs}) == sum(deployment.raw_ends().values())
    history_of_one_that_dies_again_and_again(deployment, clerk, letters=len(burst))
    a_record_that_is_gone_is_told(deployment, clerk, addresses["noise"])
    deployment.wait_until_committed()
    assert worker.metrics()["newswire_redriven_records_total", "dead_letter"] == MAX_ATTEMPTS


def see_what_is_there(clerk, newsroom, positions):
    """List, count and show; the addresses of the letters by their keys."""
    listed = clerk.lines("list")
    assert {(each["source"]["partition"], each["source"]["offset"]) for each in listed} == set(positions)
    assert Counter(each["reason"] for each in listed) == {"too_large": LONG + 1, "schema": 4, "not_json": 1}
    assert clerk("list", "--key", "feed-b").splitlines()[1].split()[2:4] == ["open", "not_json"]
    assert clerk("list", "--reason", "schema", "--limit", "3").endswith("\n3 dead letters\n")
    assert clerk("list", "--until", "1h").endswith("\n0 dead letters\n")
    counts = {(row["by"], row["name"]): row["count"] for row in clerk.lines("stats", "--since", "1h")}
    assert counts["fault", "schema source"] == 4
    assert counts["state", "open"] == len(positions)

    by_source = {(each["source"]["partition"], each["source"]["offset"]): each["address"] for each in listed}
    long, broken, noise = (by_source[positions[index]] for index in (0, -2, -1))
    addresses = {"long-0": long, "feed-b": broken, "noise": noise}
    shown = clerk("show", addresses["feed-b"])
    assert "not_json: unexpected character" in shown
    assert "^^ here" in shown
    assert "now: would fail again, not_json" in shown
    shown = clerk.object("show", addresses["long-0"])
    assert shown["now"]["headline"] == long_headline(newsroom, 0)
    assert (shown["key"], shown["headers"]) == ("long-0", [["trace", "0"]])
    shown = clerk.object("show", addresses["noise"])
    assert (shown["omitted"], shown["key"], shown["headers"]) == (True, "noise", [["trace", "noise"]])
    return addresses


def redrive_what_would_pass(clerk, burst, positions):
    """See what would pass; send five of them, then the rest."""
    plan = clerk.object("redrive", "--dry-run")
    assert (plan["chosen"], plan["to_send"], plan["sent"]) == (len(burst), LONG, None)
    assert {(group["why"], group["cause"]): group["count"] for group in plan["not_sent"]} == {
        ("still fails", "schema source"): 4,
        ("still fails", "not_json"): 1,
        ("still fails", "too_large"): 1,
    }
    assert clerk.redriven() == []
    picked = clerk("redrive", "--sample", "5", "--seed", "7")
    assert picked.startswith("5 dead letters redriven")
    assert "--seed 7" in picked
    assert clerk("redrive", "--rate", "1000").startswith(f"{LONG - 5} dead letters redriven")
    assert clerk("redrive").startswith("nothing to send")

    sent = {record.key(): record for record in clerk.redriven()}
    assert sent.keys() == {raw.key for raw in burst[:LONG]}
    targets = {
        (each["source"]["partition"], each["source"]["offset"]): each["target"]
        for each in clerk.statuses().values()
    }
    for raw, position in zip(burst[:LONG], positions, strict=False):
        record = sent[raw.key]
        assert record.value() == raw.value
        headers = dict(record.headers())
        assert headers["trace"] == raw.headers[0][1]
        assert headers[ATTEMPT] == b"1"
        assert [int(headers[name]) for name in FIRST[1:3]] == list(position)
        target = targets[position]
        assert (target["partition"], target["offset"]) == (record.partition(), record.offset())


def mend_one_by_hand_and_one_whose_record_is_in_the_raw_topic(clerk, newsroom, addresses, tmp_path):
    file = tmp_path / "mended.json"
    given = ("--value-file", str(file))
    file.write_bytes(b"{}")
    assert "more are chosen" in clerk("redrive", *given, code=2)
    assert "still fails: schema id" in clerk("redrive", "--offsets", addresses["feed-b"], *given, code=2)
    for number, key in enumerate(("feed-b", "noise"), 20_000):
        file.write_bytes(newsroom.event(number))
        assert "1 dead letter redriven" in clerk("redrive", "--offsets", addresses[key], *given)
    assert "none is chosen" in clerk("redrive", "--offsets", addresses["noise"], *given, code=2)

    sent = {record.key(): record for record in clerk.redriven()}
    assert sent[b"feed-b"].value() == newsroom.event(20_000)
    assert sent[b"noise"].value() == newsroom.event(20_001)
    assert dict(sent[b"noise"].headers())["trace"] == b"noise"
    assert sum(status.get("mended", False) for status in clerk.statuses().values()) == 2


def history_of_one_that_dies_again_and_again(deployment, clerk, letters):
    """Sent again as it is, it dies again; after so many times only force sends it."""
    [(partition, offset)] = deployment.feed([Raw(b"no JSON", b"again")])
    clerk.wait_for_letters(letters + 1)
    for attempt in range(1, MAX_ATTEMPTS):
        assert "1 dead letter redriven" in clerk("redrive", "--key", "again", "--even-failing")
        clerk.wait_for_letters(letters + 1 + attempt)
    refused = clerk("redrive", "--key", "again", "--even-failing")
    assert f"it died {MAX_ATTEMPTS} times; --force sends it" in refused
    assert "1 dead letter redriven" in clerk("redrive", "--key", "again", "--even-failing", "--force")
    clerk.wait_for_letters(letters + 1 + MAX_ATTEMPTS)

    (last,) = clerk.lines("list")
    history = clerk.object("show", last["address"])["history"]
    assert [death["attempt"] for death in history] == [1, 2, 3, 4]
    assert [death["state"] for death in history] == ["redriven"] * MAX_ATTEMPTS + ["open"]
    for death in history[1:]:
        assert (death["first"]["partition"], death["first"]["offset"]) == (partition, offset)


def a_record_that_is_gone_is_told(deployment, clerk, address):
    ends = [TopicPartition(deployment.raw, *end) for end in deployment.raw_ends().items()]
    for gone in deployment.cluster.delete_records(ends).values():
        gone.result(KILLED_S)
    assert "gone from the raw topic; it cannot be redriven as it was" in clerk("show", address)
    assert "gone from the raw topic" in clerk("show", address, "--value", code=2)


LETTERS = 1_200
CHUNK = 500
DIES_BEFORE_ITS_SECOND_MARK = """
import os, signal, sys
from worker.cli import main
from worker.deadletters.redrive import Round

mark, marks = Round._mark, []

async def dying(self, done):
    marks.append(len(done))
    if len(marks) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    await mark(self, done)

Round._mark = dying
main()
"""


def test_crashes_and_two_operators_at_once_make_duplicates_and_no_second_event(deployment, clerk, newsroom):
    values = [long_event(newsroom, n) for n in range(LETTERS)]
    clerk.bury(values)
    crashed = clerk.start("redrive", program=("-c", DIES_BEFORE_ITS_SECOND_MARK))
    assert crashed.wait(KILLED_S) == -signal.SIGKILL
    assert (len(clerk.redriven()), clerk.marked()) == (2 * CHUNK, CHUNK)

    # Two at once, of whom one is killed somewhere on its way.
    others = [clerk.start("redrive", "--rate", "300") for _ in range(2)]
    until(lambda: clerk.marked() > CHUNK + 100, "both are on their way")
    others[0].kill()
    said, _ = others[1].communicate(timeout=KILLED_S)
    assert others[1].returncode == 0
    assert others[0].wait() == -signal.SIGKILL
    assert b"dead letters redriven" in said
    clerk("redrive")
    assert clerk.lines("list") == []
    assert len(clerk.statuses()) == LETTERS
    copies = Counter(record.value() for record in clerk.redriven())
    assert copies.keys() == set(values)
    repeated = sum(copies.values()) - LETTERS
    assert repeated >= CHUNK

    worker = deployment.start()
    deployment.wait_until_committed()
    events = defaultdict(list)
    for output in deployment.read():
        if output.outcome != "dead_letter":
            events[output.event["id"]].append(output.event["verdict"])
    assert len(events) == LETTERS
    for verdicts in events.values():
        assert sum(verdict != "duplicate" for verdict in verdicts) == 1
    assert worker.outcomes() == {"routed": LETTERS, "duplicate": repeated}
    redriven = {name[1]: count for name, count in worker.metrics().items() if "redriven" in name[0]}
    assert redriven == {"routed": LETTERS, "duplicate": repeated, "dead_letter": 0}


def test_an_interrupt_ends_behind_a_chunk_and_the_next_redrive_goes_on(clerk, newsroom):
    clerk.bury([long_event(newsroom, n) for n in range(60)])
    slow = clerk.start("redrive", "--rate", "20")
    until(lambda: clerk.marked() >= 5, "some are marked")
    slow.send_signal(signal.SIGINT)
    said, told = slow.communicate(timeout=KILLED_S)
    assert (slow.returncode, b"interrupted: " in said, b"stopping" in told) == (130, True, True)
    assert len(clerk.redriven()) == clerk.marked() < 60
    clerk("redrive")
    assert len(clerk.redriven()) == clerk.marked() == 60


def test_what_is_not_there_is_told_by_its_exit_code(clerk, names):
    nowhere = f"{names}nowhere"
    assert f"no topic {nowhere} at" in clerk("list", "--set", f"topics.deadletter_status={nowhere}", code=3)
    assert "no dead letter 17 in" in clerk("show", "17", code=2)
    nowhere = f"127.0.0.1:{free_ports(1)[0]}"
    away = ("--bootstrap-servers", nowhere, "--set", "kafka.connect_patience_s=0")
    assert nowhere in clerk("stats", *away, code=4)
