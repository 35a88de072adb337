from __future__ import annotations

import inspect
import io
import json
import logging
import ssl
import warnings

import pytest
import structlog
from aiokafka.consumer import group_coordinator
from aiokafka.errors import KafkaConnectionError
from hypothesis import given
from hypothesis import strategies as st
from worker import logs
from worker.logs import Key, RepeatLimiter


class Clock:
    """Seconds that go forward when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(autouse=True)
def _restored():
    """Logging is the process's: put back what a test changed."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    levels = {name: logging.getLogger(name).level for name in logs.LIBRARIES}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def configured(clock=None, stream=None, **options) -> io.StringIO:
    stream = stream or io.StringIO()
    logs.configure(stream=stream, clock=clock or Clock(), **options)
    return stream


def lines(stream: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def events(stream: io.StringIO) -> list[str]:
    return [line["event"] for line in lines(stream)]


def fail(message: str = "could not log in", password: str = "") -> None:
    """Log an exception, with `password` among the local values of its traceback."""

    def refuse() -> None:
        assert password is not None
        raise ValueError(message)

    try:
        refuse()
    except ValueError:
        logs.get_logger("worker").exception("failed")


def test_a_line_that_does_not_go_to_a_terminal_is_one_json_object():
    stream = configured()
    logs.get_logger("worker.app").info("assigned", partitions=6)
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "assigned", "level": "info", "logger": "worker.app", "partitions": 6}


def test_a_line_that_goes_to_a_terminal_is_made_for_people():
    stream = configured(stream=Terminal())
    logs.get_logger("worker.app").info("assigned", partitions=6)
    assert "assigned" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


@pytest.mark.parametrize(("form", "stream"), [("json", Terminal()), ("console", io.StringIO())])
def test_the_form_can_be_chosen(form, stream):
    configured(stream=stream, form=form)
    logs.get_logger("worker.app").info("assigned")
    assert stream.getvalue().startswith("{") == (form == "json")


def test_a_library_speaks_in_the_same_form():
    stream = configured()
    logging.getLogger("aiokafka.consumer").error("Unable to connect to %s", "kafka-1:9092")
    (line,) = lines(stream)
    assert (line["event"], line["logger"], line["level"]) == (
        "Unable to connect to kafka-1:9092",
        "aiokafka.consumer",
        "error",
    )


def test_libraries_are_heard_from_warnings_up_and_in_debug_from_info_up():
    stream = configured()
    logging.getLogger("mode.worker").info("quiet")
    logging.getLogger("mode.worker").warning("heard")
    assert events(stream) == ["heard"]
    stream = configured(level="debug")
    logging.getLogger("mode.worker").debug("quiet")
    logging.getLogger("mode.worker").info("heard")
    assert events(stream) == ["heard"]


def test_lines_below_the_level_are_left_out():
    stream = configured(level="warning")
    log = logs.get_logger("worker.app")
    log.info("quiet")
    log.warning("heard")
    assert events(stream) == ["heard"]


def test_warnings_of_python_go_the_same_way():
    stream = configured()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("soon gone", DeprecationWarning, stacklevel=1)
    assert "soon gone" in events(stream)[0]


def test_an_exception_is_told_with_its_traceback_and_without_local_values():
    stream = configured()
    fail(password="hunter2")
    (line,) = lines(stream)
    assert "ValueError: could not log in" in line["exception"]
    assert "hunter2" not in stream.getvalue()


def test_configuring_again_replaces_the_handler():
    first = configured()
    second = configured()
    logs.get_logger("worker.app").info("once")
    assert (events(first), events(second)) == ([], ["once"])


@pytest.mark.parametrize("error", [ssl.SSLError("alert"), KafkaConnectionError("closed"), EOFError()])
def test_what_ended_a_connection_is_not_told_by_asyncio_too(error):
    stream = configured()
    logging.getLogger("asyncio").error("Future exception was never retrieved", exc_info=error)
    logging.getLogger("asyncio").error("Future exception was never retrieved", exc_info=ValueError("a bug"))
    assert [line["exception"].splitlines()[-1] for line in lines(stream)] == ["ValueError: a bug"]


