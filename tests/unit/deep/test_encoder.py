"""The encoder that the package ships, as far as it does not hang on what its weights say."""

import shutil
import sys
import time

import numpy as np
import pytest
from tests.unit.deep.graphs import PIECES, Session, encoder
from worker.deduplicate.evidence import TOPICS
from worker.deep.encoder import FOLDER, Encoder, digest
from worker.deep.wordpiece import Vocabulary
from worker.errors import SettingsError, UsageError
from worker.route.evidence import Confidences

EXPECTED = Confidences.load().encoder
FORMS = ["bridge reopens after two years", "zürich votes no", "選挙", "", "a " * 100, "stocks rise 5%"]
MEGABYTES = 20


@pytest.fixture(scope="module")
def shipped():
    return Encoder.load(1, EXPECTED)


# -- what is shipped


def test_the_confidences_were_measured_with_the_encoder_that_is_shipped():
    assert digest() == EXPECTED


def test_it_is_small_and_quick_to_load(shipped):
    files = [FOLDER / "encoder.onnx", FOLDER / "vocab.txt"]
    assert sum(path.stat().st_size for path in files) < MEGABYTES * 1_000_000
    began = time.process_time()
    Encoder.load(1, EXPECTED)
    assert time.process_time() - began < 1


def test_it_answers_within_bounds_whatever_it_is_asked(shipped):
    vocabulary = shipped.vocabulary
    scores = shipped.pairs([vocabulary.pair(one, other) for one in FORMS for other in FORMS])
    assert all(-127 <= number <= 127 for pair in scores for number in pair)
    topics = shipped.topics([vocabulary.single(form) for form in FORMS])
    assert {len(shares) for shares in topics} == {TOPICS}
    assert all(abs(sum(shares) - 255) <= TOPICS / 2 for shares in topics)


# -- how it is asked


def test_rows_of_several_lengths_are_filled_up_and_told_by_their_segments():
    asked = encoder()
    words = asked.vocabulary
    one, other = words.pair("ab", "c"), words.pair("a", "b")
    asked.pairs([one, other])
    ((output, ids, segments, mask),) = asked._session.asked
    assert output == "pair"
    assert ids == [[*one.ids], [*other.ids, 0]]
    assert segments == [[0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 0]]
    assert mask == [[1] * 6, [1] * 5 + [0]]


def test_only_the_output_that_is_wanted_is_computed():
    asked = encoder()
    asked.topics([asked.vocabulary.single("ab")])
    assert [output for output, *_ in asked._session.asked] == ["topics"]


# -- what can be wrong


def test_without_onnxruntime_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(SettingsError, match=r"pip install 'newswire\[deep\]', or set deep\.mode=off"):
        Encoder.load(1, EXPECTED)


@pytest.fixture
def folder(tmp_path):
    for name in ("encoder.onnx", "vocab.txt"):
        shutil.copy(FOLDER / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("name", ["encoder.onnx", "vocab.txt"])
def test_a_file_that_is_not_there_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(UsageError, match=rf"{name}: cannot be read .*install newswire anew"):
        Encoder.load(1, EXPECTED, folder)


@pytest.mark.parametrize("name", ["encoder.onnx", "vocab.txt"])
def test_a_single_flipped_bit_is_noticed(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(UsageError, match="a file is damaged, or of another release; install newswire anew"):
        Encoder.load(1, EXPECTED, folder)


def test_a_graph_that_onnxruntime_does_not_read_is_named(folder):
    (folder / "encoder.onnx").write_bytes(b"no graph")
    with pytest.raises(UsageError, match=r"encoder\.onnx: cannot be used"):
        Encoder.load(1, digest(folder), folder)


def test_a_vocabulary_of_another_encoder_is_noticed(folder):
    pieces = (folder / "vocab.txt").read_text("utf-8")
    (folder / "vocab.txt").write_text(pieces + "\n".join(f"new{at}" for at in range(50_000)) + "\n", "utf-8")
    with pytest.raises(UsageError, match="cannot be used with its vocabulary"):
        Encoder.load(1, digest(folder), folder)


@pytest.mark.parametrize("wrong", [np.zeros((8, 16)), np.full((8, 17), np.nan)])
def test_outputs_of_another_shape_or_without_numbers_are_noticed(wrong):
    class Wrong(Session):
        def run(self, outputs, inputs):
            return [wrong] if outputs == ["topics"] else super().run(outputs, inputs)

    with pytest.raises(ValueError, match="topics: 17 finite numbers"):
        Encoder(Wrong(), Vocabulary(PIECES)).measure()
