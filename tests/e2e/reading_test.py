#!/usr/bin/env python3
"""What a packet may say of a record, by a second evaluator: every clinical type of R4 with every code of its status
elements, negations and forms of date, and what must and must not stand for it on the first screen, in the lists, in the
narratives of the document and in completeness.json. It knows FHIR's own lists and nothing of our tables."""

import html
import itertools
import json
import os
import random
import re
import tempfile
import unittest

from prepared import prepare
from statuses import AS_IT_SHOULD_BE, DATES, DONE, NEUTRAL, NEUTRAL_STATUS, ORDERS, SUBJECT, TYPES, WORDS, coded

SEED = 20261126


def codes_of(resource):
    """The codes of its status elements, as the record has them."""
    out = {}
    for element in TYPES[resource["resourceType"]][2]:
        if element in resource:
            value = resource[element]
            out[element] = value["coding"][0]["code"] if isinstance(value, dict) else value
    return out


def is_error(resource):
    return "entered-in-error" in codes_of(resource).values()


def words_needed(resource):
    """Lists of which each must have a word beside the name; empty where it may be told as it is."""
    kind = resource["resourceType"]
    needed = []
    for element, code in codes_of(resource).items():
        if (code == "completed" and kind in DONE) or (kind, code) in AS_IT_SHOULD_BE or code is False:
            continue
        if code in WORDS:
            needed.append(WORDS[code])
    return needed


def doubt_of(resource):
    """The word for a date that cannot be right as it stands."""
    element = TYPES[resource["resourceType"]][1]
    date = resource.get(element or "", "")
    return "placeholder" if date == "9999-12-31" else "future" if date.startswith("2031") else ""


def is_dated(resource):
    return bool(resource.get(TYPES[resource["resourceType"]][1] or "")) and not doubt_of(resource)


def is_forbidden(resource):
    return resource.get("doNotPerform") is True


def is_now(resource):
    """Whether it is so today: a problem, an allergy, a medicine that is taken, an alert."""
    kind, codes = resource["resourceType"], codes_of(resource)
    if is_error(resource) or is_forbidden(resource):
        return False
    if kind in ("Condition", "AllergyIntolerance"):
        return codes["clinicalStatus"] not in ("inactive", "resolved") and codes["verificationStatus"] == "confirmed"
    if kind == "MedicationRequest":
        return codes["status"] in ("active", "on-hold", "unknown") and codes["intent"] in ORDERS
    if kind == "MedicationStatement":
        return codes["status"] in ("active", "on-hold", "unknown")
    return codes.get("status") == "active"


def is_found(resource):
    """Whether it is a fact of its kind that a consultant asks for: it happened, it is or was so, it has a value."""
    kind, codes = resource["resourceType"], codes_of(resource)
    if is_error(resource) or is_forbidden(resource):
        return False
    if kind in ("MedicationStatement", "MedicationRequest") and doubt_of(resource) == "future":
        return False  # is to be taken
    if kind in ("Condition", "AllergyIntolerance"):
        return codes["verificationStatus"] == "confirmed"
    if kind == "MedicationRequest":
        return codes["status"] not in ("cancelled", "draft") and codes["intent"] in ORDERS
    if kind == "CarePlan":
        return codes["status"] not in ("draft", "revoked") and codes["intent"] in ("plan", "order")
    return codes["status"] not in {
        "MedicationStatement": {"intended", "not-taken"},
        "MedicationAdministration": {"not-done", "unknown", "on-hold"},
        "MedicationDispense": {"preparation", "cancelled", "declined", "unknown", "on-hold"},
        "Procedure": {"preparation", "not-done", "unknown", "on-hold"},
        "Immunization": {"not-done"},
        "Observation": {"registered", "preliminary", "cancelled", "unknown"},
        "FamilyMemberHistory": {"health-unknown"}}[kind]


