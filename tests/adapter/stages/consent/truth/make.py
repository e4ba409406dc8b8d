#!/usr/bin/env python3
"""Writes truth.ndjson beside it: consents at random, and what each must do with each of a few resources.

A second evaluator, slow and obvious, that shares nothing with the program but the standard's words
(https://hl7.org/fhir/R4/consent.html) and our reading of it: all fields of a rule must match, repeats
are alternatives, the deepest rule that applies decides, of siblings that differ the one that denies.
A match is NO, MAYBE or YES; a rule that may apply is taken both ways and the stricter outcome holds.
What each resource is, is said by hand in RESOURCES and not read from its JSON.
"""

import json
import os
import random

NO, MAYBE, YES = 0, 1, 2
ICD, LOINC = "http://hl7.org/fhir/sid/icd-10-cm", "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ACT, CONF = ("http://terminology.hl7.org/CodeSystem/" + name for name in ("v3-ActCode", "v3-Confidentiality"))
TYPES = "http://hl7.org/fhir/resource-types"
FAMILIES = [{"SUD", "ETH", "ETHUD"}, {"MH", "PSY"}, {"SDV", "VIO"}]
UNSPOKEN = {"SUD", "HIV", "PSYTHPN", "SDV"}
LEVELS = "ULMNRV"
POSSIBLE, LIKELY, CERTAIN = 0, 1, 2


def coded(system, code, **more):
    return dict({"coding": [{"system": system, "code": code}]}, **more)


def condition(number, code, onset):
    return {"resourceType": "Condition", "id": number, "code": coded(ICD, code), "onsetDateTime": onset}


def observation(number, code, when, **more):
    return dict({"resourceType": "Observation", "id": number, "status": "final", "code": code,
                 "effectiveDateTime": when}, **more)


class Fact:
    """What a resource is: its JSON, its code, its year (None: it should have one and has none), what it
    betrays (label → level), its labels, its confidentiality, whether nobody knows its code."""

    def __init__(self, resource, code=None, year=None, betrays=None, labels=(), level="N", unknown=False):
        self.resource, self.code, self.year = resource, code, year
        self.type, self.id = resource["resourceType"], resource["id"]
        self.betrays, self.labels, self.level, self.unknown = betrays or {}, labels, level, unknown


def labelled(system, code):
    return {"meta": {"security": [{"system": system, "code": code}]}}


RESOURCES = [
    Fact(condition("a", "F33.1", "2020-03-01"), (ICD, "F33.1"), 2020, {"MH": CERTAIN}),
    Fact(condition("b", "C43.9", "2023-05-01"), (ICD, "C43.9"), 2023),
    Fact(condition("c", "B20", "2021-01-05"), (ICD, "B20"), 2021, {"HIV": CERTAIN}),
    Fact(condition("d", "Z34.90", "2022-02-02"), (ICD, "Z34.90"), 2022, {"SEX": POSSIBLE}),
    Fact(observation("e", coded(LOINC, "718-7"), "2019-07-07"), (LOINC, "718-7"), 2019),
    Fact(observation("f", coded(LOINC, "718-7"), "2023-07-07", **labelled(CONF, "R")), (LOINC, "718-7"), 2023,
         level="R"),
    Fact(observation("g", coded(LOINC, "777-3"), "2022-07-07", **labelled(ACT, "SUD")), (LOINC, "777-3"), 2022,
         labels=("SUD",)),
    Fact(observation("h", coded("urn:oid:1.2.3.4", "Q7781"), "2022-08-08"), ("urn:oid:1.2.3.4", "Q7781"), 2022,
         unknown=True),
    Fact({"resourceType": "MedicationRequest", "id": "i", "status": "active", "intent": "order",
          "medicationCodeableConcept": coded(RXNORM, "7804", text="Oxycodone"), "authoredOn": "2022-04-04"},
         (RXNORM, "7804"), 2022, {"SUD": POSSIBLE}),
    Fact({"resourceType": "Procedure", "id": "j", "status": "completed", "code": coded(ICD, "Z51.11")},
         (ICD, "Z51.11"), None),
    Fact(condition("k", "F11.20", "2018-06-01"), (ICD, "F11.20"), 2018, {"SUD": CERTAIN}),
]

# Of no time and no code; a consent that does not let it go gives nothing, and is another test's.
PATIENT = Fact({"resourceType": "Patient", "id": "p"}, ("", ""), "always")

