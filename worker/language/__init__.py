"""The language of a headline: detected by its words and letters, `und` where they do not say."""

from worker.language.detect import Language, detect, examine, examine_batch
from worker.language.languages import ENGLISH, UND

__all__ = ["ENGLISH", "UND", "Language", "detect", "examine", "examine_batch"]
