"""Bad rows go to quarantine with the reason in words; good rows go in; counts add up."""

from __future__ import annotations

import csv
import datetime as dt

import polars as pl
import pytest

from tests.pipelines.ingest.conftest import Desk

HEADERS = {
    "subjects": "subject,kind",
    "scope_items": "id,scope,owner,label",
    "relations": "subject,other,kind,scope,valid_from,valid_to",
    "evidence": "id,scope_item,type,valid_from,valid_to,source",
    "cases": "id,scope_item,item,cycle,status,channel,opened_at,closed_at",
    "consents": "subject,purpose,target,granted_at,withdrawn_at,text_version",
    "interactions": "client_id,subject,scope_item,item,kind,channel,query,slate,position,propensity,at",
    "consultations": "id,subject,topic,channel,place,outcome,at",
    "ratings": "subject,item,case,score,source,at",
    "citizen.self.public-security": (
        "scope_item,observed_at,birth_date,hukou_province,passport_expiry,has_passport_expiry"
    ),
    "citizen.self.tax": "scope_item,observed_at,monthly_income",
    "citizen.self.civil-affairs": "scope_item,observed_at,married",
}
NOON = "2026-01-05T12:00:00+08:00"
GOOD = {
    "subjects": ["n1,citizen", "n2,enterprise"],
    "scope_items": ["car-1,vehicle,c0,京A1", "permit-1,permit,e0,"],
    "relations": ["c0,c1,proxy,health,2026-01-01,2026-12-31", "c1,c0,spouse,,,"],
    "evidence": [
        "p1,c0-kid,birth-certificate,2020-02-29,,authority",
        "p2,c0,income-proof,,2026-01-01,upload",
    ],
    "cases": [
        f"k1,c0,first-id-card,once,open,hall,{NOON},",
        f"k2,c0-kid,birth-registration,2026,succeeded,,{NOON},{NOON}",
        f"k3,c1,first-id-card,once,self_declared,online,{NOON},",
    ],
    "consents": [f"c0,rank,interactions,{NOON},,v1", f"c0,assess,attributes:income,{NOON},{NOON},v1"],
    "interactions": [
        f"i1,c0,,,search,web,生育 津贴,,,,{NOON}",
        f"i2,c0,c0-kid,birth-registration,impression,web,,s1,0,0.5,{NOON}",
        f"i3,c1,c1,first-id-card,click,,,s1,100000,1,{NOON}",
    ],
    "consultations": [f"q1,,户籍,hotline,朝阳区,answered,{NOON}", f"q2,c0,tax,web,,,{NOON}"],
    "ratings": [f"c0,first-id-card,,5,hall,{NOON}"],
    "citizen.self.public-security": [f"c0,{NOON},1990-02-28,北京,,false", f"c1,{NOON},,,2030-01-01,"],
    "citizen.self.tax": [f"c0,{NOON},0", f"c1,{NOON},12000.5", f"c2,{NOON},-3e3"],
    "citizen.self.civil-affairs": [f"c0,{NOON},是", f"c1,{NOON},0", f"c2,{NOON},"],
}
BAD = [
    ("subjects", "n9,", "missing_value:kind"),
    ("subjects", "n9,robot", "not_allowed:kind"),
    ("subjects", "张三,citizen", "bad_id:subject"),
    ("subjects", "a b,citizen", "bad_id:subject"),
    ("subjects", "11010519491231002X,citizen", "identifying_id:subject"),
    ("subjects", "13800138000,citizen", "identifying_id:subject"),
    ("subjects", "n9", "wrong_field_count"),
    ("subjects", "n9,citizen,more", "wrong_field_count"),
    ("subjects", "c0,enterprise", "key_taken:kind"),
    ("scope_items", "x,vehicle,nobody,", "unknown_reference:owner"),
    ("scope_items", "x,child,e0,", "wrong_scope:scope"),
    ("scope_items", "x,self,c0,", "not_self:id"),
    ("scope_items", "c0,vehicle,c0,", "not_self:id"),
    ("scope_items", f"x,vehicle,c0,{'长' * 61}", "bad_text:label"),
    ("scope_items", "c0-kid,child,c1,", "key_taken:owner"),
    ("relations", "c0,c0,proxy,,,", "not_different:other"),
    ("relations", "c0,c1,friend,,,", "not_allowed:kind"),
    ("relations", "c0,c1,proxy,,2026-02-01,2026-01-31", "before:valid_to"),
    ("relations", "c0,x,proxy,,,", "unknown_reference:other"),
    ("evidence", "x,c0,no-such-paper,,,upload", "unknown_reference:type"),
    ("evidence", "x,c9,income-proof,,,upload", "unknown_reference:scope_item"),
    ("evidence", "x,c0,income-proof,2026-02-30,,upload", "bad_date:valid_from"),
    ("evidence", "x,c0,income-proof,2026/02/01,,upload", "bad_date:valid_from"),
    ("evidence", "x,c0,income-proof,0001-01-01,,upload", "bad_date:valid_from"),
    ("cases", f"x,c0-kid,first-id-card,once,open,,{NOON},", "wrong_scope:scope_item"),
    ("cases", f"x,c0,no-such-service,once,open,,{NOON},", "unknown_reference:item"),
    ("cases", f"x,c0,first-id-card,once,open,,{NOON},{NOON}", "must_be_empty:closed_at"),
    ("cases", f"x,c0,first-id-card,once,failed,,{NOON},", "must_be_filled:closed_at"),
    ("cases", f"x,c0,first-id-card,once,failed,,{NOON},2026-01-05T11:59:59+08:00", "before:closed_at"),
    ("cases", "x,c0,first-id-card,once,open,,2026-01-05 12:00:00,", "bad_moment:opened_at"),
    ("cases", "x,c0,first-id-card,once,open,,2026-03-03T12:00:00Z,", "in_the_future:opened_at"),
    ("consents", f"c0,rank,attributes:nonsense,{NOON},,v1", "unknown_target:target"),
    ("consents", f"c0,sell,interactions,{NOON},,v1", "not_allowed:purpose"),
    ("consents", f"c0,rank,interactions,{NOON},2026-01-01T00:00:00Z,v1", "before:withdrawn_at"),
    ("interactions", f"x,c0,c1,,view,,,,,,{NOON}", "not_theirs:scope_item"),
    ("interactions", f"x,c0,,,view,,,,-1,,{NOON}", "out_of_range:position"),
    ("interactions", f"x,c0,,,view,,,,1.5,,{NOON}", "bad_integer:position"),
    ("interactions", f"x,c0,,,view,,,,,0,{NOON}", "out_of_range:propensity"),
    ("interactions", f"x,c0,,,view,,,,,1.01,{NOON}", "out_of_range:propensity"),
    ("interactions", f"x,c0,,,view,,,,,nan,{NOON}", "bad_number:propensity"),
    ("interactions", f"x,c0,,,search,,{'字' * 201},,,,{NOON}", "bad_text:query"),
    ("interactions", f"x,,,,view,,,,,,{NOON}", "missing_value:subject"),
    ("consultations", f"x,c0,我想问 一下,hotline,,,{NOON}", "bad_word:topic"),
    ("ratings", f"c0,first-id-card,,6,hall,{NOON}", "out_of_range:score"),
    ("ratings", f"c0,first-id-card,no-case,5,hall,{NOON}", "unknown_reference:case"),
    ("citizen.self.public-security", f"c0-kid,{NOON},,,,", "wrong_scope:scope_item"),
    ("citizen.self.public-security", f"e0,{NOON},,,,", "wrong_scope:scope_item"),
    ("citizen.self.public-security", f"c0,{NOON},,上海,,", "not_allowed:hukou_province"),
    (
        "citizen.self.public-security",
        f"c0,{NOON},,,2030-01-01,false",
        "value_despite_absence:passport_expiry",
    ),
    ("citizen.self.public-security", "c0,,1990-01-01,,,", "missing_value:observed_at"),
    ("citizen.self.tax", f"c0,{NOON},inf", "bad_number:monthly_income"),
    ("citizen.self.tax", f'c0,{NOON},"1,000"', "bad_number:monthly_income"),
    ("citizen.self.civil-affairs", f"c0,{NOON},maybe", "bad_boolean:married"),
]


