"""A patient with two tabs, or somebody who means harm with them: a sign-in is at the hospital, and for what was asked
for, when it was begun; what is agreed to is what stood on the page."""

import os

import place
from patient_browser import PatientBrowser
from portal_test import Portal


class PortalTabsTest(Portal):
    def open_with_two_hospitals(self):
        """Both know the portal by the same name, as those of one vendor do, and both have a patient `mel-1`."""
        def second(settings):
            app = f"portal,{self.origin}/portal/callback"
            other = place.Sandbox(self.here.folder, "other", [
                "--role", "ehr", "--app", app, "--data", os.path.join(place.PATIENTS, "melanoma.json")])
            self.here.processes.append(other)
            settings["sources"]["other"] = dict(settings["sources"]["general"], name="Other Hospital",
                                                fhirBaseUrl=other.fhir_base)
        return self.open_portal(change=second)

    def test_a_sign_in_is_at_the_hospital_where_it_was_begun(self):
        victim = self.open_with_two_hospitals()
        self.to_choice(victim)
        [begun] = self.transfers()
        attacker = PatientBrowser()
        page = attacker.click(attacker.get(self.origin + "/portal"), "See what you share now")
        hand_off = attacker.send(page, "/portal/where", {"source": "other"})
        tab = attacker.copy()
        tab.get(self.origin + "/portal")
        tab.send(tab.get(self.origin + "/portal/where"), "/portal/where", {"source": "general"})
        page = self.sign_in(attacker, hand_off)
        self.assertEqual(page.path, "/portal/sharing")
        self.assertNotIn(begun["transfer"], page.body)
        self.assertIn("You are not sharing records with anyone.", page.text)
        self.assertEqual(attacker.get(self.origin + "/portal/stop/" + begun["transfer"]).status, 404)

    def test_to_look_only_stays_to_look_only(self):
        browser = self.open_portal()
        page = browser.click(browser.get(self.origin + "/portal"), "See what you share now")
        hand_off = browser.send(page, "/portal/where", {"source": "general"})
        browser.copy().get(self.origin + "/portal")
        self.assertEqual(self.sign_in(browser, hand_off).path, "/portal/sharing")
        self.assertEqual(self.transfers(), [])

    def test_the_question_that_was_agreed_to_is_the_one_that_goes(self):
        browser = self.open_portal()
        hand_off = self.to_hand_off(browser, "Is it the first?")
        tab = browser.copy()
        tab.send(tab.get(self.origin + "/portal/question"), "/portal/question", {"question": "Is it the second?"})
        self.sign_in(browser, hand_off)
        self.to_preview(browser, self.wait_for(browser, "/portal/choose"))
        shown = browser.request("GET", self.origin + "/portal/packet").body
        self.assertIn("Is it the first?", shown)
        self.assertNotIn("Is it the second?", shown)

    def test_answers_that_changed_in_another_tab_are_shown_before_they_are_agreed_to(self):
        browser = self.open_portal()
        self.to_hand_off(browser)
        page = browser.get(self.origin + "/portal/check")
        tab = browser.copy()
        tab.send(tab.get(self.origin + "/portal/question"), "/portal/question", {"question": "Something else?"})
        page = browser.send(page, "/portal/check", {"agreed": "yes"})
        self.assertEqual(page.path, "/portal/check")
        self.assertIn("Your answers have changed since.", page.text)
        self.assertIn("Something else?", page.text)
        self.assertEqual(browser.send(page, "/portal/check", {"agreed": "yes"}).path, "/portal/hand-off")


if __name__ == "__main__":
    place.main()
