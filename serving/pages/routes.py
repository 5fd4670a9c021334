"""The pages: who is asked about, what is read, which template says it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.vocabulary import SubjectKind
from models.homepage.asking import Ask
from records.database import reading
from serving.access import Id, OpenParts
from serving.api.questions import asks_of
from serving.desk import Known
from serving.errors import UnknownItem
from serving.exposure import shown_page
from serving.identity.access import OWN_CITIZEN, OWN_ENTERPRISE, PUBLIC, MaybeVisit
from serving.identity.home import home_of
from serving.identity.signed_out import welcome_page
from serving.identity.visit import Visit
from serving.inbox.page_routes import home_part
from serving.invitations import lists_of
from serving.package_news import package_news
from serving.pages.addresses import home_url
from serving.pages.cards import Reader
from serving.pages.general_page import general_page
from serving.pages.homepage_context import homepage_context
from serving.pages.invitations_context import invited_panel
from serving.pages.items_context import Narrowing, SectionName, items_context, items_heading
from serving.pages.package_changes_context import SHOWN
from serving.pages.package_context import package_context
from serving.pages.questions_context import Labels, NextQuestion, next_question
from serving.pages.rendering import Context, Renderer
from serving.pages.request_frame import frame_of
from serving.pages.sections import ROOM
from serving.pages.subjects_context import subjects_context
from serving.pages.thanks import thanked
from serving.parts import Parts
from serving.privacy.asking import note_asked, unbidden
from serving.reader import mode_of, remember, words_of
from serving.samples import offered

router = APIRouter(include_in_schema=False)


@router.get("/", dependencies=[PUBLIC.needed])
def front(request: Request, parts: OpenParts, visit: MaybeVisit) -> Response:
    """In development the subjects there are to look at; else the way in, or one's own page."""
    if not parts.settings.own_issuer:
        worn = None if visit is None else visit.worn
        return welcome_page(request) if worn is None else RedirectResponse(home_of(worn), 303)
    with reading(parts.engine) as connection:
        samples = offered(parts.samples, connection)
    words = words_of(request)
    frame = frame_of(request, words("subjects.title"), synthetic=parts.samples.synthetic)
    return page(request, "subjects", subjects_context(samples, words, frame))


@router.get("/citizens/{id}", dependencies=[OWN_CITIZEN.needed])
def citizen(request: Request, id: Id, parts: OpenParts) -> Response:
    """A citizen's homepage."""
    return _homepage(request, parts, SubjectKind.CITIZEN, id)


@router.get("/enterprises/{id}", dependencies=[OWN_ENTERPRISE.needed])
def enterprise(request: Request, id: Id, parts: OpenParts) -> Response:
    """An enterprise's homepage."""
    return _homepage(request, parts, SubjectKind.ENTERPRISE, id)


@router.get("/citizens/{id}/items", dependencies=[OWN_CITIZEN.needed])
def citizen_items(
    request: Request, id: Id, parts: OpenParts, standing: SectionName | None = None, theme: str | None = None
) -> Response:
    """Every item of a citizen's homepage, or those of one standing or theme."""
    return _items(request, parts, SubjectKind.CITIZEN, id, Narrowing(standing, theme))


@router.get("/enterprises/{id}/items", dependencies=[OWN_ENTERPRISE.needed])
def enterprise_items(
    request: Request, id: Id, parts: OpenParts, standing: SectionName | None = None, theme: str | None = None
) -> Response:
    """Every item of an enterprise's homepage, or those of one standing or theme."""
    return _items(request, parts, SubjectKind.ENTERPRISE, id, Narrowing(standing, theme))


@router.get("/enterprises/{id}/policy-package", dependencies=[OWN_ENTERPRISE.needed])
def policy_package(request: Request, id: Id, parts: OpenParts) -> Response:
    """An enterprise's whole policy package."""
    known = parts.desk.known(SubjectKind.ENTERPRISE, id)
    reader = reader_of(request, known)
    frame = frame_of(request, reader.words("package.title"), synthetic=parts.samples.synthetic)
    news = package_news(parts.desk, id, most=SHOWN)
    context = package_context(parts.desk.package_of(known), parts.catalogue, reader, frame, news)
    return page(request, "package", context)


def page(request: Request, name: str, context: Context) -> Response:
    """A rendered page that remembers the reader's language and mode."""
    renderer: Renderer = request.app.state.renderer
    response = renderer.response(name, context)
    remember(request, response)
    return response


def reader_of(request: Request, known: Known) -> Reader:
    """For whom the pages of a subject are worded."""
    kind, subject = known.assess.kind, known.assess.subject
    return Reader(
        ref=f"{kind.value}:{subject}",
        home_url=home_url(kind, subject),
        judgement=known.judgement,
        words=words_of(request),
        mode=mode_of(request),
        withheld=known.assess.withheld,
        form_token=_form_token(request),
        portal=request.app.state.settings.portal is not None,
    )


def _form_token(request: Request) -> str | None:
    visit: Visit | None = getattr(request.state, "visit", None)
    return None if visit is None or visit.session is None else visit.session.form_token


def _homepage(request: Request, parts: Parts, kind: SubjectKind, id: str) -> Response:
    if not parts.desk.choices(kind, id).personalised:
        return general_page(request, parts, kind, id)
    known = parts.desk.known(kind, id)
    reader = reader_of(request, known)
    title = reader.words(f"subject.page_title_{kind.value}")
    frame = frame_of(request, title, synthetic=parts.samples.synthetic)
    package = parts.desk.package_of(known) if kind is SubjectKind.ENTERPRISE else None
    homepage = shown_page(known, parts, ROOM[reader.mode])
    labels = {item.id: item.label for item in known.assess.scope_items}
    question = _question(parts, id, asks_of(homepage, known, parts), labels, reader)
    context = homepage_context(
        homepage, parts.catalogue, reader, frame, package, question, known.judgement.impossible()
    )
    invited = invited_panel(lists_of(parts, known), labels, parts.catalogue, reader)
    context = replace(context, invited=invited, inbox=home_part(request, parts, kind, id))
    return page(request, "homepage", thanked(context, request.query_params, reader))


def _question(
    parts: Parts, subject: str, asked: Iterable[Ask], labels: Labels, reader: Reader
) -> NextQuestion | None:
    """What to ask unbidden; a consent is asked for once in thirty days, and that it was is noted."""
    for ask in unbidden(parts, subject, asked):
        question = next_question([ask], labels, parts.catalogue, reader)
        if question is not None and note_asked(parts, subject, ask):
            return question
    return None


def _items(request: Request, parts: Parts, kind: SubjectKind, id: str, narrowing: Narrowing) -> Response:
    if narrowing.theme is not None and narrowing.theme not in parts.catalogue.themes:
        raise UnknownItem(narrowing.theme)
    known = parts.desk.known(kind, id)
    homepage = parts.desk.homepage_of(known)
    reader = reader_of(request, known)
    heading = items_heading(homepage, narrowing, parts.catalogue, reader.words)
    frame = frame_of(request, heading, synthetic=parts.samples.synthetic)
    return page(request, "items", items_context(homepage, narrowing, parts.catalogue, reader, frame))