# -- repeated lines


def test_an_outage_costs_a_few_lines_and_a_summary_instead_of_thousands(clock):
    stream = configured(clock)
    for tick in range(3_000):
        clock.now = tick / 100
        logging.getLogger("aiokafka").error('Unable connect to "%s:%s": %s', "kafka-1", 9092, "refused")
    logs.flush()
    assert events(stream) == [
        *2 * ['Unable connect to "kafka-1:9092": refused'],
        'repeated 998 more times in 10 s: Unable connect to "kafka-1:9092": refused',
        'repeated 2000 more times in 20 s: Unable connect to "kafka-1:9092": refused',
    ]


def test_the_window_of_a_library_s_line_that_goes_on_grows_to_a_minute(clock):
    stream = configured(clock)
    for second in range(600):
        clock.now = second
        logging.getLogger("aiokafka").error("gone")
    told = [event.partition(" in ")[2] for event in events(stream) if event.startswith("repeated")]
    assert told == ["9 s: gone", "19 s: gone", "39 s: gone", *8 * ["59 s: gone"]]


def test_a_library_s_line_that_stopped_for_longer_than_its_window_is_heard_at_once_again(clock):
    stream = configured(clock)
    for moment in (0, 0, 0, 15, 200):
        clock.now = moment
        logging.getLogger("aiokafka").error("gone at %s", moment)
    assert events(stream) == [
        "gone at 0",
        "gone at 0",
        "repeated 1 more times in 0 s: gone at 0",
        "repeated 1 more times in 0 s: gone at 15",
        "gone at 200",
    ]


def test_newswire_s_own_lines_are_let_through_five_times_in_each_window(clock):
    stream = configured(clock)
    for second in range(60):
        clock.now = second
        logs.get_logger("worker").error("gone")
    assert events(stream).count("gone") == 6 * 5


@pytest.mark.parametrize(("level", "told"), [("info", 0), ("debug", 1)])
def test_what_aiokafka_warns_of_at_each_rebalance_is_for_debug(level, told):
    stream = configured(level=level)
    log = logging.getLogger("aiokafka.consumer.group_coordinator")
    log.warning("Heartbeat failed for group %s because it is rebalancing", "newswire")
    log.warning("Heartbeat failed for group %s: some_error", "newswire")
    assert len(events(stream)) == told + 1


def test_that_is_what_aiokafka_says():
    assert logs._ORDINARY in inspect.getsource(group_coordinator)


def test_lines_that_differ_in_numbers_only_are_the_same_line(clock):
    stream = configured(clock)
    for offset in range(100):
        message = f"Task 0x7f{offset:04x} is late by {offset * 0.5} s"
        logging.getLogger("mode").warning(message)
    assert len(events(stream)) == 2


def test_lines_of_other_loggers_levels_and_words_are_not_held_back(clock):
    stream = configured(clock)
    for _ in range(50):
        logging.getLogger("aiokafka").error("gone")
        logging.getLogger("aiokafka").warning("gone")
        logging.getLogger("mode").error("gone")
        logs.get_logger("worker").error("gone")
        logs.get_logger("worker").error("back")
    assert len(events(stream)) == 3 * 2 + 2 * 5


def test_a_summary_keeps_logger_and_level(clock):
    stream = configured(clock)
    for _ in range(9):
        logging.getLogger("aiokafka").error("gone")
    clock.now = 10
    logs.get_logger("worker").info("something else")
    summary, other = lines(stream)[2:]
    assert (summary["event"], summary["logger"], summary["level"]) == (
        "repeated 7 more times in 0 s: gone",
        "aiokafka",
        "error",
    )
    assert other["event"] == "something else"


def test_a_repeated_traceback_is_told_once_in_a_window(clock):
    stream = configured(clock)
    for _ in range(4):
        fail()
    logs.flush()
    assert events(stream) == ["failed", "repeated 3 more times in 0 s: failed"]


