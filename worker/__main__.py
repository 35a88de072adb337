"""`python -m worker` is the command `newswire`."""

from worker.cli import main

main()
