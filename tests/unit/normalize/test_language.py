import pytest
from worker.normalize.language import canonical


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("EN", "en"),
        ("pt_br", "pt-BR"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("ES-419", "es-419"),
        ("en-X-US-wire", "en-x-us-wire"),
        ("sl-IT-NEDIS", "sl-IT-nedis"),
    ],
)
def test_a_tag_is_written_as_rfc_5646_recommends(tag, expected):
    assert canonical(tag) == expected
    assert canonical(expected) == expected
