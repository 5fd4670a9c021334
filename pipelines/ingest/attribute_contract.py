"""The contracts of observed attributes, one a register, written from the catalogue."""

from __future__ import annotations

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue
from catalog.predicate import presence
from catalog.vocabulary import Names, Scope, SubjectKind, ValueType
from features.registers import kinds_and_scopes, registers_of, stored_attributes
from pipelines.ingest.contract import Absent, Check, Column, ColumnType, Contract, OfScope

_TYPES: dict[ValueType, ColumnType] = {
    ValueType.BOOLEAN: "boolean",
    ValueType.ENUM: "choice",
    ValueType.NUMBER: "number",
    ValueType.DATE: "date",
}
_OBSERVED = Column(
    name="observed_at", type="moment", zh="登记机关何时如此记载", en="When the register said so"
)


def attribute_contracts(catalogue: Catalogue) -> dict[str, Contract]:
    """By table name, `<kind>.<scope>.<register>`: one row is all a register says of one scope item then."""
    return {
        attribute_table(kind, scope, register): _contract(catalogue, kind, scope, register)
        for kind, scope in kinds_and_scopes()
        for register in registers_of(catalogue, kind, scope)
    }


def attribute_table(kind: SubjectKind, scope: Scope, register: str) -> str:
    """The name of the table a register's statements come in."""
    return f"{kind.value}.{scope.value}.{register}"


def _contract(catalogue: Catalogue, kind: SubjectKind, scope: Scope, register: str) -> Contract:
    attributes = stored_attributes(catalogue, kind, scope, register)
    item = Column(
        name="scope_item", type="id", references="scope_items", zh="关于谁或什么", en="What it is about"
    )
    absences: tuple[Check, ...] = tuple(Absent(a.name, presence(a.name)) for a in attributes if a.optional)
    return Contract(
        table=attribute_table(kind, scope, register),
        names=Names(
            zh=f"登记信息：{kind.value}.{scope.value}（{register}）",
            en=f"what the register {register} says of a {kind.value}'s {scope.value}",
        ),
        key=("scope_item", "observed_at"),
        columns=(item, _OBSERVED, *(column for a in attributes for column in _columns(a))),
        checks=(OfScope("scope_item", kind, scope), *absences),
    )


def _columns(attribute: Attribute) -> tuple[Column, ...]:
    """The attribute's own column, and the one that says whether there is such a thing."""
    value = Column(
        name=attribute.name,
        type=_TYPES[attribute.type] if attribute.allowed or attribute.type != ValueType.ENUM else "word",
        allowed=attribute.allowed if attribute.type == ValueType.ENUM else (),
        nullable=True,
        optional=True,
        unit=attribute.unit,
        zh=attribute.names.zh,
        en=attribute.names.en,
    )
    if not attribute.optional:
        return (value,)
    has = Column(
        name=presence(attribute.name),
        type="boolean",
        nullable=True,
        optional=True,
        zh=f"是否有{attribute.names.zh}",
        en=f"Whether there is such a thing: {attribute.names.en}",
    )
    return value, has
