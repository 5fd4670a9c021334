"""The inbox's pages without a script: what was told, where it goes, what is followed, each one form away."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert

from records.choices import choices_of
from records.database import reading, writing
from records.pace import Pace, pace_of
from records.subscriptions import followed
from records.tables import relation
from serving.inbox.sight import MOST_SHOWN
from tests.serving.signing_in import SESSION, session_of
from tests.serving.test_inbox_api import SERVICE, code_sent, message, parts_of, told

HOME = "/citizens/c-li"


def page_of(client: TestClient, path: str, **given: Any) -> str:
    answer = client.get(path, **given)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def text_of(html: str) -> str:
    """What a reader sees, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def main_of(client: TestClient, path: str, **given: Any) -> str:
    return text_of(page_of(client, path, **given).partition("<main")[2].partition("</main>")[0])


def lines_of(html: str) -> list[str]:
    """The messages of a page, each as HTML."""
    return re.findall(r'<li class="message.*?</li>', html, re.DOTALL)


def ids_of(html: str) -> list[str]:
    return re.findall(r'id="message-(\d+)"', html)


def test_the_inbox_shows_what_was_told_newest_first(own_client: TestClient) -> None:
    told(own_client, message("one"), message("two", item=SERVICE, scope_item="c-li-car", required=True))
    page = page_of(own_client, f"{HOME}/inbox?lang=en")
    first, second = lines_of(page)
    assert "Message two" in text_of(first)
    assert "Message one" in text_of(second)
    assert f'href="/public-services/{SERVICE}?subject=citizen%3Ac-li' in first
    assert "No more of this" not in first, "a duty is not dismissed away"
    assert "No more of this" in second
    assert "2 unread" in main_of(own_client, f"{HOME}?lang=en")


def test_what_is_delicate_says_nothing_until_it_is_opened(own_client: TestClient) -> None:
    told(own_client, message("secret", delicate=True))
    for path in (HOME, f"{HOME}/inbox"):
        [line] = lines_of(page_of(own_client, path))
        outside, fold = re.sub(r"<details.*?</details>", "", line, flags=re.DOTALL), line
        assert "消息secret" in fold
        assert "<details open" not in fold
        assert "消息secret" not in outside
        assert "年检到期" not in outside


def test_reading_and_removing_by_form(own_client: TestClient) -> None:
    told(own_client, message("one"), message("two"))
    number = ids_of(page_of(own_client, f"{HOME}/inbox"))[0]
    said = own_client.post(f"{HOME}/inbox/{number}/dismiss")
    assert "不会再为此提醒您" in said.text
    assert len(lines_of(page_of(own_client, f"{HOME}/inbox"))) == 1
    own_client.post(f"{HOME}/inbox/read", data={"until": "99999"})
    assert "都已读过" in main_of(own_client, f"{HOME}/inbox")
    closed = page_of(own_client, f"{HOME}/inbox?closed=true").partition('id="closed"')[2]
    assert ids_of(closed) == [number]
    assert own_client.post(f"{HOME}/inbox/read", data={"until": "soon"}).status_code == 422


def test_the_link_of_a_push_leads_to_the_inbox_of_the_worn_hat(own_client: TestClient) -> None:
    secret, _ = session_of(own_client.app, "citizen:c-wang")
    mine = {"cookie": f"{SESSION}={secret}"}
    for path, place in (
        ("/inbox/7", "/citizens/c-wang/inbox#message-7"),
        ("/inbox", "/citizens/c-wang/inbox"),
        ("/contacts", "/citizens/c-wang/inbox/settings"),
    ):
        answer = own_client.get(path, headers=mine, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, place)
    nobody = own_client.get("/inbox/7", headers={"cookie": "a=b"}, follow_redirects=False)
    assert nobody.headers["location"].startswith("/login?next=%2Finbox%2F7")


def test_whoever_has_the_page_for_all_finds_their_inbox_from_it(own_client: TestClient) -> None:
    own_client.post(f"{HOME}/privacy/recommendation", data={"personalised": "no"})
    told(own_client, message("duty", required=True), message("unasked"))
    page = page_of(own_client, HOME)
    assert 'href="/inbox"' in page
    assert "消息duty" not in page, "the page is the same for all"
    inbox = main_of(own_client, f"{HOME}/inbox")
    assert "消息duty" in inbox
    assert "消息unasked" not in inbox


