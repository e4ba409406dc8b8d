"""A patient whose hospital nobody has put into the configuration: they find it in a published list, sign in there, and
the transfer finds it again, also after a restart."""

import json
import os
import urllib.parse

import place
import portal_test

LIST = os.path.join(place.SOURCE_DIR, "samples", "directories", "hospitals.json")
LISTED = "https://ehr.quillhaven.example/fhir"


class Directory(portal_test.Portal):
    """A portal whose hospital is in a list alone."""

    def open_list(self, *ehr_options, **settings):
        def as_list(given):
            del given["sources"]["general"]
            with open(LIST, encoding="utf-8") as file:
                text = file.read()
            self.here.write("hospitals.json", text.replace(LISTED, self.ehr.fhir_base))
            given["directories"] = {"vendor": {
                "file": "hospitals.json", "privateAddresses": True,
                "auth": {"type": "smart-patient", "clientId": "portal"}, **settings}}
        return self.open_portal(*ehr_options, change=as_list)

    def look_for(self, browser, text):
        page = browser.click(browser.get(self.origin + "/portal"), "Start now")
        return browser.send(page, "/portal/find", {"find": text})

    def to_hand_off(self, browser, question=portal_test.QUESTION):
        page = self.look_for(browser, "harbor eye")
        [key] = page.options("source")
        page = browser.send(page, "/portal/where", {"source": key})
        page = browser.send(page, "/portal/to", {"destination": "center"})
        page = browser.send(page, "/portal/question", {"question": question})
        page = browser.send(page, "/portal/check", {"agreed": "yes"})
        self.assertIn("sign in at Quillhaven Health", page.heading)
        return page


class RegistrationTest(Directory):
    """Nobody has told the hospital of us: we register ourselves, by RFC 7591."""

    def open_list(self):
        return super().open_list("--registration", auth={"type": "smart-patient", "registration": "dynamic"})

    def client_in(self, page):
        link = urllib.parse.urlsplit(page.parsed.links["If nothing happens, go there by this link"])
        return urllib.parse.parse_qs(link.query)["client_id"][0]

    def test_the_first_patient_registers_us_and_the_others_are_signed_in_by_that_after_a_restart_too(self):
        browser = self.open_list()
        first = self.client_in(self.to_hand_off(browser))
        self.assertNotEqual(first, "portal")
        self.to_receipt(browser)
        self.daemon.stop()
        with open(os.path.join(self.here.folder, "state", "consultd.db"), "rb") as state:
            self.assertNotIn(first.encode(), state.read(), "what it gave us lies in clear")
        self.daemon = self.here.serve()
        self.assertEqual(self.client_in(self.to_hand_off(portal_test.PatientBrowser())), first)

    def test_a_server_that_does_not_know_us_any_more_is_asked_to_register_us_anew(self):
        browser = self.open_list()
        page = self.to_hand_off(browser)
        first = self.client_in(page)
        self.ehr.fault("forget-client")
        page = self.sign_in(browser, page)
        self.assertIn("did not work", page.heading)
        self.assertEqual(self.transfers(), [])
        page = browser.send(browser.click(page, "Try again"), "/portal/check", {"agreed": "yes"})
        self.assertNotEqual(self.client_in(page), first)
        self.sign_in(browser, page)
        self.assertIn("What do you want to share?", self.wait_for(browser, "/portal/choose").heading)

    def test_doctor_says_that_apps_may_register_and_registers_none(self):
        browser = self.open_list()
        [key] = self.look_for(browser, "harbor eye").options("source")
        ran = self.here.consultd("doctor", "--config", self.here.config_file, "--source", key, "--json")
        [seen] = json.loads(ran.out)
        [found] = [one for one in seen["findings"] if one["what"] == "registration"]
        self.assertEqual(found["mark"], "ok")

    def test_where_nobody_may_register_to_try_again_is_not_said_to_help(self):
        browser = super().open_list(auth={"type": "smart-patient", "registration": "dynamic"})
        page = self.look_for(browser, "harbor eye")
        page = browser.send(page, "/portal/where", {"source": page.options("source")[0]})
        page = browser.send(page, "/portal/to", {"destination": "center"})
        page = browser.send(page, "/portal/question", {"question": "Why?"})
        page = browser.send(page, "/portal/check", {"agreed": "yes"})
        self.assertIn("We cannot use the sign-in of Quillhaven Health", page.heading)


