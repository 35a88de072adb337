import pytest
from click.testing import CliRunner
from worker.deduplicate.match import pick, surnames
from worker.deduplicate.match.pick import frequent_names, mistakable


def test_names_that_the_lexicon_has_need_not_be_told():
    assert frequent_names({"carpenter", "obama", "clinton", "zrblenga", "baker"}) == {"carpenter", "zrblenga"}


def test_names_are_picked_in_pairs_that_one_letter_tells_apart():
    names = {"forester", "forrester", "merchant", "carpenter", "obama", "osama", "kretschmann"}
    assert mistakable(names) == {"forester", "forrester"}


@pytest.fixture
def picked(tmp_path, monkeypatch):
    """The kinds of names that are picked out of two lists."""

    def picked(last: str, first: str) -> dict[str, frozenset[str]]:
        (tmp_path / "last").write_text(last)
        (tmp_path / "first").write_text(first)
        monkeypatch.setattr(pick, "SURNAMES", tmp_path / "surnames.txt")
        arguments = ["--surnames", str(tmp_path / "last"), "--forenames", str(tmp_path / "first")]
        result = CliRunner().invoke(pick.main, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return surnames.read(tmp_path / "surnames.txt")

    return picked


def test_only_the_head_of_the_surnames_is_frequent_and_figures_beside_a_name_are_passed_over(
    picked, monkeypatch
):
    monkeypatch.setattr(pick, "FREQUENT_NAMES", 1)
    found = picked(
        "CARPENTER  0.31  12.3  2\nMERCHANT 0.1 2 3\nMARCHANT 0.1 2 4\n", "HARMONY 0.1\nCARMONY 0.1\n"
    )
    assert found == {
        "frequent": {"carpenter"},
        "rare": {"merchant", "marchant", "harmony", "carmony"},
    }
