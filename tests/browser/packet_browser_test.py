"""The packet's page, and what explains it to the patient, in a real browser: wide, on a telephone and on paper, before
axe-core. Of our own samples, and of the records in CONSULTD_RECORDS, which tests/interop names."""

import glob
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))

import axe  # noqa: E402
from chromium import Chromium  # noqa: E402
from place import program  # noqa: E402

SHOTS = os.environ.get("CONSULTD_SHOTS", "")
CONSENT_OF = os.path.join(os.path.dirname(HERE), "interop", "consent.py")
CONFIG = os.path.join(os.path.dirname(HERE), "interop", "prepare.json")
RECORDS = os.environ.get("CONSULTD_RECORDS", "")


def records():
    """Name, record's files and consent of each patient."""
    for name in ("melanoma", "marrow", "lupus"):
        yield name, [os.path.join(ROOT, "samples", "patients", name + ".json")], os.path.join(
            ROOT, "samples", "consents", name + "-share-all.json")
    for file in sorted(glob.glob(os.path.join(RECORDS, "*.json"))) if RECORDS else []:
        if not file.endswith("-referenced.json"):
            others = glob.glob(file.rsplit("_", 1)[0] + "-referenced.json")
            yield os.path.basename(file).rsplit("_", 1)[0], [file, *others], None


@axe.HAS_AXE
class PacketBrowserTest(unittest.TestCase):
    def setUp(self):
        here = tempfile.TemporaryDirectory()
        self.addCleanup(here.cleanup)
        self.pages = [(name, page) for name, files, agreed in records()
                      for page in self.prepared(os.path.join(here.name, name), files, agreed)]

    @staticmethod
    def prepared(folder, files, agreed):
        if agreed is None:
            agreed = folder + "-consent.json"
            with open(agreed, "w", encoding="utf-8") as out:
                subprocess.run([sys.executable, CONSENT_OF, files[0]], check=True, stdout=out)
        subprocess.run([program("consultd"), "prepare", "--config", CONFIG, "--destination", "reader", "--explain",
                        "--consent", agreed, "--question", "What would you do next?", "-o", folder, *files],
                       check=True, capture_output=True)
        return [os.path.join(folder, "packet.html"), os.path.join(folder, "explain.html")]

    def check_all(self, width, on_paper=False):
        browser = Chromium(width)
        self.addCleanup(browser.close)
        browser.print_media(on_paper)
        for name, page in self.pages:
            with self.subTest(f"{name}, {os.path.basename(page)}, {width}"):
                browser.go("file://" + page)
                if SHOTS:
                    os.makedirs(SHOTS, exist_ok=True)
                    browser.shot(os.path.join(SHOTS, f"{name}-{width}-{os.path.basename(page)}.png"))
                self.assertLessEqual(browser.look("document.documentElement.scrollWidth"), width, "too wide")
                self.assertEqual(browser.look("document.querySelectorAll('h1').length"), 1)
                self.assertEqual(axe.violations(browser), [])

    def test_wide(self):
        self.check_all(1280)

    def test_on_a_telephone(self):
        self.check_all(360)

    def test_on_paper(self):
        self.check_all(718, on_paper=True)  # A4 less its margins, in CSS pixels


if __name__ == "__main__":
    unittest.main()