# What a code is itself a sign of; a type of resource is a sign of nothing.
MATTERS = {(ICD, "F33"): {"MH"}, (ICD, "B20"): {"HIV"}, (ICD, "F11.20"): {"SUD"},
           (RXNORM, "7804"): {"SUD", "possible"}}
ONE_MATTER = {"HIV", "SDV", "PSYTHPN"}

# --- one field ---------------------------------------------------------------------------------------


def best(values):
    return max(values, default=NO)


def class_matches(item, kind, fact):
    return YES if item["code"] == fact.type else NO


def may_be_told_otherwise(asked, fact):
    """What is denied by a code may stand under another: of a code that nobody knows and nobody names; of the
    same matter by a code of another system, or by a label. Of the same system, another code is another thing,
    unless the matter is one, whichever code says so."""
    if fact.unknown:
        return True
    matters = MATTERS.get((asked["system"], asked["code"]), set())
    if "possible" in matters:
        return False
    own = {label for label, level in fact.betrays.items() if level >= LIKELY}
    if asked["system"] == fact.code[0]:
        own &= ONE_MATTER
    return any(in_one_family(one, other) for one in matters for other in own | set(fact.labels))


def code_matches(item, kind, fact):
    asked = item["coding"][0]
    system, code = fact.code
    same = code.replace(".", "").startswith(asked["code"].replace(".", "")) if ICD == asked["system"] == system \
        else asked["code"] == code
    if not same:
        return MAYBE if kind == "deny" and may_be_told_otherwise(asked, fact) else NO
    if asked["system"] == system:
        return YES
    return MAYBE if system.startswith("urn:") else NO


def in_one_family(asked, found):
    return asked == found or any(asked in family and found in family for family in FAMILIES)


def label_matches(item, kind, fact):
    asked = item["code"]
    if item["system"] == CONF:
        own, wanted = LEVELS.index(fact.level), LEVELS.index(asked)
        return YES if (own >= wanted if kind == "deny" else own <= wanted) else NO
    if kind == "permit" and item["system"] != ACT:
        return MAYBE  # a label of a system that nobody knows
    if any(in_one_family(asked, label) for label in fact.betrays):
        return YES
    if kind == "deny" and any(in_one_family(asked, label) for label in fact.labels):
        return YES
    if kind == "permit" and asked in fact.labels:
        return YES
    return MAYBE if kind == "deny" and fact.unknown else NO


def period_matches(period, kind, fact):
    first, last = int(period["start"][:4]), int(period["end"][:4])
    if fact.year is None:
        return MAYBE
    if fact.year == "always":
        return NO if kind == "deny" else YES
    return YES if first <= fact.year <= last else NO


def data_matches(item, kind, fact):
    return YES if item["reference"]["reference"] == f"{fact.type}/{fact.id}" else NO


def actor_matches(item):
    return YES if item["reference"]["identifier"]["value"] == "1234567893" else NO


def purpose_matches(item):
    if item["code"] == "TREAT":
        return YES
    return MAYBE if item["code"] == "COC" else NO  # narrower than what is asked for


def rule_matches(rule, kind, fact):
    fields = []
    for name, value in rule.items():
        if name == "class":
            fields.append(best(class_matches(item, kind, fact) for item in value))
        elif name == "code":
            fields.append(best(code_matches(item, kind, fact) for item in value))
        elif name == "securityLabel":
            fields.append(best(label_matches(item, kind, fact) for item in value))
        elif name == "dataPeriod":
            fields.append(period_matches(value, kind, fact))
        elif name == "data":
            fields.append(best(data_matches(item, kind, fact) for item in value))
        elif name == "actor":
            fields.append(best(map(actor_matches, value)))
        elif name == "purpose":
            fields.append(best(map(purpose_matches, value)))
        elif name not in ("type", "provision"):
            fields.append(MAYBE)  # a field that nobody knows
    return min(fields, default=YES)


# --- a whole consent ---------------------------------------------------------------------------------


def names_in(rule, fact):
    """What a rule names: this very resource, or these labels."""
    labels = {label["code"] for label in rule.get("securityLabel", []) if label["system"] in (ACT, CONF)}
    for item in rule.get("code", []):
        labels |= MATTERS.get((item["coding"][0]["system"], item["coding"][0]["code"]), set()) - {"possible"}
    return any(data_matches(item, "permit", fact) == YES for item in rule.get("data", [])), labels


