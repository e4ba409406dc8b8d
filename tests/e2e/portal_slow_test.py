"""A hospital that takes a visitor's request and never answers keeps nobody else from the portal."""

import socket
import threading

import place
import portal_test
from patient_browser import PatientBrowser

VISITORS = 10


class PortalSlowTest(portal_test.Portal):
    def open_silent(self):
        silent = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.addCleanup(silent.close)

        def beside(settings):
            settings["sources"]["silent"] = dict(
                settings["sources"]["general"], name="Silent Hospital",
                fhirBaseUrl=f"http://127.0.0.1:{silent.getsockname()[1]}/fhir")
        self.open_portal(change=beside)

    def to_check(self, browser):
        page = browser.click(browser.get(self.origin + "/portal"), "Start now")
        page = browser.send(page, "/portal/where", {"source": "silent"})
        page = browser.send(page, "/portal/to", {"destination": "center"})
        return browser.send(page, "/portal/question", {"question": ""})

    def test_everybody_else_is_answered_while_it_is_waited_for(self):
        self.open_silent()
        visitors = [PatientBrowser() for _ in range(VISITORS)]
        checks = [self.to_check(one) for one in visitors]
        told, lock = [], threading.Lock()

        def ask(browser, page):
            answer = browser.send(page, "/portal/check", {"agreed": "yes"})
            with lock:
                told.append(answer)
        threads = [threading.Thread(target=ask, args=pair, daemon=True) for pair in zip(visitors, checks)]
        for one in threads:
            one.start()
        place.wait_until(lambda: len(told) >= VISITORS - 2, 60, "those who have no turn are told")
        later = [one for one in told if "Silent Hospital is slow now" in one.text]
        self.assertGreaterEqual(len(later), VISITORS - 2, [one.heading for one in told])
        for one in later:
            self.assertEqual((one.status, one.headers["Retry-After"]), (503, "3"))
        self.assertTrue(any(one.is_alive() for one in threads), "nobody waits for it any more")
        self.assertEqual(place.ask(f"http://127.0.0.1:{self.daemon.port()}/healthz")[0], 200)
        self.assertEqual(PatientBrowser().get(self.origin + "/portal").status, 200)
        for one in threads:
            one.join(60)

    def test_one_session_holds_no_more_than_a_few_requests(self):
        self.open_silent()
        browser = PatientBrowser()
        page = self.to_check(browser)
        told, lock = [], threading.Lock()

        def ask():
            answer = browser.copy().send(page, "/portal/check", {"agreed": "yes"}, follow=False)
            with lock:
                told.append(answer)
        threads = [threading.Thread(target=ask, daemon=True) for _ in range(VISITORS)]
        for one in threads:
            one.start()
        place.wait_until(lambda: len(told) >= VISITORS - 3, 60, "who comes on top is told")
        self.assertEqual({one.status for one in told[:VISITORS - 3]}, {503})
        self.assertEqual(PatientBrowser().get(self.origin + "/portal").status, 200)
        for one in threads:
            one.join(120)


if __name__ == "__main__":
    place.main()
