"""The stages that know neither Kafka nor the log: raw values into headlines, and headlines with verdicts into records.

    stages      what is computed
    opening     what it is computed with, loaded by the settings
    messages    what goes in and comes out
    helper      a process beside the worker that computes it
    remote      the worker's side of that process
    here        the same in the worker's own process

They are functions of their input and nothing else, so it makes no difference where they run. With a second processor
they run in a process of their own, beside the one that talks to Kafka and keeps the window; that one then loads no more
than the messages.
"""

from worker.stages.messages import Opened, Print, Raw, Read, Tally, Written

__all__ = ["Opened", "Print", "Raw", "Read", "Tally", "Written"]
