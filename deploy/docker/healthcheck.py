"""The image's HEALTHCHECK: whether the worker in this container is ready, by its /readyz; exit 0 or 1.

It asks where the worker listens: `--set http.port=…` and `--set http.host=…` of its command line, else
NEWSWIRE_HTTP__PORT and NEWSWIRE_HTTP__HOST, else the defaults. A container of the image that runs another command
(`newswire topics apply`, `newswire replay`) has no port and is healthy as long as it runs. Only the standard library
is used, so that a check costs a few hundredths of a second of CPU.
"""

from __future__ import annotations

import http.client
import os
import re
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_S = 4
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what listens there is asked on the loopback


def main(process: Path = Path("/proc/1/cmdline")) -> int:
    """Ask once, and say what the worker answers; the exit code."""
    arguments = command_line(process.read_bytes())
    if arguments[:1] != ["worker"]:
        print("no worker runs here")
        return 0
    host, port = address(arguments, os.environ)
    try:
        connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        print(answer.read().decode(errors="replace").strip())
    except (OSError, http.client.HTTPException) as error:
        print(f"http://{host}:{port}/readyz does not answer: {error}")
        return 1
    return 0 if answer.status == http.client.OK else 1


def command_line(process: bytes) -> list[str]:
    """What stands after `newswire` on the command line of the container's first process, its options left out.

    With `init: true` that process is an init that names the command after its own arguments.
    """
    words = [word.decode(errors="replace") for word in process.split(b"\0") if word]
    names = [Path(word).name for word in words]
    arguments = words[names.index("newswire") + 1 :] if "newswire" in names else []
    while arguments and arguments[0].startswith("-"):
        arguments = arguments[1:]
    return arguments


def address(arguments: list[str], environment: Mapping[str, str]) -> tuple[str, int]:
    """Where the worker listens, as seen from inside of its container."""
    chosen = {
        "http.host": environment.get("NEWSWIRE_HTTP__HOST") or "127.0.0.1",
        "http.port": environment.get("NEWSWIRE_HTTP__PORT") or "9464",
    }
    # An option and its value are two words, or one with an equals sign between.
    words = [part for word in arguments for part in re.split(r"(?<=^--set)=", word, maxsplit=1)]
    for option, value in pairwise(words):
        name, _, given = value.partition("=")
        if option == "--set" and (name := name.strip().lower()) in chosen:
            chosen[name] = given
    host = chosen["http.host"]
    return ANY_ADDRESS.get(host, host), int(chosen["http.port"])


if __name__ == "__main__":
    sys.exit(main())
