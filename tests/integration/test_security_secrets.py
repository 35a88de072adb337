"""No secret comes out anywhere: marked ones are given to every command, and all that is seen of it is searched."""

import json
from base64 import b64encode
from pathlib import Path

import pytest

from .guarded import rights_by_command

pytestmark = pytest.mark.broker

PASSWORD = "s3cret-of-the-user"
KEY_PASSWORD = "s3cret-of-the-key"
RIGHTS = rights_by_command()


@pytest.fixture
def settings(guarded):
    """The settings of a user with both secrets: a password, and an encrypted key, as a broker may want both."""
    user = guarded.may("marked", {right for rights in RIGHTS.values() for right in rights})
    guarded.kafka.add_users(user, password=PASSWORD)
    identity = guarded.kafka.authority.issue(user, password=KEY_PASSWORD)
    return {
        **guarded.kafka.by_certificate(identity, KEY_PASSWORD),
        **guarded.kafka.by_password(user, PASSWORD),
    }


@pytest.fixture
def secrets(settings):
    """What must not be seen: both passwords, also as SASL PLAIN would send them, and lines of the key."""
    key = Path(settings["NEWSWIRE_KAFKA__SSL_KEYFILE"]).read_text().splitlines()[1:-1]
    return [PASSWORD, KEY_PASSWORD, b64encode(PASSWORD.encode()).decode(), *key]


def found_in(text, secrets):
    return [secret for secret in secrets if secret in text]


def titles():
    """The command lines of all processes, as every user of the machine sees them."""
    lines = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            lines.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:  # it has ended meanwhile
            continue
    return "\n".join(lines)


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_worker_shows_no_secret_also_at_debug(guarded, settings, secrets, newsroom, form):
    assert guarded.newswire("topics", "apply").returncode == 0
    worker = guarded.start(
        working=False, **settings, NEWSWIRE_LOG__LEVEL="debug", NEWSWIRE_LOG__FORMAT=form, PYTHONDEVMODE="1"
    )
    worker.wait_for_log("working")
    guarded.feed([newsroom.event(number) for number in range(20)])
    guarded.wait_until_accounted(20)
    pages = "".join(worker.get(page)[1] for page in ("/metrics", "/readyz", "/livez", "/nothing"))
    assert found_in(titles() + pages, secrets) == []
    # An end with a traceback of aiokafka's and of Faust's.
    guarded.kafka.withdraw(
        settings["NEWSWIRE_KAFKA__SASL_USERNAME"], guarded.own(("Read", "group", "newswire"))
    )
    assert worker.wait() == 1
    log = "\n".join(json.dumps(line) for line in worker.log)
    assert "Traceback" in log
    assert found_in(log, secrets) == []


WRONG_SECRETS = {
    "what works": {},
    "a password that is not taken": {"NEWSWIRE_KAFKA__SASL_PASSWORD": PASSWORD * 2},
    "a key that does not open": {"NEWSWIRE_KAFKA__SSL_KEY_PASSWORD": KEY_PASSWORD * 2},
}
WRONG_SETTINGS = {
    "what works": {},
    "a setting that contradicts": {"NEWSWIRE_KAFKA__SESSION_TIMEOUT_S": "100"},
    "a name that is unknown": {"NEWSWIRE_KAFKA__SASL_PASWORD": PASSWORD},
}


@pytest.mark.parametrize(
    ("commands", "cases"),
    [
        (
            ["topics apply", "topics check", "replay", "tail --from-beginning --no-follow", "status"],
            WRONG_SECRETS,
        ),
        (["config", "config --json", "config --changed", "config --env"], WRONG_SETTINGS),
    ],
    ids=["at Kafka", "without it"],
)
def test_a_command_shows_no_secret_whether_it_works_or_fails(guarded, settings, secrets, commands, cases):
    debug = {**settings, "NEWSWIRE_LOG__LEVEL": "debug", "PYTHONDEVMODE": "1"}
    for command in commands:
        for case, changed in cases.items():
            done = guarded.newswire("--debug", *command.split(), **{**debug, **changed})
            said = done.stdout + done.stderr
            assert said, (command, case)
            assert found_in(said, secrets) == [], (command, case)
            if case == "what works":
                assert done.returncode == 0, (command, done.stderr)


def test_the_search_finds_what_is_shown_and_the_secrets_are_those_in_use(guarded, settings, secrets):
    assert found_in(json.dumps(settings), secrets) == [PASSWORD, KEY_PASSWORD]
    assert guarded.newswire("topics", "apply", **settings).returncode == 0
    shown = guarded.newswire("config", "--set", "kafka.client_id=no-secret")
    assert found_in(shown.stdout, ["no-secret"]) == ["no-secret"]
    assert found_in(titles(), ["pytest"]) == ["pytest"]