def decide(rule, permits, named, fact):
    """(permitted, named) inside a rule that applies."""
    outcomes = []
    for child in rule.get("provision", []):
        match = rule_matches(child, child["type"], fact)
        if match == NO:
            continue
        # What a rule that denies names, its exceptions are on.
        everything, labels = names_in(child, fact)
        inner = named[0] or everything, named[1] | labels
        permitted, inner = decide(child, child["type"] == "permit", inner, fact)
        outcomes.append((match, permitted, inner))
    if any(not permitted for _, permitted, _ in outcomes):
        return False, named
    sure = [inner for match, _, inner in outcomes if match == YES]
    if not sure:
        return permits, named
    return True, (any(one[0] for one in sure) or named[0], named[1].union(*(one[1] for one in sure)))


def is_kept(root, fact):
    if rule_matches(root, "permit", fact) != YES:
        return False
    permits = root["type"] == "permit"
    permitted, (everything, labels) = decide(root, permits, names_in(root, fact) if permits else (False, set()), fact)
    if not permitted:
        return False
    if everything:
        return True
    unspoken = {label for label, level in fact.betrays.items() if level >= LIKELY} | set(fact.labels)
    return all(label not in UNSPOKEN or any(in_one_family(one, label) for one in labels) for label in unspoken)


# --- consents at random ------------------------------------------------------------------------------

DICE = random.Random(20261127)


def some(choices, most=2):
    return DICE.sample(choices, DICE.randint(1, most))


def random_fields(depth):
    fields = {}
    for name in some(["class", "code", "securityLabel", "dataPeriod", "data", "purpose", "actor", "none"], 2):
        if name == "class":
            fields[name] = [{"system": TYPES, "code": code} for code in
                            some(["Condition", "Observation", "MedicationRequest", "Procedure"])]
        elif name == "code":
            fields[name] = [coded(system, code) for system, code in
                            some([(ICD, "F33"), (ICD, "B20"), (ICD, "C43"), (LOINC, "718-7"), (RXNORM, "7804"),
                                  ("urn:oid:9.9", "Q7781"), (ICD, "F11.20"), (LOINC, "777-3")])]
        elif name == "securityLabel":
            fields[name] = [{"system": CONF if code in LEVELS else DICE.choice([ACT] * 7 + ["http://other.example"]),
                             "code": code} for code in
                            some(["SUD", "MH", "HIV", "PSY", "SEX", "ETH", "STD", "SDV", "R", "N"])]
        elif name == "dataPeriod":
            first = DICE.randint(2017, 2023)
            fields[name] = {"start": f"{first}-01-01", "end": f"{DICE.randint(first, 2024)}-12-31"}
        elif name == "data":
            fields[name] = [{"meaning": "instance", "reference": {"reference": f"{one.type}/{one.id}"}}
                            for one in some(RESOURCES)]
        elif name == "purpose":
            fields[name] = [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
                             "code": DICE.choice(["TREAT", "TREAT", "COC", "HRESCH"])}]
        elif name == "actor":
            fields[name] = [{"role": coded("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP"),
                             "reference": {"identifier": {"system": "http://hl7.org/fhir/sid/us-npi",
                                                          "value": DICE.choice(["1234567893", "1234567893", "9"])}}}]
        elif depth > 1 and DICE.random() < 0.3:
            fields["urn-unknown"] = "x"
    return fields


def random_rule(depth, parent):
    kind = DICE.choice(["permit", "deny", "deny" if parent == "permit" else "permit"])
    rule = dict({"type": kind}, **random_fields(depth))
    if depth < 3 and DICE.random() < 0.4:
        rule["provision"] = [random_rule(depth + 1, kind) for _ in range(DICE.randint(1, 2))]
    return rule


def random_consent():
    kind = DICE.choice(["permit", "permit", "deny"])
    root = {"type": kind}
    root["provision"] = [random_rule(1, kind) for _ in range(DICE.randint(0 if kind == "permit" else 1, 4))]
    if not root["provision"]:
        del root["provision"]
    # Somebody must be allowed to be named, or nothing goes: that is another test's.
    if kind == "deny":
        root["provision"].append({"type": "permit", "class": [{"system": TYPES, "code": "Patient"}]})
    return root


def main():
    folder = os.path.dirname(os.path.abspath(__file__))
    lines = [json.dumps({"resources": [one.resource for one in RESOURCES]})]
    while len(lines) <= 600:
        root = random_consent()
        if not is_kept(root, PATIENT):
            continue
        kept = "".join(one.id for one in RESOURCES if is_kept(root, one))
        lines.append(json.dumps({"provision": root, "kept": kept}))
    with open(os.path.join(folder, "truth.ndjson"), "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
