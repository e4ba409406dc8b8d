"""What consultd says can be understood: each reason that it gives is explained, and a Consent that it writes is one
that it takes."""

import glob
import json
import os
import re
import unittest

import place

PATIENT = "lupus-1"
NOT_PERMITTED, USAGE = 77, 64
# Where the code names a reason: a transfer's, a gap's, a resource's.
NAMES = (r'set_reason\([^";]*"([^"]+)"', r'\.reason = "([^"]+)"', r'gaps\.(?:add|push_back)\([^;]*?, "([^"]+)"',
         r'refusal = StaticText\("([^"]+)"\)', r'withhold\([^";]*"([^"]+)"',
         r'\{\w+, (?:true|false), \w+, "([^"]+)", EX_\w+\}', r'\{"([^"]+)", EX_\w+\}')


def reasons_in_the_code():
    found = set()
    for path in glob.glob(os.path.join(place.SOURCE_DIR, "adapter", "**", "*.cpp"), recursive=True):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for pattern in NAMES:
            found.update(re.findall(pattern, text))
    gap_words = os.path.join(place.SOURCE_DIR, "adapter", "stages", "reading", "gap_words.cpp")
    with open(gap_words, encoding="utf-8") as file:
        found.update(re.findall(r'^ +\{"([^"]+)",', file.read(), re.MULTILINE))
    return found


class WordsTest(place.PlaceTest):
    def test_each_reason_that_is_given_is_explained(self):
        here = self.new_place()
        reasons = reasons_in_the_code()
        self.assertGreater(len(reasons), 30, "the patterns find them")
        for reason in sorted(reasons):
            with self.subTest(reason):
                ran = here.consultd("explain", reason)
                self.assertEqual(ran.code, 0, ran.err)
                self.assertGreater(len(ran.out.splitlines()), 2)

    def test_a_reason_with_its_detail_is_explained_and_an_unknown_one_is_not(self):
        here = self.new_place()
        self.assertTrue(here.consultd("explain", "sensitivity:SUD").out.startswith("sensitivity,"))
        self.assertEqual(here.consultd("explain", "http-502").code, 0)
        every = json.loads(here.consultd("explain", "--json").out)
        self.assertIn("identity", [row["reason"] for row in every])
        unknown = here.consultd("explain", "sunshine")
        self.assertEqual((unknown.code, unknown.out), (USAGE, ""))

    def new_consent(self, here, *options):
        return here.consultd("consent", "new", "--config", here.config_file, "--destination", "center", "--patient",
                             PATIENT, *options)

    def test_a_new_consent_lets_the_record_go_to_whom_it_names_and_to_nobody_else(self):
        here = self.new_place()

        def two_destinations(settings):
            other = dict(settings["destinations"]["center"], name="Elsewhere",
                         organization=dict(place.RECIPIENT, value="1000000000"))
            settings["destinations"]["elsewhere"] = other
        here.configure(change=two_destinations)
        made = self.new_consent(here, "--until", "2099-12-31", "--withhold", "MH,SUD")
        self.assertEqual(made.code, 0, made.err)
        agreed = here.write("agreed.json", made.out)
        record = os.path.join(place.PATIENTS, "lupus.json")
        for destination, code in (("center", 0), ("elsewhere", NOT_PERMITTED)):
            with self.subTest(destination):
                ran = here.consultd("prepare", "--config", here.config_file, "--destination", destination, "--consent",
                                    agreed, "-o", here.file(destination), record)
                self.assertEqual(ran.code, code, ran.err)
        self.assertEqual(here.consultd("validate", agreed).code, 0)

    def test_a_consent_that_cannot_hold_is_not_written(self):
        here = self.new_place()
        here.configure()
        for options in (("--until", "2020-01-01"), ("--until", "soon"), ("--until", "2099"),
                        ("--until", "2099-12-31", "--withhold", "SUNSHINE")):
            with self.subTest(options):
                ran = self.new_consent(here, *options)
                self.assertEqual((ran.code, ran.out), (USAGE, ""), ran.err)

    def test_a_rotated_state_key_seals_from_the_next_start_on_and_the_old_one_still_opens(self):
        here = self.new_place()
        here.configure()
        with open(here.file("state.key"), encoding="utf-8") as file:
            old = file.read()
        self.assertEqual(here.consultd("keys", "rotate", "--config", here.config_file).code, 0)
        with open(here.file("state.key"), encoding="utf-8") as file:
            new = file.read()
        self.assertTrue(new.startswith(old))
        self.assertEqual(len(new.split()), len(old.split()) + 1)
        self.assertEqual(os.stat(here.file("state.key")).st_mode & 0o777, 0o600)


if __name__ == "__main__":
    place.main()
