"""A small catalogue, and standings made by hand, for pages whose real parts are tested elsewhere."""

from __future__ import annotations

import datetime as dt

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue, Theme
from catalog.criterion import Criterion
from catalog.event import LifeEvent, Step
from catalog.evidence import EvidenceType
from catalog.expression import parse_condition
from catalog.public_service import Channels, PublicService
from catalog.support_policy import SupportPolicy
from catalog.vocabulary import (
    Delicacy,
    Level,
    Names,
    Nature,
    Origin,
    Proactive,
    Procedure,
    Scope,
    Sensitivity,
    Status,
    SubjectKind,
    ValueType,
)
from models.recommendation import Entry, EventProgress, Reason, Standing, Urgency

TODAY = dt.date(2026, 11, 21)
CITIZEN, ENTERPRISE = SubjectKind.CITIZEN, SubjectKind.ENTERPRISE


def attribute(
    name: str, zh: str, en: str, type: ValueType, scope: Scope = Scope.SELF, subject: SubjectKind = CITIZEN
) -> Attribute:
    """An ordinary attribute of the public-security register."""
    return Attribute(
        name=name,
        names=Names(zh, en),
        subject=subject,
        scope=scope,
        type=type,
        authority="公安",
        register="public-security",
        origin=Origin.AUTHORITY,
        sensitivity=Sensitivity.ORDINARY,
    )


def criterion(expression: str, legal_source: str) -> Criterion:
    """A criterion of one condition."""
    return Criterion(
        id="c1", expression=expression, predicate=parse_condition(expression), legal_source=legal_source
    )


def service(
    id: str,
    zh: str,
    en: str,
    theme: str,
    authority: str,
    *,
    nature: Nature = Nature.OTHER,
    scope: Scope = Scope.SELF,
    subject: SubjectKind = CITIZEN,
    condition: str = "age >= 18",
    law: str = "居民身份证法第11条",
    evidence: tuple[str, ...] = ("m-id-card",),
    channels: Channels | None = None,
    limit: str | None = None,
    delicacy: Delicacy = Delicacy.NORMAL,
    proactive: Proactive = Proactive.PUSH,
    status: Status = Status.CONFIRMED,
) -> PublicService:
    """A public service of the small catalogue."""
    return PublicService(
        id=id,
        names=Names(zh, en),
        subject=subject,
        scope=scope,
        theme=theme,
        authority=authority,
        level=Level.DISTRICT,
        nature=nature,
        procedure=Procedure.REGISTRATION,
        criteria=(criterion(condition, law),),
        legal_basis=law,
        evidence=evidence,
        channels=channels,
        processing_limit=limit,
        delicacy=delicacy,
        proactive=proactive,
        status=status,
    )


def policy(id: str, zh: str, en: str, mode: str, benefit: Names, law: str) -> SupportPolicy:
    """A support policy of the small catalogue."""
    return SupportPolicy(
        id=id,
        names=Names(zh, en),
        category="tax-relief",
        issuer="税务",
        level=Level.STATE,
        benefit_type="tax",
        benefit=benefit,
        apply_mode=mode,  # type: ignore[arg-type]
        criteria=(criterion("employees_count <= 300", law),),
        legal_basis=law,
    )


