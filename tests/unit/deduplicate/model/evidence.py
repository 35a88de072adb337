"""What a model says in a history: at random, so that no two workers say the same, and again the same at each run."""

from zlib import crc32

from tests.unit.deduplicate.model.toy import form
from worker.deduplicate.evidence import TOPICS, Evidence, Pair, Scores, form_hash

_SAID = (-127, -20, 0, 20, 127)
_PLACES = 5


def drawn(worker: int, time: int, match: str, headline_id: str) -> Evidence | None:
    """What a worker's model says of a headline at a time: of some pairs, of some topics, or nothing."""
    seed = crc32(f"{worker} {time} {headline_id}".encode())
    if seed % 3 == 0:
        return None
    family = int(match.split()[0])
    places = [(seed >> 4 * i) % _PLACES for i in range(seed % 4)]
    pairs = [
        Pair(form_hash(form(family, place).encode()), Scores(_SAID[seed % 5], _SAID[seed // 5 % 5]))
        for seed, place in ((crc32(f"{seed} {i}".encode()), place) for i, place in enumerate(places))
    ]
    topics = seed.to_bytes(4, "little") * 5 if seed % 2 else b""
    return Evidence(tuple(pairs), topics[:TOPICS])
