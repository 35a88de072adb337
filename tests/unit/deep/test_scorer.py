from tests.unit.deep.graphs import PIECES, Session, encoder
from worker.deduplicate.evidence import Scores
from worker.deep.encoder import Encoder
from worker.deep.questions import Answers, PairQuestion, Questions, TopicsQuestion
from worker.deep.scorer import AT_ONCE, Scorer
from worker.deep.wordpiece import Vocabulary


class Clock:
    """Stands still but for the encoder, which takes so long for each piece."""

    def __init__(self, seconds_a_piece: float) -> None:
        self.now = 0.0
        self.seconds_a_piece = seconds_a_piece

    def __call__(self) -> float:
        return self.now


class Slow(Session):
    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def run(self, outputs, inputs):
        self.clock.now += inputs["mask"].size * self.clock.seconds_a_piece
        return super().run(outputs, inputs)


def scorer(clock: Clock, pace: float | None = None) -> Scorer:
    made = Scorer(Encoder(Slow(clock), Vocabulary(PIECES)), clock)
    made.pace = clock.seconds_a_piece if pace is None else pace
    clock.now = 0.0
    return made


def questions(pairs: int = 0, topics: int = 0) -> Questions:
    return Questions(
        [PairQuestion(bytes([at]), "a" * (1 + at % 3), "bc", 0) for at in range(pairs)],
        [TopicsQuestion(bytes([at]), "a" * (1 + at % 3), 0.5) for at in range(topics)],
    )


def answered(answers: Answers) -> tuple[list[int], list[int]]:
    """The places of the pairs, and of the headlines, that have an answer."""
    return tuple(
        [at for at, answer in enumerate(column) if answer is not None]
        for column in (answers.pairs, answers.topics)
    )


def test_without_a_limit_everything_is_answered_each_in_its_place():
    answers = Answers(questions(pairs=20, topics=11))
    Scorer(encoder()).answer(answers)
    assert answered(answers) == (list(range(20)), list(range(11)))
    one = encoder()
    for question, scores in zip(answers.questions.pairs, answers.pairs, strict=True):
        assert [scores] == one.pairs([one.vocabulary.pair(question.earlier, question.later)])
    for question, shares in zip(answers.questions.topics, answers.topics, strict=True):
        assert [shares] == one.topics([one.vocabulary.single(question.form)])


def test_rows_are_computed_a_few_at_a_time_those_of_like_length_together():
    asked, answers = encoder(), Answers(questions(pairs=24))
    scorer = Scorer(asked)
    asked._session.asked.clear()
    scorer.answer(answers)
    batches = [mask for _, _, _, mask in asked._session.asked]
    assert [len(mask) for mask in batches] == [AT_ONCE] * 3
    assert sum(row.count(0) for mask in batches for row in mask) == 0


def test_what_does_not_fit_is_not_begun_and_the_most_promising_of_both_kinds_are():
    clock = Clock(0.001)
    answers = Answers(questions(pairs=10, topics=20))
    scorer(clock).answer(answers, 0.062)
    pairs, topics = answered(answers)
    assert pairs == list(range(len(pairs)))
    assert topics == list(range(len(topics)))
    assert 0 < len(pairs) < len(topics) <= 2 * len(pairs) + 1
    assert clock.now <= 0.075
    assert answers.seconds == clock.now


def test_an_encoder_that_is_slower_than_it_was_is_stopped_between_two_batches():
    clock = Clock(0.001)
    answers = Answers(questions(pairs=40))
    scorer(clock, pace=0.0001).answer(answers, 0.1)
    pairs, _ = answered(answers)
    assert len(pairs) == 2 * AT_ONCE
    assert 0.1 <= clock.now < 0.2


def test_the_pace_follows_what_it_really_takes():
    clock = Clock(0.001)
    asked = scorer(clock, pace=0.01)
    for _ in range(60):
        asked.answer(Answers(questions(pairs=40)), 0.1)
    assert 0.0009 < asked.pace < 0.0011


def test_a_pace_that_is_too_slow_for_anything_does_not_stay():
    clock = Clock(0.001)
    asked = scorer(clock, pace=50.0)
    for _ in range(150):
        asked.answer(Answers(questions(pairs=40)), 0.1)
    assert asked.pace < 0.002
    answers = Answers(questions(pairs=40))
    asked.answer(answers, 0.1)
    assert len(answered(answers)[0]) > AT_ONCE


def test_evidence_is_what_is_known_by_the_headline():
    answers = Answers(
        Questions(
            [
                PairQuestion(b"x", "a", "c", 0),
                PairQuestion(b"y", "a", "d", 0),
                PairQuestion(b"x", "b", "c", 1),
            ],
            [TopicsQuestion(b"y", "d", 0.1), TopicsQuestion(b"z", "e", 0.2)],
        )
    )
    assert answers.evidence() == {}
    answers.pairs = [Scores(1, 2), None, Scores(3, 4)]
    answers.topics = [bytes(17), None]
    evidence = answers.evidence()
    assert set(evidence) == {b"x", b"y"}
    assert [scores for _, scores in evidence[b"x"].pairs] == [Scores(1, 2), Scores(3, 4)]
    assert (evidence[b"x"].topics, evidence[b"y"]) == (b"", type(evidence[b"y"])((), bytes(17)))
