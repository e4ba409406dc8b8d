"""Choosing more finely than by groups: by days, one by one, and what nobody could read."""

import json
import os
import tempfile

import place
import portal_test

PATIENT = portal_test.PATIENT
OTHER = "lupus-1"  # has eleven years


class ChoiceTest(portal_test.Portal):
    def choose(self, browser, page, **answers):
        browser.send(page, "/portal/choose", answers)
        return self.wait_for(browser, "/portal/preview")

    def sent_of(self, browser, page):
        browser.send(page, "/portal/send")
        self.wait_for(browser, "/portal/receipt")
        return self.receiver.counts()

    def test_groups_say_of_when_they_are_and_single_ones_can_be_left_out(self):
        browser = self.open_portal()
        page = self.to_choice(browser, patient=OTHER)
        self.assertRegex(page.text, r"Lab tests and measurements \d+ items, 20\d\d to 20\d\d")
        names = [one for one in page.options("without") if one.startswith("MedicationRequest/")]
        kept = "MedicationRequest/medicationre-0001"
        self.assertIn(kept, names)
        page = self.choose(browser, page, group=["medicines"], without=[one for one in names if one != kept])
        self.assertEqual(self.sent_of(browser, page).get("MedicationRequest"), 1)

    def test_only_the_chosen_days_go(self):
        browser = self.open_portal()
        page = self.to_choice(browser, patient=OTHER)
        page = browser.send(page, "/portal/choose", {"group": ["tests"], "since": "2025-06-01", "until": "2025-01-01"})
        self.assertIn("Check the two days.", page.text)
        page = self.choose(browser, page, group=["tests", "diagnoses"], since="2025-06-01")
        counts = self.sent_of(browser, page)
        self.assertGreater(counts["Condition"], 0)
        dates = [one["resource"].get("effectiveDateTime", "") for one in json.loads(
            place.ask(self.receiver.fhir_base + "/Observation?_count=500")[2]).get("entry", [])]
        self.assertTrue(dates)
        self.assertGreaterEqual(min(dates), "2025-06")

    def test_what_could_not_be_read_goes_only_where_it_is_ticked_by_its_name(self):
        browser = self.open_portal("--data", self.picture())
        page = self.to_choice(browser)
        self.assertIn("We could not read these", page.text)
        self.assertIn("Photo of the scar", page.text)
        self.choose(browser, page, group=["notes"])
        self.assertNotIn("Photo of the scar", browser.request("GET", self.origin + "/portal/packet").body)
        page = browser.get(self.origin + "/portal/choose")
        self.assertIn("DocumentReference/photo-1", page.options("also"))
        page = self.choose(browser, page, group=["notes"], also=["DocumentReference/photo-1"])
        self.assertIn("Photo of the scar", browser.request("GET", self.origin + "/portal/packet").body)
        self.sent_of(browser, page)
        kinds = [one["resource"].get("contentType") for one in json.loads(
            place.ask(self.receiver.fhir_base + "/Binary")[2]).get("entry", [])]
        self.assertIn("image/png", kinds)

    def picture(self):
        """A document that is a picture, of the patient: a file that the hospital loads."""
        folder = self.enterContext(tempfile.TemporaryDirectory())
        png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        entries = [{"resourceType": "Binary", "id": "photo-1", "contentType": "image/png", "data": png},
                   {"resourceType": "DocumentReference", "id": "photo-1", "status": "current", "date": "2025-09-01",
                    "type": {"text": "Photo of the scar"}, "subject": {"reference": "Patient/" + PATIENT},
                    "content": [{"attachment": {"contentType": "image/png", "url": "Binary/photo-1",
                                                "title": "Photo of the scar"}}]}]
        file = os.path.join(folder, "picture.json")
        with open(file, "w", encoding="utf-8") as out:
            json.dump({"resourceType": "Bundle", "type": "collection",
                       "entry": [{"resource": one} for one in entries]}, out)
        return file


if __name__ == "__main__":
    place.main()
