from __future__ import annotations

import ssl

import pytest
from worker.config.tls import client_context
from worker.errors import SettingsError


def context(**files):
    return client_context(**({"cafile": None, "certfile": None, "keyfile": None, "password": None} | files))


def test_a_context_checks_the_brokers_certificate_and_name():
    made = context()
    assert made.verify_mode is ssl.CERT_REQUIRED
    assert made.check_hostname


@pytest.mark.parametrize("name", ["cafile", "certfile", "keyfile"])
def test_a_missing_file_is_named_with_its_setting(tmp_path, name):
    missing = str(tmp_path / "nothing.pem")
    with pytest.raises(SettingsError, match=rf"kafka\.ssl_{name}: .*nothing\.pem cannot be read"):
        context(**{name: missing})


def test_an_authority_file_without_a_certificate_is_refused(tmp_path):
    (tmp_path / "ca.pem").write_text("no certificate\n")
    with pytest.raises(SettingsError, match=r"kafka\.ssl_cafile: .*holds no PEM certificates"):
        context(cafile=str(tmp_path / "ca.pem"))


def test_a_certificate_file_that_is_none_is_refused(tmp_path):
    (tmp_path / "client.pem").write_text("no certificate\n")
    with pytest.raises(SettingsError, match=r"kafka\.ssl_certfile: .*cannot be used"):
        context(certfile=str(tmp_path / "client.pem"))
