"""The README's way: topics, a worker, the seed headlines, and what a consumer then reads."""

from collections import Counter

import jsonschema_rs
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event
from worker.mediatopics import CODES
from worker.normalize.schema import load
from worker.stages.stages import partition_of


@pytest.fixture
def deployment(deploy):
    """A deployment whose topics are made as the README says."""
    made = deploy()
    applied = made.newswire("topics", "apply")
    assert applied.returncode == 0, applied.stderr
    return made


@pytest.fixture
def seeds(deployment):
    """What comes out of the seeds: originals and updates, duplicates, dead letters."""
    worker = deployment.start()
    replayed = deployment.newswire("replay")
    assert replayed.returncode == 0, replayed.stderr
    outputs = deployment.wait_until_accounted(62)
    deployment.wait_until_committed()
    assert worker.outcomes() == {"routed": 60, "duplicate": 2}
    return outputs


def valid(schema, output):
    jsonschema_rs.Draft202012Validator(load(schema)).validate(output.event)
    return True


def test_the_seeds_come_out_clean_routed_and_without_the_two_that_say_the_same(deployment, seeds):
    assert sum(deployment.raw_ends().values()) == 62
    assert Counter(output.outcome for output in seeds) == {"routed": 60, "duplicate": 2}
    assert len({output.position for output in seeds}) == 62

    routed = {output.event["id"]: output for output in seeds if output.outcome == "routed"}
    duplicates = [output for output in seeds if output.outcome == "duplicate"]
    pairs = {
        frozenset((routed[d.event["duplicate_of"]].event["headline"], d.event["headline"]))
        for d in duplicates
    }
    russia, semenyo = sorted(pairs, key=lambda pair: "Semenyo" in min(pair))
    assert {"South Africa" in each for each in russia} == {"S.Africa" in each for each in russia}
    assert len(russia) == len(semenyo) == 2
    assert {"forward" in each for each in semenyo} == {True, False}

    for output in routed.values():
        assert valid("headline.routed", output)
        assert output.stream == f"news.{output.event['topic']}"
        if output.event["topic"] != "unsorted":
            assert output.event["code"] == CODES[output.event["topic"]]
    assert all(valid("headline.duplicate", output) for output in duplicates)

    for output in seeds:
        event, headers = output.event, dict(output.headers)
        kind, of = ("routed", "") if output.outcome == "routed" else ("duplicate", "/duplicates")
        assert output.key == event["id"].encode()
        assert output.partition == partition_of(event["id"], 3) == int(event["id"][:8], 16) % 3
        assert headers == {
            "ce_specversion": b"1.0",
            "ce_id": event["id"].encode(),
            "ce_source": f"/newswire/{event['source']}{of}".encode(),
            "ce_type": f"newswire.headline.{kind}.v1".encode(),
            "ce_time": event["ingested_at"].encode(),
            "ce_dataschema": f"urn:newswire:headline.{kind}:v1.1".encode(),
            "content-type": b"application/json",
        }
        read = from_kafka_event(KafkaMessage(headers, output.key, output.value))
        assert (read.get_id(), read.get_type()) == (event["id"], f"newswire.headline.{kind}.v1")
        assert read.get_data() == event