SERVICES = (
    service(
        "cs-birth-registration",
        "出生登记(报户口)",
        "Birth (hukou) registration",
        "hukou",
        "公安",
        nature=Nature.OBLIGATION,
        scope=Scope.CHILD,
        condition="child_hukou_registered = FALSE",
        law="户口登记条例第7条",
        evidence=("m-birth-cert", "m-hukou-book", "m-id-card", "m-marriage-cert"),
        limit="当场",
        delicacy=Delicacy.MINOR,
    ),
    service(
        "cs-vaccination-card",
        "预防接种证办理",
        "Vaccination certificate",
        "health",
        "疾控/社区卫生",
        nature=Nature.OBLIGATION,
        scope=Scope.CHILD,
        law="疫苗管理法第47条",
        condition="child_hukou_registered = TRUE",
        evidence=("m-birth-cert", "m-id-card"),
        limit="当场",
    ),
    service(
        "cs-id-card-renewal",
        "换领居民身份证",
        "Identity card renewal",
        "hukou",
        "公安",
        nature=Nature.OBLIGATION,
        limit="60D",
    ),
    service(
        "cs-childcare-subsidy",
        "育儿补贴申领",
        "Childcare subsidy",
        "birth",
        "卫生健康",
        nature=Nature.BENEFIT,
        scope=Scope.CHILD,
        condition="child_age < 3",
        law="育儿补贴制度实施方案(2025);人口与计划生育法第27条",
        limit="20WD",
        channels=Channels(online="https://example.org/subsidy", hotline="12345"),
    ),
    service(
        "cs-medical-remote",
        "异地就医备案",
        "Care away from home: filing",
        "health",
        "医保",
        nature=Nature.BENEFIT,
        law="社会保险法第29条",
        limit="即时",
    ),
    service(
        "cs-fund-withdrawal-rent",
        "租房提取住房公积金",
        "Housing fund withdrawal for rent",
        "housing",
        "公积金中心",
        nature=Nature.BENEFIT,
        law="住房公积金管理条例第24条",
        limit="3WD",
    ),
    service(
        "cs-skill-subsidy",
        "职业技能提升补贴",
        "Skill upgrading subsidy",
        "work",
        "人社",
        nature=Nature.BENEFIT,
        law="就业促进法第49条",
        evidence=("m-skill-cert", "m-bank-card"),
        limit="20WD",
    ),
    service(
        "cs-premarital-check",
        "免费婚前医学检查",
        "Free premarital medical check",
        "birth",
        "卫生健康",
        nature=Nature.BENEFIT,
        law="母婴保健法第7、12条",
        delicacy=Delicacy.SENSITIVE,
        limit="当场",
    ),
    service(
        "cs-pension-application",
        "申领基本养老金",
        "Old-age pension",
        "old-age",
        "人社",
        nature=Nature.BENEFIT,
        condition="age >= 63",
        law="社会保险法第16条",
    ),
    service(
        "cs-school-entry",
        "义务教育入学登记",
        "School entry",
        "education",
        "教育",
        nature=Nature.OBLIGATION,
        scope=Scope.CHILD,
        condition="child_age >= 6",
        law="义务教育法第11条",
    ),
    service(
        "cs-dibao",
        "最低生活保障",
        "Minimum living allowance",
        "relief",
        "民政",
        nature=Nature.BENEFIT,
        scope=Scope.HOUSEHOLD,
        law="社会救助暂行办法第9条",
        delicacy=Delicacy.SENSITIVE,
    ),
    service(
        "cs-licence-renewal",
        "换领机动车驾驶证",
        "Driving licence renewal",
        "travel",
        "公安交管",
        law="机动车驾驶证申领和使用规定第63条",
        limit="1D",
    ),
    service(
        "cs-vehicle-inspection",
        "机动车安全技术检验",
        "Vehicle inspection",
        "travel",
        "公安交管",
        nature=Nature.OBLIGATION,
        scope=Scope.VEHICLE,
        law="道路交通安全法第13条",
    ),
    service(
        "cs-divorce-application",
        "离婚登记申请",
        "Divorce application",
        "birth",
        "民政",
        law="民法典第1076条",
        proactive=Proactive.SEARCH_ONLY,
        delicacy=Delicacy.SENSITIVE,
    ),
    service("cs-unverified", "尚未核实的事项", "Not verified yet", "hukou", "公安", status=Status.UNVERIFIED),
    service(
        "es-annual-report",
        "年度报告公示",
        "Annual report",
        "reports",
        "市场监管",
        nature=Nature.OBLIGATION,
        subject=ENTERPRISE,
        condition="employees_count >= 1",
        law="企业信息公示暂行条例第8条",
        limit="即时",
    ),
    service(
        "es-social-insurance",
        "社会保险登记",
        "Social insurance registration",
        "staff",
        "人社/税务",
        nature=Nature.OBLIGATION,
        subject=ENTERPRISE,
        condition="employees_count >= 1",
        law="社会保险法第57条",
    ),
    service(
        "es-food-licence",
        "食品经营许可证延续",
        "Food licence renewal",
        "permits",
        "市场监管",
        subject=ENTERPRISE,
        scope=Scope.PERMIT,
        condition="employees_count >= 1",
        law="食品安全法第35条",
        limit="10WD",
    ),
    service(
        "es-building-permit",
        "建筑工程施工许可",
        "Construction permit",
        "projects",
        "住建",
        subject=ENTERPRISE,
        scope=Scope.PROJECT,
        condition="employees_count >= 1",
        law="建筑法第7条",
        limit="7WD",
    ),
)

