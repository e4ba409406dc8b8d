#!/usr/bin/env python3
"""What a packet may say of the forms in which a record says when, whether, whose and how much: every choice of date,
each way to say that something ended, each negation. By what FHIR says of each, and nothing of our tables."""

import json
import os
import re
import tempfile
import unittest

from prepared import prepare
from reading_test import Packet, resource_of
from statuses import coded, concept

MASKED = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]}
IPS_ABSENT = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
SNOMED = "http://snomed.info/sct"


def years(value):
    return {"value": value, "unit": "years", "system": "http://unitsofmeasure.org", "code": "a"}


def once_a_day(**bounds):
    return [{"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", **bounds}}}]


# (type, what it says instead, row of the first screen or None, stands there, words in the lists, words nowhere)
FORMS = [
    ("Condition", {"onsetDateTime": None, "onsetAge": years(42)}, "Problems", True, ["age 42 years"], []),
    ("Condition", {"onsetDateTime": None, "onsetRange": {"low": years(40), "high": years(45)}}, "Problems", True,
     ["age 40–45 years"], []),
    ("Condition", {"onsetDateTime": None, "onsetString": "as a child"}, "Problems", True, ["as a child"], []),
    ("Condition", {"onsetDateTime": None, "onsetPeriod": {"end": "2019"}}, "Problems", True, ["until 2019"], []),
    ("Condition", {"abatementDateTime": "2026-05-06"}, "Problems", False, ["until 6 May 2026"], []),
    ("Condition", {"abatementAge": years(50)}, "Problems", False, ["until age 50 years"], []),
    ("Condition", {"abatementString": "by summer"}, "Problems", False, ["until by summer"], []),
    ("Condition", {"abatementPeriod": {"start": "2026-05-06"}}, "Problems", True, ["from 6 May 2026 on"], []),
    ("Condition", {"abatementPeriod": {"start": "2026-05-06", "end": "2026-06"}}, "Problems", False, ["Jun 2026"], []),
    ("Condition", {"abatementDateTime": "9999-12-31"}, "Problems", True, ["placeholder"], []),
    ("Condition", {"abatementDateTime": "2030-01-01"}, "Problems", True, ["future"], []),
    ("Condition", {"clinicalStatus": {"text": "Resolved"}}, "Problems", False, ["resolved"], ["as written"]),
    ("Condition", {"verificationStatus": {"text": "Entered in Error"}}, "Problems", False, None, []),
    ("Condition", {"clinicalStatus": {"coding": [{"system": "urn:local", "code": "A"}, {"code": "inactive"}]}},
     "Problems", False, ["inactive"], ["as written"]),
    ("Condition", {"clinicalStatus": {"coding": [{"system": "urn:local", "code": "dormant"}]}}, "Problems", True,
     ["as written: dormant"], []),
    ("AllergyIntolerance", {"recordedDate": None, "lastOccurrence": "2015-02"}, "Allergies", True,
     ["last occurrence Feb 2015"], ["recorded Feb 2015"]),
    ("AllergyIntolerance", {"code": None, "reaction": [{"substance": concept("Q0z"),
                                                        "manifestation": [concept("hives")]}]}, "Allergies", True,
     ["hives"], []),
    ("AllergyIntolerance", {"reaction": [{"substance": concept("amoxicillin"), "manifestation": [concept("hives")],
                                          "exposureRoute": concept("oral"), "onset": "2001-07"}]}, "Allergies", True,
     ["amoxicillin: hives", "oral", "Jul 2001"], []),
    ("MedicationStatement", {"effectiveDateTime": None, "effectivePeriod": {"start": "2020", "end": "2021"}},
     "Medicines now", False, ["ended 2021"], []),
    ("MedicationStatement", {"effectiveDateTime": None, "effectivePeriod": {"end": "2030"}}, "Medicines now", True,
     ["until 2030"], ["starts"]),
    ("MedicationStatement", {"effectiveDateTime": None, "effectivePeriod": {"start": "2030"}}, "Medicines now", False,
     ["starts 2030"], []),
    ("MedicationRequest", {"dosageInstruction": once_a_day(boundsPeriod={"start": "2020", "end": "2020-06"})},
     "Medicines now", False, ["ended Jun 2020", "once a day"], []),
    ("MedicationRequest", {"dosageInstruction": once_a_day(boundsPeriod={"start": "2020"})}, "Medicines now", True,
     ["once a day"], ["ended"]),
    ("Observation", {"effectiveDateTime": None, "effectivePeriod": {"start": "2026-03-01", "end": "2026-03-05"}},
     "Newest values", True, ["1 Mar 2026 to 5 Mar 2026"], []),
    ("Observation", {"effectiveDateTime": None, "effectiveInstant": "2026-03-01T10:00:00Z"}, "Newest values", True,
     ["1 Mar 2026"], []),
    ("Observation", {"effectiveDateTime": None, "issued": "2026-03-01T10:00:00Z"}, "Newest values", True,
     ["issued 1 Mar 2026"], []),
    ("Observation", {"valueQuantity": None, "dataAbsentReason": coded("not-performed")}, None, False,
     ["no value: not-performed"], []),
    ("Observation", {"valueQuantity": {"unit": "g/dL", "_value": MASKED}}, None, False, ["no value: masked"], []),
    ("Observation", {"focus": [{"display": "Donor"}]}, "Newest values", False, ["not the patient: Donor"], []),
    ("Procedure", {"performedDateTime": None, "performedString": "in her youth"}, "Procedures, latest", True,
     ["in her youth"], []),
    ("Procedure", {"performedDateTime": None, "performedAge": years(12)}, "Procedures, latest", True,
     ["age 12 years"], []),
    ("Procedure", {"status": "not-done", "statusReason": concept("refused")}, "Procedures, latest", False,
     ["not done: refused"], []),
    ("Immunization", {"status": "not-done", "statusReason": concept("immune")}, None, False, ["not given: immune"], []),
    ("Immunization", {"occurrenceDateTime": None, "occurrenceString": "as a child"}, None, False, ["as a child"], []),
    ("Immunization", {"isSubpotent": True, "protocolApplied": [
        {"doseNumberPositiveInt": 2, "seriesDosesPositiveInt": 3, "targetDisease": [concept("measles")]}]}, None, False,
     ["subpotent", "dose 2 of 3", "against measles"], []),
    ("FamilyMemberHistory", {"condition": [{"code": concept("melanoma"), "onsetAge": years(50),
                                            "contributedToDeath": True}], "deceasedAge": years(51)}, None, False,
     ["melanoma, onset age 50 years, contributed to death", "deceased, age 51 years"], []),
]