# Items of completeness.json that ask for a type whatever it is; one of them that is found makes it so.
ITEMS = {"problems": ["Condition"], "allergies": ["AllergyIntolerance"], "immunizations": ["Immunization"],
         "procedures": ["Procedure"], "family-history": ["FamilyMemberHistory"], "laboratory": ["Observation"],
         "medicines": ["MedicationRequest", "MedicationStatement", "MedicationAdministration", "MedicationDispense"]}


def resource_of(kind, number, date="2026-03-04", **statuses):
    more, element, status = TYPES[kind]
    out = {"resourceType": kind, "id": f"{kind}-{number}".lower(), **more(f"Q{kind}{number}z")}
    for name in status:
        code = statuses.get(name, NEUTRAL_STATUS.get(kind, "active") if name == "status" else NEUTRAL[name])
        out[name] = coded(code) if name.endswith("Status") and name not in ("docStatus", "lifecycleStatus") else code
    if kind in ("Communication", "ImagingStudy", "AdverseEvent", "DocumentReference", "MedicationDispense", "Encounter",
                "Immunization", "Procedure"):
        out.pop("intent", None)
    if element and date:
        out[element] = date
    if subject := SUBJECT.get(kind, "subject"):
        out[subject] = {"reference": "Patient/p"}
    return out


def cases(kind, dice):
    """Each code of each status element, each form of date, and combinations by chance."""
    status = TYPES[kind][2]
    for name, codes in status.items():
        for code in codes:
            yield {name: code}
    for date in DATES:
        yield {"date": date}
    everything = list(itertools.product(*status.values(), DATES))
    for chosen in dice.sample(everything, min(len(everything), 60)):
        yield dict(zip([*status, "date"], chosen))


def lines_of(markup):
    """Text, a line a row, an item or a paragraph."""
    markup = re.sub(r"<(script|style|title)\b.*?</\1>", "", markup, flags=re.S)
    blocks = r"</?(p|div|br|tr|li|ul|h[1-6]|dt|dd|table|section|article|figure|details|summary)\b[^>]*>"
    text = html.unescape(re.sub(r"<[^>]*>", " ", re.sub(blocks, "\n", markup)))
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]


class Packet:
    def __init__(self, folder):
        with open(os.path.join(folder, "packet.html"), encoding="utf-8") as file:
            page = file.read()
        body = page[page.index("<body>"):]
        sources = body.index('id="src"')
        self.rows = dict(re.findall(r"<dt>([^<]*)</dt><dd>(.*?)</dd>", body[:body.index("<section")], flags=re.S))
        self.first = lines_of(body[:body.index("<section")])
        self.lists = lines_of(body[body.index("<section"):sources])
        self.all = lines_of(body)
        with open(os.path.join(folder, "bundle.json"), encoding="utf-8") as file:
            composition = json.load(file)["entry"][0]["resource"]
        self.narratives = [line for section in composition["section"] for line in lines_of(section["text"]["div"])]
        with open(os.path.join(folder, "completeness.json"), encoding="utf-8") as file:
            self.items = {one["item"]: one["state"] for one in json.load(file)["checklist"]}

    def row(self, label, name):
        return name in self.rows.get(label, "")


