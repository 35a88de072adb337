"""The table of README.md in this folder tells of every fault that is declared, and of none that is not."""

import re
from pathlib import Path

from .test_faults import FAULTS

README = Path(__file__).with_name("README.md")


def test_every_fault_stands_in_the_table():
    told = re.findall(r"^\| `([a-z0-9-]+)` \|", README.read_text(), flags=re.MULTILINE)
    assert sorted(told) == sorted(fault.name for fault in FAULTS)


def test_no_two_faults_have_one_name():
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
