import gzip
import json

from click.testing import CliRunner
from worker.language import table, train
from worker.language.languages import COUNTED, DEVANAGARI

WORDS = {"de": {"der": -3.3, "haus": -8.9, "berlin": -8.5}, "nl": {"huis": -8.9, "de": -2.7}}


def test_lists_of_words_become_a_table(tmp_path, monkeypatch):
    words, profiles, path = tmp_path / "words", tmp_path / "profiles", tmp_path / "made.table"
    words.mkdir()
    profiles.mkdir()
    for language in {*COUNTED, "nn"} - set(DEVANAGARI):
        # Every language has the name, which for that says nothing.
        rows = WORDS.get(language, {}) | {"berlin": -8.5, "the2": -5.0}
        text = "# Count: 1\n" + "".join(f"{word} {share}\n" for word, share in rows.items())
        (words / f"topwords-{language}.txt.gz").write_bytes(gzip.compress(text.encode()))
    for language in DEVANAGARI:
        (profiles / language).write_text(json.dumps({"freq": {" का": 50, "का ": 70, "क": 9}}))
    monkeypatch.setattr(table, "PATH", path)
    monkeypatch.setattr(train, "_with_headlines", dict)
    monkeypatch.setattr(table.save, "__defaults__", (path,))

    result = CliRunner().invoke(train.main, ["--words", str(words), "--profiles", str(profiles)])

    assert result.exit_code == 0, result.output
    made = table.load(path)
    der = made.find("der")
    columns = made.columns[made.ends[der] : made.ends[der + 1]]
    assert [COUNTED[column] for column in columns] == ["de"]
    assert made.scores[made.ends[der]] == round(4 * (14 - 3.3))
    assert made.find("berlin") == -1
    assert made.find("the2") == -1
    assert made.english[der] == table.NEUTRAL - made.scores[made.ends[der]]


def test_english_words_of_headlines_are_added_and_names_are_not():
    found = train._with_headlines({"the": -2.7})
    assert found["the"] == -2.7
    assert found["lawsuit"] > train.UNCOUNTED
    assert "obama" not in found
