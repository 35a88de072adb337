"""The way of a batch: every record gets one output, and the batch is done once all of them are confirmed."""

import asyncio
import gc
import json
from collections import Counter
from types import SimpleNamespace

import jsonschema_rs
import pytest
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st
from worker.deadletter import FIRST_OFFSET
from worker.deduplicate.match import MATCHER
from worker.events import Kind, Reason, Verdict
from worker.kafka.records import RecordBatch
from worker.mediatopics import SLUGS, STREAMS
from worker.metrics import Metrics
from worker.normalize import DEFAULT
from worker.normalize.schema import load
from worker.normalize.timestamp import LAST_MS
from worker.outbox import Outgoing
from worker.pipeline import DeadLetters, Pipeline, Work
from worker.route.envelope import Labels
from worker.route.router import Router
from worker.route.rules import Rule, RuledRouter, Rules
from worker.stages.here import Here
from worker.stages.stages import Destinations, Policy, Stages, partition_of

NEW = Verdict(Kind.ORIGINAL, "new")
PARTITIONS = {f"news.{slug}": 3 for slug in STREAMS} | {"duplicates": 2, "dead": 1}
ROUTER = RuledRouter.load()
DEAD_LETTER = jsonschema_rs.Draft202012Validator(load("deadletter.headers"))


def record(offset, value, key=b"k", headers=(), timestamp=1_700_000_000_000):
    return SimpleNamespace(offset=offset, timestamp=timestamp, key=key, value=value, headers=list(headers))


def good(offset, headline="Striker scores twice in the cup final", source="Wire", **kafka):
    event = {"id": f"e-{offset}", "source": source, "headline": headline}
    return record(offset, json.dumps(event).encode(), **kafka)


def bad(offset, value=b"not json"):
    return record(offset, value, b"key", [("trace", b"7")])


def decoded(record):
    """A record as a consumer reads it."""
    (read,) = MemoryRecords(bytes(RecordBatch([record])._build())).next_batch()
    return Outgoing(read.key, read.value, read.headers)


class Outbox:
    """Takes everything, and confirms it when told."""

    def __init__(self):
        self.sent = []
        self.unconfirmed = []

    def put(self, topic, partition, records, receipt):
        receipt.expect()
        self.unconfirmed.append(receipt)
        self.sent += [(topic, partition, one) for one in records]

    def put_encoded(self, topic, partition, records, receipt):
        self.put(topic, partition, [decoded(record) for record in records], receipt)

    def confirm(self, count=None):
        for receipt in self.unconfirmed[:count]:
            receipt.confirm()
        del self.unconfirmed[:count]

    def topics(self):
        return Counter(topic for topic, _, _ in self.sent)


class Agreement:
    """Says of the records at some offsets that they are duplicates of one that nobody knows."""

    def __init__(self, duplicates=()):
        self.duplicates = set(duplicates)
        self.topics = {}  # by offset what the log says of a headline's
        self.asked = []

    async def submit(self, batches):
        self.asked += batches
        return [self.answered(batch) for batch in batches]

    def answered(self, batch):
        answer = asyncio.get_running_loop().create_future()
        answer.set_result(
            [
                Verdict(Kind.DUPLICATE, "same", "ab" * 16, 0.9)
                if offset in self.duplicates
                else Verdict(Kind.ORIGINAL, "new", topics=self.topics[offset])
                if offset in self.topics
                else NEW
                for offset in batch.offsets
            ]
        )
        return answer