@pytest.mark.parametrize(
    ("table", "line", "reason"), BAD, ids=[f"{t}-{r}-{n}" for n, (t, _, r) in enumerate(BAD)]
)
def test_a_bad_row_is_turned_away_for_its_reason_and_good_rows_go_in(
    desk: Desk, table: str, line: str, reason: str
) -> None:
    desk.people()
    good = GOOD[table]
    # The bad row comes second, so that its number (3) is neither the first nor the last.
    path = desk.lay(f"{table}.csv", HEADERS[table], good[0], line, *good[1:])
    [report] = desk.ingest(path).files
    assert (report.read, report.accepted, report.quarantined, report.unchanged) == (
        len(good) + 1,
        len(good),
        1,
        0,
    )
    assert report.quarantine is not None
    [row] = pl.read_csv(report.quarantine, infer_schema=False).to_dicts()
    assert row["_row"] == "3"
    assert row["_reasons"] == reason
    assert dict(report.reasons) == dict.fromkeys(reason.split(";"), 1)
    assert row["_why_zh"]
    assert row["_why_en"]
    columns = HEADERS[table].split(",")
    if reason == "wrong_field_count":
        assert row["_text"] == line
    else:
        assert [row[name] or "" for name in columns] == next(csv.reader([line]))


def test_good_values_mean_what_they_say(desk: Desk) -> None:
    desk.people()
    for table in (
        "relations",
        "cases",
        "interactions",
        "citizen.self.public-security",
        "citizen.self.civil-affairs",
    ):
        desk.lay(f"{table}.csv", HEADERS[table], *GOOD[table])
    desk.ingest()
    noon = dt.datetime(2026, 1, 5, 4, tzinfo=dt.UTC)
    assert [row["scope"] for row in desk.rows("relation")] == ["health", "*"]
    assert [(row["status"], row["opened_at"], row["closed_at"]) for row in desk.rows("case")] == [
        ("open", noon, None),
        ("succeeded", noon, noon),
        ("self_declared", noon, None),
    ]
    seen = desk.rows("interaction")[1]
    assert (seen["position"], seen["propensity"], seen["query"]) == (0, 0.5, None)
    assert desk.statements("citizen.self.civil-affairs")["married"].to_list() == [True, False, None]
    statements = desk.statements("citizen.self.public-security")
    assert statements.schema == pl.Schema(
        {
            "scope_item": pl.String,
            "observed_at": pl.Datetime("us", "UTC"),
            "birth_date": pl.Date,
            "hukou_province": pl.String,
            "passport_expiry": pl.Date,
            "has_passport_expiry": pl.Boolean,
        }
    )
    assert statements.rows() == [
        ("c0", noon, dt.date(1990, 2, 28), "北京", None, False),
        ("c1", noon, None, None, dt.date(2030, 1, 1), True),
    ]


