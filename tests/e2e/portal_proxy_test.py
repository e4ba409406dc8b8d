"""Somebody whom the hospital lets act for its patient: a father for his child, a daughter for her mother. Each page
says so, the Consent and the log name who agreed, and where the hospital ends it nothing more is shown."""

import json
import os
import time

import place
from patient_browser import PatientBrowser
from portal_test import Portal

FATHER, DAUGHTER = "RelatedPerson/kid-1-father", "RelatedPerson/mel-1-daughter"
CHILD = "You act for Inigo Halberd-Test."


class PortalProxyTest(Portal):
    def open_with_proxies(self):
        return self.open_portal("--data", os.path.join(place.PATIENTS, "proxies.json"))

    def look(self, who):
        """My sharing, by a new sign-in."""
        browser = PatientBrowser()
        page = browser.click(browser.get(self.origin + "/portal"), "See what you share now")
        return browser, self.sign_in(browser, browser.send(page, "/portal/where", {"source": "general"}), who)

    def received(self, kind):
        """What the receiver was sent of that type."""
        found = []
        for _, _, body in self.receiver.received():
            found += [entry["resource"] for entry in json.loads(body).get("entry", [])
                      if entry["resource"]["resourceType"] == kind]
        return found

    def test_a_father_shares_for_his_child_and_each_page_says_so(self):
        browser = self.open_with_proxies()
        page = self.to_choice(browser, patient=FATHER)
        self.assertIn(CHILD, page.text)
        self.assertIn("General Hospital lets you act for Inigo Halberd-Test. Cancer Center will see that you agreed "
                      "for them.", page.text)
        self.assertIn("This is not the person I act for: stop here", page.text)
        page = self.to_preview(browser, page)
        self.assertIn(CHILD, page.text)
        browser.send(page, "/portal/send")
        page = self.wait_for(browser, "/portal/receipt")
        [transfer] = self.transfers()
        for path in ("/portal", "/portal/where", "/portal/sharing", "/portal/receipt/" + transfer["transfer"],
                     "/portal/stop/" + transfer["transfer"], "/portal/history/" + transfer["transfer"]):
            page = browser.get(self.origin + path)
            self.assertIn(CHILD, page.text, path)
            self.assertNotIn("Inigo", page.body[:page.body.index("</title>")])
        self.assertIn("Usted actúa por Inigo Halberd-Test.", browser.get(self.origin + "/portal/sharing?lang=es").text)
        self.said_who_agreed(transfer["transfer"])

    def said_who_agreed(self, transfer):
        [consent] = self.received("Consent")
        [performer] = consent["performer"]
        [person] = consent["contained"]
        self.assertEqual((performer["reference"], performer["type"]), ("#" + person["id"], "RelatedPerson"))
        self.assertEqual(person["name"], [{"text": "Casimir Halberd-Test"}])
        self.assertEqual(person["relationship"][0]["coding"][0]["code"], "FTH")
        self.assertEqual(person["patient"], consent["patient"])
        [provenance] = [one for one in self.received("Provenance")
                        if any(agent["who"].get("display") == "consultd" for agent in one["agent"])]
        [agreed] = [agent for agent in provenance["agent"] if agent["type"]["coding"][0]["code"] == "PRCON"]
        self.assertEqual(agreed["who"]["reference"], "#" + provenance["contained"][0]["id"])
        self.assertEqual(agreed["onBehalfOf"], consent["patient"])
        approval, = [event for event in self.events() if "patient-approval" in
                     [code["code"] for code in event["subtype"]]]
        who = next(agent["who"]["identifier"] for agent in approval["agent"] if agent["requestor"])
        self.assertEqual(who["system"], "urn:consultd:proxy")
        details = {one["type"]: one.get("valueString") for one in approval["entity"][0]["detail"]}
        self.assertEqual((details["on-behalf-of"], details["relationship"]), ("patient", "FTH"))
        for name in ("Casimir", "Inigo", "Halberd", "kid-1"):
            self.assertNotIn(name, json.dumps(self.events()))
            self.assertNotIn(name, self.daemon.log())

    def events(self):
        ran = self.here.consultd("audit", "export", "--config", self.here.config_file)
        self.assertEqual(ran.code, 0, ran.err)
        return [json.loads(line) for line in ran.out.splitlines()]

    def test_a_patient_themself_acts_for_nobody(self):
        browser = self.open_with_proxies()
        self.assertNotIn("You act for", self.to_choice(browser).text)
        browser.send(self.to_preview(browser, browser.get(self.origin + "/portal/choose")), "/portal/send")
        self.assertNotIn("You act for", self.wait_for(browser, "/portal/receipt").text)
        [consent] = self.received("Consent")
        self.assertEqual(consent["performer"], [consent["patient"]])
        self.assertNotIn("contained", consent)

    def test_the_mother_sees_what_her_daughter_did_and_nobody_else_does(self):
        browser = self.open_with_proxies()
        self.to_choice(browser, patient=DAUGHTER)
        [transfer] = self.transfers()
        mother, page = self.look("mel-1")
        self.assertNotIn("You act for", page.text)
        self.assertIn("Cancer Center", page.text)
        page = mother.get(self.origin + "/portal/history/" + transfer["transfer"])
        self.assertRegex(page.text, r"It was asked for\.\s+By someone who acts for the patient")
        page = browser.get(self.origin + "/portal/history/" + transfer["transfer"])
        self.assertIn("You asked for it.", page.text)
        _, page = self.look(FATHER)
        self.assertIn(CHILD, page.text)
        self.assertIn("You are not sharing records with anyone.", page.text)

    def test_where_the_hospital_ends_it_nothing_more_is_shown(self):
        browser = self.open_with_proxies()
        choice = self.to_choice(browser, patient=DAUGHTER)
        [transfer] = self.transfers()
        self.ehr.door("end-proxy/mel-1-daughter", {})
        time.sleep(5)  # for so long the hospital's word holds
        answer = browser.send(choice, "/portal/choose", {"group": ["tests"]})
        self.assertEqual(answer.status, 403)
        self.assertIn("It does not say so now", answer.text)
        for path in ("/portal/choose", "/portal/sharing", "/portal/progress", "/portal/stop/" + transfer["transfer"]):
            page = browser.get(self.origin + path)
            self.assertEqual(page.status, 403, path)
            self.assertNotIn("Maribel", page.text)
        page = browser.click(browser.get(self.origin + "/portal"), "See what you share now")
        page = browser.click(browser.send(page, "/portal/where", {"source": "general"}), "Go to the sign-in")
        self.assertNotIn(DAUGHTER, page.options("patient"))
        _, page = self.look("mel-1")
        self.assertIn("It waits for you.", page.text, "what was under way is the patient's")


if __name__ == "__main__":
    place.main()
