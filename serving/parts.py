"""Opens what the server works with, each part from where the settings say the run left it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from catalog.artefact import ArtefactError
from catalog.catalogue import Catalogue
from features.materialised import materialised_at
from features.registry import StoreLocation
from models.eligibility.rule_book import RuleBook
from models.homepage import LearnedSignals
from models.standing.working_days import published_calendar
from privacy.policy_file import PolicyError, put_in_force
from records.audit import AuditChain, audit_chain
from records.audit_views import OwnViews
from records.clock_skew import ClockWatch, steady_clock
from records.database import engine_for, is_current, migrate, reading
from records.keys import Secrets, SecretsError, open_secrets
from records.last_good import keep_catalogue, load_catalogue
from records.profiles import ProfileReader
from records.settings import moment_of_writing, now_in_utc, today_in_shanghai
from serving.champions import Loaded, load_champions
from serving.degraded import Condition, degrading
from serving.desk import Clock, Desk
from serving.errors import NotReady
from serving.identity.desk import wall_clock
from serving.impressions import ImpressionLog
from serving.online import Online, open_online
from serving.opinions import OpinionCount
from serving.samples import Samples, load_samples
from serving.settings import ServingSettings
from serving.use_counts import UseCounts
from serving.watch import Ageing, Watch

LOCK_WITHIN: Final = 5.0
"""Seconds for which a request waits for a lock of the records."""
LOOK_WITHIN: Final = 0.5
"""The same for the watch."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything a request may reach."""

    settings: ServingSettings
    catalogue: Catalogue
    engine: Engine
    desk: Desk
    refused: tuple[str, ...]
    """Model artefacts that were found and must not be used."""
    samples: Samples
    impressions: ImpressionLog
    secrets: Secrets
    audit: AuditChain
    """Where every access by anyone but the subject is written, before it is answered."""
    views: OwnViews
    """Where a subject's views of their own data are noted."""
    condition: Condition
    """What is amiss right now."""
    online: Online
    watch: Watch

    def check(self) -> None:
        """Raise what stands in the way of answering."""
        with reading(self.engine) as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Write what is waiting, and let go of the records."""
        try:
            self.watch.close()
            self.impressions.close()
            self.views.close()
        finally:
            self.online.close()
            self.engine.dispose()


def open_parts(settings: ServingSettings) -> Parts:
    """All parts of a run. Raises NotReady that says what is missing and how to make it."""
    condition = Condition(steady_clock)
    catalogue = _catalogue(settings, condition)
    secrets = _secrets(settings)
    engine = _records(settings, condition)
    clock = Clock(on=lambda: today_in_shanghai(settings), at=lambda: now_in_utc(settings))
    online = open_online(store_location(settings), catalogue, clock, condition, steady_clock)
    samples = load_samples(settings.city_path)
    loaded = _champions(settings, catalogue, clock, condition)
    desk = Desk(
        catalogue=catalogue,
        engine=engine,
        profiles=ProfileReader(engine, online.profiles, acts=online.acts),
        judge=RuleBook(catalogue),
        calendar=published_calendar(),
        clock=clock,
        learned=LearnedSignals(loaded.champions, catalogue) if loaded.champions.names else None,
        opinions=OpinionCount(engine, catalogue, clock.at).latest,
        used=UseCounts(online.profiles, catalogue, clock.at).latest,
        amiss=lambda: condition.told_on_pages,
    )
    chain = audit_chain(secrets)
    return Parts(
        settings=settings,
        catalogue=catalogue,
        engine=engine,
        desk=desk,
        refused=loaded.refused,
        samples=samples,
        impressions=ImpressionLog(engine),
        secrets=secrets,
        audit=chain,
        views=OwnViews(engine, chain, settings.audit_heads_path, clock.at).start(),
        condition=condition,
        online=online,
        watch=Watch(
            condition,
            engine_for(settings.records_url, LOOK_WITHIN),
            online,
            settings.home,
            partial(moment_of_writing, settings),
            ClockWatch(wall_clock),
            Ageing(
                loaded.trained_to,
                partial(materialised_at, settings.offline_path),
                tuple(Path(name.strip()) for name in settings.certificates.split(",") if name.strip()),
            ),
        ).start(),
    )


def _records(settings: ServingSettings, condition: Condition) -> Engine:
    """The records; where they cannot be written they are served as they are, if their schema is ours."""
    engine = engine_for(settings.records_url, LOCK_WITHIN)
    try:
        migrate(settings.records_url)
    except SQLAlchemyError as error:
        failure = condition.heard_of_records(error)
        try:
            current = is_current(engine)
        except SQLAlchemyError as unreadable:
            raise NotReady(f"the records cannot be opened ({failure})") from unreadable
        if not current:
            raise NotReady(f"the records cannot be brought to this version's schema ({failure})") from error
    return engine


def _champions(settings: ServingSettings, catalogue: Catalogue, clock: Clock, condition: Condition) -> Loaded:
    oldest = clock.on() - dt.timedelta(days=degrading().ages.model_unused_days)
    loaded = load_champions(settings.models_path, catalogue, oldest)
    condition.turns("model_refused", bool(loaded.refused), ", ".join(loaded.refused))
    condition.turns("model_last_good", bool(loaded.last_good), ", ".join(loaded.last_good))
    condition.turns("model_missing", not loaded.champions.names)
    return loaded


def _secrets(settings: ServingSettings) -> Secrets:
    try:
        return open_secrets(settings)
    except SecretsError as error:
        raise NotReady(str(error)) from error


def _follow_policy(settings: ServingSettings, catalogue: Catalogue) -> None:
    try:
        put_in_force(settings.privacy_policy, catalogue)
    except PolicyError as error:
        raise NotReady(str(error)) from error


def _catalogue(settings: ServingSettings, condition: Condition) -> Catalogue:
    path = settings.catalogue_path
    try:
        catalogue, wrong = load_catalogue(path)
    except FileNotFoundError as error:
        raise NotReady(
            f"no compiled catalogue at {path}: run `qianmian catalog build`, or `make run`"
        ) from error
    except ArtefactError as error:
        raise NotReady(str(error)) from error
    if catalogue.synthetic:
        raise NotReady(
            f"{path} is a synthetic catalogue for scale tests and is never served; build the real one"
        )
    _follow_policy(settings, catalogue)
    if wrong is None:
        keep_catalogue(catalogue, path)
    else:
        condition.begins("catalogue_last_good", wrong)
    return catalogue


def store_location(settings: ServingSettings) -> StoreLocation:
    """Where the settings keep the feature store."""
    return StoreLocation(
        registry=settings.registry_path,
        offline=settings.offline_path,
        online=settings.online_path,
        online_store=settings.online_store,
        redis_url=settings.redis_url,
    )
