"""What the patient did not agree to share, and what is another patient's, never reaches the receiver: the bytes
that it got are searched, as they are and with everything in them decoded."""

import base64
import binascii
import collections
import copy
import json
import os
import re

import place
import record
from place import THO, consent

MARK = "MARKEDxWITHHELD"
DECOY = "DECOY-NEVER-DELIVER"
CHART = os.path.join(place.PATIENTS, "melanoma.json")
PATIENT = "mel-1"
ALT = {"1742-6"}
DENIED_TYPES = {"MedicationAdministration", "DocumentReference"}
DENIED_BEFORE = "2025"


def deny(**fields):
    return dict({"type": "deny"}, **fields)


def texts_of(content):
    """The text itself, and below it that of everything in it that may be base64."""
    text = content.decode("utf-8", errors="replace")
    yield text
    for candidate in re.findall(r"[A-Za-z0-9+/=\\]{16,}", text):
        try:
            inner = base64.b64decode(candidate.replace("\\", ""), validate=True)
        except (binascii.Error, ValueError):
            continue
        yield from texts_of(inner)


def reached(receiver, mark):
    return any(mark.lower() in text.lower() for _, _, body in receiver.received() for text in texts_of(body))


def name_of(resource):
    return f"{resource['resourceType']}/{resource['id']}"


def codes_of(resource):
    return {coding.get("code") for coding in resource.get("code", {}).get("coding", [])}


def mark(value):
    """Puts the mark into every text for people below the value. What it is called, it is called still, so that what
    was withheld for its name alone is once more."""
    for key, child in list(value.items()) if isinstance(value, dict) else enumerate(value):
        if key == "code" and isinstance(child, dict):
            names = [child.get("text"), *(coding.get("display") for coding in child.get("coding", []))]
            mark(child)
            child.setdefault("coding", []).extend({"display": name} for name in names if name)
        elif isinstance(child, (dict, list)):
            mark(child)
        elif isinstance(child, str) and key in ("display", "text", "title", "description", "conclusion", "valueString"):
            value[key] = f"{child} {MARK}"
        elif key == "div":
            value[key] = child.replace("</div>", f"<p>{MARK}</p></div>")


def marked(chart, withheld):
    """The chart with the mark in each withheld resource, in its attachments' bytes, and wherever another resource
    says what it refers to there."""
    chart = copy.deepcopy(chart)
    for entry in chart["entry"]:
        resource = entry["resource"]
        if name_of(resource) in withheld:
            mark(resource)
            if resource["resourceType"] == "Binary":
                # A letter keeps its words, and a PDF stays one: text that can be read would be another document,
                # decided by its words.
                is_pdf = resource["contentType"] == "application/pdf"
                start = b"%PDF-1.4 " if is_pdf else base64.b64decode(resource["data"]) + b"\n"
                resource["data"] = base64.b64encode(start + f"a letter, {MARK}".encode()).decode()
            else:
                resource["extension"] = [{"url": "http://general.example/remark", "valueString": MARK}]
                resource["text"] = {"status": "generated",
                                    "div": f"<div xmlns=\"http://www.w3.org/1999/xhtml\">{MARK}</div>"}
        for value in record.every_object(resource):
            if value.get("reference") in withheld:
                value["display"] = MARK
            if value.get("url") in withheld:
                # The bytes are others now: what was told of them would reject them before the consent does.
                value.pop("hash", None)
                value.pop("size", None)
                value["title"] = MARK
    return chart


# What is denied, and which resources must then be withheld whatever else is.
RULES = {
    "class": (deny(**{"class": [{"system": "http://hl7.org/fhir/resource-types", "code": code}
                                for code in sorted(DENIED_TYPES)]}),
              lambda resource: resource["resourceType"] in DENIED_TYPES),
    # Half of them say LOINC by its OID.
    "code": (deny(code=[{"coding": [{"system": "http://loinc.org", "code": code}]} for code in ALT] +
                  [{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code}]}
                   for code in ("F10", "F33")]),
             lambda resource: codes_of(resource) & (ALT | {"F33.1", "F10.21"})),
    "period": (deny(dataPeriod={"end": "2024-12-31"}),
               lambda resource: resource["resourceType"] == "Observation"
               and resource.get("effectiveDateTime", DENIED_BEFORE) < DENIED_BEFORE),
}


