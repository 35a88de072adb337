from worker.deduplicate.match.folds import folds


def test_pairs_that_share_a_headline_even_by_way_of_others_are_in_one_fold():
    pairs = [("a", "b"), ("c", "d"), ("e", "f"), ("b", "c"), ("g", "h")]
    found = folds(pairs, 3).tolist()
    assert found[0] == found[1] == found[3]
    assert len(set(found)) == 3


def test_folds_are_about_as_large_as_each_other():
    found = folds([(f"{at}", f"{at} again") for at in range(10)], 4).tolist()
    assert sorted(found.count(fold) for fold in range(4)) == [2, 2, 3, 3]
