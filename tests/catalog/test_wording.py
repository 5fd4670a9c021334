"""Conditions in the words of the people they concern, in both languages."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given

from catalog.catalogue import Catalogue
from catalog.expression import parse_condition
from catalog.predicate import Predicate
from catalog.vocabulary import Names
from catalog.wording import Lexicon, describe, figure, lexicon
from tests.catalog.random_predicates import predicates

ON = dt.date(2026, 3, 1)


@pytest.mark.parametrize(
    ("condition", "zh", "en"),
    [
        ("age >= 65", "年龄满65岁", "Age at least 65"),
        ("age < 60", "年龄不满60岁", "Age under 60"),
        ("age > 24", "年龄超过24岁", "Age over 24"),
        ("age = 16", "年龄为16岁", "Age is 16"),
        ("age >= 35 AND age <= 64", "年龄满35岁且不超过64岁", "Age at least 35 and at most 64"),
        ("hukou_province = 'BJ'", "户籍为北京", "Hukou is Beijing"),
        ("hukou_province != 'BJ'", "户籍不为北京", "Hukou is not Beijing"),
        (
            "marital_status IN ('single', 'divorced', 'widowed')",
            "婚姻状况为未婚、离异或丧偶",
            "Marital status is single, divorced or widowed",
        ),
        ("marital_status NOT IN ('single')", "婚姻状况不为未婚", "Marital status is not single"),
        ("is_retired", "已退休", "Retired"),
        ("NOT is_retired", "未退休", "not: retired"),
        ("is_retired != FALSE", "已退休", "Retired"),
        ("has_driver_licence = FALSE", "未持机动车驾驶证", "not: holds a driving licence"),
        ("is_pregnant = FALSE", "并非:怀孕", "not: pregnant"),
        ("child_birth_date IS NOT NULL", "有子女出生日期记录", "Child’s date of birth on record"),
        ("labor_capacity_grade IS NULL", "无劳动功能障碍等级记录", "no Labour-capacity grade on record"),
        (
            "taxable_income_annual <= 3000000",
            "年应纳税所得额不超过300万元",
            "Annual taxable income at most 3,000,000 yuan",
        ),
        ("annual_revenue > 200000000", "年营业收入超过2亿元", "Annual revenue over 200,000,000 yuan"),
        ("debt_ratio <= 0.75", "资产负债率不超过75%", "Debt ratio at most 75%"),
        (
            "id_card_expiry_date < '2026-07-01'",
            "身份证有效期截止早于2026-07-01",
            "Expiry of the identity card before 2026-07-01",
        ),
        (
            "family_income_per_capita_month < param_subsistence_line_month",
            "家庭人均月收入低于低保标准(每人每月)（1,450元）",
            "Family’s monthly income per head below minimum living standard per head and month (1,450 yuan)",
        ),
        (
            "layoff_rate <= param_layoff_rate_cap",
            "裁员率不超过裁员率上限(全国城镇调查失业率调控目标)（标准待公布）",
            "Lay-off rate at most ceiling of the lay-off rate "
            "(national target for surveyed urban unemployment) (figure not yet known)",
        ),
        (
            "(sex = 'male' AND age >= 22) OR (sex = 'female' AND age >= 20)",
            "（性别为男且年龄满22岁）或（性别为女且年龄满20岁）",
            "(Sex is male and age at least 22) or (sex is female and age at least 20)",
        ),
        ("NOT (is_veteran AND is_retired)", "并非:（退役军人且已退休）", "not: (Veteran and retired)"),
        (
            "paid_in_capital < registered_capital",
            "实缴资本低于注册资本",
            "Paid-in capital below Registered capital",
        ),
        ("TRUE", "人人适用", "for everyone"),
    ],
)
def test_a_condition_reads_as_an_official_would_say_it(
    condition: str, zh: str, en: str, real: Catalogue
) -> None:
    assert describe(parse_condition(condition), lexicon(real, ON)) == Names(zh=zh, en=en)


def test_a_figure_is_that_of_the_day(real: Catalogue) -> None:
    months = real.parameters["param_min_pension_months"]
    assert figure(months, dt.date(2029, 12, 31)) == 180
    assert figure(months, dt.date(2030, 1, 1)) == 186
    assert figure(months, dt.date(2000, 1, 1)) is None


def test_every_condition_of_the_catalogue_has_words_and_no_codes(real: Catalogue) -> None:
    names = lexicon(real, ON)
    for thing in (*real.items.values(), *real.events.values()):
        for criterion in thing.criteria:
            said = describe(criterion.predicate, names)
            assert "_" not in said.zh + said.en, f"{thing.id}: {said}"
            assert not any("a" <= letter <= "z" for letter in said.zh), f"{thing.id}: {said.zh}"
            assert not any("一" <= letter <= "鿿" for letter in said.en), f"{thing.id}: {said.en}"


@given(predicates)
def test_any_condition_can_be_said(predicate: Predicate) -> None:
    said = describe(predicate, Lexicon({}, {}, ON))
    assert said.zh
    assert said.en
