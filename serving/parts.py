"""Opens what the server works with, each part from where the settings say the run left it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, text

from catalog.artefact import ArtefactError, load
from catalog.catalogue import Catalogue
from features.freshness import default_shelf_life
from features.registry import StoreLocation, open_store
from features.retrieval import OnlineProfiles
from models.eligibility.rule_book import RuleBook
from models.homepage import LearnedSignals
from models.standing.working_days import published_calendar
from privacy.policy_file import PolicyError, put_in_force
from records.audit import AuditChain, audit_chain
from records.audit_views import OwnViews
from records.database import open_records, reading
from records.keys import Secrets, SecretsError, open_secrets
from records.profiles import ProfileReader
from records.settings import now_in_utc, today_in_shanghai
from serving.champions import load_champions
from serving.desk import Clock, Desk
from serving.errors import NotReady
from serving.impressions import ImpressionLog
from serving.opinions import OpinionCount
from serving.samples import Samples, load_samples
from serving.settings import ServingSettings
from serving.use_counts import UseCounts


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

    def check(self) -> None:
        """Raise what stands in the way of answering."""
        with reading(self.engine) as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Write what is waiting, and let go of the records."""
        try:
            self.impressions.close()
            self.views.close()
        finally:
            self.engine.dispose()


def open_parts(settings: ServingSettings) -> Parts:
    """All parts of a run. Raises NotReady that says what is missing and how to make it."""
    catalogue = _catalogue(settings)
    _follow_policy(settings, catalogue)
    secrets = _secrets(settings)
    engine = open_records(settings)
    clock = Clock(on=lambda: today_in_shanghai(settings), at=lambda: now_in_utc(settings))
    store = open_store(store_location(settings))
    online = OnlineProfiles(store, catalogue, default_shelf_life(), clock.at)
    samples = load_samples(settings.city_path)
    loaded = load_champions(settings.models_path, catalogue)
    desk = Desk(
        catalogue=catalogue,
        engine=engine,
        profiles=ProfileReader(engine, online),
        judge=RuleBook(catalogue),
        calendar=published_calendar(),
        clock=clock,
        learned=LearnedSignals(loaded.champions, catalogue) if loaded.champions.names else None,
        opinions=OpinionCount(engine, catalogue, clock.at).latest,
        used=UseCounts(store, catalogue, clock.at).latest,
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
    )


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


def _catalogue(settings: ServingSettings) -> Catalogue:
    path = settings.catalogue_path
    if not path.is_file():
        raise NotReady(f"no compiled catalogue at {path}: run `qianmian catalog build`, or `make run`")
    try:
        catalogue = load(path)
    except ArtefactError as error:
        raise NotReady(str(error)) from error
    if catalogue.synthetic:
        raise NotReady(
            f"{path} is a synthetic catalogue for scale tests and is never served; build the real one"
        )
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