class World:
    """A pipeline between an outbox and an agreement that a test holds in its hands."""

    def __init__(self, duplicates=(), *, mark=False, owned=True):
        self.outbox, self.metrics, self.agreement = Outbox(), Metrics(), Agreement(duplicates)
        self.finished = []
        self.slots = 0
        self.owned = owned
        self.stages = Stages(
            policy=Policy(DEFAULT, threshold=0.6, also_threshold=0.45, mark_duplicates=mark),
            destinations=Destinations("news.", "duplicates", PARTITIONS),
            router=ROUTER,
            labels=Labels("dedup-1", ROUTER.model, ROUTER.deep),
            matcher=MATCHER,
        )
        self.pipeline = Pipeline(
            stages=Here(self.stages),
            agreement=self.agreement,
            outbox=self.outbox,
            dead_letters=DeadLetters("dead", 2_000_000, self.outbox),
            mark_duplicates=mark,
            metrics=self.metrics,
            on_done=self.free_slot,
        )

    def free_slot(self):
        self.slots += 1

    def batch(self, *records, partition=4, owned=None):
        def done():
            self.finished.append(partition)
            return self.owned if owned is None else owned

        class Batch(SimpleNamespace):
            def __len__(self):
                return len(records)

        return Batch(topic="raw", partition=partition, records=records, done=done)

    async def runs(self, *records):
        await self.runs_batches(self.batch(*records))

    async def passes(self, work):
        work = await self.pipeline.deduplicate(work)
        await self.pipeline.send(await self.pipeline.route(work))

    async def runs_batches(self, *batches):
        await self.passes(self.pipeline.normalize(batches))

    def counted(self, name, **labels):
        return self.metrics.registry.get_sample_value(name, labels)

    def outcomes(self):
        names = ("routed", "duplicate", "dead_letter", "skipped")
        return {name: self.counted("newswire_records_total", outcome=name) for name in names}


async def test_each_record_gets_one_output_where_it_belongs():
    world = World(duplicates={2})
    await world.runs(good(0), bad(1), good(2), good(5))

    assert world.outbox.topics() == {"news.sport": 2, "duplicates": 1, "dead": 1}


async def test_an_output_goes_to_the_partition_of_its_id_which_is_its_key():
    world = World(duplicates={1})
    await world.runs(*(good(offset) for offset in range(20)))

    for topic, partition, sent in world.outbox.sent:
        headline_id = json.loads(sent.value)["id"]
        assert sent.key == headline_id.encode()
        assert partition == partition_of(headline_id, PARTITIONS[topic]) < PARTITIONS[topic]
        assert dict(sent.headers)["ce_id"] == sent.key


async def test_a_dead_letter_is_the_record_as_it_came():
    world = World()
    await world.runs(bad(3, b"\xff"))
    ((topic, partition, sent),) = world.outbox.sent

    assert (topic, partition, sent.key, sent.value) == ("dead", 0, b"key", b"\xff")
    assert sent.headers[0] == ("trace", b"7")
    assert dict(sent.headers)["newswire.reason"] == b"not_utf8"
    assert (dict(sent.headers)["newswire.partition"], dict(sent.headers)["newswire.offset"]) == (b"4", b"3")


ABSURD = {
    "none": -1,
    "before 1970": -86_400_000,
    "the smallest": -(2**63),
    "after 2100": LAST_MS + 1,
    "microseconds": 1_795_000_000_000_000,
    "nanoseconds": 1_795_000_000_000_000_000,
    "the largest": 2**63 - 1,
}


@pytest.mark.parametrize("timestamp", ABSURD.values(), ids=ABSURD)
async def test_a_record_with_an_absurd_kafka_timestamp_is_a_dead_letter_before_the_log_hears_of_it(timestamp):
    world = World()
    await world.runs(good(0), good(1, timestamp=timestamp))
    world.outbox.confirm()

    assert world.agreement.asked[0].offsets == [0]
    (letter,) = (sent for topic, _, sent in world.outbox.sent if topic == "dead")
    cause = {name: text.decode() for name, text in letter.headers}
    DEAD_LETTER.validate(cause)
    assert cause["newswire.reason"] == Reason.TIMESTAMP
    assert cause["newswire.timestamp"] == str(timestamp)
    assert f"timestamp is {timestamp};" in cause["newswire.message"]
    assert world.outcomes() == {"routed": 1, "duplicate": 0, "dead_letter": 1, "skipped": 0}


