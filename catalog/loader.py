"""Loading a catalogue from its folder of YAML: everything that is wrong is reported at once."""

from __future__ import annotations

from pathlib import Path

from catalog import building, linking, register_links, registering
from catalog.artefact import sealed
from catalog.catalogue import Catalogue
from catalog.checker import Register
from catalog.faults import CatalogueError, Fault
from catalog.reading import Sheets, read_sheets


def load_catalogue(path: Path) -> Catalogue:
    """The catalogue of a folder, checked whole, with the hash of its content as version.

    Raises CatalogueError with every fault found, each with file, line, what is wrong and the remedy.
    """
    if not path.is_dir():
        raise CatalogueError([Fault(path.name, 1, "no such folder", "name the catalogue's data folder")])
    faults: list[Fault] = []
    catalogue = assembled(read_sheets(path, faults))
    if faults:
        raise CatalogueError(faults)
    return sealed(catalogue)


def assembled(sheets: Sheets) -> Catalogue:
    """The catalogue of these sheets, without a version; what is wrong with it is noted on their pages."""
    themes = registering.themes(sheets.themes)
    groups = registering.consent_groups(sheets.consent_groups)
    attributes, attribute_places = registering.attributes(sheets.authorities, groups)
    parameters = registering.parameters(sheets.parameters)
    types, type_places = registering.evidence_types(sheets.evidence_types, groups)
    register_links.check_register(attributes, attribute_places)
    linking.check_evidence(types, type_places)
    linking.check_references(sheets, types)
    ground = building.Ground(Register(attributes, parameters), themes, groups)
    services = building.public_services(sheets.public_services, ground)
    return Catalogue(
        version="",
        themes=themes,
        consent_groups=groups,
        attributes=dict(sorted(attributes.items())),
        parameters=parameters,
        evidence_types=linking.issued(types, services),
        public_services=services,
        support_policies=building.support_policies(sheets.support_policies, ground),
        events=building.events(sheets.events, ground),
    )
