#!/usr/bin/env python3
"""Every number and every date on the page is in the record. By a reader that knows JSON and the page's own counts, and
nothing else of ours: what it does not find there was made up, or distorted."""

import base64
import html
import json
import os
import re
import subprocess
import tempfile
import unittest

from place import PATIENTS, consent, program
from prepared import AS_OF

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
A_DATE = re.compile(r"(?:(\d{1,2}) )?(" + "|".join(MONTHS) + r") (\d{4})")
A_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?!\w)")
# What the page counts itself.
OURS = re.compile(r"\b\d+ (values?|earlier|more|times?|records?|reports?|entries|entry|medicines?|problems?|"
                  r"procedures?|documents?|doses?|visits?|relatives?|pages?|KiB|years?|of them|letters|others?)\b")
# Not of the record: what is missing and how old it is, the receipt, the letter, drawings, styles, files.
OF_THE_PAGE = [r"<div><h2>What is missing.*?(?=<p class=\"receipt\">)", r'<p class="receipt">.*?</p>',
               r'<section id="ask".*?</section>', r"<(style|title|script|svg)\b.*?</\1>", r'<a class="s".*?</a>',
               r'href="data:[^"]*"']


def texts_of(value):
    """Every text and number of a JSON value, as it is written; that of base64 too."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from texts_of(inner)
            if name == "data" and isinstance(inner, str):
                try:
                    yield base64.b64decode(inner).decode("utf-8", "ignore")
                except ValueError:
                    pass
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)
    elif isinstance(value, str):
        yield value


def lines_of(page):
    body = page[page.index("<main"):page.index('id="src"')]
    for pattern in OF_THE_PAGE:
        body = re.sub(pattern, " ", body, flags=re.S)
    body = re.sub(r"</(p|li|td|th|div|dt|dd|h\d|summary)>", "\n", body)
    for line in html.unescape(re.sub(r"<[^>]*>", " ", body)).split("\n"):
        yield " ".join(line.replace("\u00a0", " ").split())


def not_found(page, said):
    """What the page shows and the record does not say; how much was looked for."""
    missing, looked_for = [], 0
    for line in lines_of(page):
        for day, month, year in A_DATE.findall(line):
            looked_for += 1
            date = f"{year}-{MONTHS.index(month) + 1:02}" + (f"-{int(day):02}" if day else "")
            if date not in said:
                missing.append(f"{day} {month} {year}: {line}")
        for number in A_NUMBER.findall(OURS.sub(" ", A_DATE.sub(" ", line))):
            looked_for += 1
            if not re.search(r"(?<![\d.])" + re.escape(number) + r"(?!\d)(?!\.\d)", said):
                missing.append(f"{number}: {line}")
    return missing, looked_for


def records():
    """(file, specialty) of each record there is."""
    yield from ((os.path.join(PATIENTS, name), specialty) for name, specialty in [
        ("melanoma.json", "melanoma"), ("marrow.json", "aml-mds"), ("lupus.json", "rheumatology")])
    data = os.path.join(os.environ.get("CONSULTD_DATA", "/nothing"), "synthea-r4")
    if os.path.isdir(data):
        yield from ((os.path.join(data, name), "cardiology") for name in sorted(os.listdir(data))
                    if name.endswith(".json") and "referenced" not in name)


class FoundTest(unittest.TestCase):
    def page_of(self, folder, file, specialty):
        with open(file, encoding="utf-8") as record:
            entries = json.load(record)["entry"]
        patient = next(one["resource"]["id"] for one in entries if one["resource"]["resourceType"] == "Patient")
        agreed = consent(patient)
        del agreed["provision"]["actor"]
        paper = os.path.join(folder, "consent.json")
        with open(paper, "w", encoding="utf-8") as out:
            json.dump(agreed, out)
        out = os.path.join(folder, "out")
        subprocess.run([program("consultd"), "prepare", "--consent", paper, "--specialty", specialty, "--as-of", AS_OF,
                        "-o", out, file], check=True, capture_output=True)
        with open(os.path.join(out, "packet.html"), encoding="utf-8") as page:
            with open(os.path.join(out, "bundle.json"), encoding="utf-8") as bundle:
                said = json.load(bundle, parse_float=str, parse_int=str)
                return page.read(), " ".join(texts_of(said["entry"]))

    def test_every_number_and_date_on_the_page_is_in_the_record(self):
        for file, specialty in records():
            with tempfile.TemporaryDirectory() as folder, self.subTest(os.path.basename(file)):
                missing, looked_for = not_found(*self.page_of(folder, file, specialty))
                self.assertEqual(missing, [])
                self.assertGreater(looked_for, 100)

    def test_what_is_not_there_would_be_seen(self):
        page = '<main><p>Sodium 141 mmol/L, 3 Mar 2026</p></main><h2 id="src"></h2>'
        self.assertEqual(not_found(page, "141 2026-03-03")[0], [])
        self.assertEqual(len(not_found(page, "14.1 1410 2026-03-04")[0]), 2)


if __name__ == "__main__":
    unittest.main()
