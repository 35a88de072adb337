import math

import numpy as np
import pytest
from worker.deduplicate.evidence import Scores
from worker.deep import quantise


@pytest.mark.parametrize(
    ("logits", "scores"),
    [
        ((0.0, 0.0, 0.0), Scores(round(-8 * math.log(2)), round(-8 * math.log(2)))),
        ((3.0, 0.0, 0.0), Scores(round(8 * (3 - math.log(2))), round(-8 * math.log(math.exp(3) + 1)))),
        ((50.0, -50.0, -50.0), Scores(127, -127)),
        ((-50.0, 50.0, -50.0), Scores(-127, 127)),
        ((1e4, -1e4, 0.0), Scores(127, -127)),
    ],
)
def test_scores_are_log_odds_against_all_else_in_eighths(logits: tuple[float, ...], scores: Scores) -> None:
    assert quantise.scores(np.array([logits], np.float32)) == [scores]


def test_topics_are_shares_of_255() -> None:
    logits = np.zeros((3, 17), np.float32)
    logits[1, 4] = 100.0
    logits[2, :2] = math.log(30)
    even, one, two = quantise.topics(logits)
    assert even == bytes([15] * 17)
    assert one == bytes([0] * 4 + [255] + [0] * 12)
    assert two == bytes([102, 102, *[3] * 15])
