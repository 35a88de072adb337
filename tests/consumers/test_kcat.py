"""kcat reads the streams and feeds the raw topic."""

import json
import subprocess

import pytest
from tests.wait import until

from .conftest import CONSUMERS

pytestmark = pytest.mark.usefixtures("kcat")


def test_it_prints_a_stream_with_its_keys_and_headers(live, example):
    printed = example("kcat.sh", "news.sport", live.environment["NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS"]).finish()
    blocks = [
        dict(line.split(": ", 1) for line in block.split("\n")) for block in printed.strip().split("\n\n")
    ]
    sport = [output for output in live.read() if output.stream == "news.sport"]

    assert len(sport) > 1
    assert sorted(block["value"] for block in blocks) == sorted(output.value.decode() for output in sport)
    for block in blocks:
        event = json.loads(block["value"])
        headers = dict(header.split("=", 1) for header in block["headers"].split(","))
        assert block["key"] == event["id"] == headers["ce_id"]
        assert headers["ce_type"] == "newswire.headline.routed.v1"


def test_any_producer_that_follows_the_raw_schema_is_as_good(live, example):
    address = live.environment["NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS"]
    assert example("produce.sh", address).finish() == ""

    def found():
        return [output.event for output in live.read() if output.event.get("event_id") == "kcat-1"]

    event, *_ = until(found, "the headline comes out")
    assert (event["source"], event["headline"], event["language"]) == (
        "kcat",
        "Storm cuts power on the coast",
        "en",
    )


def test_it_takes_five_lines():
    script = (CONSUMERS / "produce.sh").read_text().splitlines()

    assert len([line for line in script if not line.startswith("#")]) <= 5
    subprocess.run(["bash", "-n", CONSUMERS / "produce.sh"], check=True)
