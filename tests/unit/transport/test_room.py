"""Fetches under way are counted, and no more of them begin than there is room for."""

import asyncio

import pytest
from worker.transport.room import Room


@pytest.mark.parametrize("most", [1, 3])
async def test_there_is_room_until_it_is_taken_and_again_once_some_is_given_back(most):
    room = Room(most)
    for _ in range(most):
        assert await room.free(0)
        room.take()

    assert not await room.free(0.01)
    room.give_back()
    assert await room.free(0)


async def test_whoever_waits_goes_on_when_a_fetch_is_done():
    room = Room(1)
    room.take()
    asyncio.get_running_loop().call_soon(room.give_back)

    assert await room.free(60)


async def test_an_assignment_that_is_over_takes_no_room():
    room = Room(2)
    room.take()
    room.take()
    room.clear()

    room.take()
    assert await room.free(0)
    room.take()
    assert not await room.free(0.01)
