from __future__ import annotations

from itertools import combinations

import pytest
from pydantic import ValidationError
from worker import app, fingerprints
from worker.config import KafkaSettings, TopicSettings, load
from worker.config.sections import RECORD_BATCH_BYTES
from worker.errors import SettingsError
from worker.events import Headline
from worker.mediatopics import STREAMS
from worker.normalize import Limits, normalize
from worker.normalize.limits import MAX_HEADLINE_CHARS


@pytest.mark.parametrize(
    "addresses",
    ["127.0.0.1:9092", "kafka-1:9092,kafka-2:9093", "[::1]:9092", "kafka.default.svc.cluster.local:65535"],
)
def test_addresses_are_host_and_port(addresses):
    assert KafkaSettings(bootstrap_servers=addresses).bootstrap_servers == addresses


def test_white_space_between_addresses_is_dropped():
    assert KafkaSettings(bootstrap_servers=" a:1 , b:2 ").bootstrap_servers == "a:1,b:2"


@pytest.mark.parametrize(
    "addresses", ["", "kafka", "kafka:", ":9092", "kafka:0", "kafka:65536", "a:1,,b:2", "::1:9092"]
)
def test_an_address_without_host_or_port_is_refused(addresses):
    with pytest.raises(ValidationError, match="must be host:port"):
        KafkaSettings(bootstrap_servers=addresses)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (
            {"security_protocol": "SASL_PLAINTEXT", "sasl_username": "u"},
            "needs kafka.sasl_username and kafka.sasl_password",
        ),
        ({"ssl_keyfile": "key.pem"}, "of no use without kafka.ssl_certfile"),
        ({"session_timeout_s": 40}, "kafka.session_timeout_s=40 must be below kafka.request_timeout_s=40"),
        ({"heartbeat_interval_s": 10.5}, "must be at most a third of kafka.session_timeout_s=30"),
    ],
)
def test_kafka_settings_that_contradict_each_other_are_refused(given, complaint):
    with pytest.raises(ValidationError, match=complaint):
        KafkaSettings(**given)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"min_insync_replicas": 2}, "nothing could ever be written"),
        ({"deadletter_max_message_bytes": 1_048_577}, "the largest raw records could not be dead-lettered"),
        ({"raw": "head lines"}, "should match pattern"),
    ],
)
def test_topic_settings_that_contradict_each_other_are_refused(given, complaint):
    with pytest.raises(ValidationError, match=complaint):
        TopicSettings(**given)


NAMED = ("raw", "fingerprints", "duplicates", "deadletter", "deadletter_status")


@pytest.mark.parametrize(("one", "other"), [*combinations(NAMED, 2)])
def test_two_topics_of_one_name_are_refused(one, other):
    with pytest.raises(SettingsError) as refused:
        load({f"topics.{one}": "taken", f"topics.{other}": "taken"})
    assert f"topics.{one} and topics.{other} must not share one topic, taken: set them" in str(refused.value)


@pytest.mark.parametrize("slug", STREAMS)
@pytest.mark.parametrize("setting", NAMED)
def test_a_topic_of_the_name_of_an_output_stream_is_refused(setting, slug):
    with pytest.raises(SettingsError) as refused:
        load({f"topics.{setting}": f"wire.{slug}", "topics.output_prefix": "wire."})
    assert (
        f"topics.{setting} and the output stream {slug} (topics.output_prefix=wire.)"
        f" must not share one topic, wire.{slug}: set them" in str(refused.value)
    )


def test_every_name_that_topics_share_is_told_at_once():
    given = {"raw": "news.sport", "duplicates": "news.sport", "deadletter": "news.crime"}
    with pytest.raises(SettingsError, match=r"news\.sport(?s:.)*news\.crime") as refused:
        load({f"topics.{setting}": name for setting, name in given.items()})
    assert "topics.raw and topics.duplicates and the output stream sport" in str(refused.value)


@pytest.mark.parametrize("name", ["output", "log", "deadletter"])
def test_a_topic_that_record_batches_of_the_worker_do_not_fit_is_refused(name):
    setting = f"topics.{name}_max_message_bytes"
    with pytest.raises(
        SettingsError, match=f"--set {setting}=999999: must be greater than or equal to 1000000"
    ):
        load({setting: "999999"})
    assert app._RECORD_BATCH_BYTES < RECORD_BATCH_BYTES


@pytest.mark.parametrize("char", ["a", "&", "5% ", "\u0915\u093c", "\U00020000", "\u0e33", "\u309f"])
def test_the_fingerprint_of_the_longest_headline_fits_the_smallest_log(char):
    text = (char * MAX_HEADLINE_CHARS)[:MAX_HEADLINE_CHARS]
    value = b'{"id":"1","source":"a","headline":"%s"}' % text.encode()
    headline = normalize(value, Limits(max_headline_chars=MAX_HEADLINE_CHARS))
    assert isinstance(headline, Headline)
    beside_the_form = 1_000
    assert len(headline.match.encode()) + beside_the_form <= RECORD_BATCH_BYTES * fingerprints._FRAME_SHARE


def test_a_plain_connection_needs_addresses_only():
    assert KafkaSettings().client_kwargs() == {
        "bootstrap_servers": "127.0.0.1:9092",
        "security_protocol": "PLAINTEXT",
    }


def test_a_protected_connection_brings_context_and_credentials():
    kafka = KafkaSettings(security_protocol="SASL_SSL", sasl_username="newswire", sasl_password="hunter2")
    kwargs = kafka.client_kwargs()
    assert kwargs["ssl_context"].check_hostname
    assert kwargs["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (kwargs["sasl_plain_username"], kwargs["sasl_plain_password"]) == ("newswire", "hunter2")


def test_credentials_are_not_sent_over_a_connection_that_does_not_ask_for_them():
    assert "sasl_plain_password" not in KafkaSettings(sasl_username="u", sasl_password="p").client_kwargs()


def test_every_client_of_aiokafka_takes_these_arguments():
    import inspect

    from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
    from aiokafka.admin import AIOKafkaAdminClient

    kafka = KafkaSettings(security_protocol="SASL_SSL", sasl_username="u", sasl_password="p")
    for client in (AIOKafkaConsumer, AIOKafkaProducer, AIOKafkaAdminClient):
        assert kafka.client_kwargs().keys() <= inspect.signature(client).parameters.keys()