async def test_an_absurd_kafka_timestamp_does_not_enter_the_latency():
    world = World()
    await world.runs(*(good(offset, timestamp=timestamp) for offset, timestamp in enumerate(ABSURD.values())))
    world.outbox.confirm()

    assert world.counted("newswire_end_to_end_seconds_count") == 0
    assert world.counted("newswire_end_to_end_seconds_sum") == 0


@pytest.mark.parametrize("timestamp", [0, LAST_MS])
async def test_the_first_and_the_last_kafka_timestamp_that_is_sane_is_routed(timestamp):
    world = World()
    await world.runs(good(0, timestamp=timestamp))
    ((_, _, sent),) = world.outbox.sent

    assert json.loads(sent.value)["ingested_at"] in {"1970-01-01T00:00:00.000Z", "2100-12-31T23:59:59.999Z"}


@given(st.integers(-(2**63), 2**63 - 1), st.booleans())
async def test_every_timestamp_that_kafka_can_hold_has_an_outcome(timestamp, is_duplicate):
    world = World(duplicates={0} if is_duplicate else ())
    await world.runs(good(0, timestamp=timestamp))
    world.outbox.confirm()

    assert len(world.outbox.sent) == sum(world.outcomes().values()) == 1


async def test_the_log_is_asked_about_what_may_become_a_headline_and_nothing_else():
    world = World()
    await world.runs(good(0), bad(1), good(7))
    (asked,) = world.agreement.asked

    assert (asked.topic, asked.partition, asked.offsets) == ("raw", 4, [0, 7])
    assert [headline.match for headline in asked.headlines] == ["striker scores twice in the cup final"] * 2
    assert asked.keys == [MATCHER.keys(headline.match) for headline in asked.headlines]


async def test_what_the_log_says_of_topics_goes_before_the_words_and_only_where_it_says_so():
    world = World(duplicates={1})
    shares = bytes(255 * (slug == "weather") for slug in SLUGS)
    world.agreement.topics = {2: shares}
    await world.runs(good(0), good(1), good(2), good(3))
    topics = [topic for topic, _, _ in world.outbox.sent]
    events = [json.loads(sent.value) for _, _, sent in world.outbox.sent]
    by_offset = {
        event["position"]["offset"]: (topic, event) for topic, event in zip(topics, events, strict=True)
    }

    assert by_offset[2][0] == "news.weather"
    assert by_offset[2][1]["model"] == ROUTER.deep
    assert by_offset[0][0] == by_offset[3][0] != "news.weather"
    assert by_offset[0][1]["model"] == by_offset[3][1]["model"] == ROUTER.model


async def test_a_batch_is_done_when_its_last_output_is_confirmed_and_not_before():
    world = World(duplicates={2})
    await world.runs(good(0), bad(1), good(2))
    assert not world.finished

    world.outbox.confirm(len(world.outbox.unconfirmed) - 1)
    assert not world.finished
    assert sum(world.outcomes().values()) == 0

    world.outbox.confirm()
    assert len(world.finished) == world.slots == 1
    assert world.outcomes() == {"routed": 1, "duplicate": 1, "dead_letter": 1, "skipped": 0}


async def test_what_an_editor_s_rule_decides_says_so_and_is_counted_once_it_is_confirmed():
    world = World(duplicates={2})
    rules = Rules(
        [Rule("boats", 1, "economy", needed=(("cup final",),)), Rule("never", 4, "arts", needed=(("x",),))]
    )
    world.stages._router = RuledRouter(Router.load(), rules)
    world.stages._labels = Labels("dedup-1", "topics-1.abc", "deep-1.def", rules.version)
    world.metrics.expect_topic_rules(["boats", "never"])
    await world.runs(good(0), good(1, headline="Snow closes roads"), good(2), bad(3))

    events = {
        event["position"]["offset"]: event
        for event in (json.loads(sent.value) for t, _, sent in world.outbox.sent if t != "dead")
    }
    assert (events[0]["topic"], events[0]["confidence"], events[0]["topic_rule"]) == ("economy", 1.0, "boats")
    assert "topic_rule" not in events[1]
    assert events[0]["topic_rules"] == events[1]["topic_rules"] == rules.version
    assert events[2]["verdict"] == "duplicate"
    assert "topic_rules" not in events[2]

    assert world.counted("newswire_route_rule_hits_total", rule="boats") == 0
    world.outbox.confirm()
    assert world.counted("newswire_route_rule_hits_total", rule="boats") == 1
    assert world.counted("newswire_route_rule_hits_total", rule="never") == 0
    assert world.counted("newswire_routed_total", topic="economy") == 1


