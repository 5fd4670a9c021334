"""A small content folder in the benefit finder's notation, written here."""

from __future__ import annotations

import json
from pathlib import Path

BENEFIT = """---
title: allowance.title
summary: allowance.summary
lifeEvents: [retirement, financial_hardship]
source: {name: allowance.agency, link: allowance.link}
eligibility:
  - criteriaKey: applicant_date_of_birth
    acceptableValues: [">18years", "<64years"]
  - criteriaKey: applicant_home-state
    acceptableValues: [allowance.states]
  - criteriaKey: applicant_insured
    acceptableValues: [true]
%s---
"""
CRITERIA = """criteriaKey,criteria.criteriaKey.label,type,values,
applicant-basics,,,,
applicant_date_of_birth,criteria.birth.label,date,,
applicant_home-state,criteria.state.label,select,criteria.state.values1;criteria.state.values2;,
applicant_insured,criteria.insured.label,boolean,TRUE,
"""
TEXTS = {
    "allowance": {
        "title": "Allowance",
        "summary": "Money",
        "agency": "Agency",
        "link": "https://example.gov/allowance",
        "states": ["New York", "Elsewhere"],
    },
    "criteria": {
        "birth": {"label": "Your date of birth"},
        "state": {"label": "You live in", "values1": "New York", "values2": "Ohio"},
        "insured": {"label": "You are insured."},
    },
    "retirement": {"title": "Retirement"},
}


def write_content(root: Path) -> Path:
    """One benefit with three conditions, and a life event."""
    for folder in ("content/benefits", "content/life-events", "locales/en"):
        (root / folder).mkdir(parents=True)
    (root / "content/criteria.csv").write_text(CRITERIA, encoding="utf8")
    (root / "content/benefits/allowance.md").write_text(BENEFIT % "", encoding="utf8")
    (root / "content/life-events/retirement.md").write_text(
        "---\ntitle: retirement.title\n---\n", encoding="utf8"
    )
    (root / "locales/en/all.json").write_text(json.dumps(TEXTS), encoding="utf8")
    return root
