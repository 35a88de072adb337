"""How long a broker gathers for a fetch, after those that brought something and those that did not."""

import asyncio

from worker.transport.fetching import Fetches


class Fetcher:
    """Of aiokafka's fetcher what is looked at: it sends by what its options are at that moment."""

    def __init__(self, brought):
        self._brought = iter(brought)
        self._fetch_min_bytes = self._fetch_max_wait_ms = None

    async def _proc_fetch_request(self, assignment, node, request):
        assert (assignment, node, request) == ("assignment", 1, "request")
        return next(self._brought)

    def options(self):
        return self._fetch_min_bytes, self._fetch_max_wait_ms


def asked(*brought, gather_before=()):
    """The options of the fetch after each that brought something, or did not."""
    fetcher = Fetcher(brought)
    fetches = Fetches(fetcher, patience_ms=50)
    fetches.gather(262_144, 3)

    async def run():
        found = []
        for number, something in enumerate(brought):
            if number in gather_before:
                fetches.gather(262_144, 7)
            assert await fetcher._proc_fetch_request("assignment", 1, "request") is something
            found.append(fetcher.options())
        return found

    return asyncio.run(run())


def test_while_something_comes_the_broker_gathers_as_it_is_told():
    assert asked(True, True) == [(262_144, 3)] * 2


def test_after_a_fetch_that_brought_nothing_the_broker_waits_for_a_first_record():
    assert asked(True, False, False) == [(262_144, 3), (1, 50), (1, 50)]


def test_once_something_is_taken_it_gathers_again():
    assert asked(False, True, gather_before=[1]) == [(1, 50), (262_144, 7)]
