"""The shape of the page that is the same for all."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from catalog.catalogue import Catalogue
from catalog.public_service import PublicService
from models.homepage import GeneralPage
from serving.api.schema import AnswerSchema, NamesSchema

ItemKind = Literal["public_service", "support_policy"]


def kind_of(item: str, catalogue: Catalogue) -> ItemKind:
    """Whether an item is a public service or a support policy."""
    return "public_service" if isinstance(catalogue.items[item], PublicService) else "support_policy"


class GeneralItemSchema(AnswerSchema):
    """An item of the page that is the same for all; its window where it is in season."""

    item: str
    item_kind: ItemKind
    names: NamesSchema
    due_on: dt.date | None = None

    @classmethod
    def of(cls, item: str, catalogue: Catalogue, due_on: dt.date | None = None) -> GeneralItemSchema:
        """The schema of an item."""
        names = NamesSchema.of(catalogue.items[item].names)
        return cls(item=item, item_kind=kind_of(item, catalogue), names=names, due_on=due_on)


class GeneralThemeSchema(AnswerSchema):
    """All items of one theme."""

    theme: str
    names: NamesSchema
    items: list[GeneralItemSchema]


class GeneralSchema(AnswerSchema):
    """What stands on the page that is the same for all."""

    in_season: list[GeneralItemSchema]
    much_used: list[GeneralItemSchema]
    counted: bool
    themes: list[GeneralThemeSchema]

    @classmethod
    def of(cls, page: GeneralPage, catalogue: Catalogue) -> GeneralSchema:
        """The schema of such a page."""
        return cls(
            in_season=[
                GeneralItemSchema.of(one.item, catalogue, one.window.due_on) for one in page.in_season
            ],
            much_used=[GeneralItemSchema.of(item, catalogue) for item in page.much_used],
            counted=page.counted,
            themes=[
                GeneralThemeSchema(
                    theme=theme.id,
                    names=NamesSchema.of(theme.names),
                    items=[GeneralItemSchema.of(item, catalogue) for item in items],
                )
                for theme, items in page.themes
            ],
        )
