from __future__ import annotations

import numpy as np
import pytest
from worker.route import words
from worker.route.features import EDGE
from worker.route.model import load
from worker.route.router import WEIGHTS
from worker.route.words import WordTable


@pytest.fixture(scope="module")
def table() -> WordTable:
    return WordTable(load(WEIGHTS)[0])


def test_the_edge_of_a_headline_weighs_nothing(table: WordTable):
    assert table.rows([EDGE]).tolist() == [0]
    assert not table.weights[0].any()


def test_a_known_word_has_a_row_of_the_model(table: WordTable):
    (row,) = table.rows(["election"])
    assert 0 < row <= table.known


def test_a_new_word_is_weighed_by_its_letters(table: WordTable):
    (row,) = table.rows(["microfootballization"])
    assert row > table.known
    assert table.weights[row].any()


def test_numbers_of_as_many_digits_share_a_row(table: WordTable):
    first, second = table.rows(["7391", "4826"])
    assert first == second


def test_what_is_forgotten_comes_back_the_same(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(words, "REMEMBERED", 100)
    table = WordTable(load(WEIGHTS)[0])
    before = table.weights[table.rows(["microfootballization"])]
    for number in range(10):
        table.rows([f"word{letter}{chr(0x4E00 + number)}" for letter in "abcdefghijklmno"])
    assert "microfootballization" not in table
    np.testing.assert_array_equal(table.weights[table.rows(["microfootballization"])], before)


def test_the_words_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(words, "REMEMBERED", 100)
    table = WordTable(load(WEIGHTS)[0])
    for number in range(1000):
        table.rows([f"word{chr(0x4E00 + number)}", str(10**number % 7919)])
        assert len(table) <= table.known + 1 + 100
