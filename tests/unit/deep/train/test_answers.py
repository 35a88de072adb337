import numpy as np
import pytest
from worker.deep.train.answers import Answers
from worker.errors import UsageError
from worker.mediatopics import SLUGS
from worker.route.train.labels import Targets


def logits(*rows: dict[int, float]) -> np.ndarray:
    """Logits that are 0 but for some."""
    made = np.zeros((len(rows), len(SLUGS)), np.float32)
    for row, some in zip(made, rows, strict=True):
        for topic, value in some.items():
            row[topic] = value
    return made


def test_a_file_holds_match_forms_and_logits(tmp_path) -> None:
    path = tmp_path / "said.npz"
    Answers(["rain in may", "café opens"], logits({3: 2.5}, {})).save(path)
    found = Answers.load(path, "teach")
    assert found.matches == ["rain in may", "café opens"]
    assert np.array_equal(found.logits, logits({3: 2.5}, {}))


def test_a_file_that_is_missing_or_none_of_these_is_an_error_that_names_the_command(tmp_path) -> None:
    path = tmp_path / "said.npz"
    with pytest.raises(UsageError, match=r"said\.npz: cannot be read .*run the command teach"):
        Answers.load(path, "teach")
    path.write_text("text")
    with pytest.raises(UsageError, match="run the command teach"):
        Answers.load(path, "teach")
    np.savez_compressed(path, other=np.zeros(3))
    with pytest.raises(UsageError, match="run the command score"):
        Answers.load(path, "score")
    Answers(["one", "two"], logits({})).save(path)
    with pytest.raises(UsageError, match=r"is damaged: 2 headlines, and logits of the shape \(1, 17\)"):
        Answers.load(path, "score")


def test_what_another_model_knows_counts_for_half() -> None:
    others = Targets(["rain in may"], np.eye(len(SLUGS), dtype=np.float32)[:1], np.ones(1, np.float32))
    said = Answers(["cup final tonight", "rain in may"], logits({5: 800.0}, {5: 800.0}))
    mixed = said.blended(others)
    assert mixed.matches == ["cup final tonight", "rain in may"]
    assert mixed.probabilities[:, [0, 5]].tolist() == [[0.0, 1.0], [0.5, 0.5]]
    assert mixed.probabilities.sum(axis=1).tolist() == [1.0, 1.0]
