"""Settings: where values come from, which wins, and what a mistake is told in one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agents.connections import connected_to, connection_in
from agents.errors import SettingsError
from agents.settings import Settings, current_settings, named

ROOT = Path(__file__).resolve().parents[2]


def redian(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder of its own, so that its `.env` counts and no other."""
    given = {f"REDIAN_{name.upper()}": value for name, value in environment.items()}
    env = {**os.environ, **given, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    command = [sys.executable, "-m", "agents.cli.main", *arguments]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False)


def shown(ran: subprocess.CompletedProcess[str], name: str) -> list[str]:
    """Return value and source of a setting in what `config show` printed."""
    line = next(line for line in ran.stdout.splitlines() if line.strip().startswith(name))
    return line.split()[1:3]


def test_the_command_line_wins_over_the_environment_over_the_file_over_defaults(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("REDIAN_BUDGET=2\nREDIAN_SHARDS=16\nREDIAN_WEB_PORT=9000\n", "utf-8")
    ran = redian(tmp_path, "config", "show", "--set", "budget=4", budget="3", shards="12")
    assert ran.returncode == 0, ran.stderr
    assert shown(ran, "REDIAN_BUDGET") == ["4.0", "command"]
    assert shown(ran, "REDIAN_SHARDS") == ["12", "environment"]
    assert shown(ran, "REDIAN_WEB_PORT") == ["9000", ".env"]
    assert shown(ran, "REDIAN_LATENESS_S") == ["30", "default"]


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    ran = redian(tmp_path, "config", "show", author_key="a secret of this test alone")
    assert shown(ran, "REDIAN_AUTHOR_KEY") == ["****", "environment"]
    assert "a secret of this test alone" not in ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"lateness": "9"}, "did you mean REDIAN_LATENESS_S?"),
        ({"qqq": "9"}, "`redian config show` lists them all"),
        ({"budget": "-1"}, "REDIAN_BUDGET (false alerts a day that you accept)"),
        ({"shards": "many"}, "REDIAN_SHARDS"),
        ({"author_key": "short"}, "at least 16 characters"),
        ({"shards": "2", "terms_partitions": "3"}, "lower it"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_do(
    given: dict[str, str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"REDIAN_{name.upper()}", value)
    with pytest.raises(SettingsError) as caught:
        current_settings()
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_settings_on_the_command_line_may_be_written_as_in_the_environment() -> None:
    assert named(["REDIAN_BUDGET=2", "shards=4", "bootstrap=a:1,b:2"]) == {
        "budget": "2",
        "shards": "4",
        "bootstrap": "a:1,b:2",
    }
    with pytest.raises(SettingsError, match="names no value"):
        named(["budget"])


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_an_author_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    settings = current_settings({"data_dir": tmp_path / "data"})
    first = settings.author_keys()
    assert len(first.first) >= 16
    assert settings.author_keys() == first
    assert (tmp_path / "data" / "author.key").stat().st_mode & 0o077 == 0


def test_a_full_disk_leaves_no_author_key_rather_than_an_empty_one(tmp_path: Path) -> None:
    limited = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    limited += "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); "
    limited += "from agents.settings import current_settings; current_settings().author_keys()"
    env = {**os.environ, "REDIAN_DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run([sys.executable, "-c", limited], env=env, capture_output=True, text=True, check=False)
    assert "the author key cannot be kept" in ran.stderr
    assert not (tmp_path / "author.key").exists()


def test_a_file_without_a_key_is_not_taken_for_one(tmp_path: Path) -> None:
    (tmp_path / "author.key").touch()
    with pytest.raises(SettingsError, match="holds no author key"):
        current_settings({"data_dir": tmp_path}).author_keys()


def test_a_connection_elsewhere_has_nothing_of_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIAN_SECURITY_PROTOCOL", "SASL_SSL")
    monkeypatch.setenv("REDIAN_SASL_USERNAME", "ours")
    monkeypatch.setenv("REDIAN_SASL_PASSWORD", "our password")
    monkeypatch.setenv("REDIAN_SSL_CA_FILE", "/ours.pem")
    (tmp_path / "password").write_text("theirs\n", "utf-8")
    file = tmp_path / "other.env"
    file.write_text(
        f"# theirs\nREDIAN_BOOTSTRAP=other:9093\nREDIAN_SASL_USERNAME=we-there\n"
        f"REDIAN_SASL_PASSWORD_FILE={tmp_path / 'password'}\nREDIAN_SECURITY_PROTOCOL=SASL_PLAINTEXT\n",
        "utf-8",
    )
    there = connection_in(file)
    assert (there.bootstrap, there.security_protocol, there.ssl_ca_file) == ("other:9093", "SASL_PLAINTEXT", None)
    assert there.sasl_username == "we-there"
    assert there.sasl_password is not None
    assert there.sasl_password.get_secret_value() == "theirs"
    plain = connected_to("third:9092")
    assert (plain.bootstrap, plain.security_protocol, plain.sasl_password) == ("third:9092", "PLAINTEXT", None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"REDIAN_SECURITY_PROTOCOL=SSL", "where the brokers are"),
        (b"REDIAN_BOOTSTRAP=a:1\nREDIAN_BUDGET=2", "has REDIAN_BUDGET"),
        (b"REDIAN_BOOTSTRAP=a:1\nREDIAN_SECURITY_PROTOCOL=TLS", "REDIAN_SECURITY_PROTOCOL"),
        (b"REDIAN_BOOTSTRAP=a:1\nREDIAN_SASL_PASSWORD=x\nREDIAN_SASL_PASSWORD_FILE=/x", "leave one out"),
        (b"\xff\xfe", "it is no text"),
        (None, "cannot be read"),
    ],
)
def test_a_connection_that_cannot_be_meant_is_one_line(tmp_path: Path, text: bytes | None, told: str) -> None:
    file = tmp_path / "other.env"
    if text is not None:
        file.write_bytes(text)
    with pytest.raises(SettingsError, match=told):
        connection_in(file)