def test_an_address_is_given_confirmed_used_and_removed(own_client: TestClient) -> None:
    base = f"{HOME}/inbox/settings"
    wrong = own_client.post(f"{base}/addresses", data={"channel": "sms", "address": "12345"})
    assert (wrong.status_code, "11 位" in wrong.text) == (422, True)
    sent = own_client.post(f"{base}/addresses", data={"channel": "sms", "address": "138 0013 8000"})
    assert "138****8000" in sent.text
    soon = own_client.post(f"{base}/addresses", data={"channel": "sms", "address": "138 0013 8000"})
    assert (soon.status_code, "太频繁" in soon.text) == (429, True)
    code = code_sent(own_client)
    bad = "000000" if code != "000000" else "111111"
    refused = own_client.post(f"{base}/addresses/code", data={"channel": "sms", "code": bad})
    assert (refused.status_code, "验证码不对" in refused.text) == (422, True)
    done = own_client.post(f"{base}/addresses/code", data={"channel": "sms", "code": code})
    assert "已验证" in done.text
    panel = re.search(r'action="[^"]+/reminders".*?</form>', page_of(own_client, base), re.DOTALL)
    assert panel is not None
    themes = re.findall(r'name="theme"\s+value="([^"]+)"', panel[0])
    fields = {"channel": "sms", "theme": themes}
    own_client.post(f"{HOME}/privacy/reminders", data=fields)
    with reading(parts_of(own_client).engine) as connection:
        assert choices_of(connection, "c-li").wanted("transport", "sms")
    held = main_of(own_client, f"{HOME}/privacy/data")
    assert "提醒手机号" in held
    assert "8613800138000" in own_client.get(f"{HOME}/privacy/copy.json").text
    own_client.post(f"{base}/addresses/remove", data={"channel": "sms"})
    assert "138****8000" not in main_of(own_client, base)


def test_pace_is_chosen_by_form(own_client: TestClient) -> None:
    base = f"{HOME}/inbox/settings"
    form = {"most_a_day": "5", "quiet_from": "21:30", "quiet_until": "07:00", "digest": "daily"}
    assert "已保存" in own_client.post(f"{base}/pace", data=form).text
    with reading(parts_of(own_client).engine) as connection:
        chosen = pace_of(connection, "c-li")
    assert chosen == Pace(5, chosen.quiet_from, chosen.quiet_until, "daily")
    assert (f"{chosen.quiet_from:%H:%M}", f"{chosen.quiet_until:%H:%M}") == ("21:30", "07:00")
    for wrong in ({"quiet_from": "late"}, {"most_a_day": "0"}, {"digest": "x"}):
        assert own_client.post(f"{base}/pace", data={**form, **wrong}).status_code == 422


def test_following_by_form(own_client: TestClient) -> None:
    base = f"{HOME}/inbox/following"
    assert "还没有关注" in main_of(own_client, base)
    own_client.post(base, data={"kind": "theme", "target": "transport"})
    own_client.post(base, data={"kind": "item", "target": SERVICE, "lead_days": ["7", "30"]})
    shown = main_of(own_client, base)
    assert "30 天、7 天" in shown
    with reading(parts_of(own_client).engine) as connection:
        assert followed(connection, "c-li").leads_for(SERVICE, "transport") == (30, 7)
    assert own_client.post(base, data={"kind": "item", "target": "es-annual-report"}).status_code == 422
    own_client.post(f"{base}/end", data={"kind": "item", "target": SERVICE})
    assert "30 天、7 天" not in main_of(own_client, base)


def test_a_kiosk_takes_no_address(own_client: TestClient) -> None:
    secret, token = session_of(own_client.app, "citizen:c-li", "kiosk")
    screen = {"cookie": f"{SESSION}={secret}", "x-form-token": token}
    page = own_client.get(f"{HOME}/inbox/settings", headers=screen)
    assert "公共终端上不显示" in page.text
    form = {"channel": "email", "address": "li@example.cn"}
    assert own_client.post(f"{HOME}/inbox/settings/addresses", data=form, headers=screen).status_code == 403


@pytest.mark.parametrize("path", ["", "/part", "/part?home=true"])
def test_a_proxy_s_page_shows_no_more_than_the_interface(own_client: TestClient, path: str) -> None:
    told(own_client, message("secret", delicate=True), message("open", item=SERVICE, scope_item="c-li-car"))
    row = {"subject": "c-wang", "other": "c-li", "kind": "proxy", "scope": "theme:transport"}
    with writing(parts_of(own_client).engine) as connection:
        connection.execute(insert(relation).values(**row))
    secret, token = session_of(own_client.app, "citizen:c-wang")
    mine = {"cookie": f"{SESSION}={secret}", "x-form-token": token}
    hat = "proxy|c-li|theme:transport"
    changed = own_client.post("/hat", data={"hat": hat}, headers=mine, follow_redirects=False)
    renewed = changed.headers["set-cookie"].partition(";")[0]
    seen = own_client.get(f"{HOME}/inbox{path}", headers={"cookie": renewed})
    assert seen.status_code == 200
    assert "消息open" in seen.text
    assert "消息secret" not in seen.text
    assert "<button" not in seen.text.partition("data-inbox")[2] or path == ""


def test_what_is_older_than_a_page_is_a_link_away(own_client: TestClient) -> None:
    told(own_client, *(message(f"m-{n}") for n in range(MOST_SHOWN + 3)))
    newest = page_of(own_client, f"{HOME}/inbox")
    assert len(ids_of(newest)) == MOST_SHOWN
    [link] = re.findall(r'href="([^"]+\?before=\d+)"', newest)
    older = page_of(own_client, link)
    assert len(ids_of(older)) == 3
    assert {*ids_of(older)}.isdisjoint(ids_of(newest))
    assert "消息m-0" in text_of(lines_of(older)[-1])
    assert f'href="{HOME}/inbox"' in older
    assert "更早的消息" in text_of(newest)
    assert "更早的消息" not in text_of(older), "nothing is older than the oldest"
