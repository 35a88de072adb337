import zlib
from array import array

import pytest
from worker.language import table
from worker.language.table import GRAM_BUCKETS, Table, bucket, gram_buckets


@pytest.fixture
def small():
    hashes = sorted(zlib.crc32(word) for word in (b"the", b"der", b"och"))
    return Table(
        ("en", "de"),
        array("I", hashes),
        array("I", [0, 1, 3, 4]),
        bytes([0, 0, 1, 1]),
        bytes([40, 10, 41, 3]),
        bytes([150, 128, 90]),
        bytes(GRAM_BUCKETS * 2),
    )


def test_what_is_saved_is_loaded(small, tmp_path):
    path = tmp_path / "small.table"
    table.save(small, path)
    assert table.load(path) == small


def test_a_word_is_found_and_another_is_not(small):
    assert small.words[small.find("the")] == zlib.crc32(b"the")
    assert small.find("nowhere") == -1
    assert small.find("\ud800") == -1


def test_a_damaged_file_is_refused_with_what_to_do(small, tmp_path):
    path = tmp_path / "small.table"
    table.save(small, path)
    content = zlib.decompress(path.read_bytes())
    path.write_bytes(zlib.compress(content[:-1]))
    with pytest.raises(
        ValueError, match=r"small\.table is no table of format 1; restore it, or train it again"
    ):
        table.load(path)


def test_runs_of_three_letters_have_the_edges_marked():
    assert gram_buckets("och") == [bucket("^oc"), bucket("och"), bucket("ch$")]
    assert len(gram_buckets("x" * 1_000)) == 24


def test_the_table_of_the_package_is_small():
    assert table.PATH.stat().st_size < 2_000_000
