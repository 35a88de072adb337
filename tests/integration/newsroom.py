"""Headlines for tests, as many as they want."""

import itertools
import json
import random


class Newsroom:
    """Headlines without end: the same for a number in every run, and no two of them say the same."""

    SUBJECTS = ("bank", "bishop", "coach", "council", "court", "hospital", "minister", "museum", "school")
    VERBS = ("approves", "bans", "closes", "delays", "opens", "praises", "rejects", "sues", "visits")
    OBJECTS = ("bridge", "budget", "election", "festival", "glacier", "stadium", "strike", "telescope")
    SYLLABLES = tuple(map("".join, itertools.product("bdfgklmnprstvz", "aeiou", "lnrs")))

    def headline(self, number):
        draw = random.Random(number).choice
        names = ["".join(draw(self.SYLLABLES) for _ in range(2)) for _ in range(4)]
        town, thing, one, other = names
        return (
            f"{town.title()} {draw(self.SUBJECTS)} {draw(self.VERBS)} {thing} {draw(self.OBJECTS)}"
            f" as {one.title()} meets {other.title()}"
        )

    def event(self, number, **fields):
        """The value of a raw record; `fields` win."""
        event = {"id": f"n-{number}", "source": "newsroom", "headline": self.headline(number)}
        return json.dumps(event | fields).encode()

    def copy(self, number):
        """The value of another feed's record of the same headline, written otherwise."""
        return self.event(number, id=f"c-{number}", headline=self.headline(number).upper() + " - Reuters")
