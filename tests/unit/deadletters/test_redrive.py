"""Going through the chosen letters: sent, confirmed, marked, and nothing sent that another has taken."""

import asyncio

import orjson
import pytest
from msgspec.structs import replace
from worker.cli.deadletters.redrive import Orders
from worker.deadletter import ATTEMPT, FIRST_OFFSET
from worker.deadletters.redrive import CHUNK_LETTERS, Round, Topic
from worker.deadletters.status import Hand, State, Statuses, Target, encode
from worker.errors import BrokerUnavailableError, DeliveryError
from worker.normalize.schema import validator

from .carrier import Carrier
from .letters import GOOD, letter

HAND = Hand("ops@desk", "9f0c2a44d1e07b36")
OTHER = Hand("night@desk", "0000000000000001")
RAW, STATUS = Topic("raw", 3), Topic("status", 1)
OPEN = frozenset({State.OPEN})
MENDED = Orders(sample=None, seed=None, failing=False, force=False, value=b"mended", rate=None).mend


class Desk:
    """Letters in memory, whose states are read off the carrier's log like those of Kafka."""

    def __init__(self, letters, carrier):
        self.kept = letters
        self.carrier = carrier
        self.statuses = Statuses({0: 0})
        self.refreshed = 0
        self.before_refresh = lambda: None
        self.gone = set()

    async def refresh(self):
        self.before_refresh()
        self.refreshed += 1
        self.statuses = Statuses({0: 0})
        for record in self.carrier.log["status", 0]:
            self.statuses.apply(record.key, record.value)

    async def letters(self, spans):
        for partition, (first, end) in spans.items():
            for each in self.kept:
                if each.address.partition == partition and first <= each.address.offset < end:
                    yield each

    async def whole(self, of):
        return None if of.address.offset in self.gone else of


def several(count):
    return [letter(GOOD, address=n, source=(n % 6, n), key=b"k%d" % n) for n in range(count)]


def made(letters, carrier=None, **kwargs):
    carrier = carrier or Carrier()
    desk = Desk(letters, carrier)
    return desk, carrier, Round(desk, carrier, STATUS, HAND, **{"states": OPEN, **kwargs})


def sent(carrier):
    return [record for (topic, _), log in carrier.log.items() if topic == "raw" for record in log]


def marks(carrier):
    return {record.key: orjson.loads(record.value) for record in carrier.log["status", 0]}


async def test_each_is_sent_once_with_its_own_bytes_key_and_headers_and_marked_with_where_it_stands():
    letters = [replace(each, headers=(("trace", b"7"),)) for each in several(20)]
    _, carrier, round_ = made(letters)
    await round_.redrive({0: range(20)}, RAW)

    assert sorted((record.key, record.value) for record in sent(carrier)) == sorted(
        (each.key, each.value) for each in letters
    )
    for each in letters:
        status = marks(carrier)[each.status_key]
        validator("deadletter.status").validate(status)
        record = carrier.log["raw", status["target"]["partition"]][status["target"]["offset"]]
        assert (record.key, record.value) == (each.key, each.value)
        headers = dict(record.headers)
        assert (headers["trace"], headers[ATTEMPT]) == (b"7", b"1")
        assert headers[FIRST_OFFSET] == b"%d" % each.source.offset
    assert (round_.tally.confirmed, round_.tally.unconfirmed, round_.taken) == (20, 0, 0)


async def test_only_the_chosen_are_sent():
    _, carrier, round_ = made(several(30))
    await round_.redrive({0: [3, 4, 29]}, RAW)

    assert sorted(record.key for record in sent(carrier)) == [b"k29", b"k3", b"k4"]


async def test_a_chunk_is_marked_before_the_next_one_is_sent():
    letters = several(2 * CHUNK_LETTERS + 1)
    desk, carrier, round_ = made(letters)
    seen = []
    desk.before_refresh = lambda: seen.append((len(sent(carrier)), len(marks(carrier))))
    await round_.redrive({0: range(len(letters))}, RAW)

    assert seen == [(0, 0), (CHUNK_LETTERS,) * 2, (2 * CHUNK_LETTERS,) * 2]
    assert len(marks(carrier)) == len(letters)


async def test_what_another_has_taken_meanwhile_is_not_sent():
    letters = several(10)
    desk, carrier, round_ = made(letters)
    taken = [
        OTHER.discarded(letters[2], _now(), "mine"),
        OTHER.redriven(letters[5], _now(), Target("raw", 0, 1)),
    ]
    for index, status in zip((2, 5), taken, strict=True):
        await carrier.deliver("status", 0, *_batches(letters[index], status))
    await round_.redrive({0: range(10)}, RAW)

    assert len(sent(carrier)) == 8
    assert round_.taken == 2
    assert marks(carrier)[letters[2].status_key]["by"] == "night@desk"
    assert desk.refreshed == 1


async def test_a_copy_of_a_letter_is_not_sent_a_second_time():
    copy = letter(GOOD, address=1, source=(0, 0), key=b"k0")
    _, carrier, round_ = made([several(1)[0], copy])
    await round_.redrive({0: [0, 1]}, RAW)

    assert (len(sent(carrier)), round_.taken) == (1, 1)
    assert marks(carrier)[copy.status_key]["letter"]["offset"] == 0


