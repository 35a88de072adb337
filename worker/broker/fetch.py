"""The first download of Apache Kafka's jars, by jgo, into a cache folder."""

from __future__ import annotations

import fcntl
import shutil
import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING

from worker.broker.jars import Jar, kafka_version, missing, sha256_of
from worker.broker.progress import download_progress
from worker.errors import LocalBrokerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from jgo.maven import MavenContext

INSTALL = "pip install 'newswire[local]'"
CONNECTIONS = 6
TRIES = 3
TIMEOUT_S = 30
SHOW_EVERY_S = 0.2


def fetch(jars: tuple[Jar, ...], folder: Path) -> None:
    """Brings those jars that are missing into the folder; shows progress on standard error.

    A jar is moved into the folder only once its sha256 is the lock's, so an interrupted download leaves
    nothing there that only looks whole. Processes that start together wait for the first of them.

    Raises:
        LocalBrokerError: A jar could not be had, or is not the file that the lock names.
    """
    if not missing(jars, folder):
        return
    with _one_at_a_time(folder):
        wanted = missing(jars, folder)
        if not wanted:
            return
        staging = folder / "staging"
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        title, total = f"Apache Kafka {kafka_version(jars)}", sum(jar.size for jar in wanted)
        try:
            with download_progress(title, total) as show:
                _fetch_all(wanted, folder, staging, show)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "fetch.lock").open("w")
    except OSError as error:
        raise LocalBrokerError(
            f"the cache folder {folder} cannot be written ({error.strerror}); "
            "choose another with NEWSWIRE_CACHE_DIR or --cache-dir"
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch_all(jars: tuple[Jar, ...], folder: Path, staging: Path, show: Callable[[int], None]) -> None:
    given_up = threading.Event()
    kept = 0
    with ThreadPoolExecutor(max_workers=CONNECTIONS) as pool:
        running = {pool.submit(_download, jar, staging / jar.filename, given_up): jar for jar in jars}
        try:
            while running:
                done, _ = wait(running, SHOW_EVERY_S, FIRST_COMPLETED)
                for download in done:
                    jar = running.pop(download)
                    _accept(jar, download, folder)
                    kept += jar.size
                show(kept + sum(path.stat().st_size for path in staging.rglob("*.jar") if path.is_file()))
        except BaseException:
            given_up.set()
            pool.shutdown(cancel_futures=True)
            raise


def _accept(jar: Jar, download: Future[Path], folder: Path) -> None:
    path = download.result()
    if (found := sha256_of(path)) != jar.sha256:
        raise LocalBrokerError(
            f"{jar.coordinate} as downloaded is not the jar that newswire was built for: its sha256 is "
            f"{found}, the lock says {jar.sha256}. It was thrown away; does a proxy or mirror change files?"
        )
    path.replace(folder / jar.filename)


def _download(jar: Jar, staging: Path, given_up: threading.Event) -> Path:
    for left in reversed(range(TRIES)):
        context = _maven(staging, given_up)
        try:
            path: Path = context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
        # requests' errors are OSErrors; jgo raises RuntimeError for a jar that no repository has.
        except (OSError, RuntimeError) as error:
            shutil.rmtree(staging, ignore_errors=True)
            if not left:
                raise LocalBrokerError(
                    f"{jar.coordinate} could not be fetched, tried {TRIES} times: {error}. Check the network "
                    "(HTTPS_PROXY names a proxy, jgo's configuration file a mirror) and start again; jars "
                    "that have arrived are kept"
                ) from error
        else:
            break
    return path


def _maven(staging: Path, given_up: threading.Event) -> MavenContext:
    try:
        from jgo.config import GlobalSettings
        from jgo.maven import MavenContext, PythonResolver
    except ImportError as error:
        raise LocalBrokerError(f"fetching Apache Kafka needs the package jgo: {INSTALL}") from error

    @contextmanager
    def watch(name: str, size: int) -> Iterator[Callable[[int], None]]:
        yield lambda _: _check(given_up, name, size)

    context = MavenContext(PythonResolver(progress_callback=watch), repo_cache=staging, timeout=TIMEOUT_S)
    context.remote_repos.update(GlobalSettings.load().repositories)
    return context


def _check(given_up: threading.Event, name: str, size: int) -> None:
    if given_up.is_set():
        raise LocalBrokerError(f"the download of {name} ({size} bytes) was broken off")