POLICIES = (
    policy(
        "ep-small-profit-cit",
        "小型微利企业所得税优惠",
        "Small low-profit enterprise relief",
        "self_declare",
        Names(
            "应纳税所得额不超过300万元部分实际税负5%", "An effective rate of 5% on the first 3 million yuan"
        ),
        "企业所得税法第28条;财政部税务总局公告2023年第12号",
    ),
    policy(
        "ep-job-stability",
        "稳岗返还",
        "Job stability refund",
        "no_application",
        Names("返还上年度实缴失业保险费的一部分", "Refunds part of last year’s unemployment insurance"),
        "失业保险条例第10条",
    ),
)

EVIDENCE = {
    "m-birth-cert": ("出生医学证明", "Birth medical certificate", True),
    "m-hukou-book": ("居民户口簿", "Household register", True),
    "m-id-card": ("居民身份证", "Identity card", True),
    "m-marriage-cert": ("结婚证", "Marriage certificate", True),
    "m-skill-cert": ("职业技能等级证书", "Skill certificate", False),
    "m-bank-card": ("银行卡", "Bank card", False),
}

THEMES = (
    ("birth", "婚育", "Marriage and birth", CITIZEN),
    ("education", "教育", "Education", CITIZEN),
    ("work", "就业", "Work", CITIZEN),
    ("health", "健康", "Health", CITIZEN),
    ("old-age", "养老", "Old age", CITIZEN),
    ("housing", "居住", "Housing", CITIZEN),
    ("travel", "出行", "Travel", CITIZEN),
    ("hukou", "户政", "Hukou and identity", CITIZEN),
    ("relief", "救助", "Relief", CITIZEN),
    ("projects", "投资建设", "Building and investment", ENTERPRISE),
    ("staff", "人力资源", "Staff", ENTERPRISE),
    ("tax-relief", "减税降费", "Tax and fee relief", ENTERPRISE),
    ("permits", "资质许可", "Permits", ENTERPRISE),
    ("reports", "合规报告", "Compliance reports", ENTERPRISE),
)


def catalogue() -> Catalogue:
    """The small catalogue."""
    return Catalogue(
        version="hand-made",
        themes={id: Theme(id=id, names=Names(zh, en), subject=kind) for id, zh, en, kind in THEMES},
        attributes={
            a.name: a
            for a in (
                attribute("age", "年龄", "Age", ValueType.NUMBER),
                attribute("child_age", "子女年龄", "Child’s age", ValueType.NUMBER, Scope.CHILD),
                attribute(
                    "child_hukou_registered",
                    "子女已登记户口",
                    "Child’s hukou registered",
                    ValueType.BOOLEAN,
                    Scope.CHILD,
                ),
                attribute("household_income", "家庭人均月收入", "Household income", ValueType.NUMBER),
                attribute("employees_count", "从业人数", "Employees", ValueType.NUMBER, subject=ENTERPRISE),
            )
        },
        consent_groups={},
        parameters={},
        evidence_types={
            id: EvidenceType(id=id, names=Names(zh, en), kind="licence", fetchable=fetchable)
            for id, (zh, en, fetchable) in EVIDENCE.items()
        },
        public_services={s.id: s for s in SERVICES},
        support_policies={p.id: p for p in POLICIES},
        events={
            "le-newborn": LifeEvent(
                id="le-newborn",
                names=Names("新生儿出生一件事", "A child is born"),
                subject=CITIZEN,
                scope=Scope.CHILD,
                theme="birth",
                trigger="child_age",
                criteria=(criterion("child_age < 1", "国办发〔2022〕32号"),),
                stages=(
                    (Step("cs-birth-registration"),),
                    (Step("cs-vaccination-card"), Step("cs-medical-remote", optional=True)),
                    (Step("cs-childcare-subsidy"),),
                ),
                lead_authority="卫生健康",
                legal_basis="国办发〔2022〕32号",
                list_source="SC-2022",
            )
        },
    )


def reason(zh: str, en: str) -> tuple[Reason, ...]:
    """One reason."""
    return (Reason("hand-made", Names(zh, en)),)


def entry(item: str, standing: Standing, scope_item: str = "c-1", **more: object) -> Entry:
    """A standing made by hand."""
    values: dict[str, object] = {"label": None, "ready": False, "cycle": "once", **more}
    return Entry(item=item, scope_item=scope_item, standing=standing, **values)  # type: ignore[arg-type]