def test_a_row_with_many_faults_says_them_all(desk: Desk) -> None:
    path = desk.lay("subjects.csv", "subject,kind", "a b,robot", "ok,citizen")
    [report] = desk.ingest(path).files
    assert dict(report.reasons) == {"bad_id:subject": 1, "not_allowed:kind": 1}
    assert report.quarantine is not None
    [row] = pl.read_csv(report.quarantine).to_dicts()
    assert row["_why_zh"].count("；") == 1
    assert "citizen, enterprise" in row["_why_en"]


def test_rows_that_contradict_each_other_are_all_turned_away(desk: Desk) -> None:
    path = desk.lay(
        "subjects.csv", "subject,kind", "a,citizen", "b,citizen", "a,enterprise", "a,citizen", "b,citizen"
    )
    [report] = desk.ingest(path).files
    assert (report.read, report.accepted, report.quarantined, report.unchanged) == (5, 1, 3, 1)
    assert dict(report.reasons) == {"conflicting_rows:subject": 3}
    assert [row["id"] for row in desk.rows("subject")] == ["b"]


def test_a_quarantine_file_can_be_corrected_and_handed_back(desk: Desk) -> None:
    path = desk.lay("subjects.csv", "subject,kind", "a,citizen", "b,robot", "c,cat")
    [report] = desk.ingest(path).files
    assert report.quarantine is not None
    rows = pl.read_csv(report.quarantine).with_columns(kind=pl.lit("enterprise"))
    rows.write_csv(desk.folder / "subjects.csv", include_bom=True)
    [again] = desk.ingest(path).files
    assert (again.read, again.accepted) == (2, 2)
    assert [row["kind"] for row in desk.rows("subject")] == ["citizen", "enterprise", "enterprise"]


def test_what_is_missing_today_may_come_tomorrow(desk: Desk) -> None:
    desk.people()
    papers = desk.lay(
        "evidence.csv", HEADERS["evidence"], "p1,c0,income-proof,,,upload", "p2,new,income-proof,,,upload"
    )
    first = desk.ingest(papers)
    before = desk.state()
    [again] = desk.ingest(papers).files
    assert (again.accepted, again.quarantined, again.unchanged) == (0, 1, 1)
    assert again.quarantine == first.files[0].quarantine
    assert desk.state() == before
    desk.ingest(desk.lay("subjects.csv", "subject,kind", "new,citizen"))
    [last] = desk.ingest(papers).files
    assert (last.accepted, last.quarantined, last.unchanged) == (1, 0, 1)
    assert [row["id"] for row in desk.rows("evidence")] == ["p1", "p2"]
