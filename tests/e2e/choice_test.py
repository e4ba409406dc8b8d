"""Choosing more finely than by groups: by days, one by one, and what nobody could read."""

import json
import os
import re
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
        kept = "MedicationRequest/lupus-medicationre-0001"
        self.assertIn(kept, names)
        page = self.choose(browser, page, group=["medicines"], without=[one for one in names if one != kept])
        self.assertEqual(self.sent_of(browser, page).get("MedicationRequest"), 1)

    def test_only_the_chosen_days_go(self):
        browser = self.open_portal()
        page = self.to_choice(browser, patient=OTHER)
        page = browser.send(page, "/portal/choose", {"group": ["tests"], "since": "2025-06-01", "until": "2025-01-01"})
        self.assertIn("Check the two days.", page.text)
        page = self.choose(browser, page, group=["tests", "diagnoses"], since="2025-06-01", until="")
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
        self.choose(browser, page, group=["notes"], private=page.options("private"))
        self.assertNotIn("Photo of the scar", browser.request("GET", self.origin + "/portal/packet").body)
        page = browser.get(self.origin + "/portal/choose")
        self.assertIn("DocumentReference/photo-1", page.options("also"))
        page = self.choose(browser, page, group=["notes"], also=["DocumentReference/photo-1"])
        self.assertIn("Photo of the scar", browser.request("GET", self.origin + "/portal/packet").body)
        self.sent_of(browser, page)
        kinds = [one["resource"].get("contentType") for one in json.loads(
            place.ask(self.receiver.fhir_base + "/Binary")[2]).get("entry", [])]
        self.assertIn("image/png", kinds)

    def ticked(self, page):
        return {(name, value) for form in page.forms for name, value, is_ticked in form["options"] if is_ticked}

    def test_what_was_ticked_is_kept_and_shown_again_where_somebody_changes_it(self):
        browser = self.open_portal()
        first = self.to_choice(browser, patient=OTHER)
        one = next(one for one in first.options("without") if one.startswith("Condition/"))
        answers = {"group": [one for one in first.options("group") if one != "visits"], "private": ["hiv"],
                   "without": [one], "since": "2015-01-01"}
        self.choose(browser, first, **answers)
        again = browser.get(self.origin + "/portal/choose")
        said = {(name, value) for name in ("group", "private", "without") for value in answers[name]}
        self.assertEqual(self.ticked(again), said)
        self.assertIn('value="2015-01-01"', again.body)
        self.assertEqual(again.text, first.text, "the page is made from the record")
        # The same where the form comes back with a mistake in it.
        wrong = browser.send(again, "/portal/choose", dict(answers, until="2014-01-01"))
        self.assertIn("Check the two days.", wrong.text)
        self.assertEqual(self.ticked(wrong), said)
        # A form that is sent as it stands says the same again.
        self.choose(browser, again, **answers)
        page = browser.get(self.origin + "/portal/preview")
        self.assertIn("You left these out one by one", page.text)

    def test_private_things_stay_in_their_own_groups_after_they_were_ticked(self):
        browser = self.open_portal()
        first = self.to_choice(browser)
        self.assertIn("Drug and alcohol treatment 1 item", first.text)
        self.choose(browser, first, group=first.options("group"), private=first.options("private"))
        again = browser.get(self.origin + "/portal/choose")
        self.assertEqual(again.text, first.text, "the page is made from the record")
        self.assertLessEqual({("private", one) for one in first.options("private")}, self.ticked(again))

    def test_what_stays_out_is_told_by_reason_and_group_before_and_after(self):
        browser = self.open_portal()
        page = self.to_choice(browser)
        self.assertIn("A private item goes only if you tick its group above too.", page.text)
        page = self.choose(browser, page, group=[one for one in page.options("group") if one != "medicines"])
        for _ in range(2):
            self.assertRegex(page.text, r"You did not tick these groups\s+Medicines \d+ items")
            self.assertRegex(page.text, r"Private, and you did not tick it .*Drug and alcohol treatment \d+ items? .*"
                                        r"Gene tests [a-z ]+ \d+ items?")
            total = int(re.search(r"(\d+) records stay out", page.text)[1])
            listed = page.text[page.text.index("records stay out"):]
            listed = re.split(r"What is missing|What happens next|Send now", listed)[0]
            self.assertEqual(sum(int(one) for one in re.findall(r"(\d+) items?", listed)), total)
            if page.path == "/portal/preview":
                browser.send(page, "/portal/send")
                page = self.wait_for(browser, "/portal/receipt")

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
