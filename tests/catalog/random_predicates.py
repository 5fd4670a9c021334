"""Random conditions over a small vocabulary, in the normal form that parsing gives."""

from __future__ import annotations

from hypothesis import strategies as st

from catalog.predicate import And, AttributeRef, Compare, Constant, Not, OneOf, Or, Predicate, Present

NUMBERS = ("age", "months", "income")
BOOLEANS = ("married", "insured")
ENUMS = ("hukou", "status")
WORDS = ("BJ", "other", "none", "it's 1")

numbers = st.one_of(
    st.integers(-1_000_000, 1_000_000).map(float),
    st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 4) + 0.0),
)
atoms: st.SearchStrategy[Predicate] = st.one_of(
    st.builds(
        Compare,
        st.sampled_from(NUMBERS),
        st.sampled_from(("=", "!=", "<", "<=", ">", ">=")),
        st.one_of(numbers, st.sampled_from((*NUMBERS, "param_line")).map(AttributeRef)),
    ),
    st.builds(Compare, st.sampled_from(BOOLEANS), st.sampled_from(("=", "!=")), st.booleans()),
    st.builds(Compare, st.sampled_from(ENUMS), st.sampled_from(("=", "!=")), st.sampled_from(WORDS)),
    st.builds(OneOf, st.sampled_from(ENUMS), st.lists(st.sampled_from(WORDS), min_size=1).map(tuple)),
    st.builds(Present, st.sampled_from(NUMBERS)),
    st.builds(Constant, st.booleans()),
)


def _joined(kind: type[And] | type[Or], terms: list[Predicate]) -> Predicate:
    """Terms on one level: parsing opens nested brackets of the same kind."""
    flat = [each for term in terms for each in (term.terms if isinstance(term, kind) else (term,))]
    return kind(tuple(flat))


def _negated(term: Predicate) -> Predicate:
    return term.term if isinstance(term, Not) else Not(term)


predicates: st.SearchStrategy[Predicate] = st.recursive(
    atoms,
    lambda inner: st.one_of(
        inner.map(_negated),
        st.lists(inner, min_size=2, max_size=4).map(lambda terms: _joined(And, terms)),
        st.lists(inner, min_size=2, max_size=4).map(lambda terms: _joined(Or, terms)),
    ),
    max_leaves=12,
)
