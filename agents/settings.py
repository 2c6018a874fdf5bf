"""Every setting: one name, a default, a unit, and where its value came from. Environment, `.env`, command line."""

import difflib
import os
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from dotenv import dotenv_values, set_key
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from agents.adapters.addresses import networks_of
from agents.author_keys import AuthorKeys, kept_keys, read_keys
from agents.errors import SettingsError

if TYPE_CHECKING:  # it brings scipy, for seconds, and most commands compute nothing
    from streams.pipeline import PipelineSettings

PREFIX = "REDIAN_"
ENV_FILE = ".env"


class Settings(BaseSettings):
    """Settings of a deployment. The name in the environment is REDIAN_ and the field's name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=ENV_FILE, extra="ignore", frozen=True)

    bootstrap: str = Field("127.0.0.1:9092", description="Kafka brokers, host:port, several with commas")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="how brokers are reached: encrypted or not, as whom"
    )
    ssl_ca_file: Path | None = Field(None, description="certificates trusted, PEM; the system's if absent")
    ssl_cert_file: Path | None = Field(None, description="certificate shown to brokers, PEM")
    ssl_key_file: Path | None = Field(None, description="its key, PEM, if in a file of its own")
    ssl_key_password: SecretStr | None = Field(None, description="password of that key")
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] = Field(
        "SCRAM-SHA-512", description="how Redian says who it is"
    )
    sasl_username: str | None = Field(None, description="name for PLAIN and SCRAM")
    sasl_password: SecretStr | None = Field(None, description="password for PLAIN and SCRAM")
    sasl_token_file: Path | None = Field(None, description="file with the present token for OAUTHBEARER, read anew")
    app_id: str = Field("redian", description="consumer group of the workers", pattern=r"^[A-Za-z0-9._-]{1,128}$")
    data_dir: Path = Field(Path(".redian"), description="folder for the author key and the embedded broker's data")
    author_key: SecretStr | None = Field(
        None,
        description="key of the author hashes, at least 16 characters, then a time and a key for each rotation "
        "(`redian key rotate`); made and kept in data_dir when absent",
    )

    encoder: str = Field("auto", description="model by its folder's name, off, or auto: the best for the provider")
    models_dir: Path | None = Field(None, description="folder of models of your own, looked in first")
    provider: Literal["auto", "cpu", "cuda", "tensorrt"] = Field(
        "auto", description="where the model runs; no silent fallback"
    )
    threads: int = Field(0, ge=0, le=256, description="threads of the encoder, 0: all cores")
    token_budget: int = Field(2048, ge=64, le=1_000_000, description="tokens in a batch of the encoder")
    score_windows: int = Field(8, ge=1, le=1000, description="windows of max_tokens of a long text that are read")
    score_cache: int = Field(50_000, ge=0, le=10_000_000, description="texts whose scores are remembered")

    posts_partitions: int = Field(4, ge=1, le=1024, description="partitions of posts and posts.scored")
    terms_partitions: int = Field(4, ge=1, le=256, description="partitions of terms, at most the number of shards")
    shards: int = Field(8, ge=1, le=256, description="virtual shards of terms; fixed for the life of a deployment")
    posts_per_message: int = Field(64, ge=1, le=1000, description="posts in a list that Redian writes")
    slice_posts: int = Field(4096, ge=1, le=65_536, description="posts after which a slice is cut")
    scored_slice_posts: int = Field(512, ge=1, le=65_536, description="the same with the encoder on")
    slice_s: float = Field(
        0.5, gt=0, le=60, description="seconds after which a slice is cut; up to 1 in a worker of many partitions"
    )
    lateness_s: int = Field(30, ge=0, le=3600, description="seconds a post may come after its bucket")
    idle_s: float = Field(30.0, gt=0, le=3600, description="seconds of silence after which a partition is idle")
    snapshot_s: float = Field(10.0, gt=0, le=600, description="seconds between snapshots")
    session_timeout_s: float = Field(10.0, ge=6, le=300, description="seconds until a silent worker is replaced")

    budget: float = Field(1.0, ge=0.001, le=1000, description="false alerts a day that you accept")
    muting: float = Field(
        0.25, ge=0, le=1000, description="relevant alerts a day that muting may be expected to cost, 0: mute nothing"
    )

    dead_share: float = Field(
        0.5, ge=0, le=1, description="share of a partition's latest 2,000 items that may be unusable; beyond, it stops"
    )
    dead_run: int = Field(1000, ge=0, le=10_000_000, description="items in a row that may be, 0: any number")
    profiles: int = Field(
        5_000, ge=0, le=1_000_000, description="authors profiled per partition of posts.scored, 0: none, and none kept"
    )
    gazetteer: Path | None = Field(
        None, description="CSV or SKOS file of entities that hotspots may name, beside the bundled ones"
    )
    documents: Path | None = Field(None, description="folder of documents that answers may quote")
    answer_judge: bool = Field(
        False, description="whether the language model of generator_... decides which passage answers a question"
    )

    generator_url: str | None = Field(
        None,
        description="OpenAI-compatible server that tells content and judges answers, such as http://127.0.0.1:8080/v1",
    )
    generator_folder: Path | None = Field(
        None, description="folder of a model that onnxruntime-genai runs here, in place of that server"
    )
    generator_model: str = Field("default", description="the model's name there")
    generator_key: SecretStr | None = Field(None, description="its bearer token")
    generator_timeout_s: float = Field(60.0, ge=0.1, le=600, description="seconds a piece of content may take")
    generator_rate: float = Field(
        30.0, ge=1, le=10_000, description="times a minute that it is asked for content, and for answers"
    )
    generator_price_in: float = Field(0.0, ge=0, le=1_000_000, description="price of a million tokens that it reads")
    generator_price_out: float = Field(0.0, ge=0, le=1_000_000, description="price of a million tokens that it writes")
    generator_spend: float = Field(
        5.0, ge=0, description="what it may cost in 24 hours, in the same currency, for content, and for answers"
    )
    content_queue: int = Field(
        100, ge=0, le=100_000, description="requests for content that may wait before it is no longer asked"
    )

    describe: str = Field(
        "",
        description="what `redian ingest` has told of media: ocr, caption, speech, several with commas",
    )
    describe_media: int = Field(4, ge=1, le=16, description="media of a post that are looked at")
    describe_limit_s: float = Field(
        15.0, ge=0.1, le=30, description="seconds that a post may wait for its media; then it goes as it is"
    )
    describe_url: str | None = Field(
        None, description="OpenAI-compatible server that tells captions and speech, such as http://127.0.0.1:8080/v1"
    )
    describe_model: str = Field("default", description="the model's name there")
    describe_key: SecretStr | None = Field(None, description="its bearer token")

    outbound_allow: str = Field(
        "", description="networks that requests may reach though not public, such as 10.1.0.0/16, several with commas"
    )

    web_host: str = Field("127.0.0.1", description="address of health, metrics and the page")
    web_token: SecretStr | None = Field(
        None, description="what the web side asks for, at least 16 characters; needed where web_host is not loopback"
    )
    web_rate: float = Field(20.0, ge=0, le=10_000, description="requests a second of one address, 0: any number")
    metrics_host: str = Field("127.0.0.1", description="address at which a source serves metrics (--metrics-port)")
    web_port: int = Field(8060, ge=0, le=65_535, description="its port, 0: any that is free")

    traces: str | None = Field(
        None,
        description="where traces go, OTLP over HTTP, such as http://127.0.0.1:4318; none without",
        pattern="^https?://",
    )
    trace_share: float = Field(0.01, ge=0, le=1, description="share of slices that are traced")

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least severity that is logged")
    log_form: Literal["auto", "text", "json"] = Field(
        "auto", description="form of a log line; auto: text on a terminal, JSON otherwise"
    )

    @field_validator("author_key")
    @classmethod
    def _keys(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None:
            read_keys(key.get_secret_value())
        return key

    @field_validator("web_token")
    @classmethod
    def _long_enough(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and len(key.get_secret_value()) < 16:
            raise ValueError("at least 16 characters are needed")
        return key

    @property
    def uses_tls(self) -> bool:
        """Whether brokers are reached encrypted."""
        return self.security_protocol in ("SSL", "SASL_SSL")

    @property
    def uses_sasl(self) -> bool:
        """Whether Redian says who it is."""
        return self.security_protocol.startswith("SASL")

    @property
    def describers(self) -> list[str]:
        """What is told of media, each once."""
        return list(dict.fromkeys(kind.strip() for kind in self.describe.split(",") if kind.strip()))

    @field_validator("describe")
    @classmethod
    def _known_describers(cls, kinds: str) -> str:
        for kind in kinds.split(","):
            if kind.strip() not in ("", "ocr", "caption", "speech"):
                raise ValueError(f"{kind.strip()[:20]} is none of ocr, caption, speech")
        return kinds

    @field_validator("outbound_allow")
    @classmethod
    def _networks(cls, networks: str) -> str:
        try:
            networks_of(networks)
        except ValueError as error:
            raise ValueError(f"{error}; write networks as 10.1.0.0/16, several with commas") from None
        return networks

    def pipeline(self) -> "PipelineSettings":
        """Return what a run over a log depends on."""
        from agents.adapters.gazetteers import load_gazetteer
        from streams.pipeline import PipelineSettings

        return PipelineSettings(
            partitions=self.posts_partitions,
            shards=self.shards,
            slice_posts=self.slice_posts,
            lateness_ms=self.lateness_s * 1000,
            budget=self.budget,
            muting=self.muting,
            gazetteer=load_gazetteer(self.gazetteer),
        )

    @property
    def author_key_file(self) -> Path:
        """Where the keys of the author hashes are kept if no setting gives them."""
        return self.data_dir / "author.key"

    @property
    def has_author_key(self) -> bool:
        """Whether there are keys already, so that asking for them makes none."""
        return self.author_key is not None or self.author_key_file.is_file()

    def author_keys(self) -> AuthorKeys:
        """Return the keys of the author hashes; the first call of a deployment without any makes one.

        Raises:
            SettingsError: the key cannot be kept in `data_dir`, or what is kept there is none.
        """
        if self.author_key is not None:
            return read_keys(self.author_key.get_secret_value())
        return kept_keys(self.author_key_file)


def current_settings(chosen: Mapping[str, Any] | None = None) -> Settings:
    """Return the settings: command line before environment before `.env` before defaults.

    Args:
        chosen: settings given on the command line, by field name; values of None are not given.

    Raises:
        SettingsError: one is unknown or out of range; the text names it and what is allowed.
    """
    given = {name: value for name, value in {**_command_line, **(chosen or {})}.items() if value is not None}
    given = {**_secrets_in_files(), **given}
    known = set(Settings.model_fields)
    for name in [*_names_in(os.environ), *_names_in(dotenv_values(ENV_FILE)), *given]:
        if name not in known and name.removesuffix(_FILE) not in SECRETS:
            near = difflib.get_close_matches(name, known, 1, 0.5)
            hint = f"; did you mean {PREFIX}{near[0].upper()}?" if near else "; `redian config show` lists them all"
            raise SettingsError(f"there is no setting {PREFIX}{name.upper()}{hint}")
    settings = checked(given)
    if settings.terms_partitions > settings.shards:
        raise SettingsError(
            f"REDIAN_TERMS_PARTITIONS is {settings.terms_partitions}, more than the {settings.shards} shards: "
            "some partitions would stay empty; lower it"
        )
    return settings


def checked(given: Mapping[str, Any]) -> Settings:
    """Return settings with these values.

    Raises:
        SettingsError: one is out of range; the text names it and what is allowed.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        about = Settings.model_fields[name].description if name in Settings.model_fields else ""
        message = first["msg"].removeprefix("Value error, ").lower()
        raise SettingsError(f"{PREFIX}{name.upper()} ({about}): {message}") from None


