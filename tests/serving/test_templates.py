"""Each template is rendered from one dataclass, and uses all of it and nothing else."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from jinja2 import nodes

from serving.hand_over.sample_portal import SamplePortalContext
from serving.identity.account_page import AccountContext
from serving.identity.agent_routes import AgentContext
from serving.identity.issuer.picker import PickerContext
from serving.identity.signed_out import SignedOutContext
from serving.inbox.page_context import InboxContext, PartContext
from serving.inbox.unsubscribe_routes import UnsubscribeContext
from serving.inbox.wish_context import FollowingContext, TellingContext
from serving.pages.error_context import ErrorContext
from serving.pages.event_context import EventContext
from serving.pages.every_item_context import EveryItemContext
from serving.pages.general_context import GeneralContext
from serving.pages.held_context import ClosingContext, HeldContext
from serving.pages.homepage_context import HomepageContext
from serving.pages.invitations_context import InvitationsContext
from serving.pages.item_context import ItemContext
from serving.pages.items_context import ItemsContext
from serving.pages.notice_routes import NoticeContext
from serving.pages.office_context import OfficeContext
from serving.pages.package_context import PackageContext
from serving.pages.privacy_context import PrivacyContext
from serving.pages.questions_context import QuestionsContext
from serving.pages.rendering import TEMPLATES, environment
from serving.pages.subjects_context import SubjectsContext
from serving.pages.what_if_context import WhatIfContext

CONTEXTS = {
    "account": AccountContext,
    "agent": AgentContext,
    "picker": PickerContext,
    "signed_out": SignedOutContext,
    "error": ErrorContext,
    "closing": ClosingContext,
    "general": GeneralContext,
    "held": HeldContext,
    "homepage": HomepageContext,
    "following": FollowingContext,
    "inbox": InboxContext,
    "inbox_part": PartContext,
    "invitations": InvitationsContext,
    "item": ItemContext,
    "items": ItemsContext,
    "notice": NoticeContext,
    "office": OfficeContext,
    "package": PackageContext,
    "privacy": PrivacyContext,
    "event": EventContext,
    "every_item": EveryItemContext,
    "questions": QuestionsContext,
    "supposed": WhatIfContext,
    "sample_portal": SamplePortalContext,
    "subjects": SubjectsContext,
    "telling": TellingContext,
    "unsubscribe": UnsubscribeContext,
}
SHARED = {"layout", "session_bar"}
MACROS = {"card", "inbox_list", "package_changes", "packet", "token"}
ENVIRONMENT = environment()


def asked_for(name: str) -> set[str]:
    """The names a template and its layout take from their context."""
    from jinja2.meta import find_undeclared_variables

    source = (TEMPLATES / f"{name}.html").read_text("utf-8")
    tree = ENVIRONMENT.parse(source)
    own = {imported.target for imported in tree.find_all(nodes.Import)}
    own |= {macro.name for macro in tree.find_all(nodes.Macro)}
    names = find_undeclared_variables(tree) - own
    for extended in tree.find_all(nodes.Extends):
        assert isinstance(extended.template, nodes.Const)
        names |= asked_for(extended.template.value.removesuffix(".html"))
    return names


def test_every_template_has_its_context() -> None:
    assert {path.stem for path in TEMPLATES.glob("*.html")} == CONTEXTS.keys() | SHARED | MACROS


@pytest.mark.parametrize("name", CONTEXTS)
def test_a_template_s_context_is_its_dataclass(name: str) -> None:
    assert asked_for(name) == {field.name for field in fields(CONTEXTS[name])}


@pytest.mark.parametrize("name", sorted(MACROS))
def test_macros_take_all_they_say_as_arguments(name: str) -> None:
    assert asked_for(name) == set()


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.stem)
def test_no_template_holds_a_script_a_style_or_words_of_its_own(path: Path) -> None:
    text = path.read_text("utf-8")
    # A script is a file of ours, by name; none stands in a page.
    text = re.sub(r'<script src="/static/[a-z]+\.js" defer></script>', "", text)
    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=|\|\s*safe|Markup", text)
    assert not re.search(r"[\u4e00-\u9fff]", text), "words belong into serving/strings"


def test_what_subjects_and_catalogues_say_is_escaped() -> None:
    template = ENVIRONMENT.from_string("{{ said }}")
    assert template.render(said="<b>&\"'") == "&lt;b&gt;&amp;&#34;&#39;"