async def test_a_second_redrive_sends_nothing():
    letters = several(10)
    desk, carrier, round_ = made(letters)
    await round_.redrive({0: range(10)}, RAW)
    again = Round(desk, carrier, STATUS, HAND, states=OPEN)
    await again.redrive({0: range(10)}, RAW)

    assert len(sent(carrier)) == 10
    assert (again.tally.confirmed, again.taken) == (0, 10)


async def test_mended_bytes_go_in_place_of_its_own_and_are_told():
    _, carrier, round_ = made(several(1))
    await round_.redrive({0: [0]}, RAW, MENDED)

    assert [record.value for record in sent(carrier)] == [b"mended"]
    assert next(iter(marks(carrier).values()))["mended"] is True


async def test_mended_bytes_need_no_record():
    desk, carrier, round_ = made(several(1))
    desk.gone = {0}
    await round_.redrive({0: [0]}, RAW, MENDED)

    assert [record.value for record in sent(carrier)] == [b"mended"]
    assert next(iter(marks(carrier).values()))["mended"] is True
    assert (round_.tally.confirmed, round_.gone) == (1, 0)


async def test_a_record_that_has_gone_meanwhile_is_left_open_and_counted():
    desk, carrier, round_ = made(several(3))
    desk.gone = {1}
    await round_.redrive({0: range(3)}, RAW)

    assert len(sent(carrier)) == len(marks(carrier)) == 2
    assert (round_.tally.confirmed, round_.gone) == (2, 1)


async def test_letters_that_have_aged_out_meanwhile_are_counted():
    _, carrier, round_ = made(several(6)[2:5])
    await round_.redrive({0: [0, 1, 2, 4, 5]}, RAW)

    assert sorted(record.key for record in sent(carrier)) == [b"k2", b"k4"]
    assert (round_.tally.confirmed, round_.gone) == (2, 3)


async def test_what_was_confirmed_before_a_failure_is_marked_and_the_rest_stays_open():
    letters = several(60)
    desk, carrier, round_ = made(letters, Carrier(refuses={1}, topic="raw"))
    with pytest.raises(
        DeliveryError, match=r"\d+ records are not confirmed, and their dead letters stay open"
    ):
        await round_.redrive({0: range(60)}, RAW)

    assert len(marks(carrier)) == len(sent(carrier)) == round_.tally.confirmed > 0
    carrier.refuses.clear()
    again = Round(desk, carrier, STATUS, HAND, states=OPEN)
    await again.redrive({0: range(60)}, RAW)
    assert sorted(record.key for record in sent(carrier)) == sorted(each.key for each in letters)


async def test_what_could_not_be_marked_is_told():
    _, _, round_ = made(several(5), Carrier(refuses={0}, topic="status"))
    with pytest.raises(DeliveryError, match="5 dead letters could not be marked; their records were sent"):
        await round_.redrive({0: range(5)}, RAW)

    assert round_.tally.unconfirmed == 5


async def test_a_kafka_that_went_away_is_told_by_its_own_exit_code():
    class Away(Carrier):
        async def deliver(self, topic, partition, batch, again):
            raise BrokerUnavailableError(
                "raw-0: no record could be sent for 120 s; nothing of it is committed, x"
            )

    _, _, round_ = made(several(1), Away())
    with pytest.raises(BrokerUnavailableError, match="for 120 s; once Kafka is back, give the command again"):
        await round_.redrive({0: [0]}, RAW)


async def test_a_stop_ends_it_behind_a_chunk():
    letters = several(3 * CHUNK_LETTERS)
    desk, carrier, round_ = made(letters)
    desk.before_refresh = lambda: round_.stop() if len(sent(carrier)) else None
    await round_.redrive({0: range(len(letters))}, RAW)

    assert len(sent(carrier)) == len(marks(carrier)) == 2 * CHUNK_LETTERS
    assert round_.tally.unconfirmed == 0


async def test_a_rate_is_kept():
    loop = asyncio.get_running_loop()
    _, carrier, round_ = made(several(40), rate=200)
    started = loop.time()
    await round_.redrive({0: range(40)}, RAW)

    assert loop.time() - started >= 40 / 200 - 0.01
    assert len(sent(carrier)) == 40


async def test_a_discard_marks_and_sends_nothing():
    letters = several(5)
    _, carrier, round_ = made(letters)
    await round_.discard({0: range(5)}, "test traffic")

    assert sent(carrier) == []
    assert {status["state"] for status in marks(carrier).values()} == {"discarded"}
    assert {status["note"] for status in marks(carrier).values()} == {"test traffic"}
    assert round_.tally.confirmed == 5


async def test_what_was_discarded_can_be_redriven_if_it_is_chosen():
    desk, carrier, round_ = made(several(2))
    await round_.discard({0: [0, 1]}, "too soon")
    again = Round(desk, carrier, STATUS, HAND, states=frozenset({State.DISCARDED}))
    await again.redrive({0: [0, 1]}, RAW)

    assert len(sent(carrier)) == 2
    assert {status["state"] for status in marks(carrier).values()} == {"redriven"}


def _now():
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _batches(of, status):
    """A batch with one status, and what makes it again."""

    def batch():
        made = Carrier().open_batch()
        made.append(timestamp=None, key=of.status_key, value=encode(status), headers=[])
        return made

    return batch(), batch
