"""Composed headlines are distinct in the match form too, always the same ones, and repeated as often as is said."""

import gzip
from collections import Counter

import numpy as np
import orjson
import pytest
from tests.benchmarks import compose
from tests.benchmarks.corpus import RECENT, Corpus, with_repeats
from worker.events import Headline
from worker.normalize import match_form, normalize

CHUNK = 1_000


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return compose.composed(3_500, folder=tmp_path_factory.mktemp("composed"), chunk=CHUNK)


def test_headlines_are_distinct_once_normalized(file):
    lines = file.read_text().splitlines()
    assert len(lines) >= 3_500
    raw = (orjson.dumps({"id": "a", "source": "bench", "headline": line}) for line in lines)
    forms = [headline.match for headline in map(normalize, raw) if isinstance(headline, Headline)]
    assert len(set(forms)) == len(forms) == len(lines)


def test_a_headline_that_differs_in_spelling_only_is_left_out(monkeypatch, tmp_path):
    def spelled(seed, number, size):
        lines = ["U.S. adds 2 million jobs", "US adds two million jobs", "The US adds no jobs"][:size]
        digests = [hash(match_form(line)) & (2**64 - 1) for line in lines]
        return lines, np.array(digests, np.uint64)

    class Here:
        """A pool whose processes are this one."""

        map = staticmethod(map)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

    monkeypatch.setattr(compose, "compose", spelled)
    monkeypatch.setattr(compose, "ProcessPoolExecutor", Here)
    monkeypatch.setattr(compose.os, "cpu_count", lambda: 2)
    found = compose.composed(2, folder=tmp_path)
    assert found.read_text().splitlines() == ["U.S. adds 2 million jobs", "The US adds no jobs"]


def test_headlines_of_one_match_form_have_one_digest(monkeypatch):
    words = compose.Vocabulary(np.array(["color", "colour"], object), np.array([0.5, 1.0]))
    monkeypatch.setattr(compose, "vocabulary", lambda: words)
    lines, digests = compose.compose(1, 0, 200)
    assert len(set(lines)) > 100
    assert len(set(digests.tolist())) == len({match_form(line) for line in lines}) <= 7


def test_what_was_seen_before_stands_for_no_first_time():
    digests = np.array([5, 3, 5, 9, 1, 3], np.uint64)
    assert compose.unseen(digests, np.array([1, 4], np.uint64)).tolist() == [0, 1, 3]
    assert compose.unseen(digests, np.empty(0, np.uint64)).tolist() == [0, 1, 3, 4]


def test_a_longer_file_begins_with_a_shorter_one(file, tmp_path):
    shorter = compose.composed(1_500, folder=tmp_path, chunk=CHUNK)
    assert file.read_text().startswith(shorter.read_text())


def test_what_is_there_is_not_composed_again(file):
    assert compose.composed(2_000, folder=file.parent, chunk=CHUNK) == file


def test_words_are_as_frequent_as_in_headlines(file):
    words, cumulated = compose.vocabulary()
    drawn = Counter(file.read_text().lower().split())
    most = int(np.argmax(np.diff(cumulated, prepend=0)))
    share = np.diff(cumulated, prepend=0)[most]
    assert drawn[words[most]] / drawn.total() == pytest.approx(share, rel=0.1)


@pytest.mark.parametrize("share", [0, 0.1, 0.9])
def test_a_share_of_headlines_repeats_one_of_the_last(share):
    given = list(map(str, range(20_000)))
    found = list(with_repeats(given, share, seed=1))
    assert list(dict.fromkeys(found)) == given
    assert 1 - len(given) / len(found) == pytest.approx(share, abs=0.01)
    newest = 0
    for line in found:
        assert int(line) > newest - RECENT
        newest = max(newest, int(line))


def test_numbers_say_which_headlines_they_are(tmp_path):
    file = tmp_path / "lines.txt.gz"
    file.write_bytes(gzip.compress("\n".join(f"Headline number {n}" for n in range(50)).encode()))
    corpus = Corpus(file, duplicates=0.5)
    whole = list(corpus.events(60))
    assert list(corpus.events(20, first=40)) == whole[40:]
    assert whole[7][0] == b"bench-7"
    assert len(whole) == 60


def test_a_file_that_is_too_short_goes_on_with_its_lines_varied(tmp_path):
    file = tmp_path / "lines.txt"
    file.write_text("Rain ends drought\n\nMinisters meet\n")
    found = list(Corpus(file, duplicates=0).headlines(6))
    assert found[:2] == ["Rain ends drought", "Ministers meet"]
    assert len(set(found)) > 2


def test_a_file_without_headlines_is_refused(tmp_path):
    file = tmp_path / "lines.txt"
    file.write_text("\n \n")
    with pytest.raises(ValueError, match="no headlines"):
        next(Corpus(file).headlines(1))
