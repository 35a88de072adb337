import gzip
import json
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from worker.cli.compare import command
from worker.errors import NewswireError, UsageError

PAIR = "Ferry sinks off Greek island, 38 dead\tFerry sinks off Greek island, 41 dead\n"


@pytest.fixture(autouse=True)
def _logging_untouched(monkeypatch):
    monkeypatch.setattr("worker.cli.options.configure_logs", lambda _: None)


@pytest.fixture
def compare(tmp_path, monkeypatch, capfdbinary):
    def run(*arguments, text=b""):
        piped = tmp_path / "stdin"
        piped.write_bytes(text.encode() if isinstance(text, str) else text)
        error = None
        with piped.open() as stdin, monkeypatch.context() as patch:
            patch.setattr("sys.stdin", stdin)
            try:
                command.main([str(argument) for argument in arguments], standalone_mode=False)
            except NewswireError as raised:
                error = raised
        out, err = capfdbinary.readouterr()
        answers = [json.loads(line) for line in out.splitlines()]
        return answers, SimpleNamespace(exception=error, stderr=err.decode())

    return run


def relations(answers):
    return [answer.get("relation") for answer in answers]


def test_every_pair_gets_its_answer_in_order(compare):
    answers, result = compare(
        text="Mayor resigns\tMayor resigns - Reuters\n"
        + PAIR
        + "Mayor resigns\tVolcano erupts near capital\n"
    )
    assert result.exception is None
    assert answers[0] == {
        "a": "Mayor resigns", "b": "Mayor resigns - Reuters", "relation": "duplicate", "score": 1.0, "reason": "exact",
    }  # fmt: skip
    assert answers[1]["reason"] == "number"
    assert relations(answers)[1:] in (["update", "distinct"], ["distinct", "distinct"])


def test_named_columns_are_found_in_the_header(compare, tmp_path):
    table = tmp_path / "pairs.tsv"
    table.write_text("id\tnew\told\n7\tMAYOR RESIGNS\tMayor resigns\n")
    answers, _ = compare(table, "--a-column", "old", "--b-column", "new")
    assert (answers[0]["a"], answers[0]["relation"]) == ("Mayor resigns", "duplicate")


def test_a_gzip_file_is_read_and_carriage_returns_and_a_byte_order_mark_are_not_text(compare, tmp_path):
    table = tmp_path / "pairs.tsv.gz"
    table.write_bytes(gzip.compress("\ufeffMayor resigns\tMayor resigns\r\n".encode()))
    answers, _ = compare(table)
    assert (answers[0]["a"], answers[0]["b"]) == ("Mayor resigns", "Mayor resigns")


def test_compressed_pairs_are_told_by_their_bytes_on_standard_input_and_under_any_name(compare, tmp_path):
    table = tmp_path / "pairs.tsv"
    table.write_bytes(gzip.compress(b"Mayor resigns\tMAYOR RESIGNS\n"))
    for answers, result in (compare("-", text=table.read_bytes()), compare(table)):
        assert result.exception is None
        assert relations(answers) == ["duplicate"]


def test_what_the_settings_would_reject_is_rejected_here_too(compare):
    text = f"Mayor resigns\tMayor {'re' * 600}signs\n"
    assert compare(text=text)[1].exception is None

    answers, result = compare("--set", "normalize.max_headline_chars=1000", text=text)
    assert "the second headline would be rejected" in answers[0]["error"]
    assert isinstance(result.exception, NewswireError)


def test_the_help_keeps_the_table_of_the_answer_s_fields():
    text = CliRunner().invoke(command, ["--help"]).output
    assert "\\b" not in text
    assert "\b" not in text
    assert "    a, b      the headlines as they came\n" in text
    assert "    score     0 to 1" in text


@pytest.mark.parametrize("notice", ["CORRECTED: ", "REFILE-", "KILL: "])
def test_a_notice_is_never_a_duplicate(compare, notice):
    answers, _ = compare(text=f"Mayor resigns\t{notice}Mayor resigns\n")
    assert relations(answers) == ["distinct"]
    assert answers[0]["reason"] in {"correction", "refile", "kill"}


def test_a_field_that_a_csv_writer_quoted_is_unquoted_and_any_other_quote_stays(compare):
    answers, _ = compare(text='"Mayor ""furious"" at council"\t"Mayor" resigns\n')
    assert (answers[0]["a"], answers[0]["b"]) == ('Mayor "furious" at council', '"Mayor" resigns')


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"only one headline", "2 columns expected, 1 found"),
        (b"one\ttwo\tthree", "2 columns expected, 3 found"),
        (b"", "2 columns expected, 1 found"),
        (b"\xff\xfe\tMayor resigns", "not UTF-8 at byte 0"),
        (b" \tMayor resigns", "the first headline would be rejected"),
        (b"Mayor resigns\t" + b"x" * 3000, "the second headline would be rejected"),
    ],
)
def test_a_bad_line_is_answered_in_place_and_told_with_its_number(compare, line, message):
    answers, result = compare(text=b"Mayor resigns\tMayor resigns\n" + line + b"\nMayor quits\tMayor quits\n")
    assert relations(answers) == ["duplicate", None, "duplicate"]
    assert answers[1]["line"] == 2
    assert message in answers[1]["error"]
    assert f"standard input:2: {message}" in result.stderr
    assert isinstance(result.exception, NewswireError)
    assert result.exception.exit_code == 1


def test_a_column_that_is_not_there_is_an_error_that_names_those_that_are(compare):
    _, result = compare("--a-column", "old", "--b-column", "new", text="left\tright\n")
    assert isinstance(result.exception, UsageError)
    assert "'old'" in str(result.exception)
    assert "left, right" in str(result.exception)


def test_one_column_option_alone_is_an_error(compare):
    _, result = compare("--a-column", "old", text=PAIR)
    assert isinstance(result.exception, UsageError)


@pytest.mark.parametrize(
    "content", [None, gzip.compress(PAIR.encode() * 50)[:-9]], ids=["missing", "cut off"]
)
def test_a_file_that_cannot_be_read_is_an_error_that_names_it(compare, tmp_path, content):
    table = tmp_path / "pairs.tsv.gz"
    if content is not None:
        table.write_bytes(content)
    _, result = compare(table)
    assert isinstance(result.exception, UsageError)
    assert str(table) in str(result.exception)


def test_explained_each_answer_says_why(compare):
    answers, _ = compare(
        "--explain",
        text="S.Africa votes on Monday\tSouth Africa votes on Monday\n"
        + PAIR
        + "Bank cuts rate\tCORRECTED-Bank cuts rate\n"
        + "Bank cuts rate\tBANK CUTS RATE\n"
        + "Bank & mint cut rate\tBank &amp; mint cut <b>rate</b>\n",
    )
    assert [answer["why"] for answer in answers] == [
        "the same but for 'S.Africa' = 'South Africa'",
        "differs: another number or amount (38 / 41)",
        "never suppressed: a correction",
        "the same but for capital letters",
        "the same words, once repaired: entities, tags",
    ]
    assert answers[1]["differs"] == [["38", "41"]]
    assert answers[1]["scorer"] == "update"
    assert answers[1]["encoder"] is None
    feature = answers[1]["features"][0]
    assert feature.keys() == {"name", "means", "value", "log_odds"}
