"""Connections to brokers of somebody else's, or of another cluster: none of Redian's own settings holds for them."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from dotenv import dotenv_values

from agents.errors import SettingsError
from agents.settings import PREFIX, SECRETS, Settings, checked, secrets_in, text_in

CONNECTION: Final = (
    "bootstrap", "security_protocol", "ssl_ca_file", "ssl_cert_file", "ssl_key_file", "ssl_key_password",
    "sasl_mechanism", "sasl_username", "sasl_password", "sasl_token_file",
)  # fmt: skip
"""Settings that say where brokers are and who Redian is to them."""


def connection_in(path: Path) -> Settings:
    """Return settings whose connection is the one that a file describes, and none of Redian's own.

    Args:
        path: lines NAME=VALUE as in `.env`, of the settings in `CONNECTION`; what it leaves out has its default.

    Raises:
        SettingsError: the file cannot be read, names another setting or no brokers, or one is out of range.
    """
    written = dotenv_values(stream=io.StringIO(text_in(path, "the connection")))
    in_files = [f"{PREFIX}{name.upper()}_FILE" for name in CONNECTION if name in SECRETS]
    held = [*(PREFIX + name.upper() for name in CONNECTION), *in_files]
    for name in written:
        if name not in held:
            raise SettingsError(f"the connection {path} has {name}; it may have {', '.join(held)}")
    given = {name.removeprefix(PREFIX).lower(): value for name, value in written.items() if name not in in_files}
    given |= secrets_in(written)
    if not given.get("bootstrap"):
        raise SettingsError(f"the connection {path} does not say where the brokers are: {PREFIX}BOOTSTRAP=host:port")
    return _connection(given)


def connected_to(brokers: str) -> Settings:
    """Return settings that reach brokers elsewhere, without encryption and as nobody in particular."""
    return _connection({"bootstrap": brokers})


def _connection(given: Mapping[str, Any]) -> Settings:
    """Return settings with this connection, whatever the environment says of Redian's own."""
    defaults = {name: Settings.model_fields[name].default for name in CONNECTION}
    return checked({**defaults, **given})