SECRETS: Final = frozenset(
    name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)
)
"""Settings that are never shown. Each may be given as NAME_FILE, the path of a file that holds it."""

_FILE: Final = "_file"
_MOST_BYTES: Final = 64 * 1024


def _secrets_in_files() -> dict[str, str]:
    """Return the secrets that files hold."""
    return secrets_in({**dotenv_values(ENV_FILE), **os.environ})


def secrets_in(written: Mapping[str, str | None]) -> dict[str, str]:
    """Return the secrets of which settings as they are written name files.

    Raises:
        SettingsError: a file cannot be read, or the secret is given twice.
    """
    found: dict[str, str] = {}
    for name in SECRETS:
        variable = PREFIX + name.upper()
        path = written.get(variable + _FILE.upper())
        if path is None:
            continue
        if variable in written:
            raise SettingsError(f"{variable} and {variable}_FILE are both set; leave one out")
        found[name] = text_in(Path(path), f"{variable}_FILE:").strip()
    return found


def text_in(path: Path, what: str) -> str:
    """Return what a small file says.

    Raises:
        SettingsError: it cannot be read, or is no text; the message begins with `what`.
    """
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SettingsError(f"{what} {path} cannot be read ({why})") from None


def secret_file(name: str) -> Path | None:
    """Return the file that holds a secret by NAME_FILE, None where no file is named."""
    path = {**dotenv_values(ENV_FILE), **os.environ}.get((PREFIX + name + _FILE).upper())
    return None if path is None else Path(path)