class Part2Test(place.PlaceTest):
    """42 CFR 2.32: what a programme for substance use holds goes, where the consent names it, with the notice, what
    that covers and the scope of the consent, wherever somebody may read it."""

    NOTICE = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."

    def test_the_notice_is_in_the_document_on_the_page_and_in_the_receipt(self):
        chart = record.load(CHART)
        of = {"subject": {"reference": "Patient/" + PATIENT}}
        chart["entry"] += [{"resource": one} for one in (
            {"resourceType": "Encounter", "id": "program-visit", "status": "finished", "class": {"code": "AMB"},
             "serviceProvider": {"display": "Bay Area Opioid Treatment Program"}, **of},
            {"resourceType": "Observation", "id": "program-result", "status": "final", "code": {"text": "Haemoglobin"},
             "effectiveDateTime": "2026-03-04", "encounter": {"reference": "Encounter/program-visit"}, **of})]
        here = self.new_place()
        source = here.sandbox("ehr", "ehr", "--data", here.write("chart.json", chart))
        receiver = here.sandbox("receiver", "receiver")
        here.configure(source, receiver)
        permit = {"type": "permit", "securityLabel": [{"system": THO + "v3-ActCode", "code": "SUD"}]}
        ran, result, folder = here.transfer(PATIENT, consent(PATIENT, [permit]))
        self.assertEqual(ran.code, 0, ran.err)
        with open(os.path.join(folder, "bundle.json"), encoding="utf-8") as file:
            bundle = json.load(file)
        labelled = {entry["fullUrl"] for entry in bundle["entry"]
                    for label in entry["resource"].get("meta", {}).get("security", []) if label["code"] == "42CFRPart2"}
        self.assertGreaterEqual(len(labelled), 2)
        notice = bundle["entry"][0]["resource"]["section"][0]
        self.assertEqual({entry["reference"] for entry in notice["entry"]}, labelled)
        self.assertIn(self.NOTICE, notice["text"]["div"])
        self.assertIn("Cancer Center", notice["text"]["div"])
        with open(os.path.join(folder, "packet.html"), encoding="utf-8") as file:
            self.assertIn(self.NOTICE, file.read())
        verified = here.consultd("receipt", "verify", os.path.join(folder, "receipt.json"), "--key",
                                 here.file("audit.key.pub"), "--json")
        self.assertEqual(verified.code, 0, verified.err)
        self.assertEqual(json.loads(verified.out)["notice"], {"text": self.NOTICE, "covers": len(labelled)})