def citizen_entries() -> tuple[Entry, ...]:
    """A mother of a new-born and a schoolchild, on the fixed day."""
    child = {"scope_item": "c-1:child-1", "label": "小满"}
    return (
        entry(
            "cs-birth-registration",
            Standing.SHOULD_DO,
            **child,
            urgency=Urgency.OBLIGATION,
            due_on=dt.date(2026, 12, 3),
            missing=("m-birth-cert", "m-marriage-cert"),
            reasons=reason(
                "小满于2026年11月3日出生,一个月内应当申报出生登记。",
                "Xiaoman was born on 3 November 2026; a birth is registered within one month.",
            ),
        ),
        entry(
            "cs-vaccination-card",
            Standing.SHOULD_DO,
            **child,
            urgency=Urgency.OVERDUE,
            due_on=dt.date(2026, 11, 18),
            ready=True,
            reasons=reason("儿童出生后一个月内应当办理预防接种证。", "Due within a month of birth."),
        ),
        entry(
            "cs-id-card-renewal",
            Standing.SHOULD_DO,
            urgency=Urgency.PROMPTLY,
            ready=True,
            reasons=reason("您的居民身份证已经到期。", "Your identity card has expired."),
        ),
        entry(
            "cs-fund-withdrawal-rent",
            Standing.SHOULD_DO,
            urgency=Urgency.LAPSING,
            due_on=dt.date(2026, 12, 10),
            ready=True,
            reasons=reason("本年度的提取到12月10日为止。", "This year’s withdrawal ends on 10 December."),
        ),
        entry(
            "cs-childcare-subsidy",
            Standing.CAN_DO,
            **child,
            ready=True,
            due_on=dt.date(2029, 11, 3),
            reasons=reason("小满未满3周岁,可以申领育儿补贴。", "Xiaoman is under three."),
        ),
        entry(
            "cs-medical-remote",
            Standing.CAN_DO,
            ready=True,
            reasons=reason("您参加了本市基本医疗保险。", "You are insured in this city."),
        ),
        entry(
            "cs-premarital-check",
            Standing.CAN_DO,
            ready=True,
            reasons=reason("您登记了结婚计划。", "You told us of your plan to marry."),
        ),
        entry(
            "cs-skill-subsidy",
            Standing.CAN_DO,
            missing=("m-skill-cert", "m-bank-card"),
            reasons=reason("您今年取得了技能等级证书。", "You gained a skill certificate this year."),
        ),
        entry(
            "cs-pension-application",
            Standing.UPCOMING,
            opens_on=dt.date(2027, 3, 1),
            reasons=reason("2027年3月1日达到法定退休年龄。", "You reach retirement age on 1 March 2027."),
        ),
        entry(
            "cs-dibao",
            Standing.NEEDS_INFORMATION,
            "c-1:household-1",
            label="我家",
            unknown=("household_income", "age"),
            reasons=reason("还不知道家庭人均月收入。", "The household’s income is not known."),
        ),
        entry("cs-school-entry", Standing.IN_PROGRESS, "c-1:child-2", label="小雨"),
        entry("cs-licence-renewal", Standing.DONE),
        entry("cs-vehicle-inspection", Standing.NOT_ELIGIBLE, "c-1:vehicle-1", label="京A·12345"),
        entry("cs-divorce-application", Standing.CAN_DO, ready=True),
        entry("cs-unverified", Standing.CAN_DO, ready=True),
    )


def enterprise_entries() -> tuple[Entry, ...]:
    """A bakery, on the fixed day."""
    return (
        entry(
            "es-social-insurance",
            Standing.SHOULD_DO,
            "e-1",
            urgency=Urgency.OBLIGATION,
            ready=True,
            due_on=dt.date(2026, 11, 21),
            reasons=reason("成立之日起30日内办理。", "Within 30 days of founding."),
        ),
        entry(
            "es-food-licence",
            Standing.CAN_DO,
            "e-1:permit-1",
            label="食品经营许可证",
            missing=("m-id-card",),
            due_on=dt.date(2027, 1, 15),
            reasons=reason("许可证将于2027年2月到期。", "The licence expires soon."),
        ),
        entry(
            "ep-small-profit-cit",
            Standing.CAN_DO,
            "e-1",
            ready=True,
            reasons=reason("从业人数不超过300人。", "No more than 300 employees."),
        ),
        entry("ep-job-stability", Standing.CAN_DO, "e-1", ready=True),
        entry("es-annual-report", Standing.UPCOMING, "e-1", opens_on=dt.date(2027, 1, 1)),
    )


def newborn_progress() -> EventProgress:
    """The new-born's event, one step done."""
    return EventProgress(
        event="le-newborn",
        scope_item="c-1:child-1",
        label="小满",
        done=("cs-birth-registration",),
        open=("cs-vaccination-card", "cs-medical-remote"),
        waiting=("cs-childcare-subsidy",),
        enrolled=True,
        due_on=dt.date(2026, 12, 3),
    )