def _names_in(values: Mapping[str, str | None]) -> list[str]:
    return [name.removeprefix(PREFIX).lower() for name in values if name.startswith(PREFIX)]


def write_env(name: str, value: str) -> None:
    """Write a setting into `.env` of this folder, in place of what stands there; the other lines stay.

    Raises:
        SettingsError: the file cannot be written.
    """
    path, key = Path(ENV_FILE), PREFIX + name.upper()
    try:
        set_key(path, key, value, quote_mode="auto")
    except OSError as error:
        raise SettingsError(f"{path.resolve()} cannot be written ({error.strerror}); set {key}={value}") from None


_command_line: dict[str, Any] = {}


def choose(chosen: Mapping[str, Any]) -> None:
    """Note settings given on the command line before a command's own, such as `redian --encoder off backtest …`."""
    _command_line.update({name: value for name, value in chosen.items() if value is not None})


def named(assignments: Iterable[str]) -> dict[str, str]:
    """Return the settings that NAME=VALUE pairs choose, by field name; NAME with or without REDIAN_, in any case.

    Raises:
        SettingsError: one has no "=".
    """
    chosen = {}
    for assignment in assignments:
        name, has_value, value = assignment.partition("=")
        if not has_value:
            raise SettingsError(f"--set {assignment} names no value; write --set NAME=VALUE, such as --set budget=2")
        chosen[name.strip().lower().removeprefix(PREFIX.lower())] = value
    return chosen


@cache
def _dotenv_names() -> frozenset[str]:
    return frozenset(_names_in(dotenv_values(ENV_FILE)))


def source_of(name: str) -> str:
    """Return where the value of a setting comes from: command line, environment, a file, .env or default."""
    if _command_line.get(name) is not None:
        return "command line"
    if PREFIX + name.upper() in os.environ:
        return "environment"
    if name in SECRETS and (name + _FILE in _dotenv_names() or (PREFIX + name + _FILE).upper() in os.environ):
        return "file"
    return ".env" if name in _dotenv_names() else "default"
