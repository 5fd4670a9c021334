"""What changed of a firm's package: interface and page tell the same, and unknown sums are never added."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from catalog.vocabulary import Names
from models.policy_package.change import Altered, Held, Lost, PackageChange
from records.database import writing
from records.package_changes import keep_change
from serving.desk import Desk
from serving.identity.refusals import KeptBack
from serving.package_news import package_news

FIRM = "e-soft"
AT = dt.datetime(2026, 11, 20, 20, tzinfo=dt.UTC)
ADDRESS = f"/v1/enterprises/{FIRM}/policy-package/changes"


def held(item: str, yuan: float | None, due_on: dt.date | None = None, *, money: bool = True) -> Held:
    return Held(
        item=item,
        scope_item=FIRM,
        names=Names(zh=f"{item} 的中文名", en=f"the name of {item}"),
        category="finance",
        needs_application=True,
        brings_money=money,
        yuan=yuan,
        due_on=due_on,
    )


ENDED = held("ep-ended-long-ago", None)
CHANGE = PackageChange(
    since=dt.date(2026, 11, 20),
    on=dt.date(2026, 11, 21),
    catalogue_version="v2",
    added=(held("ep-small-profit-cit", 250_000.0, dt.date(2026, 12, 31)),),
    lost=(Lost(ENDED, "ended"),),
    altered=(Altered(held("ep-rd-deduction", 1_000.0), held("ep-rd-deduction", None)),),
    total_before=1_000.0,
    total_now=250_000.0,
    unknown_before=1,
    unknown_now=1,
)


@pytest.fixture
def told(own_client: TestClient) -> TestClient:
    """A server on whose records the firm was told of two changes."""
    with writing(own_client.app.state.parts.engine) as connection:  # type: ignore[attr-defined]
        first = replace(CHANGE, since=dt.date(2026, 11, 1), on=dt.date(2026, 11, 2), added=(), altered=())
        keep_change(connection, FIRM, "first", first, AT - dt.timedelta(days=19))
        keep_change(connection, FIRM, "second", CHANGE, AT)
    return own_client


def test_the_latest_comes_first_and_pages_lead_on(told: TestClient) -> None:
    whole = told.get(ADDRESS).json()
    assert [change["on"] for change in whole["changes"]] == ["2026-11-21", "2026-11-02"]
    assert whole["next_before"] is None
    page = told.get(ADDRESS, params={"limit": 1}).json()
    assert [change["on"] for change in page["changes"]] == ["2026-11-21"]
    rest = told.get(ADDRESS, params={"limit": 1, "before": page["next_before"]}).json()
    assert [change["on"] for change in rest["changes"]] == ["2026-11-02"]


def test_yuan_are_told_only_where_known(told: TestClient) -> None:
    change = told.get(ADDRESS).json()["changes"][0]
    assert (change["total_before"], change["total_now"], change["yuan_more"]) == (1_000, 250_000, 249_000)
    assert change["altered"][0]["now"]["yuan"] is None
    assert change["lost"][0]["was"]["yuan"] is None
    assert (change["lost"][0]["why"], change["apply_by"]) == ("ended", "2026-12-31")


@pytest.mark.parametrize("asked", [{"limit": 0}, {"limit": 101}, {"before": 0}, {"before": 2**53}])
def test_what_cannot_be_asked_is_refused(told: TestClient, asked: dict[str, int]) -> None:
    assert told.get(ADDRESS, params=asked).status_code == 422


def test_a_citizen_has_no_package(client: TestClient) -> None:
    answer = client.get("/v1/enterprises/c-li/policy-package/changes")
    assert answer.status_code in (403, 404)


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("zh", ["近期变化", "首年250,000元", "政策或事项已到期", "由1,000元变为金额未知", "增加249,000元"]),
        (
            "en",
            ["What changed lately", "250,000 yuan in the first year", "has ended", "grew by 249,000 yuan"],
        ),
    ],
)
def test_the_page_tells_the_same(told: TestClient, language: str, wanted: list[str]) -> None:
    page = told.get(f"/enterprises/{FIRM}/policy-package", params={"lang": language})
    assert page.status_code == 200
    for words in wanted:
        assert words in page.text, words
    assert 'href="/support-policies/ep-small-profit-cit' in page.text
    assert "/support-policies/ep-ended-long-ago" not in page.text, "the catalogue has it no longer"


def test_a_page_without_changes_says_nothing_of_them(client: TestClient) -> None:
    page = client.get("/enterprises/e-bakery/policy-package", params={"lang": "en"})
    assert page.status_code == 200
    assert "What changed lately" not in page.text


def test_what_is_kept_back_takes_the_totals_with_it(
    told: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keeps_back(desk: Desk) -> None:
        raise KeptBack

    monkeypatch.setattr(Desk, "check_whole", keeps_back)
    desk = told.app.state.parts.desk  # type: ignore[attr-defined]
    latest = package_news(desk, FIRM)[0].change
    assert [one.item for one in latest.added] == ["ep-small-profit-cit"]
    assert latest.lost == (), "what the catalogue has no longer cannot be weighed"
    assert (latest.total_before, latest.total_now, latest.unknown_now) == (None, None, None)
    assert len(package_news(desk, FIRM)) == 1, "a change of which nothing is left is not told of"
