"""The algorithm notice: open to everybody, linked from every page, the same words as in the documents."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from serving.pages.notice_routes import NOTICE_URL, notices

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = {"zh": "algorithm-notice.zh.md", "en": "algorithm-notice.md"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_anybody_may_read_it_in_either_language(client: TestClient, language: str) -> None:
    page = client.get(NOTICE_URL, params={"lang": language})
    assert page.status_code == 200
    notice = notices()[language]  # type: ignore[index]
    assert notice.title in page.text
    assert all(section.title in page.text for section in notice.sections)


@pytest.mark.parametrize("path", ["/citizens/c-li", "/enterprises/e-bakery", "/"])
def test_every_page_leads_to_it(client: TestClient, path: str) -> None:
    assert f'href="{NOTICE_URL}"' in client.get(path).text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_documents_say_the_same_words(language: str) -> None:
    written = (ROOT / "docs" / DOCUMENTS[language]).read_text(encoding="utf8").splitlines()
    notice = notices()[language]  # type: ignore[index]
    expected = [notice.lead]
    for section in notice.sections:
        expected += [f"## {section.title}", *(f"- {text}" for text in section.text)]
    assert [line for line in written if line in set(expected)] == expected


def test_both_languages_answer_the_same_questions() -> None:
    zh, en = notices()["zh"], notices()["en"]
    assert [(s.id, len(s.text)) for s in zh.sections] == [(s.id, len(s.text)) for s in en.sections]
