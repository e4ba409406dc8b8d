#!/usr/bin/env python3
"""The packet on paper: who gets it by post, or prints it for the visit, holds the whole record, and can carry it."""

import base64
import datetime
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from prepared import prepare

PAGES_MOST = 20
LABORATORY = ["2160-0", "718-7", "6690-2", "777-3", "751-8", "787-2", "1742-6", "1920-8", "6768-6", "1975-2", "1988-5",
              "2951-2", "2823-3", "2075-0", "2028-9", "17861-6", "2345-7", "3094-0", "1751-7", "2885-2", "3084-1",
              "2532-0"]
VITAL = ["29463-7", "8302-2", "8867-4", "9279-1"]


def day(number):
    return (datetime.date(2015, 1, 5) + datetime.timedelta(days=number)).isoformat()


def observations(codes, category, times, every):
    for number in range(times):
        for place, code in enumerate(codes):
            yield {"resourceType": "Observation", "status": "final", "category": [{"coding": [{"code": category}]}],
                   "code": {"coding": [{"system": "http://loinc.org", "code": code}], "text": f"Analyte {code}"},
                   "effectiveDateTime": day(number * every) + "T07:30:00Z",
                   "valueQuantity": {"value": round(3 + place + number / 100, 2), "unit": "mmol/L"}}


def record():
    """2,000 resources of twelve years, in the proportions that records have."""
    out = [*observations(LABORATORY, "laboratory", 65, 60), *observations(VITAL, "vital-signs", 65, 60)]
    for number in range(160):
        out.append({"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"},
                    "type": [{"text": f"Visit for problem {number % 12}"}], "period": {"start": day(number * 25)}})
    for number in range(50):
        out.append({"resourceType": "MedicationRequest", "status": "completed", "intent": "order",
                    "medicationCodeableConcept": {"text": f"Medicine {number % 25} 10 mg tablet"},
                    "authoredOn": day(number * 80), "dosageInstruction": [{"text": "1 tablet a day"}]})
        out.append({"resourceType": "Procedure", "status": "completed", "code": {"text": f"Procedure {number % 20}"},
                    "performedDateTime": day(number * 80)})
    for number in range(30):
        out.append({"resourceType": "Condition", "code": {"text": f"Problem {number}"},
                    "onsetDateTime": day(number * 90)})
    while len(out) < 2000:
        out.append({"resourceType": "Immunization", "status": "completed", "vaccineCode": {"text": "Influenza"},
                    "occurrenceDateTime": day(len(out))})
    for number, one in enumerate(out):
        subject = "patient" if one["resourceType"] == "Immunization" else "subject"
        one.update({"id": f"r{number}", subject: {"reference": "Patient/p"}})
    return out


def printed(page, pdf):
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        raise unittest.SkipTest("there is no Chromium to print with")
    subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
                    "--print-to-pdf=" + pdf, "file://" + page], check=True, capture_output=True, timeout=300)
    with open(pdf, "rb") as file:
        return file.read()


def letters(count):
    """Notes of two pages each, as many hospitals have them, each with a last word of its own."""
    for number in range(count):
        text = f"Note {number}. " + "The patient was seen and is well; the plan goes on. " * 120 + f"End-{number}."
        yield {"resourceType": "DocumentReference", "id": f"n{number}", "status": "current", "date": day(number * 12) +
               "T08:00:00Z", "type": {"text": "Progress note"}, "subject": {"reference": "Patient/p"}, "content": [
                   {"attachment": {"contentType": "text/plain", "data": base64.b64encode(text.encode()).decode()}}]}


def pages_of(pdf):
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


class PaperTest(unittest.TestCase):
    def test_the_whole_of_2000_resources_is_at_most_20_pages(self):
        with tempfile.TemporaryDirectory() as folder:
            out = prepare(folder, record())
            pdf = printed(os.path.join(out, "packet.html"), os.path.join(folder, "packet.pdf"))
            self.assertGreater(pages_of(pdf), 5)
            self.assertLessEqual(pages_of(pdf), PAGES_MOST)

    def page_of(self, folder, resources):
        out = os.path.join(prepare(folder, resources), "packet.html")
        with open(out, encoding="utf-8") as file:
            return out, file.read()

    # Of long notes the beginning is printed, and that is said; on the screen none of them ends early.
    def test_many_long_notes_are_whole_on_the_screen_and_begin_on_paper(self):
        with tempfile.TemporaryDirectory() as folder:
            out, page = self.page_of(folder, record()[:1700] + list(letters(300)))
            for number in range(300):
                self.assertIn(f"End-{number}.", page)
            self.assertIn("would make this paper longer than 20 pages", page)
            pages = pages_of(printed(out, os.path.join(folder, "packet.pdf")))
            self.assertLessEqual(pages, PAGES_MOST)

    # The newest are printed whole as long as there is room; a small record loses nothing on paper.
    def test_notes_that_fit_are_printed_whole(self):
        with tempfile.TemporaryDirectory() as folder:
            _, page = self.page_of(folder, record()[:200] + list(letters(5)))
            self.assertNotIn("whole text on the screen", page)
        with tempfile.TemporaryDirectory() as folder:
            _, page = self.page_of(folder, record()[:200] + list(letters(40)))
            begun = [int(one) for one in re.findall(
                r"rep brief.*?whole text on the screen</span><div[^>]*><p[^>]*>Note (\d+)\.", page, re.S)]
            self.assertTrue(begun)
            self.assertEqual(sorted(begun), list(range(len(begun))), "the oldest begin, the newest are whole")


if __name__ == "__main__":
    unittest.main()
