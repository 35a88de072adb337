"""The stages that know neither Kafka nor the log: raw values into headlines, and headlines with verdicts into records.

    stages      what is computed
    messages    what goes in and comes out
    helper      a process beside the worker that computes it
    remote      the worker's side of that process

They are functions of their input and nothing else, so it makes no difference where they run. With a second processor
they run in a process of their own, beside the one that talks to Kafka and keeps the window.
"""

from worker.stages.messages import Print, Raw, Read, Tally, Written
from worker.stages.stages import Destinations, Policy, Stages

__all__ = ["Destinations", "Policy", "Print", "Raw", "Read", "Stages", "Tally", "Written"]
