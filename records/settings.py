"""Where a run keeps its things and which backends it speaks to; the one clock outside the commands."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, ClassVar, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from records.settings_sources import NamedFileSource, TomlSource

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
"""The zone of every business date."""


def _beside_home(file: str) -> Any:
    return Field(default_factory=lambda given: f"sqlite:///{given['home'] / file}", repr=False)


class Settings(BaseSettings):
    """One run's settings: arguments first, then `QIANMIAN_*`, `QIANMIAN_*_FILE`, settings.toml, defaults."""

    model_config = SettingsConfigDict(
        env_prefix="QIANMIAN_",
        toml_file="settings.toml",
        extra="forbid",
        frozen=True,
        validate_default=True,
        use_attribute_docstrings=True,
    )

    toml_tables: ClassVar[frozenset[str]] = frozenset()
    """The tables of settings.toml this part reads."""

    home: Path = Path("var")
    """The folder everything made at run time is under; made absolute."""
    profile: Literal["development", "production"] = "development"
    """Under `production` nothing made for development is accepted: no generated keys, no embedded issuer."""
    secrets_file: Path | None = None
    """The file of secret keys; unset is `secrets.toml` under home, which only development generates."""
    secrets: SecretStr | None = Field(default=None, repr=False)
    """The text of such a file, for where secrets come through the environment; goes before the file."""
    today: dt.date | None = None
    """The business date to work as of; unset is the current day in Shanghai."""
    records_url: str = _beside_home("records.db")
    """SQLAlchemy address of the records: SQLite under home, or PostgreSQL."""
    online_store: Literal["sqlite", "redis"] = "sqlite"
    """Which online feature store Feast writes to and reads from."""
    redis_url: str = Field(default="redis://127.0.0.1:6379/0", repr=False)
    """Address of Redis; used only where `online_store` is `redis`."""
    mlflow_uri: str = _beside_home("mlflow.db")
    """Tracking and registry address of MLflow."""
    audit_heads_file: Path | None = None
    """Where signed heads of the audit chain are added; unset is under home. Best on another disk."""
    privacy_policy: Path | None = None
    """The operator's own policy file, in place of privacy/policy.yaml; unset is the one that ships."""
    catalogue_change_limit: float = Field(default=0.05, ge=0, le=1)
    """A catalogue that touches more than this share of citizens or of enterprises waits for two approvals."""

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return home.expanduser().absolute()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The order of precedence, highest first."""
        return init_settings, env_settings, NamedFileSource(settings_cls), TomlSource(settings_cls)

    @property
    def secrets_path(self) -> Path:
        """The file of secret keys."""
        return self.secrets_file or self.home / "secrets.toml"

    @property
    def audit_heads_path(self) -> Path:
        """The signed heads of the audit chain, kept apart from the records."""
        return self.audit_heads_file or self.home / "audit" / "heads.jsonl"

    @property
    def catalogue_path(self) -> Path:
        """The compiled catalogue."""
        return self.home / "catalogue" / "catalogue.msgpack"

    @property
    def catalogue_changes_path(self) -> Path:
        """What each new catalogue would change, and who approved it: one file a version."""
        return self.home / "catalogue" / "changes"

    @property
    def city_path(self) -> Path:
        """The worlds of the sample city, one folder each."""
        return self.home / "city"

    @property
    def standings_path(self) -> Path:
        """What city runs found: one folder a day, in it one a scoring."""
        return self.home / "standings"

    @property
    def quarantine_path(self) -> Path:
        """Rejected rows with their reasons, one folder an ingest batch."""
        return self.home / "quarantine"

    @property
    def offline_path(self) -> Path:
        """The offline feature store."""
        return self.home / "offline"

    @property
    def erasure_log_path(self) -> Path:
        """Tokens of whom was erased; to be kept out of backups, and beside them."""
        return self.home / "erasures.jsonl"

    @property
    def attributes_path(self) -> Path:
        """Observed attributes: `<kind>.<scope>/<register>/*.parquet`."""
        return self.offline_path / "attributes"

    @property
    def online_path(self) -> Path:
        """The embedded online feature store."""
        return self.home / "online.db"

    @property
    def registry_path(self) -> Path:
        """Feast's registry."""
        return self.home / "registry.db"

    @property
    def mlartifacts_path(self) -> Path:
        """MLflow's artefacts."""
        return self.home / "mlartifacts"

    @property
    def models_path(self) -> Path:
        """Exported artefacts of the champions, one folder a model."""
        return self.home / "models"


def today_in_shanghai(settings: Settings) -> dt.date:
    """The business date: the one set, else the current day in Shanghai."""
    return settings.today or dt.datetime.now(SHANGHAI).date()


def now_in_utc(settings: Settings) -> dt.datetime:
    """The current instant; with `today` set, the last microsecond of that day in Shanghai.

    The end of the day, so that whatever is recorded for the day has already happened.
    """
    if settings.today is None:
        return dt.datetime.now(dt.UTC)
    return dt.datetime.combine(settings.today, dt.time.max, SHANGHAI).astimezone(dt.UTC)


def moment_of_writing(settings: Settings) -> dt.datetime:
    """The instant to note of something done now; with `today` set, this time of day on that day.

    Never after `now_in_utc`, so that what was just done is seen by whoever asks next.
    """
    now = dt.datetime.now(SHANGHAI)
    return dt.datetime.combine(settings.today or now.date(), now.time(), SHANGHAI).astimezone(dt.UTC)