class ReadingFormsTest(unittest.TestCase):
    def check(self, folder, number, kind, changes, row, stands, words, nowhere):
        one = resource_of(kind, number)
        for name, value in changes.items():
            one.pop(name, None)
            if value is not None:
                one[name] = json.loads(json.dumps(value).replace("Q0z", f"Q{kind}{number}z"))
        packet = Packet(prepare(folder, [one]))
        name = f"Q{kind}{number}z"
        told = [line for line in packet.lists + packet.first + packet.narratives if name in line]
        if row:
            self.assertEqual(packet.row(row, name), stands, (kind, changes, packet.rows.get(row)))
        if words is None:
            self.assertFalse(any(name in line for line in packet.all), (kind, changes))
            return
        for word in words:
            self.assertTrue(any(word in line for line in packet.lists), (word, changes, told))
        for word in nowhere:
            self.assertFalse(any(word in line for line in told), (word, changes, told))

    def test_each_form_of_a_date_an_end_and_a_negation(self):
        with tempfile.TemporaryDirectory() as top:
            for number, form in enumerate(FORMS):
                folder = os.path.join(top, str(number))
                os.mkdir(folder)
                with self.subTest(form[0] + json.dumps(form[1])):
                    self.check(folder, number, *form)

    # https://hl7.org/fhir/uv/ips/STU1.1/CodeSystem-absent-unknown-uv-ips.html
    def test_none_known_is_an_answer_and_no_information_is_none(self):
        none = [concept("none", system=IPS_ABSENT, code="no-known-allergies"), {"text": "NKDA"},
                concept("none", system=SNOMED, code="716186003")]
        for number, code in enumerate(none + [{"text": "Not on File"},
                                              concept("none", system=IPS_ABSENT, code="no-allergy-info")]):
            one = dict(resource_of("AllergyIntolerance", number), code=code)
            with tempfile.TemporaryDirectory() as folder, self.subTest(code=code):
                packet = Packet(prepare(folder, [one]))
                row = " ".join(re.sub(r"<[^>]*>", " ", packet.rows["Allergies"]).split())
                is_answer = code in none
                self.assertEqual("not found" in row, not is_answer, row)
                self.assertEqual(packet.items["allergies"] == "found", is_answer)

    # A document of the record's own is read, and does not stand in the Bundle as a second Composition.
    def test_the_words_of_a_composition_are_on_the_page(self):
        inner = '<div xmlns="http://www.w3.org/1999/xhtml"><p>Plan: wait and see</p></div>'
        one = dict(resource_of("Composition", 1), section=[
            {"title": "Assessment", "text": {"status": "generated", "div": inner}}])
        with tempfile.TemporaryDirectory() as folder:
            out = prepare(folder, [one])
            packet = Packet(out)
            self.assertTrue(any("QComposition1z" in line for line in packet.lists))
            self.assertTrue(any("Plan: wait and see" in line for line in packet.lists))
            with open(os.path.join(out, "bundle.json"), encoding="utf-8") as file:
                types = [entry["resource"]["resourceType"] for entry in json.load(file)["entry"]]
            self.assertEqual((types.count("Composition"), types.count("Binary")), (1, 1))


if __name__ == "__main__":
    unittest.main()
