"""A patient, alone, with a browser: from the first page to the receipt, and everything on the way that can go another
way. The hospital is the sandbox with its own sign-in."""

import json
import os
import random
import re
import shutil
import socket
import subprocess
import time
import urllib.parse

import place
from patient_browser import PatientBrowser

PATIENT = "mel-1"
QUESTION = "Is there another treatment for me?"


def free_port():
    """One that no server of another test is given meanwhile: not of those that the system hands out by itself
    (ip_local_port_range begins at 32768)."""
    for _ in range(100):
        port = random.randrange(20000, 32000)
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise AssertionError("no port is free")


class Portal(place.PlaceTest):
    """A portal with a hospital where patients sign in, and what a patient does there."""

    def open_portal(self, *ehr_options, secret="", change=None):
        """`change`: of the settings, once all else is made."""
        here = self.here = self.new_place()
        self.origin = f"http://127.0.0.1:{free_port()}"
        app = ",".join(["portal", self.origin + "/portal/callback"] + ([secret] if secret else []))
        self.ehr = place.Sandbox(here.folder, "ehr", [
            "--role", "ehr", "--app", app, "--data", os.path.join(place.PATIENTS, "melanoma.json"),
            "--data", os.path.join(place.PATIENTS, "lupus.json"), *ehr_options])
        here.processes.append(self.ehr)
        self.receiver = here.sandbox("receiver", "receiver")

        def as_patient(settings):
            auth = {"type": "smart-patient", "clientId": "portal"}
            if secret:
                auth["clientSecretFile"] = here.write("portal.secret", secret)
            settings["sources"]["general"]["auth"] = auth
            settings["listen"].update(port=int(self.origin.rsplit(":", 1)[1]), publicUrl=self.origin)
            settings["destinations"]["center"]["follow"] = {"every": "1s"}
            settings["portal"] = {"runBy": "The patient office", "help": "555 0100"}
            if change:
                change(settings)
        here.configure(self.ehr, self.receiver, as_patient)
        self.daemon = here.serve()
        return PatientBrowser()

    # ---- what a patient does

    def to_hand_off(self, browser, question=QUESTION):
        page = browser.get(self.origin + "/portal")
        page = browser.click(page, "Start now")
        page = browser.send(page, "/portal/where", {"source": "general"})
        page = browser.send(page, "/portal/to", {"destination": "center"})
        page = browser.send(page, "/portal/question", {"question": question})
        self.assertIn(question, page.text)
        page = browser.send(page, "/portal/check", {"agreed": "yes"})
        self.assertIn("sign in at General Hospital", page.heading)
        return page

    def sign_in(self, browser, page, patient=PATIENT, scopes=None, allow="yes"):
        page = browser.click(page, "Go to the sign-in")
        page = browser.send(page, "/authorize/sign-in", {"patient": patient})
        answers = {} if scopes is None else {"scope": [one for one in page.options("scope") if scopes(one)]}
        return browser.send(page, "/authorize/decide", answers, button=("allow", allow))

    def wait_for(self, browser, path, seconds=40):
        """Looks at the progress page until it leads there."""
        def there():
            page = browser.get(self.origin + "/portal/progress")
            return page if page.path.startswith(path) else None
        try:
            return place.wait_until(there, seconds, "the portal leads to " + path)
        except AssertionError as late:
            page = browser.get(self.origin + "/portal/progress")
            raise AssertionError(f"{late}: {page.path} {page.heading}\n{self.daemon.log()[-3000:]}") from late

    def to_choice(self, browser, **how):
        self.sign_in(browser, self.to_hand_off(browser), **how)
        return self.wait_for(browser, "/portal/choose")

    def to_preview(self, browser, page, groups=None, private=()):
        browser.send(page, "/portal/choose", {"group": groups or page.options("group"), "private": list(private)})
        return self.wait_for(browser, "/portal/preview")

    def to_receipt(self, browser):
        browser.send(self.to_preview(browser, self.to_choice(browser)), "/portal/send")
        return self.wait_for(browser, "/portal/receipt")

    def transfers(self):
        return json.loads(self.here.consultd("status", "--config", self.here.config_file, "--json").out)

    def assert_nothing_left(self):
        self.assertEqual(self.receiver.received(), [])


