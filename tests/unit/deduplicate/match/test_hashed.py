from worker.deduplicate.evidence import Scores
from worker.deduplicate.match.hashed import Known, key_of, read_hashed, read_known, rescored, write_known

BRIDGE, ROAD, FIRE = "Bridge opens in Zurich", "Zurich: road closed", "Fire in Bern"
KNOWN = {
    key_of(BRIDGE, ROAD): Known("different", -40, 3),
    key_of(BRIDGE, FIRE): Known("disputed", None, None),
    key_of(ROAD, FIRE): Known("", 8, 0),
}


def test_what_was_written_is_read_and_the_same_content_gives_the_same_bytes(tmp_path):
    path, again = tmp_path / "labels.tsv.gz", tmp_path / "again.tsv.gz"
    write_known(KNOWN, path)
    assert read_known(path) == KNOWN
    write_known(dict(reversed(KNOWN.items())), again)
    assert path.read_bytes() == again.read_bytes()
    assert path.read_bytes()[4:8] == bytes(4), "no time of its making"


def test_pairs_are_found_by_the_texts_at_hand_and_asked_once(tmp_path):
    path, texts = tmp_path / "labels.tsv.gz", tmp_path / "texts.tsv"
    write_known(KNOWN, path)
    texts.write_text(f"a story\t{BRIDGE}\n{ROAD}\n{FIRE}\n")
    hashed = read_hashed([texts], path)
    assert hashed.pop(ROAD, BRIDGE) == Known("different", -40, 3)
    assert hashed.pop(BRIDGE, ROAD) is None
    assert [(known, {one, other}) for known, one, other in hashed.rest()] == [(Known("", 8, 0), {ROAD, FIRE})]


def test_new_scores_leave_labels_alone():
    new = key_of(BRIDGE, "Bern: fire")
    found = rescored(KNOWN, {key_of(ROAD, BRIDGE): Scores(-50, 1), new: Scores(2, 2)})
    assert found[key_of(BRIDGE, ROAD)] == Known("different", -50, 1)
    assert found[new] == Known("", 2, 2)
    assert found[key_of(ROAD, FIRE)] == KNOWN[key_of(ROAD, FIRE)]
