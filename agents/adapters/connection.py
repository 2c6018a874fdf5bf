"""How every client of the program reaches Kafka: where, encrypted or not, as whom. The one place that says so.

Four kinds of client, one answer: kafka-python (`blocking`), aiokafka (`asynchronous`), Faust (`faust_credentials`).
Names of hosts are always checked against certificates. A token is read anew from its file at each connection, so that
whatever renews it need not tell anyone.
"""

import ssl
from pathlib import Path
from typing import Any

from aiokafka.abc import AbstractTokenProvider as AsynchronousTokens
from kafka.net.sasl.oauth import AbstractTokenProvider as BlockingTokens

from agents.adapters import long_poll
from agents.errors import SettingsError
from agents.settings import Settings

long_poll.install()


def blocking(settings: Settings) -> dict[str, Any]:
    """Return the arguments of a client of kafka-python that say where and as whom.

    Raises:
        SettingsError: a certificate, key or token cannot be read, or something is missing.
    """
    how = _shared(settings)
    if settings.sasl_mechanism == "OAUTHBEARER" and settings.uses_sasl:
        how["sasl_oauth_token_provider"] = _BlockingTokens(settings)
    return {"bootstrap_servers": settings.bootstrap.split(","), **how}


def asynchronous(settings: Settings) -> dict[str, Any]:
    """Return the same for a client of aiokafka."""
    how = _shared(settings)
    if settings.sasl_mechanism == "OAUTHBEARER" and settings.uses_sasl:
        how["sasl_oauth_token_provider"] = _AsynchronousTokens(settings)
    return {"bootstrap_servers": settings.bootstrap, **how}


def faust_credentials(settings: Settings) -> Any:
    """Return the same for Faust, None for a connection that is neither encrypted nor authenticated."""
    import faust

    if settings.security_protocol == "PLAINTEXT":
        return None
    context = _context(settings)
    if not settings.uses_sasl:
        return faust.SSLCredentials(context)
    if settings.sasl_mechanism == "OAUTHBEARER":
        from faust.auth import OAuthCredentials

        return OAuthCredentials(oauth_cb=_AsynchronousTokens(settings), ssl_context=context)
    name, password = _name_and_password(settings)
    return faust.SASLCredentials(
        username=name, password=password, mechanism=settings.sasl_mechanism, ssl_context=context
    )


def _shared(settings: Settings) -> dict[str, Any]:
    how: dict[str, Any] = {"security_protocol": settings.security_protocol}
    if settings.uses_tls:
        how["ssl_context"] = _context(settings)
    if settings.uses_sasl:
        how["sasl_mechanism"] = settings.sasl_mechanism
        if settings.sasl_mechanism != "OAUTHBEARER":
            how["sasl_plain_username"], how["sasl_plain_password"] = _name_and_password(settings)
    return how


def _context(settings: Settings) -> ssl.SSLContext | None:
    """Return what certificates are trusted and which is shown; None without encryption."""
    if not settings.uses_tls:
        return None
    try:
        context = ssl.create_default_context(cafile=settings.ssl_ca_file)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"REDIAN_SSL_CA_FILE: {settings.ssl_ca_file} holds no certificates ({error})") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.ssl_cert_file is not None:
        password = settings.ssl_key_password
        try:
            context.load_cert_chain(
                settings.ssl_cert_file, settings.ssl_key_file, password.get_secret_value() if password else ""
            )
        except (OSError, ssl.SSLError) as error:
            raise SettingsError(
                f"REDIAN_SSL_CERT_FILE, REDIAN_SSL_KEY_FILE: {settings.ssl_cert_file} cannot be used ({error})"
            ) from None
    return context


def _name_and_password(settings: Settings) -> tuple[str, str]:
    if not settings.sasl_username or settings.sasl_password is None:
        raise SettingsError(
            f"{settings.sasl_mechanism} needs REDIAN_SASL_USERNAME and REDIAN_SASL_PASSWORD, "
            "or REDIAN_SASL_PASSWORD_FILE with the path of a file that holds it"
        )
    return settings.sasl_username, settings.sasl_password.get_secret_value()


def _token(settings: Settings) -> str:
    path: Path | None = settings.sasl_token_file
    if path is None:
        raise SettingsError("OAUTHBEARER needs REDIAN_SASL_TOKEN_FILE, the path of a file that holds the present token")
    try:
        return path.read_text("utf-8").strip()
    except OSError as error:
        raise SettingsError(f"REDIAN_SASL_TOKEN_FILE: {path} cannot be read ({error.strerror})") from None


class _BlockingTokens(BlockingTokens):  # type: ignore[misc]
    """Reads the token for kafka-python."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        _token(settings)

    def token(self) -> str:
        return _token(self._settings)


class _AsynchronousTokens(AsynchronousTokens):  # type: ignore[misc]
    """Reads the token for aiokafka; a small file of this machine does not hold the loop up."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        _token(settings)

    async def token(self) -> str:
        return _token(self._settings)