class ReadingTest(unittest.TestCase):
    def setUp(self):
        self.checked = 0

    def expect(self, holds, what, resource):
        self.checked += 1
        if not holds:
            self.broken.append(f"{what}: {codes_of(resource)} {resource['resourceType']} dated "
                               f"{resource.get(TYPES[resource['resourceType']][1] or '', 'never')}")

    def check_one(self, packet, one):
        name, kind = next(re.finditer(r"Q\w+z", json.dumps(one))).group(), one["resourceType"]
        places = {"the first screen": packet.first, "the lists": packet.lists, "the narratives": packet.narratives}
        told = {place: [line for line in lines if name in line] for place, lines in places.items()}
        if is_error(one):
            self.expect(not any(name in line for line in packet.all), "stands on the page, entered in error", one)
            self.expect(all("entered in error" in line for line in told["the narratives"]),
                        "is told as if it were so", one)
            return
        self.expect(told["the lists"], "stands in no list", one)
        self.expect(told["the narratives"], "stands in no narrative", one)
        for place, lines in told.items():
            for line in lines:
                for words in words_needed(one):
                    self.expect(any(word in line.lower() for word in words), f"stands in {place} without {words}", one)
        if doubt_of(one) and kind not in ("Flag", "Encounter"):
            # A report has its date in the line below its name.
            below = [after for line, after in zip(packet.lists, packet.lists[1:]) if name in line]
            self.expect(any(doubt_of(one) in line for line in told["the lists"] + below),
                        "its date is told as if it were right", one)
        self.check_rows(packet, one, name, kind)

    def check_rows(self, packet, one, name, kind):
        """Where on the first screen it must stand and must not."""
        now, found = is_now(one), kind in sum(ITEMS.values(), []) and is_found(one)
        row = {"Condition": "Problems", "AllergyIntolerance": "Allergies", "MedicationRequest": "Medicines now",
               "MedicationStatement": "Medicines now", "Flag": "Alerts"}.get(kind)
        suspected = kind in ("Condition", "AllergyIntolerance") and \
            codes_of(one)["verificationStatus"] in ("unconfirmed", "provisional", "differential") and \
            codes_of(one)["clinicalStatus"] not in ("inactive", "resolved")
        if row and not (kind == "AllergyIntolerance" and suspected):
            self.expect(packet.row(row, name) == now or (now and doubt_of(one)), f"{'not ' * now}under {row}", one)
        if kind == "Procedure":
            latest = found and not doubt_of(one) and codes_of(one)["status"] != "on-hold"
            self.expect(packet.row("Procedures, latest", name) == latest,
                        f"{'not ' * latest}among the latest procedures", one)
        if kind == "DiagnosticReport":
            latest = codes_of(one)["status"] in ("final", "amended", "corrected", "appended") and not doubt_of(one)
            self.expect(packet.row("Reports, latest", name) == latest,
                        f"{'not ' * latest}among the latest reports", one)
        if kind == "Observation":
            newest = found and not doubt_of(one)
            if newest or codes_of(one)["status"] in ("cancelled", "unknown") or doubt_of(one):
                self.expect(packet.row("Newest values", name) == newest,
                            f"{'not ' * newest}a newest value", one)
        if kind in ("MedicationRequest", "ServiceRequest", "CommunicationRequest"):
            self.expect(packet.row("Do not give", name) == is_forbidden(one),
                        "what must not be given is not told apart", one)
        if kind == "AdverseEvent":
            happened = codes_of(one)["actuality"] == "actual"
            self.expect(packet.row("Adverse events", name) == happened, "harm that happened or did not", one)

    def test_each_status_intent_verification_and_date_of_every_type(self):
        dice = random.Random(SEED)
        by_type = {kind: list(cases(kind, dice)) for kind in TYPES}
        self.broken = []
        with tempfile.TemporaryDirectory() as top:
            for number in range(max(map(len, by_type.values()))):
                folder = os.path.join(top, str(number))
                os.mkdir(folder)
                # One of each type at a time: a row of the first screen has room for it.
                record = [resource_of(kind, number, **of[number % len(of)]) for kind, of in by_type.items()]
                packet = Packet(prepare(folder, record))
                for one in record:
                    self.check_one(packet, one)
                for item, types in ITEMS.items():
                    of_item = [one for one in record if one["resourceType"] in types]
                    found = any(is_found(one) for one in of_item)
                    self.expect((packet.items[item] in ("found", "old")) == found,
                                f"{item} is {packet.items[item]}", of_item[0])
        self.assertEqual(self.broken, [], f"{len(self.broken)} of {self.checked} checks, seed {SEED}:\n" +
                         "\n".join(self.broken[:40]))
        self.assertGreater(self.checked, 3000)


if __name__ == "__main__":
    unittest.main()
