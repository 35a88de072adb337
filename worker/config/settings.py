"""The settings as one object, and what must agree between its sections."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, Self

from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from worker.config.sections import (
    DedupSettings,
    DeepMode,
    DeepSettings,
    HttpSettings,
    KafkaSettings,
    LogSettings,
    Mode,
    NormalizeSettings,
    ReplaySettings,
    RouteSettings,
    Section,
    TopicSettings,
    WorkerSettings,
    raise_problems,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

ENV_PREFIX: Final = "NEWSWIRE_"
LOG_WINDOWS: Final = 4
"""Windows that the log must keep: identities for two, the window before each, and one of slack."""

SAFE_WINDOW_S: Final = 60
"""A window's quarter is the time that an append may take before its frame is void and is appended again, and brokers'
clocks are trusted to differ by a window at most: 15 seconds and a minute bear an election of leaders."""


class Settings(BaseSettings):
    """Every setting of newswire.

    `load` reads it. `Settings()` takes the environment too, but does not notice unknown names in it.
    """

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        validate_default=True,
    )

    kafka: KafkaSettings = KafkaSettings()
    topics: TopicSettings = TopicSettings()
    replay: ReplaySettings = ReplaySettings()
    normalize: NormalizeSettings = NormalizeSettings()
    dedup: DedupSettings = DedupSettings()
    deep: DeepSettings = DeepSettings()
    route: RouteSettings = RouteSettings()
    worker: WorkerSettings = WorkerSettings()
    http: HttpSettings = HttpSettings()
    log: LogSettings = LogSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options win over the environment; no .env file and no secrets folder is read."""
        del env_settings, dotenv_settings, file_secret_settings
        environment = EnvSettingsSource(settings_cls)
        environment.env_vars = {name: value for name, value in environment.env_vars.items() if "__" in name}
        return init_settings, environment

    @model_validator(mode="after")
    def _agree(self) -> Self:
        problems = []
        needed_h = LOG_WINDOWS * self.dedup.window_s / 3600
        if self.topics.log_retention_h < needed_h:
            if "log_retention_h" in self.topics.model_fields_set:
                problems.append(
                    f"topics.log_retention_h={self.topics.log_retention_h:g} must be at least {needed_h:g}:"
                    f" {LOG_WINDOWS} windows of dedup.window_s={self.dedup.window_s:g}"
                )
            # Left alone, it follows the window; the object is frozen for everybody else.
            self.__dict__["topics"] = self.topics.model_copy(update={"log_retention_h": needed_h})
        if self.deep.mode is DeepMode.ON and self.dedup.mode is Mode.OFF:
            problems.append(
                "deep.mode=on needs dedup.mode=suppress or mark: what the model says is recorded in the fingerprint log"
            )
        raise_problems(problems)
        return self

    def warnings(self) -> Iterator[str]:
        """What can be set, and should not be where it matters."""
        if self.dedup.mode is not Mode.OFF and self.dedup.window_s < SAFE_WINDOW_S:
            yield (
                f"dedup.window_s={self.dedup.window_s:g} is for trials: with less than {SAFE_WINDOW_S} s an append"
                " to the log that is slow, or brokers' clocks that differ, hold the worker up"
            )

    def secrets(self) -> frozenset[str]:
        """The secret values themselves, for a log to blot out."""
        return frozenset(
            value.get_secret_value()
            for _, section in self.sections()
            for _, value in section
            if isinstance(value, SecretStr) and value.get_secret_value()
        )

    def sections(self) -> Iterator[tuple[str, Section]]:
        """Every section with its name, in the order of the documentation."""
        for name in type(self).model_fields:
            yield name, getattr(self, name)
