"""Groups are made of bands that traits really have."""

from __future__ import annotations

import itertools
from pathlib import Path

import polars as pl
import pytest

from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from catalog.vocabulary import SubjectKind
from features.named import traits_of
from pipelines.evaluate.slices import groups_of, slices

DATA = Path(__file__).parents[3] / "catalog" / "data"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(DATA)


@pytest.mark.parametrize("kind", list(SubjectKind))
def test_every_slice_names_a_trait_and_puts_each_of_its_bands_somewhere(
    catalogue: Catalogue, kind: SubjectKind
) -> None:
    traits = traits_of(catalogue, kind)
    for slice_ in slices()[kind].values():
        assert slice_.trait in traits
        cuts = traits[slice_.trait].cuts
        if slice_.bands:
            named = [f"<{cuts[0]:g}", *(f"{a:g}..{b:g}" for a, b in itertools.pairwise(cuts))]
            named.append(f">={cuts[-1]:g}")
            told = [band for bands in slice_.bands.values() for band in bands]
            assert sorted(told) == sorted(named)


def test_age_sex_hukou_district_disability_and_firm_size_are_compared() -> None:
    assert set(slices()[SubjectKind.CITIZEN]) >= {"age", "sex", "hukou", "district", "disability"}
    assert "size" in slices()[SubjectKind.ENTERPRISE]


def test_unknown_is_no_group() -> None:
    traits = pl.DataFrame({"subject": ["a", "b"], "age_band": ["70..80", None], "sex": ["male", "female"]})
    groups = groups_of(traits, pl.Series(["b", "a", "c"]), SubjectKind.CITIZEN)
    assert groups["age"].to_list() == [None, "60 to 79", None]
    assert groups["sex"].to_list() == ["female", "male", None]
