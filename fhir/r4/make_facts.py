#!/usr/bin/env python3
"""Makes facts_table.inc beside this file from the R4 definitions package: of each resource type whom it
is about, what it is, when, its standing, and whether it is shared between patients.

    make_facts.py hl7.fhir.r4.core-4.0.1.tgz

Where R4 says it: the Patient compartment, the search parameters, the FiveWs mappings and isModifier of the
elements, and what references may lead to. Where R4 does not, BY_HAND says it, each row with its reason.
Same package, same bytes.
"""
import os
import re
import sys

from make_elements import HERE, Tables, quoted, read_package

ORDER = ["Subject", "Other", "Code", "Done", "Init", "Planned", "Recorded", "Dated", "Standing"]
TIMES = {"FiveWs.done[x]": "Done", "FiveWs.init": "Init", "FiveWs.planned": "Planned", "FiveWs.recorded": "Recorded"}
TIME_TYPES = {"date", "dateTime", "instant", "Period", "Timing"}
STANDING_TYPES = {"code", "CodeableConcept", "Coding", "boolean"}

# What R4 does not say, or says of more than is meant: (type, what, element, reason).
BY_HAND = [
    ("AdverseEvent", "Dated", "detected", "a time of the event that has neither a mapping nor a search parameter"),
    ("Appointment", "Recorded", "created", "when it was made has no mapping"),
    ("Coverage", "Subject", "beneficiary", "FiveWs maps everyone in a contract; whom it covers is the beneficiary"),
    ("Coverage", "Other", "subscriber", "a parent may hold a child's insurance"),
    ("Coverage", "Other", "policyHolder", "a parent may hold a child's insurance"),
    ("Coverage", "Other", "payor", "a parent may pay for a child's insurance"),
    ("MedicationDispense", "Done", "whenHandedOver", "R4 maps neither of its times; to hand it over is what is done"),
    ("MedicationDispense", "Done", "whenPrepared", "R4 maps neither of its times; it is done where nothing was handed over"),
    ("VisionPrescription", "Recorded", "created", "when it was made has no mapping"),
]
# What a rule below would take, and why it does not: (type, element, reason).
NOT_A_TIME = [
    ("Consent", "provision.period", "when the rule holds"),
    ("Medication", "batch.expirationDate", "when the stock goes off"),
    ("Observation", "value", "what was found"),
    ("Patient", "birthDate", "who they are"),
    ("Patient", "deceased", "who they are"),
    ("Person", "birthDate", "who they are"),
    ("RelatedPerson", "birthDate", "who they are"),
    ("Task", "lastModified", "when the record of it changed"),
    ("ValueSet", "compose.lockedDate", "of what it is made"),
]
# How a type is shared, where what its references may lead to does not tell: (type, sharing, reason).
SHARING_BY_HAND = [
    ("Binary", "Shared", "only its securityContext may lead to a patient: it says who may see it"),
    ("Bundle", "None", "it holds records, it is none"),
    ("Device", "PatientsOrShared", "Device.patient: only where it is affixed to a patient"),
    ("MedicationKnowledge", "Shared", "a monograph is a document about a drug"),
    ("OperationOutcome", "None", "it speaks of an exchange"),
    ("Parameters", "None", "it holds records, it is none"),
    ("Patient", "Patients", "it is the patient"),
    ("Provenance", "ByTarget", "of whom its target is"),
    ("Questionnaire", "Shared", "a form is of nobody; its answers to choose from may be references to anything"),
    ("ResearchStudy", "Shared", "whom it enrols is said by ResearchSubject"),
    ("Subscription", "None", "it speaks of an exchange"),
]


class Definitions:
    def __init__(self, package):
        self.tables = Tables(package)
        self.resources = {d["type"]: d for d in package["StructureDefinition"]
                          if d["kind"] == "resource" and d.get("derivation") != "constraint" and not d.get("abstract")}
        patient = next(c for c in package["CompartmentDefinition"] if c["code"] == "Patient")
        self.compartment = {row["code"]: row.get("param", []) for row in patient["resource"]}
        self.parameters = {}
        for parameter in package["SearchParameter"]:
            for base in parameter["base"] if "expression" in parameter else []:
                self.parameters.setdefault(base, {})[parameter["code"]] = parameter
        self.personal = self.types_that_lead_to_patients()

    def elements(self, type_name):
        """(path below the type without [x], definition) of each element."""
        for element in self.resources[type_name]["snapshot"]["element"][1:]:
            if ":" not in element["id"]:
                yield element["path"][len(type_name) + 1:].replace("[x]", ""), element

    def searched(self, type_name, code):
        """The elements a search parameter looks at."""
        parameter = self.parameters.get(type_name, {}).get(code)
        for part in re.split(r"\s*\|\s*", parameter["expression"]) if parameter else []:
            found = re.match(r"\(*" + type_name + r"\.([A-Za-z.]+?)(\.where\(.*|\.as\(.*| as .*|\)*)$", part.strip())
            if found:
                yield found[1]

    def finds_patients(self, type_name, code):
        return "Patient" in self.parameters.get(type_name, {}).get(code, {}).get("target", [])

    def repeats_above(self, type_name, path):
        maxima = {name: element["max"] for name, element in self.elements(type_name)}
        steps = path.split(".")
        return any(maxima.get(".".join(steps[:end])) == "*" for end in range(1, len(steps)))

    def types_that_lead_to_patients(self):
        """By some chain of references, or by one that may lead anywhere."""
        targets = {name: set().union(*(reference_targets(e) for _, e in self.elements(name))) for name in self.resources}
        personal = {"Patient", "Group", "RelatedPerson", "Person"}
        while True:
            more = {name for name, reached in targets.items() if reached & (personal | {"Resource"})} - personal
            # A device may be a patient's and is most often nobody's: what refers to one is not personal by that.
            more.discard("Device")
            if not more:
                return personal
            personal |= more