def test_a_critical_line_is_never_held_back(clock):
    stream = configured(clock)
    for _ in range(20):
        logging.getLogger("worker").critical("stopping")
    assert len(events(stream)) == 20


def test_nothing_is_said_of_lines_that_were_not_held_back(clock):
    stream = configured(clock)
    logs.get_logger("worker").info("once")
    clock.now = 60
    logs.flush()
    assert events(stream) == ["once"]


@given(st.lists(st.tuples(st.floats(0, 5), st.sampled_from("abc")), max_size=80))
def test_every_line_is_either_admitted_or_counted_in_one_summary(steps):
    limiter = RepeatLimiter(burst=2, window_s=10, longest_s=40)
    now, admitted, told = 0.0, 0, 0
    for wait, word in steps:
        now += wait
        told += sum(summary.held for summary in limiter.ended(now))
        admitted += limiter.admit(Key("logger", logging.INFO, word), word, now)
    told += sum(summary.held for summary in limiter.close(now))
    assert admitted + told == len(steps)


@given(st.lists(st.floats(0, 3), max_size=120))
def test_no_window_admits_more_than_the_burst(waits):
    limiter = RepeatLimiter(burst=3, window_s=10)
    now, times = 0.0, []
    for wait in waits:
        now += wait
        limiter.ended(now)
        if limiter.admit(Key("logger", logging.INFO, "word"), "word", now):
            times.append(now)
    # Two neighbouring windows may each spend their burst: never more than twice the burst in any ten seconds.
    for first, later in zip(times, times[6:], strict=False):
        assert later - first >= 10


def test_windows_that_are_over_are_forgotten():
    limiter = RepeatLimiter(window_s=10)
    for number in range(1_000):
        limiter.admit(Key("logger", logging.INFO, f"word {number}"), "", 0.0)
    limiter.ended(10.0)
    assert not limiter._windows


def test_windows_that_held_something_back_are_forgotten_once_they_cannot_go_on():
    limiter = RepeatLimiter(burst=1, window_s=10, longest_s=60)
    for number in range(1_000):
        for _ in range(2):
            limiter.admit(Key("logger", logging.INFO, f"word {number}"), "", 0.0)
    assert len(limiter.ended(10.0)) == 1_000
    limiter.admit(Key("logger", logging.INFO, "another"), "", 30.0)
    limiter.ended(40.0)
    assert not limiter._windows
    assert not limiter._ended


# -- secrets


def test_a_known_secret_is_blotted_out_wherever_it_turns_up():
    stream = configured(secrets=['hunt"er2', ""])
    logging.getLogger("aiokafka").error("login with %s failed", 'hunt"er2')
    logs.get_logger("worker").info("settings", kafka={"password": 'hunt"er2'}, url='kafka://u:hunt"er2@h')
    fail('not hunt"er2')
    assert "er2" not in stream.getvalue()
    assert len(lines(stream)) == 3


def test_a_value_whose_name_says_secret_is_masked():
    stream = configured()
    logs.get_logger("worker").info("login", sasl_password="a", api_key="b", accessToken="c", partition=3)
    (line,) = lines(stream)
    assert (line["sasl_password"], line["api_key"], line["accessToken"]) == (("********",) * 3)
    assert line["partition"] == 3


def test_a_password_in_an_address_is_masked():
    stream = configured(form="console")
    logging.getLogger("faust").error("cannot reach kafka://newswire:hunter2@kafka-1:9092")
    assert "kafka://newswire:********@kafka-1:9092" in stream.getvalue()


def test_a_headline_cannot_move_the_readers_cursor():
    stream = configured(form="console")
    logs.get_logger("worker").warning("dead letter", headline="Stocks\x1b[2J rise\r", event_id="a\x9b31m")
    assert not {"\x1b", "\r", "\x9b"} & set(stream.getvalue())
    assert "x1b[2J rise" in stream.getvalue()
