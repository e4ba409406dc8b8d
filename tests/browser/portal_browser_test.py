"""The patient's journey in a real browser: wide and on a telephone, by the keyboard alone and without scripts. Skipped,
and said so, where no Chromium is installed. CONSULTD_SHOTS names a folder for a picture of each page."""

import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))

import place  # noqa: E402
import portal_test  # noqa: E402
from chromium import Chromium, program  # noqa: E402

SHOTS = os.environ.get("CONSULTD_SHOTS", "")


@unittest.skipUnless(program(), "no Chromium is installed here: apt-get install chromium")
class PortalBrowserTest(portal_test.Portal):
    def browse(self, width, **how):
        self.open_portal()
        self.width, self.shots = width, 0
        self.browser = Chromium(width, **how)
        self.addCleanup(self.browser.close)

    def at(self, path, seconds=90):
        self.browser.wait_for(f"location.pathname.startsWith('{path}') && document.readyState === 'complete'", seconds)
        self.check_page()

    def check_page(self):
        """What holds on each page of ours, whatever it is about."""
        look = self.browser.look
        if SHOTS:
            self.shots += 1
            os.makedirs(SHOTS, exist_ok=True)
            name = look("location.pathname").strip("/").replace("/", "-")[:30]
            self.browser.shot(os.path.join(SHOTS, f"{self.width}-{self.shots:02d}-{name}.png"))
        if not look("location.pathname").startswith("/portal"):
            return
        where = look("location.pathname")
        self.assertLessEqual(look("document.documentElement.scrollWidth"), self.width, where + " is too wide")
        self.assertEqual(look("document.querySelectorAll('h1').length"), 1, where)
        self.assertTrue(look("document.documentElement.lang"), where)
        self.assertEqual(look("document.querySelectorAll('script').length"), 0, where)
        unnamed = """[...document.querySelectorAll('input:not([type=hidden]),textarea')].filter(
            one => !one.labels || one.labels.length === 0).length"""
        self.assertEqual(look(unnamed), 0, where + " has a field without a label")
        small = """[...document.querySelectorAll('.btn,.opt,.back,.top a')].filter(
            one => one.getBoundingClientRect().height < 43.5).map(one => one.textContent)"""
        self.assertEqual(look(small), [], where + " has targets too small for a finger")
        twice = """(ids => ids.length - new Set(ids).size)([...document.querySelectorAll('[id]')].map(one => one.id))"""
        self.assertEqual(look(twice), 0, where)

    # By the keyboard alone.
    def focus(self, condition, tabs_max=80):
        for _ in range(tabs_max):
            self.browser.tab()
            if self.browser.look(f"(one => one && one !== document.body && ({condition}))(document.activeElement)"):
                ring = self.browser.look("getComputedStyle(document.activeElement).outlineStyle")
                self.assertNotEqual(ring, "none", "the focus is not to be seen")
                return
        raise AssertionError(f"no key leads to {condition}: {self.browser.look('document.body.innerText')}")

    def press(self, text):
        self.focus(f"['A','BUTTON'].includes(one.tagName) && one.textContent.trim() === '{text}'")
        self.browser.enter()

    def tick(self, name, value=None):
        self.focus(f"one.name === '{name}'" + (f" && one.value === '{value}'" if value else ""))
        self.browser.space()

    def journey(self):
        self.browser.go(self.origin + "/portal")
        self.at("/portal")
        self.press("Start now")
        self.at("/portal/where")
        self.tick("source")
        self.press("Continue")
        self.at("/portal/to")
        self.tick("destination")
        self.press("Continue")
        self.at("/portal/question")
        self.focus("one.name === 'question'")
        self.browser.write(portal_test.QUESTION)
        self.press("Continue")
        self.at("/portal/check")
        self.tick("agreed")
        self.press("Confirm and go to hospital sign-in")
        self.at("/portal/hand-off")
        self.press("Go to the sign-in")
        self.at("/authorize")
        self.browser.look(f"document.querySelector('[value={portal_test.PATIENT}]').checked = true")
        self.browser.look("document.querySelector('button').click()")
        self.at("/authorize/sign-in")
        self.browser.look("document.querySelector('button[value=yes]').click()")
        self.at("/portal/choose")
        for group in self.browser.look("[...document.querySelectorAll('[name=group]')].map(one => one.value)"):
            self.tick("group", group)
        self.press("Show me what goes")
        self.at("/portal/preview")
        self.press("Send now")
        self.at("/portal/receipt")
        self.assertIn("Your records have been sent", self.browser.look("document.body.innerText"))
        self.press("My sharing")
        self.at("/portal/sharing")
        self.press("Stop sharing")
        self.at("/portal/stop")

    def test_wide(self):
        self.browse(1280)
        self.journey()

    def test_on_a_telephone_without_scripts(self):
        self.browse(360, scripts=False)
        self.journey()

    def test_the_back_button_after_sending_sends_nothing(self):
        self.browse(360)
        self.journey()
        for _ in range(6):
            self.browser.back()
        [transfer] = self.transfers()
        self.assert_one_copy(self.receiver, transfer["transfer"])


if __name__ == "__main__":
    place.main()
