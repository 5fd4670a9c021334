"""The written contracts say what the tables and the vocabulary say."""

from __future__ import annotations

from typing import get_args

import polars as pl
import pytest

from catalog.vocabulary import Scope, SubjectKind
from features.schema import CaseStatus, InteractionKind, PurposeName
from pipelines.ingest import contracts_for
from pipelines.ingest.casting import dtype_of
from pipelines.ingest.contract import Contract, record_contracts
from records.bulk import schema_of
from records.tables import METADATA
from records.tables.vocabulary import DEPARTURE_KINDS, EVIDENCE_SOURCES, RELATION_KINDS
from tests.pipelines.ingest.small_catalogue import small_catalogue

RECORDS = list(record_contracts().values())


@pytest.mark.parametrize("contract", RECORDS, ids=lambda contract: contract.table)
def test_a_contract_fits_the_table_its_rows_go_into(contract: Contract) -> None:
    table = METADATA.tables[str(contract.into)]
    types = schema_of(table)
    if contract.stamped is not None:
        assert types.pop(contract.stamped) == pl.Datetime("us", "UTC")
    assert {c.stored_as: dtype_of(c) for c in contract.columns} == types
    stored = {column.name: column.stored_as for column in contract.columns}
    assert {stored[name] for name in contract.key} == {column.name for column in table.primary_key}
    for column in contract.columns:
        may_be_null = column.nullable and column.empty_means is None
        assert table.c[column.stored_as].nullable == may_be_null, column.name
        referred = {key.column.table.name for key in table.c[column.stored_as].foreign_keys}
        into = {c.into for c in RECORDS if c.table == column.references}
        assert referred == into, column.name


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("subjects", "kind", tuple(SubjectKind)),
        ("scope_items", "scope", tuple(Scope)),
        ("relations", "kind", RELATION_KINDS),
        ("evidence", "source", EVIDENCE_SOURCES),
        ("cases", "status", get_args(CaseStatus)),
        ("consents", "purpose", get_args(PurposeName)),
        ("interactions", "kind", get_args(InteractionKind)),
        ("departures", "kind", DEPARTURE_KINDS),
    ],
)
def test_allowed_values_are_those_of_the_vocabulary(table: str, column: str, words: tuple[str, ...]) -> None:
    [found] = [c for c in record_contracts()[table].columns if c.name == column]
    assert set(found.allowed) == set(words)


def test_checks_name_columns_that_exist() -> None:
    for contract in contracts_for(small_catalogue()).values():
        names = {column.name for column in contract.columns}
        for check in contract.checks:
            for place in ("column", "other", "where", "subject", "item", "scope_item", "scope", "owner"):
                named = getattr(check, place, None)
                assert not isinstance(named, str) or isinstance(named, Scope) or named in names, check


def test_a_table_comes_after_those_it_refers_to() -> None:
    order = list(contracts_for(small_catalogue()))
    for contract in contracts_for(small_catalogue()).values():
        for reference in contract.references & set(order):
            assert order.index(reference) < order.index(contract.table)


def test_each_register_has_its_table_and_no_derived_column() -> None:
    contracts = contracts_for(small_catalogue())
    assert {name for name in contracts if "." in name} == {
        "citizen.self.public-security",
        "citizen.self.tax",
        "citizen.self.civil-affairs",
        "citizen.child.public-security",
        "citizen.child.health",
        "enterprise.self.tax",
    }
    names = [column.name for column in contracts["citizen.self.public-security"].columns]
    assert names == [
        "scope_item",
        "observed_at",
        "birth_date",
        "hukou_province",
        "passport_expiry",
        "has_passport_expiry",
    ]