def reference_targets(element):
    return {profile.rsplit("/", 1)[1] for candidate in element.get("type", []) if candidate["code"] == "Reference"
            for profile in candidate.get("targetProfile", ["/Resource"])}


def type_codes(element):
    return {candidate["code"] for candidate in element.get("type", [])}


def mappings(element):
    return {m["map"] for m in element.get("mapping", []) if m["identity"] == "w5"}


def subjects(definitions, name):
    mapped = [path for path, e in definitions.elements(name)
              if "FiveWs.subject[x]" in mappings(e) and {"Patient", "Resource"} & reference_targets(e)]
    direct = [path for code in ("patient", "subject") if definitions.finds_patients(name, code)
              for path in definitions.searched(name, code)]
    compartment = [path for code in definitions.compartment.get(name, []) for path in definitions.searched(name, code)]
    both = [path for path in mapped if path in direct + compartment]
    return list(dict.fromkeys(both or direct or compartment))


def codes(definitions, name):
    at_root = {path: e for path, e in definitions.elements(name) if "." not in path and "CodeableConcept" in type_codes(e)}
    for found in ([path for path, e in at_root.items() if "FiveWs.what[x]" in mappings(e)],
                  [path for path in definitions.searched(name, "code") if path in at_root],
                  [path for path in definitions.searched(name, "type") if path in at_root]):
        if found:
            return found
    return []


def times(definitions, name):
    dated = {path for code, p in definitions.parameters.get(name, {}).items() if p["type"] == "date"
             for path in definitions.searched(name, code)}
    left_out = {(type_name, path) for type_name, path, _ in NOT_A_TIME}
    for path, element in definitions.elements(name):
        if not type_codes(element) & TIME_TYPES or definitions.repeats_above(name, path) or (name, path) in left_out:
            continue
        kinds = sorted(TIMES[m] for m in mappings(element) if m in TIMES)
        if kinds:
            yield kinds[0], path
        elif path in dated:
            yield "Dated", path


def standing(definitions, name, what_it_is):
    for path, element in definitions.elements(name):
        is_standing = element.get("isModifier") or "FiveWs.status" in mappings(element)
        if is_standing and "." not in path and type_codes(element) & STANDING_TYPES and path not in what_it_is:
            yield path


def facts_of(definitions, name):
    """(what, element, reason where it is by hand) in the order of ORDER, each element once a subject."""
    hand = [(what, path, reason) for type_name, what, path, reason in BY_HAND if type_name == name]
    taken = {path for what, path, _ in hand}
    ruled = {what for what, _, _ in hand if what == "Subject"}
    what_it_is = codes(definitions, name)
    found = [("Subject", path) for path in subjects(definitions, name) if "Subject" not in ruled and name != "Patient"]
    found += [("Code", path) for path in what_it_is]
    found += [(kind, path) for kind, path in times(definitions, name) if path not in taken]
    found += [("Standing", path) for path in standing(definitions, name, what_it_is)]
    rows = [(what, path, None) for what, path in found] + hand
    return sorted(rows, key=lambda row: ORDER.index(row[0]))


def sharing_of(definitions, name, rows):
    for type_name, sharing, reason in SHARING_BY_HAND:
        if type_name == name:
            return sharing, reason
    if any(what == "Subject" for what, _, _ in rows):
        return "Patients", None
    return ("None" if name in definitions.personal else "Shared"), None


def category_of(definition):
    url = "http://hl7.org/fhir/StructureDefinition/structuredefinition-category"
    return next(x["valueString"] for x in definition["extension"] if x["url"] == url).replace("&amp;", "&")


def write_facts(definitions, out):
    types, facts = [], []
    for name in sorted(definitions.resources):
        rows = facts_of(definitions, name)
        sharing, reason = sharing_of(definitions, name, rows)
        note = f"  // by hand: {reason}" if reason else ""
        category = quoted(category_of(definitions.resources[name]))
        types.append(f"    {{{quoted(name)}, {category}, Sharing::{sharing}, {len(facts)}, {len(rows)}}},{note}\n")
        for what, path, why in rows:
            note = f"{name}, by hand: {why}" if why else name
            facts.append(f"    {{About::{what}, {quoted(path)}}},  // {note}\n")
    out.write("// Made by make_facts.py from hl7.fhir.r4.core 4.0.1 (CC0). Do not edit. A row \"by hand\" says what R4\n"
              "// does not, with the reason.\n// clang-format off\n")
    out.write("constexpr RawFacts raw_types[] = {\n" + "".join(types) + "};\n")
    out.write("constexpr Fact raw_facts[] = {\n" + "".join(facts) + "};\n// clang-format on\n")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(os.path.join(HERE, "facts_table.inc"), "w", encoding="ascii") as out:
        write_facts(Definitions(read_package(sys.argv[1])), out)


if __name__ == "__main__":
    main()
