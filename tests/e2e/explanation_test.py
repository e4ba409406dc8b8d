"""`prepare --explain` tells the patient and the privacy officer by name what goes, what stays and why; the packet holds
nothing of that."""

import json
import os
import re

import place
from prepared import AS_OF, PATIENT

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def condition(name, text):
    return {"resourceType": "Condition", "id": name, "subject": {"reference": "Patient/" + PATIENT["id"]},
            "code": {"text": text}}


def section(page, title):
    return page[page.index(title + "</h2>"):].split("</section>")[0]


class ExplanationTest(place.PlaceTest):
    def prepared(self, *options):
        here = self.new_place()
        agreed = place.consent(PATIENT["id"])
        del agreed["provision"]["actor"]
        agreed["provision"]["provision"] = [
            {"type": "deny", "securityLabel": [{"system": ACT_CODE, "code": "MH"}]}]
        record = [PATIENT, condition("a", "Melanoma of the back"), condition("b", "Recurrent depressive disorder"),
                  condition("c", "Alcohol dependence"), condition("d", "<b>Panic disorder</b>"),
                  {"resourceType": "MedicationRequest", "id": "e", "status": "active", "intent": "order",
                   "subject": {"reference": "Patient/" + PATIENT["id"]},
                   "medicationCodeableConcept": {"text": "Trazodone 50 mg"}}]
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in record]}
        ran = here.consultd("prepare", "--consent", here.write("consent.json", agreed), "--as-of", AS_OF, *options,
                            "-o", here.file("out"), here.write("record.json", bundle))
        self.assertEqual(ran.code, 0, ran.err)
        return here

    def page(self, here):
        with open(here.file("out", "explain.html"), encoding="utf-8") as file:
            return file.read()

    def test_each_entry_stands_where_it_is_decided_with_rule_level_and_source(self):
        page = self.page(self.prepared("--explain"))
        stays, goes = section(page, "What stays"), section(page, "What goes")
        for name in ("Recurrent depressive disorder", "Alcohol dependence", "Panic disorder", "Trazodone"):
            self.assertIn(name, stays)
            self.assertNotIn(name, goes)
        self.assertIn("Melanoma of the back", goes)
        self.assertNotIn("Melanoma", stays)
        by_rule = stays[stays.index("Recurrent depressive"):].split("</tr>")[0]
        for said in ("provision.provision[0]", "sensitivity:MH", "certain", "known from words"):
            self.assertIn(said, by_rule)
        # What is no more than possible stands apart too.
        self.assertIn("Trazodone", section(page, "What is unsure"))

    def test_what_is_decided_alike_under_one_name_stands_once_with_each_entry_below(self):
        here = self.new_place()
        agreed = place.consent(PATIENT["id"])
        del agreed["provision"]["actor"]
        record = [PATIENT, *({**condition(f"k{number}", "Knee pain"), "recordedDate": f"2026-0{number}-01"}
                             for number in (1, 2, 3)), condition("other", "Gout")]
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in record]}
        here.consultd("prepare", "--consent", here.write("consent.json", agreed), "--as-of", AS_OF, "--explain",
                      "-o", here.file("out"), here.write("record.json", bundle))
        goes = section(self.page(here), "What goes")
        self.assertEqual(goes.count("Knee pain"), 1)
        row = goes[goes.index("Knee pain"):].split("</tr>")[0]
        self.assertIn("3 entries", row)
        for number in (1, 2, 3):
            self.assertRegex(row, f"1 [A-Z][a-z]+ 2026</bdi> · <code><bdi>Condition/k{number}")
        self.assertNotIn("entries", goes[goes.index("Gout"):].split("</tr>")[0])

    def test_no_record_writes_markup_and_no_script_runs(self):
        page = self.page(self.prepared("--explain"))
        self.assertNotIn("<b>Panic", page)
        self.assertNotIn("<script", page)
        self.assertIn("default-src 'none'", page)
        for table in re.findall(r"<table.*?</table>", page, re.DOTALL):
            self.assertIn("<caption>", table)
            self.assertNotRegex(table, r"<th(?! scope=)[ >]")

    def test_it_is_there_only_where_somebody_asks_and_the_packet_is_the_same(self):
        asked, plain = self.prepared("--explain"), self.prepared()
        self.assertFalse(os.path.exists(plain.file("out", "explain.html")))
        for name in ("bundle.json", "packet.html", "ledger.ndjson", "completeness.json", "manifest.json"):
            with open(asked.file("out", name), "rb") as one, open(plain.file("out", name), "rb") as other:
                self.assertEqual(one.read(), other.read(), name)
        with open(asked.file("out", "bundle.json"), encoding="utf-8") as file:
            self.assertNotIn("depressive", json.dumps(json.load(file)))


if __name__ == "__main__":
    place.main()
