"""What a message says: all a reader needs in both languages, and of a delicate matter nothing at all."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.delivery.by_webhook import outgoing
from serving.delivery.letter import Sending, letter
from serving.delivery.rendering import as_html, as_text
from serving.delivery.short_text import MOST_SEGMENTS, segments, short_text
from serving.delivery.wording import Unsayable, one_line, word, words
from serving.wording import LANGUAGES, Language
from tests.serving.delivery.parcels import ADDRESS, PAYLOAD, UNSUBSCRIBE, delicate, parcel

AT = dt.datetime(2026, 11, 20, 4, tzinfo=dt.UTC)
SENDING = Sending("noreply@qianmian.example", "qianmian.example")
TEMPLATES = ("reminder", "invitation", "policy_package", "answer", "notice", "campaign")
MATTER = "妊娠登记 zebra"
"""A matter nobody else may learn of."""
NASTY = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("\r\n\0\u2028\u202e<>&\"'{}%=?."), max_size=120
)


def read(raw: bytes) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(raw, policy=policy.default))


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_both_languages_have_the_same_words() -> None:
    zh, en = (words()[language].strings for language in LANGUAGES)
    assert zh.keys() == en.keys()
    for key in zh:
        assert set(re.findall(r"{(\w+)}", zh[key])) == set(re.findall(r"{(\w+)}", en[key])), key


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_letter_says_what_why_until_when_why_to_you_where_and_how_to_stop(template: str) -> None:
    message = read(letter(*_worded(parcel({"template": template})), SENDING, AT))
    assert message["Subject"].startswith(words()["zh"](f"subject.{template}", name=PAYLOAD["names_zh"]))
    assert "2026年12月24日" in message["Subject"]
    assert message["From"] == "千面 政务提醒 <noreply@qianmian.example>"
    assert message["To"] == "li@example.cn"
    assert message["Message-ID"] == f"<{'0' * 31}1@qianmian.example>"
    assert message["List-Unsubscribe"] == f"<{UNSUBSCRIBE}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for text in (body(message, "plain"), body(message, "html")):
        for said in (
            *("换领驾驶证", "Renew your driving licence", "有效期到", "is valid until", "12345"),
            *("2026年12月24日（周四）", "Thursday 24 December 2026", f"{ADDRESS}/inbox/7", UNSUBSCRIBE),
            "您收到这条消息，是因为" if template != "answer" else "问过",
            "You get this because you",
        ):
            assert said in text, said


def test_the_plain_text_reads_like_a_letter() -> None:
    text = as_text(_worded(parcel())[1])
    assert text.split("\n----------------------------------------\n")[0].strip().splitlines() == [
        *("有一件事需要您留意：", "", "换领驾驶证", "2026年12月24日（周四）截止"),
        *("为什么提醒您：驾驶证有效期到 2026年12月24日", "", f"查看和办理：{ADDRESS}/inbox/7", ""),
        "您收到这条消息，是因为您选择了在“交通出行”方面用电子邮件接收提醒。",
        f"不再接收这类消息：{UNSUBSCRIBE}",
        *("", "有疑问请拨打 12345，由人工解答。 我们不会索要密码、验证码或付款，也不会让您转账。"),
        "这是系统发出的消息，请勿直接回复。",
    ]


@pytest.mark.parametrize("channel", ["email", "sms", "webhook", "letter"])
def test_of_a_delicate_matter_nothing_is_said(channel: str) -> None:
    # Even where whoever wrote the row forgot to leave the matter out.
    names = {"names_zh": MATTER, "names_en": MATTER, "reason_zh": MATTER, "reason_en": MATTER}
    told = delicate(**names, due_on="2026-12-24", detail={"lines": [MATTER]})
    one = parcel(told, channel=channel, topic=MATTER)
    _, worded = _worded(one)
    said = [as_text(worded), as_html(worded), *(short_text(one, worded, language) for language in LANGUAGES)]
    said += [telling.title for telling in worded.tellings]
    said.append(str(outgoing(one, worded)))
    if channel == "email":
        message = read(letter(one, worded, SENDING, AT))
        said += [str(value) for value in message.values()] + [
            body(message, kind) for kind in ("plain", "html")
        ]
        assert message["Subject"] == "您有一条政务提醒"
    assert not [
        text for text in said if "zebra" in text or "妊娠" in text or "24日" in text or "2026-12" in text
    ]


def test_several_go_as_one_list() -> None:
    several = parcel(
        {}, {"names_zh": "企业年报", "names_en": "Annual report", "link": "/inbox/8"}, delicate()
    )
    message = read(letter(*_worded(several), SENDING, AT))
    assert message["Subject"] == "您有 3 件政务提醒"
    text = body(message, "plain")
    assert (
        text.index("换领驾驶证")
        < text.index("企业年报")
        < text.index("请登录查看")
        < text.index("Annual report")
    )
    assert f"{ADDRESS}/inbox/8" in body(message, "html")
    assert short_text(several, _worded(several)[1], "zh").startswith("【千面】您有3件政务提醒")


def test_a_code_is_a_code() -> None:
    one = parcel({"template": "code", "detail": {"code": "402913"}})
    message = read(letter(*_worded(one), SENDING, AT))
    assert "402913" not in message["Subject"]
    assert message["List-Unsubscribe"] is None
    assert all("402913" in body(message, kind) for kind in ("plain", "html"))
    assert "402913" in short_text(one, _worded(one)[1], "en")
    assert UNSUBSCRIBE not in as_text(_worded(one)[1])


@given(NASTY, NASTY, NASTY, st.booleans())
def test_no_text_can_become_a_header_or_markup(name: str, reason: str, topic: str, several: bool) -> None:
    told = {"names_zh": name, "names_en": name, "reason_zh": reason, "reason_en": reason}
    one = parcel(*([told] * (2 if several else 1)), topic=topic)
    raw = letter(*_worded(one), SENDING, AT)
    message = read(raw)
    plain = read(letter(*_worded(parcel(*([{}] * (2 if several else 1)))), SENDING, AT))
    assert [name for name, _ in message.items()] == [name for name, _ in plain.items()]
    assert not message.defects
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert raw.isascii()
    if not several:
        assert one_line(message["Subject"]) == one_line(_worded(one)[1].tellings[0].title)
    tags = re.findall(r"<[a-z!/][^>]*>", body(message, "html"))
    assert [tag for tag in tags if re.match(r"<(script|img|iframe|form|object|style|link)", tag)] == []


@pytest.mark.parametrize(
    "address",
    ["a@b.cn\r\nBcc: x@y.cn", "a b@c.cn", "<a@b.cn>", "a@b.cn>", "nobody", "", "a@b.cn, x@y.cn", "a@b\n.cn"],
)
def test_an_address_that_is_none_goes_nowhere(address: str) -> None:
    with pytest.raises(Unsayable):
        letter(*_worded(parcel(address=address)), SENDING, AT)


@pytest.mark.parametrize("link", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_a_link_leads_nowhere_but_home(link: str) -> None:
    with pytest.raises(Unsayable):
        word(parcel({"link": link}), ADDRESS, UNSUBSCRIBE)


@pytest.mark.parametrize("field", ["template", "names_zh", "reason_en", "due_on", "link", "delicate"])
def test_a_payload_without_what_was_agreed_is_unsayable(field: str) -> None:
    one = parcel()
    payload = {name: value for name, value in PAYLOAD.items() if name != field}
    broken = replace(one, pieces=(replace(one.pieces[0], payload=payload),))
    if field == "due_on":
        assert word(broken, ADDRESS, UNSUBSCRIBE).tellings[0].matters[0].due is None
        return
    with pytest.raises(Unsayable):
        word(broken, ADDRESS, UNSUBSCRIBE)


@pytest.mark.parametrize("payload", [{"template": "unheard-of"}, {"due_on": "soon"}])
def test_a_payload_that_cannot_be_said_is_not_repeated_in_the_error(payload: dict[str, Any]) -> None:
    with pytest.raises(Unsayable) as raised:
        word(parcel(payload), ADDRESS, UNSUBSCRIBE)
    assert "soon" not in str(raised.value)
    assert "unheard" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        *(("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("", 1)),
        *(("字" * 70, 1), ("字" * 71, 2), ("字" * 134, 2), ("字" * 135, 3)),
        *(("€" * 80, 1), ("€" * 81, 2), ("😀" * 35, 1), ("😀" * 36, 2)),
    ],
)
def test_how_many_short_messages_a_text_takes(text: str, count: int) -> None:
    assert segments(text) == count


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=300),
    st.sampled_from(LANGUAGES),
)
def test_a_short_message_stays_short_and_keeps_its_link(name: str, language: Language) -> None:
    one = parcel({f"names_{language}": name}, channel="sms")
    text = short_text(one, _worded(one)[1], language)
    assert segments(text) <= MOST_SEGMENTS
    assert f"{ADDRESS}/inbox/7" in text
    assert ("12月24日截止" if language == "zh" else "Due 24 December.") in text
    assert "\n" not in text


def test_a_short_message_gives_the_reason_where_it_fits() -> None:
    one = parcel({"reason_zh": "快到期了。", "reason_en": "It expires soon."}, channel="sms")
    worded = _worded(one)[1]
    assert short_text(one, worded, "zh") == (
        "【千面】换领驾驶证。快到期了。12月24日截止。办理：https://qianmian.example/inbox/7 回T退订"
    )
    assert short_text(one, worded, "en") == (
        "[Qianmian] Renew your driving licence. It expires soon. Due 24 December. "
        "https://qianmian.example/inbox/7 Reply T to stop"
    )
    long = parcel({"reason_zh": "因为" * 60}, channel="sms")
    assert short_text(long, _worded(long)[1], "zh") == (
        "【千面】换领驾驶证。12月24日截止。办理：https://qianmian.example/inbox/7 回T退订"
    )


def _worded(one: Any) -> tuple[Any, Any]:
    return one, word(one, ADDRESS, UNSUBSCRIBE)
