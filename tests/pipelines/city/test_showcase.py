"""Curated subjects: there, as they are meant to be on the last day."""

from __future__ import annotations

import datetime as dt

import polars as pl

from tests.pipelines.city.conftest import AS_OF, Town


def shown(town: Town, case: str) -> str:
    return next(each.id for each in town.report.showcase if each.case == case)


def latest(town: Town, table: str, id: str) -> dict[str, object]:
    return (
        town.table(f"attributes/{table}")
        .filter(pl.col("scope_item") == id)
        .sort("observed_at")
        .row(-1, named=True)
    )


def items_of(town: Town, owner: str, scope: str) -> pl.DataFrame:
    return town.table("scope_items").filter((pl.col("owner") == owner) & (pl.col("scope") == scope))


def test_every_case_of_the_world_is_a_subject(town: Town) -> None:
    assert [each.case for each in town.report.showcase] == [each.id for each in town.world.showcase]
    assert {each.id for each in town.report.showcase} <= set(town.table("subjects")["subject"])
    assert all(each.title.zh and each.title.en for each in town.report.showcase)


def test_the_newborns_mother_has_two_children_of_different_ages(town: Town) -> None:
    mother = shown(town, "newborns-mother")
    children = items_of(town, mother, "child")
    assert children["label"].to_list() == ["小满", "小雨"]
    newborn = latest(town, "citizen.child.health-insurance-and-health", children["id"][0])
    assert newborn["child_birth_date"] == AS_OF - dt.timedelta(days=16)
    assert newborn["child_vaccine_card"] is False
    told = town.table("attributes/citizen.child.public-security").filter(
        pl.col("scope_item") == children["id"][0]
    )
    assert told["observed_at"].dt.date().min() >= AS_OF - dt.timedelta(days=16)


def test_the_licence_expires_soon_and_is_not_yet_renewed(town: Town) -> None:
    driver = shown(town, "driver-with-expiring-licence")
    expiry = latest(town, "citizen.self.traffic", driver)["driver_licence_expiry_date"]
    assert expiry == AS_OF + dt.timedelta(days=38)
    renewals = (pl.col("scope_item") == driver) & (pl.col("item") == "cs-driver-renewal")
    assert town.table("cases").filter(renewals).height == 0


def test_the_bakery_has_a_food_permit_about_to_expire(town: Town) -> None:
    bakery = shown(town, "bakery")
    permit = items_of(town, bakery, "permit")
    told = latest(town, "enterprise.permit.market-regulation", permit["id"][0])
    assert told["food_permit_expiry_date"] == AS_OF + dt.timedelta(days=75)


def test_past_duties_were_met_but_for_those_the_case_says_were_missed(town: Town) -> None:
    cases = town.table("cases")
    assert cases["id"].n_unique() == cases.height
    firms = [each for each in town.world.showcase if each.kind == "enterprise"]
    assert any(case.missed for case in firms)
    for case in firms:
        mine = cases.filter(pl.col("scope_item") == shown(town, case.id))
        assert set(mine["status"]) == {"succeeded"}
        assert not set(mine["item"]) & set(case.missed)
        assert mine["opened_at"].dt.date().max() <= AS_OF
    bakery = cases.filter(pl.col("scope_item") == shown(town, "bakery"))
    reports = bakery.filter(pl.col("item") == "es-annual-report")
    last = AS_OF.year if (AS_OF.month, AS_OF.day) > (6, 30) else AS_OF.year - 1
    assert str(last) in set(reports["cycle"])
    trouble = cases.filter(pl.col("scope_item") == shown(town, "firm-in-trouble"))
    assert "es-annual-report-individual" not in set(trouble["item"])
    assert trouble.height