class ConsentTest(place.PlaceTest):
    def hospitals(self, chart):
        here = self.new_place()
        source = here.sandbox("ehr", "ehr", "--data", here.write("chart.json", chart))
        receiver = here.sandbox("receiver", "receiver")
        here.configure(source, receiver)
        return here, source, receiver

    def move(self, chart, agreed):
        here, _, receiver = self.hospitals(chart)
        ran, result, folder = here.transfer(PATIENT, agreed)
        self.assertEqual(ran.code, 0, ran.err)
        self.assertEqual(result["state"], "delivered")
        return receiver, self.assert_balanced(folder)

    def assert_no_trace(self, rule, must_be_withheld):
        chart = record.load(CHART)
        _, ledger = self.move(chart, consent(PATIENT, [rule]))
        withheld = {line["source"] for line in ledger["resource"] if line["outcome"] == "withheld"}
        pulled = {line["source"] for line in ledger["resource"] if line["outcome"] in ("withheld", "delivered")}
        expected = {name_of(entry["resource"]) for entry in chart["entry"] if must_be_withheld(entry["resource"])}
        self.assertGreater(len(expected & pulled), 1)
        self.assertEqual((expected & pulled) - withheld, set(), "denied, but not withheld")

        telling = marked(chart, withheld)
        receiver, ledger = self.move(telling, consent(PATIENT, [rule]))
        self.assertLessEqual(withheld, {line["source"] for line in ledger["resource"]
                                        if line["outcome"] != "delivered"})
        self.assertFalse(reached(receiver, MARK), self.where(receiver, MARK))
        self.assertFalse(reached(receiver, DECOY))
        return telling

    def where(self, receiver, text):
        """The surroundings of a text that should not be there."""
        found = [one[max(0, at - 150):at + 60] for _, _, body in receiver.received() for one in texts_of(body)
                 for at in [one.find(text)] if at >= 0]
        return "\n".join(found[:3])

    def test_a_denied_class_leaves_no_trace(self):
        telling = self.assert_no_trace(*RULES["class"])
        # The search does find the mark, in text and in an attachment's bytes, where all is shared.
        receiver, _ = self.move(telling, consent(PATIENT))
        self.assertTrue(reached(receiver, MARK))
        self.assertTrue(reached(receiver, "a letter, " + MARK))

    def test_a_denied_code_leaves_no_trace(self):
        self.assert_no_trace(*RULES["code"])

    def test_a_denied_period_leaves_no_trace(self):
        self.assert_no_trace(*RULES["period"])

    def test_another_patients_resource_in_a_search_is_rejected_with_an_alarm(self):
        here, source, receiver = self.hospitals(record.load(CHART))
        source.fault("decoy", count=3)
        ran, result, folder = here.transfer(PATIENT, consent(PATIENT))
        self.assertEqual(ran.code, 0, ran.err)
        ledger = self.assert_balanced(folder)
        decoys = {line["source"]: line for line in ledger["resource"] if "decoy" in line["source"]}
        self.assertGreaterEqual(len(decoys), 1)
        for line in decoys.values():
            self.assertEqual((line["outcome"], line.get("reason")), ("rejected", "wrong-patient"))
        self.assertGreaterEqual(result["counts"]["rejected"], len(decoys))
        self.assertFalse(reached(receiver, "another-patient"))
        self.assertFalse(reached(receiver, DECOY))
        delivered = collections.Counter(line["source"].split("/")[0] for line in ledger["resource"]
                                        if line["outcome"] == "delivered")
        for kind in ("Patient", "Observation", "Condition", "MedicationRequest", "Procedure"):
            self.assertEqual(receiver.counts()[kind], delivered[kind], kind)
        alarms = [event for event in here.audit_events() if "foreign-patient" in event["subtype"]]
        self.assertEqual([event["transfer"] for event in alarms], [result["transfer"]])

    def test_without_a_consent_that_holds_nothing_is_sent(self):
        no_provision = consent(PATIENT)
        del no_provision["provision"]
        unknown_actor = consent(PATIENT)
        unknown_actor["provision"]["actor"][0]["reference"] = {"reference": "Organization/somewhere"}
        marketing = consent(PATIENT)
        marketing["provision"]["purpose"][0]["code"] = "HMARKT"
        research = consent(PATIENT, scope={"coding": [{"system": THO + "consentscope", "code": "research"}]})
        refusals = {
            "expired": consent(PATIENT, end="2020-12-31"),
            "for another recipient": consent(PATIENT, recipient="1999999984"),
            "without a provision": no_provision,
            "for nobody who can be told": unknown_actor,
            "for another purpose": marketing,
            "of another scope": research,
            "of another patient": consent("somebody-else"),
            "not yet given": consent(PATIENT, dateTime="2099-01-01"),
            "withdrawn": consent(PATIENT, status="inactive"),
            "changed by what is not known": consent(PATIENT, modifierExtension=[
                {"url": "http://general.example/only-if", "valueString": "the moon is full"}]),
            "under a policy that is not understood": consent(PATIENT, policyRule={"text": "as always"}),
        }
        here, _, receiver = self.hospitals(record.load(CHART))
        for why, agreed in refusals.items():
            with self.subTest(why):
                ran, result, _ = here.transfer(PATIENT, agreed)
                self.assertEqual(ran.code, 77, ran.err)
                self.assertEqual((result["state"], result["reason"]), ("held", "consent"))
                prepared = here.consultd("prepare", "--config", here.config_file, "--destination", "center",
                                         "--consent", here.write("consent.json", agreed), "-o",
                                         here.file("prepared"), CHART)
                # Files that do not hold the patient whom the consent names are no input for it.
                self.assertEqual(prepared.code, 66 if why == "of another patient" else 77, prepared.err)
                self.assertFalse(os.path.exists(here.file("prepared", "bundle.json")))
        self.assertEqual(receiver.received(), [])
        self.assertEqual(here.done_for(), [])


if __name__ == "__main__":
    place.main()
