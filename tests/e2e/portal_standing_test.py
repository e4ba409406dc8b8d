"""What the portal says of how things stand is what is known, and no more: a second copy, what is missing, whose turn it
is, why a sign-in failed, and what a receipt keeps."""

import concurrent.futures
import signal
import time

import place
from patient_browser import PatientBrowser
from portal_test import Portal
from record import load


class PortalStandingTest(Portal):
    def test_a_second_copy_to_the_same_clinic_goes_only_where_the_patient_says_so(self):
        browser = self.open_portal()
        self.to_receipt(browser)
        page = self.to_preview(browser, self.to_choice(browser))
        self.assertRegex(page.text, r"You sent records to Cancer Center on \d+ \w+ \d{4}.*second copy")
        page = browser.send(page, "/portal/send")
        self.assertIn("Tick the box to go on.", page.text)
        self.assertEqual([one["state"] for one in self.transfers()].count("delivered"), 1)
        browser.send(page, "/portal/send", {"again": "yes"})
        self.wait_for(browser, "/portal/receipt")
        self.assertEqual([one["state"] for one in self.transfers()].count("delivered"), 2)

    def test_of_two_that_wait_each_can_be_gone_on_with(self):
        browser = self.open_portal()
        self.to_choice(browser)
        [first] = self.transfers()
        self.sign_in(browser, self.to_hand_off(browser, "Another question?"))
        self.wait_for(browser, "/portal/choose")
        page = browser.get(self.origin + "/portal/sharing")
        self.assertEqual(page.text.count("It waits for you."), 2)
        page = browser.send(page, "/portal/resume/" + first["transfer"])
        self.assertEqual(page.path, "/portal/choose")
        self.assertIn("/portal/stop/" + first["transfer"], page.body)

    def test_whom_it_went_to_is_named_as_the_log_has_it(self):
        browser = self.open_portal()
        self.to_receipt(browser)
        [transfer] = self.transfers()
        self.daemon.stop()
        settings = load(self.here.config_file)
        settings["destinations"]["center"]["name"] = "Evil Clinic"
        self.here.write("consultd.json", settings)
        self.daemon = self.here.serve()
        browser = PatientBrowser()
        page = browser.click(browser.get(self.origin + "/portal"), "See what you share now")
        self.sign_in(browser, browser.send(page, "/portal/where", {"source": "general"}))
        for path in ("sharing", "receipt/" + transfer["transfer"], "history/" + transfer["transfer"]):
            page = browser.get(f"{self.origin}/portal/{path}")
            self.assertIn("Cancer Center", page.text, path)
            self.assertNotIn("Evil Clinic", page.text, path)

    def test_a_clinic_that_is_another_since_it_was_shown_is_shown_again(self):
        browser = self.open_portal()
        page = self.to_preview(browser, self.to_choice(browser))
        settings = load(self.here.config_file)
        settings["destinations"]["center"]["name"] = "Another Center"
        self.here.write("consultd.json", settings)
        self.daemon.process.send_signal(signal.SIGHUP)
        place.wait_until(lambda: '"reloaded"' in self.daemon.log(), 20, "the new configuration is in force")
        page = browser.send(page, "/portal/send")
        self.assertIn("What would be sent is not what you saw.", page.text)
        self.assertIn("Another Center", page.heading)
        self.assert_nothing_left()

    def test_a_session_that_is_over_says_nothing_of_what_was_sent(self):
        browser = self.open_portal()
        receipt = self.to_receipt(browser)
        page = PatientBrowser().get(receipt.url)
        self.assertEqual(page.status, 403)
        self.assertNotIn("Nothing was sent", page.text)
        self.assertIn("This page cannot tell what was sent. Sign in at your hospital to see that", page.text)

    def test_what_could_not_be_read_is_named_and_not_counted(self):
        browser = self.open_portal()
        self.ehr.door("fault", {"name": "forbid", "argument": "Observation", "count": 1000})
        page = self.to_choice(browser)
        self.assertNotIn("tests", page.options("group"))
        self.assertRegex(page.text, r"Lab tests and measurements\s+We could not read this at the hospital\.")
        page = self.to_preview(browser, page)
        self.assertRegex(page.text, r"What is missing .* Lab tests and measurements")
        self.assertNotRegex(page.text, r"Lab tests and measurements\s+\d+ item")
        browser.send(page, "/portal/send")
        page = self.wait_for(browser, "/portal/receipt")
        self.assertRegex(page.text, r"What is missing .* Lab tests and measurements")

    def test_what_was_not_allowed_is_apart_from_what_the_hospital_did_not_give(self):
        browser = self.open_portal()
        page = self.to_choice(browser, scopes=lambda scope: "Observation" not in scope)
        page = self.to_preview(browser, page)
        self.assertRegex(page.text, r"What you did not let us read .* Lab tests and measurements")

    def test_what_only_the_patient_can_allow_is_asked_of_them(self):
        browser = self.open_portal()
        self.sign_in(browser, self.to_hand_off(browser), scopes=lambda scope: not scope.startswith("patient/"))

        def again():
            page = browser.get(self.origin + "/portal/progress")
            return page if "once more" in page.heading else None
        page = place.wait_until(again, 40, "the patient is asked to sign in again")
        self.assertIn("You did not let us read enough", page.text)
        self.sign_in(browser, browser.send(page, "/portal/again"))
        self.assertIn("Maribel", self.wait_for(browser, "/portal/choose").text)

    def test_the_receipt_after_a_stop_says_so_and_keeps_its_counts_when_all_is_deleted(self):
        browser = self.open_portal()
        page = self.to_receipt(browser)
        self.assertRegex(page.text, r"Illnesses\s+\d+ item")
        [transfer] = self.transfers()
        browser.send(browser.click(browser.get(self.origin + "/portal/sharing"), "Stop sharing"), "/portal/stop/")
        self.daemon.wait_for(transfer["transfer"], "withdrawn")
        page = browser.get(page.url)
        self.assertIn("It was stopped, and the clinic knows.", page.text)
        self.assertNotIn("When the second opinion comes", page.text)
        page = browser.click(browser.get(self.origin + "/portal/sharing"), "Delete what you hold")
        browser.send(page, "/portal/delete/")
        page = browser.get(self.origin + "/portal/receipt/" + transfer["transfer"])
        self.assertRegex(page.text, r"Illnesses\s+\d+ item")

    def test_the_key_on_the_receipt_verifies_it(self):
        browser = self.open_portal()
        page = self.to_receipt(browser)
        receipt = browser.click(page, "Download the receipt (for computers)")
        key = PatientBrowser().get(self.origin + "/portal/verifier")
        self.assertEqual(key.body, browser.click(page, "Download our public key (for computers)").body)
        ran = self.here.consultd("receipt", "verify", self.here.write("receipt.json", receipt.body), "--key",
                                 self.here.write("portal.pub", key.body))
        self.assertEqual(ran.code, 0, ran.err)

    def test_why_a_sign_in_failed_is_said_to_whom_it_helps(self):
        for word, heading in (("server_error", "The sign-in of General Hospital does not work now"),
                              ("invalid_scope", "We cannot use the sign-in of General Hospital"),
                              ("unauthorized_client", "We cannot use the sign-in of General Hospital")):
            with self.subTest(word):
                browser = self.open_portal() if word == "server_error" else PatientBrowser()
                self.ehr.door("fault", {"name": "sign-in-error", "argument": word, "count": 1})
                page = browser.click(self.to_hand_off(browser), "Go to the sign-in")
                self.assertEqual(page.heading, heading)
                self.assertIn("sign-in-failed", self.daemon.log())
        self.ehr.door("fault", {"name": "forget-client", "count": 1})
        page = self.sign_in(browser, self.to_hand_off(browser))
        self.assertEqual(page.heading, "We cannot use the sign-in of General Hospital")

    def test_a_hospital_that_hangs_keeps_nobody_from_a_page(self):
        browser = self.open_portal()
        visitors = [PatientBrowser() for _ in range(8)]
        pages = [self.to_hand_off(visitor) and visitor.get(self.origin + "/portal/check") for visitor in visitors]
        self.ehr.door("fault", {"name": "slow", "argument": "6000", "count": 1000})
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            waiting = [pool.submit(visitor.send, page, "/portal/check", {"agreed": "yes"})
                       for visitor, page in zip(visitors, pages)]
            time.sleep(1)
            begin = time.monotonic()
            for path in ("/portal", "/healthz", "/portal/style.css"):
                self.assertEqual(browser.request("GET", self.origin + path).status, 200, path)
            took = time.monotonic() - begin
            answers = [one.result() for one in waiting]
        self.assertLess(took, 3, "the workers were all taken")
        told = [page for page in answers if page.heading == "General Hospital is slow now"]
        self.assertGreaterEqual(len(told), 1)
        self.assertEqual({page.status for page in told}, {503})

    def test_a_hundred_empty_visits_of_one_address_keep_nobody_out(self):
        browser = self.open_portal()
        for _ in range(110):
            self.assertEqual(PatientBrowser().get(self.origin + "/portal/where").status, 200)
        self.to_hand_off(browser)


if __name__ == "__main__":
    place.main()