class PortalTest(Portal):
    # ---- the journey

    def test_from_the_first_page_to_the_receipt(self):
        browser = self.open_portal()
        page = self.to_choice(browser)
        self.assertIn("Maribel", page.text)
        self.assertEqual([one for form in page.forms for one in form["options"] if one[2]], [], "nothing is ticked")
        self.assertIn("diagnoses", page.options("group"))
        self.assertIn("mental", page.options("private"))
        page = self.to_preview(browser, page, [one for one in page.options("group") if one != "medicines"])
        goes, stays = page.text.split("You did not tick these groups", 1)
        self.assertNotIn("Medicines", goes)
        self.assertIn("Medicines", stays)
        self.assert_nothing_left()
        shown = browser.request("GET", self.origin + "/portal/packet")
        self.assertIn(QUESTION, shown.body)
        self.assertIn("sandbox", shown.headers["Content-Security-Policy"])
        self.assertIn("<title>Second opinion</title>", shown.body, "a title stands in the browser's history")
        browser.send(page, "/portal/send")
        page = self.wait_for(browser, "/portal/receipt")
        self.assertIn("Your records have been sent", page.text)
        [transfer] = self.transfers()
        self.assert_one_copy(self.receiver, transfer["transfer"])
        self.assertNotIn("MedicationRequest", self.receiver.counts())
        self.assert_audited_once(self.here, transfer["transfer"])
        self.proven(browser, page)
        self.said_in_the_log(transfer["transfer"])
        self.assertEqual(browser.get(self.origin + "/portal/progress").path, page.path)

    def proven(self, browser, page):
        receipt = browser.click(page, "Download the receipt (for computers)")
        self.assertIn("attachment", receipt.headers["Content-Disposition"])
        ran = self.here.consultd("receipt", "verify", self.here.write("receipt.json", receipt.body), "--key",
                                 self.here.file("audit.key.pub"))
        self.assertEqual(ran.code, 0, ran.err)
        self.proven_on_paper(page)

    def proven_on_paper(self, page):
        """The code on the page, read by a program that others made, is the whole receipt."""
        if not shutil.which("zbarimg"):
            return
        drawing = re.search(r'<svg class="qr".*?viewBox="0 0 (\d+) (\d+)">.*?<path d="([^"]*)"', page.body)
        size = int(drawing[1])
        dark = {(x, int(row)) for begin, row, end in re.findall(r"M(\d+) (\d+)H(\d+)v1", drawing[3])
                for x in range(int(begin), int(end))}
        lines = [" ".join("0" if (x // 4, y // 4) in dark else "1" for x in range(4 * size)) for y in range(4 * size)]
        picture = self.here.write("code.pgm", f"P2\n{4 * size} {4 * size}\n1\n" + "\n".join(lines) + "\n")
        code = subprocess.run(["zbarimg", "--raw", "-q", picture], capture_output=True, check=True).stdout
        ran = self.here.consultd("receipt", "verify", self.here.write("code.txt", code), "--key",
                                 self.here.file("audit.key.pub"))
        self.assertEqual(ran.code, 0, ran.err)

    def said_in_the_log(self, transfer):
        codes = [code for event in self.here.audit_events() if event.get("transfer") == transfer
                 for code in event["subtype"]]
        order = [codes.index(code) for code in ("order-create", "patient-choice", "patient-approval",
                                                "disclosure-intent", "disclosure-outcome")]
        self.assertEqual(order, sorted(order), codes)
        self.assertNotIn("Synthaver", self.daemon.log())
        self.assertNotIn(PATIENT, self.daemon.log())

    def test_pages_keep_nothing_and_let_nothing_in(self):
        browser = self.open_portal()
        pages = [browser.get(self.origin + "/portal"), self.to_hand_off(browser), self.to_choice(browser)]
        for page in pages:
            policy = page.headers["Content-Security-Policy"]
            self.assertIn("default-src 'none'", policy)
            self.assertIn("frame-ancestors 'none'", policy)
            self.assertNotIn("unsafe-inline", policy)
            self.assertEqual(page.body.count("<script"), page.body.count("<script src=\"/portal/portal.js\" defer>"))
            self.assertNotIn(" style=", page.body)
            self.assertEqual(page.headers["Cache-Control"], "no-store")
            self.assertIn("<title>Second opinion</title>", page.body)
        for method, url, _ in browser.visited:
            if url.startswith(self.origin) and "/callback" not in url:
                self.assertNotIn(PATIENT, url)
                self.assertNotIn("?", url, method)

    def test_both_languages_say_the_same_pages(self):
        browser = self.open_portal()
        page = browser.get(self.origin + "/portal?lang=es")
        self.assertIn("Comparta sus registros", page.text)
        page = browser.get(self.origin + "/portal/where?lang=es")
        self.assertIn("¿Dónde están sus registros?", page.heading)
        page = browser.send(page, "/portal/where", {"source": "general"})
        self.assertIn("¿Quién debe recibirlos?", page.heading)
        self.assertIn('lang="es"', page.body)

    def test_the_request_goes_by_post_where_the_hospital_takes_that(self):
        browser = self.open_portal()
        page = self.to_hand_off(browser)
        [form] = [one for one in page.forms if not one["action"].startswith("/portal")]
        self.assertEqual((form["method"], form["action"]), ("post", self.ehr.origin + "/authorize"))
        fields = dict(form["fields"])
        self.assertEqual((fields["response_type"], fields["code_challenge_method"]), ("code", "S256"))
        self.assertNotIn("csrf", fields, "nothing of our session is in it")
        self.assertIn(f"form-action 'self' {self.ehr.origin};", page.headers["Content-Security-Policy"])
        other = browser.get(self.origin + "/portal/check")
        self.assertIn("form-action 'self';", other.headers["Content-Security-Policy"])

    def test_a_client_with_a_secret_signs_in_too(self):
        browser = self.open_portal(secret="a secret: with signs")
        self.assertIn("What do you want to share?", self.to_choice(browser).heading)

    # ---- what a patient may do besides

    def test_back_double_click_and_two_tabs_send_once(self):
        browser = self.open_portal()
        tab = browser.copy()
        choice = self.to_choice(browser)
        preview = self.to_preview(browser, choice)
        # The other tab chooses anew: what this one shows is not what would go.
        again = tab.get(self.origin + "/portal/choose")
        self.to_preview(tab, again, ["diagnoses"])
        answer = browser.send(preview, "/portal/send")
        self.assertIn("What would be sent is not what you saw", answer.text)
        self.assert_nothing_left()
        fresh = tab.get(self.origin + "/portal/preview")
        browser.send(fresh, "/portal/send", follow=False)
        browser.send(fresh, "/portal/send", follow=False)
        browser.send(choice, "/portal/choose", {"group": ["tests"]}, follow=False)
        self.wait_for(browser, "/portal/receipt")
        [transfer] = self.transfers()
        self.assert_one_copy(self.receiver, transfer["transfer"])
        self.assertNotIn("Observation", self.receiver.counts())

    def test_stop_before_sending_means_that_nothing_goes(self):
        browser = self.open_portal()
        self.to_preview(browser, self.to_choice(browser))
        sharing = browser.get(self.origin + "/portal/sharing")
        asked = browser.click(sharing, "Stop sharing")
        self.assertIn("Nothing has been sent yet", asked.text)
        self.assertIn("Nothing was sent", browser.send(asked, "/portal/stop/").text)
        self.assertEqual([one["state"] for one in self.transfers()], ["withdrawn"])
        self.assertIn("It was stopped.", browser.get(self.origin + "/portal/sharing").text)
        self.assert_nothing_left()

    def test_what_is_still_held_is_deleted_at_once_where_the_patient_says_so(self):
        browser = self.open_portal()
        self.to_preview(browser, self.to_choice(browser))
        [transfer] = self.transfers()
        asked = browser.click(browser.get(self.origin + "/portal/sharing"), "Stop sharing")
        page = browser.send(asked, "/portal/stop/", {"delete": "yes"})
        self.assertIn("We hold nothing of your records any more.", page.text)
        ran = self.here.consultd("packet", transfer["transfer"], "-o", self.here.file("out"), "--config",
                                 self.here.config_file)
        self.assertNotEqual(ran.code, 0)
        page = browser.get(self.origin + "/portal/sharing")
        self.assertNotIn("Delete what you hold", page.text)
        # The log is written beside the answer.
        place.wait_until(lambda: "You had us delete what we held." in browser.click(page, "Who looked").text, 20,
                         "the deletion is in the log")

    def test_what_was_sent_and_stopped_can_be_deleted_here_later(self):
        browser = self.open_portal()
        self.to_receipt(browser)
        [transfer] = self.transfers()
        page = browser.get(self.origin + "/portal/sharing")
        self.assertNotIn("Delete what you hold", page.text, "it is not over yet")
        browser.send(browser.click(page, "Stop sharing"), "/portal/stop/")
        self.daemon.wait_for(transfer["transfer"], "withdrawn")
        page = browser.click(browser.get(self.origin + "/portal/sharing"), "Delete what you hold")
        self.assertIn("This cannot be undone.", page.text)
        self.assertIn("We hold nothing", browser.send(page, "/portal/delete/").text)
        page = browser.get(self.origin + "/portal/sharing")
        self.assertIn("It was stopped, and the clinic knows.", page.text)
        self.assertIn("Your records have been sent", browser.click(page, "Receipt").text)

    def test_what_was_sent_is_seen_and_stopped_from_another_device(self):
        browser = self.open_portal()
        preview = self.to_preview(browser, self.to_choice(browser))
        browser.send(preview, "/portal/send")
        self.wait_for(browser, "/portal/receipt")
        other = PatientBrowser()
        page = other.click(other.get(self.origin + "/portal"), "See what you share now")
        page = other.send(page, "/portal/where", {"source": "general"})
        page = self.sign_in(other, page)
        self.assertIn("It was sent and received.", page.text)
        page = other.click(page, "Stop sharing")
        self.assertIn("We cannot pull them back", page.text)
        other.send(page, "/portal/stop/")
        [transfer] = self.transfers()
        self.daemon.wait_for(transfer["transfer"], "withdrawn")
        page = other.get(self.origin + "/portal/sharing")
        self.assertIn("It was stopped, and the clinic knows.", page.text)
        self.assertIn("Cancer Center answered: it knows that you stopped.", other.click(page, "Who looked").text)

    # ---- what goes wrong

    def test_refused_scopes_are_said_and_not_shared(self):
        browser = self.open_portal()
        page = self.to_choice(browser, scopes=lambda scope: "Observation" not in scope)
        self.assertNotIn("tests", page.options("group"))
        self.assertIn("You did not let us read this at the hospital.", page.text)
        page = self.to_preview(browser, page)
        browser.send(page, "/portal/send")
        self.wait_for(browser, "/portal/receipt")
        self.assertNotIn("Observation", self.receiver.counts())

    def test_no_at_the_hospital_reads_nothing(self):
        browser = self.open_portal()
        page = self.sign_in(browser, self.to_hand_off(browser), allow="no")
        self.assertIn("You did not allow it", page.heading)
        self.assertEqual(self.transfers(), [])

    def test_another_person_sees_nothing_of_the_first(self):
        browser = self.open_portal()
        self.to_choice(browser)
        [first] = self.transfers()
        page = self.sign_in(browser, self.to_hand_off(browser, "Mine?"), patient="lupus-1")
        page = self.wait_for(browser, "/portal/choose")
        self.assertNotIn("Maribel", page.text)
        for path in ("/portal/receipt/", "/portal/stop/", "/portal/receipt-file/"):
            self.assertEqual(browser.get(self.origin + path + first["transfer"]).status, 404)
        self.assertNotIn(first["transfer"], browser.get(self.origin + "/portal/sharing").body)

    def test_answers_that_are_not_to_this_sign_in_are_not_used(self):
        browser = self.open_portal()
        mine = self.to_hand_off(browser)
        attacker = PatientBrowser()
        page = self.to_hand_off(attacker)
        link = urllib.parse.urljoin(self.origin, page.parsed.links["If nothing happens, go there by this link"])
        page = attacker.send(attacker.get(link), "/authorize/sign-in", {"patient": "lupus-1"})
        form = page.form("/authorize/decide")
        stolen = attacker.request("POST", urllib.parse.urljoin(page.url, form["action"]),
                                  attacker.encoded(form, {}, ("allow", "yes"))).headers["Location"]
        # Login CSRF and code injection: the attacker's answer in the patient's browser.
        self.assertIn("did not work", browser.get(stolen).heading)
        # Without a session at all.
        self.assertEqual(PatientBrowser().get(stolen).status, 403)
        self.assertEqual(self.transfers(), [])
        # The patient's own goes on; a second time its answer is nobody's.
        self.sign_in(browser, mine)
        self.wait_for(browser, "/portal/choose")
        [_] = self.transfers()

    def test_a_server_that_answers_wrongly_is_not_believed(self):
        for fault in ("wrong-issuer", "wrong-nonce", "no-patient", "lost-token-answer", "sign-in-error"):
            with self.subTest(fault):
                browser = self.open_portal() if fault == "wrong-issuer" else PatientBrowser()
                self.ehr.fault(fault)
                page = self.to_hand_off(browser)
                if fault == "sign-in-error":
                    page = browser.click(page, "Go to the sign-in")
                else:
                    page = self.sign_in(browser, page)
                told = {"no-patient": "We cannot use the sign-in", "lost-token-answer": "does not work now",
                        "sign-in-error": "does not work now"}
                self.assertIn(told.get(fault, "did not work"), page.heading)
                self.assertEqual(self.transfers(), [])

    def test_forms_from_elsewhere_or_without_their_secret_are_refused(self):
        browser = self.open_portal()
        page = browser.get(self.origin + "/portal/where")
        form = page.form("/portal/where")
        good = browser.encoded(form, {"source": "general"})
        for body, headers in ((good, {"Origin": "https://evil.example"}), (good, {"Origin": "null"}),
                              (good.replace("csrf=", "csrf=x"), {}), ("source=general", {}),
                              (good, {"Content-Type": "text/plain"})):
            self.assertEqual(browser.request("POST", self.origin + "/portal/where", body, headers).status, 403)
        self.assertEqual(browser.request("POST", self.origin + "/portal/where", good).status, 303)
        self.assertEqual(browser.request("POST", self.origin + "/portal/where", "a=" + "b" * 300000).status, 413)

    def test_without_a_session_nothing_is_shown(self):
        browser = self.open_portal()
        for path in ("progress", "choose", "preview", "packet", "sharing", "callback?code=a&state=b", "hand-off"):
            page = browser.get(f"{self.origin}/portal/{path}")
            self.assertEqual(page.status, 403, path)
            self.assertIn("signed out", page.heading)
        signed_in = PatientBrowser()
        self.to_choice(signed_in)
        old = dict(signed_in.jars[self.origin])
        signed_in.send(signed_in.get(self.origin + "/portal/sharing"), "/portal/leave")
        signed_in.jars[self.origin] = old
        self.assertEqual(signed_in.get(self.origin + "/portal/choose").status, 403)

    def test_a_sign_in_that_dies_while_reading_is_renewed_by_itself(self):
        browser = self.open_portal()
        self.ehr.fault("token-dies")
        self.assertIn("What do you want to share?", self.to_choice(browser).heading)

    def test_a_lost_refresh_answer_asks_the_patient_once_more(self):
        browser = self.open_portal()
        self.ehr.fault("token-dies")
        hand_off = self.to_hand_off(browser)
        page = browser.click(hand_off, "Go to the sign-in")
        page = browser.send(page, "/authorize/sign-in", {"patient": PATIENT})
        location = browser.send(page, "/authorize/decide", button=("allow", "yes"), follow=False)
        # The code's own answer comes; the one after it, of the refresh, is lost.
        self.ehr.fault("lost-refresh-answer")
        browser.follow(location)

        def again():
            page = browser.get(self.origin + "/portal/progress")
            return page if "once more" in page.heading else None
        page = place.wait_until(again, 90, "the patient is asked to sign in again")
        page = browser.send(page, "/portal/again")
        self.sign_in(browser, page)
        self.wait_for(browser, "/portal/choose")
        [_] = self.transfers()

    def test_a_hospital_that_is_down_is_said_before_anything_is_asked(self):
        browser = self.open_portal()
        page = browser.get(self.origin + "/portal/where")
        page = browser.send(page, "/portal/where", {"source": "general"})
        page = browser.send(page, "/portal/to", {"destination": "center"})
        page = browser.send(page, "/portal/question", {"question": QUESTION})
        self.ehr.stop()
        page = browser.send(page, "/portal/check", {"agreed": "yes"})
        self.assertEqual(page.status, 503)
        self.assertIn("is not answering now", page.heading)
        self.assertEqual(self.transfers(), [])

    def test_no_operator_can_let_go_what_its_patient_has_not_seen(self):
        browser = self.open_portal()
        self.to_choice(browser)
        [transfer] = self.transfers()
        self.here.consultd("retry", "--config", self.here.config_file, transfer["transfer"])
        time.sleep(2)
        self.wait_for(browser, "/portal/choose")
        self.to_preview(browser, browser.get(self.origin + "/portal/choose"))
        self.here.consultd("retry", "--config", self.here.config_file, transfer["transfer"])
        time.sleep(2)
        self.wait_for(browser, "/portal/preview")
        self.assert_nothing_left()


if __name__ == "__main__":
    place.main()