async def test_words_are_counted_once_what_they_came_in_is_confirmed():
    world = World(duplicates={1})
    await world.runs(good(0, headline="Snow closes qqzzx"), good(1, headline="Snow closes roads"), bad(2))
    assert world.counted("newswire_route_words_total") == 0

    world.outbox.confirm()
    assert world.counted("newswire_route_words_total") == 3
    assert world.counted("newswire_route_unknown_words_total") == 1


async def test_batches_of_one_fetch_share_their_way_and_keep_their_positions():
    world = World(duplicates={2})
    await world.runs_batches(
        world.batch(good(0), bad(1), good(2), partition=4), world.batch(good(0), partition=1)
    )

    assert [(asked.partition, asked.offsets) for asked in world.agreement.asked] == [(4, [0, 2]), (1, [0])]
    events = [json.loads(sent.value) for topic, _, sent in world.outbox.sent if topic != "dead"]
    found = {
        (event["position"]["partition"], event["position"]["offset"], event["verdict"]) for event in events
    }
    assert found == {(4, 0, "original"), (4, 2, "duplicate"), (1, 0, "original")}

    world.outbox.confirm()
    assert (world.finished, world.slots) == ([4, 1], 1)
    assert world.outcomes() == {"routed": 2, "duplicate": 1, "dead_letter": 1, "skipped": 0}


async def test_what_a_redrive_sent_is_counted_beside_its_outcome():
    world = World(duplicates={2})
    again = [(FIRST_OFFSET, b"7"), ("trace", b"1")]
    await world.runs(
        good(0, headers=again),
        record(1, b"not json", headers=again),
        good(2, headers=again),
        good(3, headers=[("trace", b"1")]),
        bad(4),
    )
    assert world.counted("newswire_redriven_records_total", outcome="routed") == 0
    world.outbox.confirm()

    assert world.outcomes() == {"routed": 2, "duplicate": 1, "dead_letter": 2, "skipped": 0}
    for outcome in ("routed", "duplicate", "dead_letter"):
        assert world.counted("newswire_redriven_records_total", outcome=outcome) == 1


async def test_of_one_fetch_those_batches_count_whose_assignment_is_not_over():
    world = World()
    await world.runs_batches(world.batch(good(0), good(1)), world.batch(good(0), partition=1, owned=False))
    world.outbox.confirm()

    assert world.outcomes()["routed"] == world.counted("newswire_end_to_end_seconds_count") == 2


async def test_what_is_done_is_let_go_without_the_garbage_collector():
    world = World()
    gc.collect()
    gc.disable()
    try:
        await world.runs(good(0), bad(1))
        world.outbox.confirm()
        world.outbox.unconfirmed.clear()
        assert not [thing for thing in gc.get_objects() if type(thing) is Work]
    finally:
        gc.enable()


async def test_a_batch_whose_dead_letters_are_confirmed_early_waits_for_its_headlines():
    world = World()
    work = await world.pipeline.deduplicate(world.pipeline.normalize([world.batch(bad(0), good(1))]))
    world.outbox.confirm()
    assert not world.finished

    await world.pipeline.send(await world.pipeline.route(work))
    assert not world.finished

    world.outbox.confirm()
    assert len(world.finished) == 1


