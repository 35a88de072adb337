"""An editor's rules: words, phrases, sources and languages that give a headline its topic before the model is asked.

    reading     the file of rules, as an editor writes it, into rules
    rules       the rules themselves, and which of them decides on a headline
    router      the router that asks the rules, and then the model

README.md in this folder says how a file of rules is written.
"""

from worker.route.rules.reading import load
from worker.route.rules.router import RuledRouter
from worker.route.rules.rules import Rule, Rules

__all__ = ["Rule", "RuledRouter", "Rules", "load"]
