"""A PostgreSQL server of the tests' own, from Debian's package, in a temporary folder and on no port."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from uuid import uuid4

import psycopg

ACCOUNT = "postgres"
"""Debian's account for it: PostgreSQL refuses to run as root."""


class Postgres:
    """Within the `with`, a server that listens on a socket in its folder."""

    def __init__(self):
        self._programs = programs()
        self._user = ACCOUNT if os.geteuid() == 0 else None

    def __enter__(self):
        # Not pytest's folders: other accounts may not enter those, and a socket's path has at most 107 bytes.
        self._folder = Path(tempfile.mkdtemp(prefix="newswire-postgres-"))
        if self._user is not None:
            shutil.chown(self._folder, self._user, self._user)
        data = self._folder / "data"
        try:
            self._run("initdb", "--no-sync", "--auth=trust", "--username=news", f"--pgdata={data}")
            options = f"-c listen_addresses='' -c fsync=off -c unix_socket_directories={self._folder}"
            self._run("pg_ctl", "start", "--wait", "--silent", f"--pgdata={data}", f"--options={options}")
        except BaseException:
            shutil.rmtree(self._folder)
            raise
        return self

    def __exit__(self, *_):
        self._run("pg_ctl", "stop", "--mode=immediate", f"--pgdata={self._folder / 'data'}")
        shutil.rmtree(self._folder)

    def new_database(self):
        """Make a database, and give the words by which to connect to it."""
        name = f"news{uuid4().hex[:8]}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self._address(name)

    def _address(self, name):
        return f"host={self._folder} user=news dbname={name}"

    def _run(self, program, *arguments):
        with (self._folder / "log").open("ab") as log:
            done = subprocess.run(
                [self._programs / program, *arguments],
                cwd=self._folder,
                user=self._user,
                group=self._user,
                extra_groups=None if self._user is None else (),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=False,
            )
        assert done.returncode == 0, f"{program} failed:\n{(self._folder / 'log').read_text()}"


def programs():
    """The folder of PostgreSQL's programs, which Debian keeps off PATH; a failure, not a skip, without it."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    usable = [folder for folder in folders if (folder / "initdb").exists() and (folder / "pg_ctl").exists()]
    assert usable, "there is no PostgreSQL server here; Debian has it: apt-get install postgresql"
    return usable[-1]
