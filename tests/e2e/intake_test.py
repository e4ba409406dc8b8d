"""Files as they come from the field: each thing that is wrong with one is that one thing, said by name, and the rest of
the record goes on. What is handed out of it is R4 by our own validate."""

import json

import place
from place import consent

BASE = "https://ehr.example/fhir/"
PATIENT = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Reyes", "given": ["Ana"]}]}


def about(kind, name, **more):
    subject = "patient" if kind in ("AllergyIntolerance", "Immunization") else "subject"
    return dict({"resourceType": kind, "id": name, subject: {"reference": "Patient/p1"}}, **more)


def observation(name, **more):
    return about("Observation", name, **dict({"status": "final", "code": {"text": "Weight"}, "valueString": "72 kg"},
                                             **more))


def bundle(kind, *resources, **more):
    entries = [{"fullUrl": f"{BASE}{one['resourceType']}/{one['id']}", "resource": one} for one in resources]
    return dict({"resourceType": "Bundle", "type": kind, "entry": entries}, **more)


class IntakeTest(place.PlaceTest):
    def setUp(self):
        self.here = self.new_place()
        self.made = 0

    def prepare(self, content, name="record.json"):
        """The ledger's lines by source, its gaps, the bundle, the page's text."""
        self.made += 1
        out = self.here.file(f"out{self.made}")
        agreed = self.here.write("agreed.json", consent("p1", provision={"type": "permit"}))
        ran = self.here.consultd("prepare", "--as-of", "2026-11-21T12:00:00Z", "--consent", agreed, "-o", out,
                                 self.here.write(name, content))
        self.assertEqual(ran.code, 0, ran.err)
        checked = self.here.consultd("validate", out + "/bundle.json")
        self.assertEqual(checked.code, 0, checked.out)
        with open(out + "/ledger.ndjson", encoding="utf-8") as ledger:
            lines = [json.loads(line) for line in ledger]
        with open(out + "/bundle.json", encoding="utf-8") as file:
            packet = json.load(file)
        with open(out + "/packet.html", encoding="utf-8") as file:
            page = file.read()
        self.gaps = {(line["what"], line["reason"]) for line in lines if line["line"] == "gap"}
        self.lines = {line["source"]: line for line in lines if line["line"] == "resource"}
        return packet, page

    def delivered(self, packet, source):
        self.assertEqual(self.lines[source]["outcome"], "delivered")
        return next(entry["resource"] for entry in packet["entry"] if entry["fullUrl"] == self.lines[source]["as"])

    def assert_rejected(self, source, reason):
        self.assertEqual((self.lines[source]["outcome"], self.lines[source].get("reason")), ("rejected", reason))

    def test_an_outcome_is_no_record(self):
        saved = bundle("searchset", PATIENT, observation("o1"))
        saved["entry"].append({"search": {"mode": "outcome"}, "resource": {
            "resourceType": "OperationOutcome", "issue": [{"severity": "information", "code": "informational"}]}})
        self.prepare(saved)
        self.assertEqual(set(self.lines), {"Patient/p1", "Observation/o1"})
        self.assertEqual(self.gaps, set())

    def test_a_first_page_is_not_the_whole(self):
        self.prepare(bundle("searchset", PATIENT, observation("o1"), total=57,
                            link=[{"relation": "next", "url": BASE + "?page=2"}]))
        self.assertEqual(self.gaps, {("record", "fewer-than-total")})

    def test_what_a_history_deleted_is_not_live(self):
        past = bundle("history", PATIENT, observation("o1", meta={"lastUpdated": "2026-01-01T00:00:00Z"}))
        past["entry"].insert(0, {"fullUrl": BASE + "Observation/o1",
                                 "request": {"method": "DELETE", "url": "Observation/o1"},
                                 "response": {"status": "204", "lastModified": "2026-02-01T00:00:00Z"}})
        self.prepare(past)
        self.assert_rejected("Observation/o1", "deleted")

    def test_a_byte_order_mark_is_no_data(self):
        whole = "\ufeff" + json.dumps(bundle("collection", PATIENT, observation("o1")))
        self.prepare(whole)
        self.assertEqual(len(self.lines), 2)
        self.prepare("\n".join("\ufeff" + json.dumps(one) for one in (PATIENT, observation("o1"))), "record.ndjson")
        self.assertEqual(len(self.lines), 2)

    def test_a_list_in_a_bundle_is_taken_apart_like_the_bundle(self):
        inner = bundle("searchset", observation("inner"), total=3)
        answer = {"resourceType": "Bundle", "type": "batch-response",
                  "entry": [{"response": {"status": "200"}, "resource": bundle("searchset", PATIENT)},
                            {"response": {"status": "200"}, "resource": inner}]}
        self.prepare(answer)
        self.assertEqual({source: line["outcome"] for source, line in self.lines.items()},
                         {"Patient/p1": "delivered", "Observation/inner": "delivered"})
        self.assertEqual(self.gaps, {("record", "fewer-than-total")})

    def test_ids_beyond_r4_are_kept_under_new_ones(self):
        long_id = "eM" + "x" * 107
        packet, _ = self.prepare(bundle(
            "collection", PATIENT, observation("obs_1"),
            {"resourceType": "Medication", "id": long_id, "code": {"text": "Olaparib"}},
            about("MedicationRequest", "order_1", status="active", intent="order",
                  medicationReference={"reference": "Medication/" + long_id})))
        medication = self.delivered(packet, "Medication/" + long_id)
        self.assertEqual(medication["code"]["text"], "Olaparib")
        self.assertEqual(self.delivered(packet, "MedicationRequest/order_1")["medicationReference"]["reference"],
                         self.lines["Medication/" + long_id]["as"])
        self.delivered(packet, "Observation/obs_1")
        self.assertNotIn(long_id, json.dumps(packet))

    def test_a_version_that_is_not_held_is_a_gap(self):
        self.prepare(bundle("collection", PATIENT, observation("o1", meta={"versionId": "2"}),
                            observation("o2", derivedFrom=[{"reference": "Observation/o1/_history/1"}])))
        self.assertEqual(self.gaps, {("Observation/o1 version 1", "other-version-held")})

    def test_what_is_of_another_release_is_said_in_r4_or_rejected_by_name(self):
        packet, _ = self.prepare(bundle(
            "collection", PATIENT, observation("o1"),
            about("Immunization", "i1", status="completed", notGiven=True, vaccineCode={"text": "BCG"}),
            about("MedicationRequest", "m1", status="active", intent="order",
                  medication={"reference": {"reference": "Medication/1"}}),
            about("Procedure", "x1", status="completed", notDone=True, code={"text": "Biopsy"}),
            {"resourceType": "MedicationOrder", "id": "d1", "patient": {"reference": "Patient/p1"}, "status": "active",
             "medicationCodeableConcept": {"text": "Iron"}}))
        self.assert_rejected("MedicationRequest/m1", "other-version")
        for source in ("Immunization/i1", "Procedure/x1"):
            self.assertEqual(self.delivered(packet, source)["status"], "not-done")
        self.assertEqual(self.delivered(packet, "MedicationRequest/d1")["intent"], "order")
        self.assertEqual(self.lines["Observation/o1"]["outcome"], "delivered")

    def test_two_contents_of_one_version_in_every_order(self):
        at = {"versionId": "1", "lastUpdated": "2026-01-01T00:00:00Z"}
        one, other = observation("o1", meta=at), observation("o1", meta=at, valueString="27 kg")
        told = []
        for first, second in ((one, other), (other, one)):
            self.prepare(bundle("collection", PATIENT, first, second, observation("o2", valueString="28 kg")))
            told.append({source: line["outcome"] for source, line in self.lines.items()})
        self.assertEqual(told[0], told[1])
        self.assertEqual(len(told[0]), 4)
        self.assertEqual(set(told[0].values()), {"delivered"})

    def test_an_allergy_of_another_json_kind_is_kept(self):
        packet, _ = self.prepare(bundle("collection", PATIENT, about(
            "AllergyIntolerance", "a1", category="medication", code={"text": "Penicillin"})))
        allergy = self.delivered(packet, "AllergyIntolerance/a1")
        self.assertEqual((allergy["category"], allergy["code"]["text"]), (["medication"], "Penicillin"))

    def test_an_allergy_that_cannot_be_kept_is_not_handed_over(self):
        _, page = self.prepare(bundle("collection", PATIENT, observation("o1"), about(
            "AllergyIntolerance", "a1", code="Penicillin")))
        self.assert_rejected("AllergyIntolerance/a1", "malformed")
        self.assertEqual(self.gaps, {("AllergyIntolerance (1 entry)", "malformed")})
        with open(self.here.file("out1", "completeness.json"), encoding="utf-8") as file:
            states = {item["item"]: item["state"] for item in json.load(file)["checklist"]}
        self.assertEqual(states["allergies"], "not handed over")
        self.assertIn("Allergy", page)

    def test_one_bad_value_travels_as_its_text(self):
        packet, _ = self.prepare(bundle(
            "collection", dict(PATIENT, birthDate="1970 -01-01", gender="weiblich"),
            observation("o1", effectiveDateTime="31.12.2025", valueString=None,
                        valueQuantity={"value": "72,5", "unit": "kg"}),
            observation("o2", status="Final", somethingOfOurs={"a": 1})))
        text = json.dumps(packet, ensure_ascii=False)
        for words in ("1970 -01-01", "weiblich", "31.12.2025", "72,5", "Final", "somethingOfOurs"):
            self.assertIn(words, text)
        self.assertEqual({line["outcome"] for line in self.lines.values()}, {"delivered"})


if __name__ == "__main__":
    place.main()