@pytest.mark.parametrize("records", [[bad(0), bad(1)], []], ids=["nothing good in it", "empty"])
async def test_a_batch_without_headlines_gets_done_too(records):
    world = World()
    await world.runs(*records)
    world.outbox.confirm()

    assert len(world.finished) == world.slots == 1
    assert world.outcomes()["dead_letter"] == len(records)


async def test_what_is_confirmed_after_the_assignment_is_over_counts_for_nobody_but_frees_its_slot():
    world = World(owned=False)
    await world.runs(good(0), bad(1))
    world.outbox.confirm()

    assert world.slots == 1
    assert sum(world.outcomes().values()) == 0
    assert world.counted("newswire_end_to_end_seconds_count") == 0


async def test_everything_is_counted_by_its_reason_verdict_and_stream():
    world = World(duplicates={1, 2})
    await world.runs(good(0), good(1), good(2), bad(3), bad(4, None))
    world.outbox.confirm()

    assert world.counted("newswire_dead_letters_total", reason=Reason.NOT_JSON) == 1
    assert world.counted("newswire_dead_letters_total", reason=Reason.NULL) == 1
    assert world.counted("newswire_verdicts_total", verdict="duplicate", reason="same") == 2
    assert world.counted("newswire_verdicts_total", verdict="original", reason="new") == 1
    assert world.counted("newswire_routed_total", topic="sport") == 1
    assert world.counted("newswire_end_to_end_seconds_count") == 5
    assert world.counted("newswire_batch_records_sum") == 5


async def test_headlines_count_by_their_source_once_they_are_done_whatever_becomes_of_them():
    world = World(duplicates={1})
    await world.runs(good(0), good(1), good(2, source="Agency"), bad(3))
    assert world.counted("newswire_source_headlines_total", source="Wire") is None

    world.outbox.confirm()
    assert world.counted("newswire_source_headlines_total", source="Wire") == 2
    assert world.counted("newswire_source_headlines_total", source="Agency") == 1


async def test_in_mode_mark_a_duplicate_is_routed_with_its_verdict():
    world = World(duplicates={1}, mark=True)
    await world.runs(good(0), good(1))
    world.outbox.confirm()

    assert world.outbox.topics() == {"news.sport": 2}
    assert json.loads(world.outbox.sent[1][2].value)["duplicate_of"] == "ab" * 16
    assert world.outcomes()["routed"] == 2


async def test_a_batch_that_skipped_de_duplication_is_not_routed():
    world = World()
    with pytest.raises(TypeError, match="de-duplicated before it is routed"):
        await world.pipeline.route(world.pipeline.normalize([world.batch(good(0))]))
    assert not world.finished


async def test_a_batch_that_skipped_routing_is_not_sent():
    world = World()
    work = await world.pipeline.deduplicate(world.pipeline.normalize([world.batch(good(0))]))
    with pytest.raises(TypeError, match="routed before it is sent"):
        await world.pipeline.send(work)
    assert not world.outbox.sent


async def test_the_same_batch_twice_gives_the_same_bytes_twice():
    records = [good(0), bad(1), good(2, "Flood closes the harbour road")]
    once, again = World(duplicates={2}), World(duplicates={2})
    await once.runs(*records)
    await again.runs(*records)

    assert once.outbox.sent == again.outbox.sent


@given(
    st.lists(st.none() | st.binary() | st.text().map(lambda text: good(0, text).value)),
    st.sets(st.integers(0, 9)),
)
async def test_no_bytes_get_lost(values, duplicates):
    world = World(duplicates)
    await world.runs(*(record(offset, value) for offset, value in enumerate(values)))
    world.outbox.confirm()

    assert len(world.outbox.sent) == len(values) == sum(world.outcomes().values())
    assert len(world.finished) == 1


@given(st.binary(min_size=16, max_size=16).map(bytes.hex), st.integers(1, 1000))
def test_a_partition_is_a_function_of_the_id_and_exists(headline_id, partitions):
    assert partition_of(headline_id, partitions) == int(headline_id[:8], 16) % partitions < partitions
