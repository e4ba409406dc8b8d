"""Finding a hospital in a published list, in a real browser: wide and on a telephone, with the keyboard, in both
languages; each page before axe-core. Without scripts: tests/e2e/directory_test.py."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))

import axe  # noqa: E402
import directory_test  # noqa: E402
import place  # noqa: E402
import portal_browser_test  # noqa: E402


class Finding(directory_test.Directory, portal_browser_test.Checked):
    def browse(self, width):
        self.seen = set()
        self.open_list()
        self.width, self.shots = width, 0
        self.browser = portal_browser_test.Chromium(width)
        self.addCleanup(self.browser.close)

    def look_for_in_page(self, text):
        look = self.browser.look
        look("document.querySelector('#find').focus(); document.querySelector('#find').select(); window.left = true")
        self.browser.write(text)
        self.browser.enter()
        self.browser.wait_for("window.left === undefined && document.readyState === 'complete'")
        self.at("/portal/where")

    def names(self):
        return self.browser.look("[...document.querySelectorAll('.opt b')].map(one => one.textContent)")


@axe.HAS_AXE
class DirectoryBrowserTest(Finding):
    def walk(self, language):
        self.go("/portal?lang=" + language)
        self.go("/portal/where?lang=" + language)
        self.look_for_in_page("zanzibar")
        self.assertEqual(self.names(), [])
        self.look_for_in_page("lakesid hopsital")
        self.assertEqual(self.names()[0], "Lakeside Children’s Hospital")
        self.look_for_in_page("st marys portland")
        self.assertEqual(len(self.names()), 2)
        self.look_for_in_page("harbr eye")
        self.assertEqual(self.names(), ["Harbor Eye Clinic"])
        self.send("/portal/where", source="*")
        self.at("/portal/to")
        self.send("/portal/to", destination="center")
        self.send("/portal/question", question="Why?")
        self.send("/portal/check", agreed="yes")
        self.at("/portal/hand-off")
        self.go("/portal/where")
        self.assertEqual(self.names(), ["Harbor Eye Clinic"], "what was looked for is still there")

    def test_wide_in_english(self):
        self.browse(1280)
        self.walk("en")

    def test_on_a_telephone_in_spanish(self):
        self.browse(360)
        self.walk("es")


if __name__ == "__main__":
    place.main()
