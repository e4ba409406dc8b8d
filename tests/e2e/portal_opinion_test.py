"""The second opinion comes back to the patient: told, read safely, saved, taken to the first doctor, and each reading
in the audit log."""

import base64
import json
import urllib.parse

import place
import portal_test
from patient_browser import PatientBrowser

WORDS = "I have read the record and would wait."
HOSTILE = b"""<html><head><title>x</title><script>alert('run')</script></head><body onload="alert(1)">
<p>Wait three months.</p>
<img src="https://evil.example/beacon.png"><form action="https://evil.example"><input name="a"></form></body></html>"""
PDF = b"%PDF-1.4 not one that anybody can read"


class PortalOpinionTest(portal_test.Portal):
    def sent(self):
        browser = self.open_portal()
        self.to_receipt(browser)
        [transfer] = self.transfers()
        self.transfer = transfer["transfer"]
        return browser

    def shown_in_time(self, browser, text):
        def there():
            page = browser.get(self.origin + "/portal/sharing")
            return page if text in page.text else None
        return place.wait_until(there, 30, text)

    def test_what_does_not_come_is_said_with_what_was_done_for_it(self):
        def soon(settings):
            settings["destinations"]["center"]["follow"] = {"every": "1s", "for": "4s"}
        browser = self.open_portal(change=soon)
        self.to_receipt(browser)
        page = self.shown_in_time(browser, "No second opinion has come.")
        self.assertRegex(page.text, r"from \d+ \w+ \d{4} until \d+ \w+ \d{4}\. Please call Cancer Center and ask\.")

    def test_a_clinic_that_is_done_without_an_opinion_is_said_to_be(self):
        browser = self.sent()
        self.assertIn("We look for the second opinion again and again, until",
                      browser.get(self.origin + "/portal/sharing").text)
        self.answer()
        self.shown_in_time(browser, "Cancer Center says it is done, but gave no second opinion.")

    def answer(self, *outputs):
        [entry] = json.loads(place.ask(self.receiver.fhir_base + "/Task")[2])["entry"]
        task = dict(entry["resource"], status="completed", output=[
            dict({"type": {"text": "opinion"}}, **output) for output in outputs])
        status, _, text = place.ask(f"{self.receiver.fhir_base}/Task/{task['id']}", "PUT", json.dumps(task).encode(),
                                    {"Content-Type": "application/fhir+json"})
        self.assertEqual(status, 200, text)

    def told(self, browser):
        def there():
            page = browser.get(self.origin + "/portal/sharing")
            return page if "Your second opinion has come." in page.text else None
        return place.wait_until(there, 30, "the patient is told")

    def readings(self):
        return [event for event in self.here.audit_events()
                if event.get("transfer") == self.transfer and "opinion-read" in event["subtype"]]

    def attachment(self, content_type, data):
        return {"valueAttachment": {"contentType": content_type, "data": base64.b64encode(data).decode()}}

    def test_it_is_told_and_read_and_each_reading_is_in_the_log(self):
        browser = self.sent()
        self.assertEqual(browser.get(f"{self.origin}/portal/opinion/{self.transfer}").status, 404)
        self.answer({"valueString": WORDS})
        page = self.told(browser)
        self.assertEqual(self.readings(), [])
        page = browser.click(page, "Read it")
        self.assertIn(WORDS, page.text)
        self.assertIn("From Cancer Center", page.text)
        self.assertIn("We have not sent it to General Hospital", page.text)
        self.assertEqual(len(self.readings()), 1)
        page = browser.click(page, "Make a letter for them")
        self.assertIn("To my doctor at General Hospital", page.text)
        self.assertIn("Maribel", page.text)
        self.assertIn(WORDS, page.text)
        self.assertEqual(len(self.readings()), 2)
        self.assertNotIn(WORDS, self.daemon.log())

    def test_what_comes_back_can_do_nothing_in_the_browser(self):
        browser = self.sent()
        self.answer(self.attachment("text/html", HOSTILE), self.attachment("application/pdf", PDF))
        page = browser.click(self.told(browser), "Read it")
        self.assertIn("Wait three months.", page.text)
        self.assertIn("We cannot show this file here.", page.text)
        for theirs in ("alert(", "evil.example", "onload", "<img", "<iframe"):
            self.assertNotIn(theirs, page.body)
        self.assertNotIn("unsafe", page.headers["Content-Security-Policy"])
        saved = [self.save(browser, page, form) for form in page.forms if "opinion-file" in form["action"]]
        self.assertEqual([one.body.encode() for one in saved], [HOSTILE, PDF])
        for one, name in zip(saved, ("opinion-1.bin", "opinion-2.pdf")):
            self.assertEqual(one.headers["Content-Type"], "application/octet-stream")
            self.assertEqual(one.headers["X-Content-Type-Options"], "nosniff")
            self.assertEqual(one.headers["Content-Disposition"], f'attachment; filename="{name}"')

    def save(self, browser, page, form):
        return browser.request("POST", urllib.parse.urljoin(page.url, form["action"]), browser.encoded(form, {}))

    def test_an_amended_one_stands_before_the_earlier(self):
        browser = self.sent()
        self.answer({"valueString": WORDS})
        self.told(browser)
        self.answer({"valueString": "On second thoughts: do not wait."})

        def both():
            page = browser.get(f"{self.origin}/portal/opinion/{self.transfer}")
            return page if "second thoughts" in page.text else None
        page = place.wait_until(both, 30, "the amended one is there")
        self.assertLess(page.text.index("second thoughts"), page.text.index("An earlier version"))
        self.assertLess(page.text.index("An earlier version"), page.text.index(WORDS))

    def test_who_looked_is_shown_out_of_the_log_and_own_views_apart(self):
        browser = self.sent()
        self.answer({"valueString": WORDS})
        browser.click(self.told(browser), "Read it")
        for command in ("packet", "opinion"):
            ran = self.here.consultd(command, "--config", self.here.config_file, self.transfer, "-o",
                                     self.here.file("out-" + command))
            self.assertEqual(ran.code, 0, ran.err)
        place.wait_until(lambda: len(self.readings()) == 2, 20, "both readings are in the log")
        page = browser.click(browser.get(self.origin + "/portal/sharing"), "Who looked")
        others, own = page.body.split("<details>")
        for said, where in (("looked at your records.", others), ("read the second opinion.", others),
                            ("Cancer Center got your records.", others), ("You read the second opinion.", own),
                            ("You chose what to share.", own), ("You saw it and sent it.", own)):
            self.assertEqual(where.count(said), 1, said)
        self.assertNotIn("You ", others.split("<ol")[1])

    def test_a_log_that_does_not_verify_is_not_shown(self):
        browser = self.sent()
        checkpoint = self.here.file("state", "audit", "checkpoint")
        with open(checkpoint, encoding="utf-8") as file:
            text = file.read()
        with open(checkpoint, "w", encoding="utf-8") as file:
            file.write(text.replace("\n", "\n1", 1))
        page = browser.get(f"{self.origin}/portal/history/{self.transfer}")
        self.assertEqual(page.status, 503)
        self.assertNotIn("got your records", page.text)

    def test_nobody_else_reads_it(self):
        browser = self.sent()
        self.answer({"valueString": WORDS})
        self.told(browser)
        other = PatientBrowser()
        self.sign_in(other, self.to_hand_off(other, "Mine?"), patient="lupus-1")
        for path in ("opinion", "letter", "history"):
            page = other.get(f"{self.origin}/portal/{path}/{self.transfer}")
            self.assertEqual(page.status, 404)
            self.assertNotIn(WORDS, page.body)
            self.assertEqual(PatientBrowser().get(f"{self.origin}/portal/{path}/{self.transfer}").status, 403)
        self.assertEqual(self.readings(), [])


if __name__ == "__main__":
    place.main()
