import pytest
from worker.deduplicate.match import surnames
from worker.deduplicate.match.spelling import LONG_WORD, is_mistyped, one_edit_away
from worker.deduplicate.match.surnames import FREQUENT, RARE, are_two, read


def test_a_frequent_surname_is_a_name_beside_anything_and_a_rare_one_beside_another():
    assert are_two("carpenter", "carpentre")
    assert are_two("carpentre", "carpenter")
    assert are_two("merchant", "marchant")
    assert not are_two("merchant", "merchent")
    assert not are_two("parliament", "parliment")


def test_no_two_surnames_of_the_list_are_taken_for_one():
    names = frozenset().union(*read().values())
    pairs = [(name, other) for name in names for other in one_edit_away(name) & names if other != name]
    assert len(pairs) > 1_000
    assert not [pair for pair in pairs if is_mistyped(*pair)]


def test_the_list_has_each_name_once_and_none_too_short_to_matter():
    names = [name for kind in read().values() for name in kind]
    assert len(names) == len(set(names))
    assert min(map(len, names)) >= LONG_WORD - 1
    assert all(name == name.casefold() and name.isalpha() for name in names)


def test_a_kind_of_line_that_there_is_not_is_an_error(tmp_path):
    file = tmp_path / "surnames.txt"
    file.write_text(f"# names\n{FREQUENT}: baker\n{RARE}: bakker bakir\n")
    assert surnames.read(file) == {FREQUENT: {"baker"}, RARE: {"bakker", "bakir"}}
    file.write_text("rear: bakker\n")
    with pytest.raises(KeyError, match="rear"):
        surnames.read(file)