class DirectoryTest(Directory):
    def test_from_a_name_in_a_list_to_the_receipt(self):
        browser = self.open_list()
        self.to_receipt(browser)
        [transfer] = self.transfers()
        self.assertRegex(transfer["source"], "^at-[0-9a-f]{20}$")
        self.assert_one_copy(self.receiver, transfer["transfer"])
        self.assert_audited_once(self.here, transfer["transfer"])
        self.assertIn("Quillhaven Health", browser.get(self.origin + "/portal/receipt/" + transfer["transfer"]).text)

    def test_a_name_is_found_as_people_write_it(self):
        browser = self.open_list()
        page = browser.click(browser.get(self.origin + "/portal"), "Start now")
        self.assertEqual(page.options("source"), [], "a whole list is nothing to read")
        for asked, name in (("quilhaven", "Quillhaven Health"), ("st marys portland or", "Saint Mary’s Clinic"),
                            ("clinica pena", "Clínica Peña"), ("MILLBROOK", "Harbor Eye Clinic"),
                            ("04101", "St. Mary’s Hospital"), ("hopsital lakeside", "Lakeside Children’s Hospital")):
            page = browser.send(page, "/portal/find", {"find": asked})
            self.assertIn(name, page.text, asked)
        page = browser.send(page, "/portal/find", {"find": "st marys"})
        self.assertIn("We found 2 places.", page.text)
        self.assertIn("Address: fhir.opendoor.example", page.text)
        self.assertIn("We have not tried it yet.", page.text)
        page = browser.send(page, "/portal/find", {"find": "<b>zanzibar"})
        self.assertIn("We found none by that name.", page.text)
        self.assertNotIn("<b>zanzibar", page.body)
        self.assertFalse([url for _, url, _ in browser.visited if "?" in url], "what was looked for is in an address")

    def test_when_it_was_last_reached_is_known_after_a_restart(self):
        browser = self.open_list()
        self.to_hand_off(browser)
        self.daemon.stop()
        self.daemon = self.here.serve()
        page = self.look_for(portal_test.PatientBrowser(), "quillhaven")
        self.assertIn("Sign-in page: localhost ", page.text)
        self.assertRegex(page.text, r"We last reached it on \d+ \w+ \d{4}")

    def test_a_restart_goes_on_with_what_a_list_has_and_holds_what_it_has_no_more(self):
        browser = self.open_list()
        self.to_choice(browser)
        [transfer] = self.transfers()
        self.daemon.stop()
        self.daemon = self.here.serve()
        browser = portal_test.PatientBrowser()
        page = browser.click(browser.get(self.origin + "/portal"), "See what you share now")
        page = browser.send(page, "/portal/find", {"find": "quillhaven"})
        page = browser.send(page, "/portal/where", {"source": page.options("source")[0]})
        page = self.sign_in(browser, page)
        self.assertIn("Quillhaven Health", page.text)
        self.assertIn("It waits for you.", page.text)
        page = browser.click(page, "Go on")
        self.to_preview(browser, browser.get(self.origin + "/portal/choose"))
        self.daemon.stop()
        self.here.write("hospitals.json", '{"resourceType": "Bundle", "type": "collection"}')
        self.daemon = self.here.serve()
        self.assertEqual([one["state"] for one in self.transfers()], ["held"])
        self.assert_nothing_left()
        self.assertEqual(transfer["transfer"], self.transfers()[0]["transfer"])

    def test_check_says_what_a_list_has_and_what_is_left_out(self):
        self.open_list()
        ran = self.here.consultd("check", "--config", self.here.config_file)
        self.assertEqual(ran.code, 0, ran.err)
        self.assertIn("/directories/vendor lists 7 names of 5 hospitals; left out: 1 of another release than R4; "
                      "left out: 1 names without any of those", ran.err)

    def test_a_list_without_an_address_of_ours_is_not_talked_to(self):
        browser = self.open_list(privateAddresses=False)
        page = self.look_for(browser, "quillhaven")
        self.assertEqual(page.options("source"), [])
        self.assertIn("We found none by that name.", page.text)

    def test_doctor_looks_at_one_of_a_list_by_its_key(self):
        browser = self.open_list()
        [key] = self.look_for(browser, "harbor eye").options("source")
        ran = self.here.consultd("doctor", "--config", self.here.config_file, "--source", key, "--json")
        [seen] = json.loads(ran.out)
        self.assertEqual((seen["name"], seen["address"]), (key, self.ehr.fhir_base))


if __name__ == "__main__":
    place.main()
