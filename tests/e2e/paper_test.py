#!/usr/bin/env python3
"""The packet on paper: who gets it by post, or prints it for the visit, holds the whole record, and can carry it."""

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


class PaperTest(unittest.TestCase):
    def test_the_whole_of_2000_resources_is_at_most_20_pages(self):
        with tempfile.TemporaryDirectory() as folder:
            out = prepare(folder, record())
            pdf = printed(os.path.join(out, "packet.html"), os.path.join(folder, "packet.pdf"))
            pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
            self.assertGreater(pages, 5)
            self.assertLessEqual(pages, PAGES_MOST)


if __name__ == "__main__":
    unittest.main()
