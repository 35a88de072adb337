"""The matching rule: which headlines a headline is compared with, and whether it says the same.

    keys         the few words that a headline is filed under
    judge        duplicate, update or distinct, with a score and a reason
    doubtful     whether a costly model is worth asking
    tokens       a match form, read: words with what they stand for (lexicon, senses)
    compare      all that is seen of a pair before a scorer decides (exchange, foreign, truncated: at once)
    align        which words of two headlines stand for each other; edits: what stands where they differ
    differences  what forbids calling two headlines the same
    features     what the scorer sees; model: the scorer; train: makes it, with labels by hash (hashed)
    explain      why, in words (said), with the pieces (apart) and what each feature weighed (contributions)
    rank         an order of pairs for figures; own: a model of a user's own

Everything here is a pure function of match forms, the same on every machine. README.md has the figures.
"""

from worker.deduplicate.match.compare import Judgement
from worker.deduplicate.match.judge import REASONS, RULE, RULE_NAME, doubtful, judge
from worker.deduplicate.match.keys import keys, keys_of
from worker.deduplicate.rule import Matcher

MATCHER = Matcher(RULE, keys, judge, doubtful, keys_of=keys_of)
"""What the replica and the writer are given."""

__all__ = ["MATCHER", "REASONS", "RULE", "RULE_NAME", "Judgement", "doubtful", "judge", "keys", "keys_of"]
