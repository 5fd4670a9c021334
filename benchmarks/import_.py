"""`import`: other people's catalogues without loss, and ours in the notation of others without a fault.

A condition of the USAGov benefit finder counts as kept when the imported criterion, compiled and judged like
our own, gives the verdict the source intends to every answer it offers, around every bound, and unknown to
no answer. The whole catalogue is exported as CPSV-AP and held against the published shapes; a copy with a
mandatory property taken out shows that the shapes do look.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pyshacl
from rdflib import RDF, Graph, Namespace

import catalog
from benchmarks.datasets.location import evaluation_data
from benchmarks.datasets.usagov import Answer, Intended, intentions
from benchmarks.result import Result
from catalog.attribute import Attribute
from catalog.catalogue import Catalogue
from catalog.derivation import parse_derivation, reads
from catalog.exporters.cpsv_ap import to_cpsv_ap
from catalog.importers.report import ImportReport
from catalog.importers.usagov import import_usagov
from catalog.loader import load_catalogue
from catalog.predicate import Predicate, attributes_of
from catalog.vocabulary import Scope, SubjectKind
from catalog.wording import describe, lexicon
from features.schema import Value
from models.eligibility.register import register_of
from models.eligibility.rules import Rule, RuleSet, compile_rules
from models.eligibility.subject import judge
from models.recommendation import Verdict

ON: Final = dt.date(2026, 3, 2)
_SHACL: Final = Namespace("http://www.w3.org/ns/shacl#")
_CPSV: Final = Namespace("http://purl.org/vocab/cpsv#")
_DCT: Final = Namespace("http://purl.org/dc/terms/")


def run(quick: bool) -> list[Result]:
    """Conditions kept and unexplained, violations of the shapes; the same measurement, quick or not."""
    source = evaluation_data("usagov")
    intended = intentions(source, ON)
    with tempfile.TemporaryDirectory() as folder:
        report = import_usagov(source, Path(folder) / "usagov")
        imported = load_catalogue(Path(folder) / "usagov")
    kept = [condition for condition in _matched(intended, imported) if _is_kept(*condition, imported)]
    whole = Path(catalog.__file__).parent / "data"
    violations, triples = _violations(load_catalogue(whole), evaluation_data("cpsv-ap"))
    return [
        Result("conditions_kept", float(len(kept)), "conditions"),
        Result("unexplained", float(len(intended) - len(kept) - _named(report)), "conditions"),
        Result("shacl_violations", float(violations), "violations"),
        Result("conditions", float(len(intended)), "conditions"),
        Result("probes", float(sum(len(condition.probes) for condition in intended)), "answers"),
        Result("benefits_kept_whole", float(_whole(kept, imported)), "of 79 benefits"),
        Result("events", float(report.events), "life events"),
        Result("exported_triples", float(triples), "triples"),
    ]


def _named(report: ImportReport) -> int:
    return sum(finding.done == "not kept" for finding in report.findings)


Condition = tuple[Intended, str, Predicate]
"""What the source means, the item and the condition it became."""


def _matched(intended: list[Intended], imported: Catalogue) -> list[Condition]:
    """Each condition with the criterion of the same key in the item of the same name."""
    found: list[Condition] = []
    for condition in intended:
        item = condition.benefit.replace("_", "-").lower()
        criterion = condition.key.replace("_", "-").lower()
        for each in imported.public_services[item].criteria if item in imported.public_services else ():
            if each.id == criterion:
                found.append((condition, item, each.predicate))
    return found


def _is_kept(intended: Intended, item: str, predicate: Predicate, imported: Catalogue) -> bool:
    """Whether the criterion says what the source means to every probe."""
    asked = _stored(predicate, imported.attributes)
    if asked is None:
        return False
    criteria = tuple(c for c in imported.public_services[item].criteria if c.predicate is predicate)
    rules = _compiled(imported, Rule(item, criteria))
    return all(
        _verdict(rules, item, _told(asked, probe.answer)) is probe.verdict for probe in intended.probes
    )


def _stored(predicate: Predicate, attributes: Mapping[str, Attribute]) -> Attribute | None:
    """The one attribute a person is asked for; None where a condition rests on none or on several."""
    names: set[str] = set()
    for name in attributes_of(predicate):
        derived = attributes[name].derived
        names |= {name} if derived is None else set(reads(parse_derivation(derived)))
    return attributes[names.pop()] if len(names) == 1 else None


def _told(asked: Attribute, answer: Answer) -> dict[str, Value]:
    """What is told by an answer: of several words, the one the register shows with this text."""
    if answer is None:
        return {}
    if isinstance(answer, str):
        meant = [word for word, names in asked.value_names.items() if names.en == answer]
        return {asked.name: meant[0]} if meant else {}
    return {asked.name: answer}


def _compiled(imported: Catalogue, rule: Rule) -> RuleSet:
    return compile_rules([rule], register_of(imported, SubjectKind.CITIZEN, Scope.SELF), ON)


def _verdict(rules: RuleSet, item: str, told: Mapping[str, Value]) -> Verdict:
    return Verdict(int(judge(rules, told).items[rules.places[item]]))


def _whole(kept: list[Condition], imported: Catalogue) -> int:
    """The benefits that hold when all answers suit, and are undetermined with any one of them missing."""
    of_item: dict[str, list[Condition]] = defaultdict(list)
    for condition in kept:
        of_item[condition[1]].append(condition)
    return sum(_holds_whole(item, conditions, imported) for item, conditions in of_item.items())


def _holds_whole(item: str, conditions: list[Condition], imported: Catalogue) -> bool:
    criteria = imported.public_services[item].criteria
    rules = _compiled(imported, Rule(item, criteria))
    answers: list[dict[str, Value]] = []
    for intended, _, predicate in conditions:
        asked = _stored(predicate, imported.attributes)
        suiting = [probe.answer for probe in intended.probes if probe.verdict is Verdict.TRUE]
        if asked is None or not suiting:
            return False
        answers.append(_told(asked, suiting[0]))
    every = {name: value for told in answers for name, value in told.items()}
    missing = [{n: v for n, v in every.items() if n not in told} for told in answers]
    return (
        len(conditions) == len(criteria)
        and _verdict(rules, item, every) is Verdict.TRUE
        and all(_verdict(rules, item, told) is Verdict.UNKNOWN for told in missing)
    )


def _violations(whole: Catalogue, published: Path) -> tuple[int, int]:
    """How often an export of the whole catalogue breaks the published shapes, and how large it is."""
    names = lexicon(whole, ON)
    document = to_cpsv_ap(whole, lambda criterion: describe(criterion.predicate, names))
    graph = Graph().parse(data=json.dumps(document), format="json-ld")
    shapes = Graph().parse(published / "cpsv-ap-SHACL.ttl")
    services = set(graph.subjects(RDF.type, _CPSV.PublicService))
    if len(services) != sum(item.status == "confirmed" for item in whole.items.values()):
        raise RuntimeError("the export does not hold every confirmed item")
    found, size = _count(graph, shapes), len(graph)
    for service in services:
        graph.remove((service, _DCT.identifier, None))
    if _count(graph, shapes) < found + len(services):
        raise RuntimeError("the shapes do not miss the identifiers taken out: they do not see the export")
    return found, size


def _count(graph: Graph, shapes: Graph) -> int:
    results: Any = pyshacl.validate(graph, shacl_graph=shapes)[1]
    return len(set(results.subjects(RDF.type, _SHACL.ValidationResult)))
