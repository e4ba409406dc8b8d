"""normalize --undo: with the ledger of what was changed, every resource that normalize handed on is again what it was,
value for value and digit for digit."""

import glob
import json
import os
import unittest

import place
import record

AS_OF = "2026-06-01T12:00:00Z"
BAD_DATA, NO_INPUT = 65, 66


def synthea_files():
    return sorted(glob.glob(os.path.join(place.DATA_DIR, "synthea-r4", "*.json")))


def by_source(file):
    """Every resource of a Bundle by Type/id, its numbers as they are written; the fullUrl names what has no id."""
    found = {}
    for entry in record.load(file, numbers_as_text=True)["entry"]:
        resource = entry["resource"]
        key = f"{resource['resourceType']}/{resource['id']}" if "id" in resource else entry["fullUrl"]
        assert key not in found, key
        found[key] = resource
    return found


class UndoTest(place.PlaceTest):
    def setUp(self):
        self.here = self.new_place()

    def normalize(self, *arguments):
        """What it printed, as a file."""
        ran = self.here.consultd("normalize", "--as-of", AS_OF, *arguments)
        self.assertEqual(ran.code, 0, ran.err)
        return self.here.write("printed.json", ran.out)

    def assert_undone(self, file):
        ledger = self.here.file("ledger.ndjson")
        normal = self.here.write("normal.json", record.read_text(self.normalize("--ledger", ledger, file)))
        lines = record.ledger_of(self.here.folder)
        before, after = by_source(file), by_source(normal)
        self.assertGreater(len(lines["change"]), 0)
        self.assertNotEqual([before.get(source) for source in after], list(after.values()), "nothing was changed")

        undone = by_source(self.normalize("--undo", ledger, normal))
        # What was folded into another is there again too.
        back = {line["source"] for line in lines["resource"] if line["outcome"] in ("delivered", "merged")}
        self.assertEqual(set(undone), back)
        for source in sorted(back):
            self.assertEqual(undone[source], before[source], source)
        # What is not there again is in the ledger, with where it went.
        for line in lines["resource"]:
            self.assertIn(line["outcome"], ("delivered", "merged", "rejected"), line)
        self.assertEqual({line["source"] for line in lines["resource"]}, set(before))

    def test_each_sample_is_again_what_it_was(self):
        for file in sorted(glob.glob(os.path.join(place.PATIENTS, "*.json"))):
            with self.subTest(os.path.basename(file)):
                self.assert_undone(file)

    def test_what_entries_were_called_and_what_was_merged_is_back_too(self):
        base = "https://e.example/fhir/"
        observation = {"resourceType": "Observation", "status": "final", "code": {"text": "Hb"},
                       "subject": {"reference": "Patient/p"}, "effectiveDateTime": "2024-01-02"}
        entries = [{"fullUrl": base + "Patient/p", "resource": {"resourceType": "Patient", "id": "p"}},
                   {"fullUrl": base + "Observation/a", "resource": dict(observation, id="a")},
                   {"fullUrl": base + "Observation/b", "resource": dict(observation, id="b")},
                   {"fullUrl": "urn:uuid:1691dac6-9e84-4767-8b4f-7b151539d755",
                    "resource": {"resourceType": "Condition", "subject": {"reference": "Patient/p"}}}]
        file = self.here.write("entries.json", json.dumps({"resourceType": "Bundle", "type": "collection",
                                                           "entry": entries}))
        ledger = self.here.file("ledger.ndjson")
        normal = self.here.write("normal.json", record.read_text(self.normalize("--ledger", ledger, file)))
        self.assertEqual(len(record.load(normal)["entry"]), 3)
        undone = record.load(self.normalize("--undo", ledger, normal))["entry"]
        self.assertCountEqual(undone, entries)

    @unittest.skipUnless(place.DATA_DIR, "CONSULTD_DATA is not set: the Synthea patients are not undone")
    def test_each_synthea_patient_is_again_what_it_was(self):
        files = synthea_files()
        self.assertGreater(len(files), 1)
        for file in files:
            with self.subTest(os.path.basename(file)):
                self.assert_undone(file)

    def test_a_ledger_that_is_not_there_or_not_whole_is_refused(self):
        ledger = self.here.file("ledger.ndjson")
        normal = self.normalize("--ledger", ledger, os.path.join(place.PATIENTS, "lupus.json"))
        ran = self.here.consultd("normalize", "--undo", self.here.file("none"), normal)
        self.assertEqual((ran.code, ran.out), (NO_INPUT, ""), ran.err)
        cut = self.here.write("cut.ndjson", record.read_text(ledger)[:-20])
        ran = self.here.consultd("normalize", "--undo", cut, normal)
        self.assertEqual((ran.code, ran.out), (BAD_DATA, ""), ran.err)

    def test_a_ledger_of_another_record_is_refused(self):
        ledger, other = self.here.file("ledger.ndjson"), self.here.file("other.ndjson")
        normal = self.here.write("normal.json", record.read_text(
            self.normalize("--ledger", ledger, os.path.join(place.PATIENTS, "lupus.json"))))
        self.normalize("--ledger", other, os.path.join(place.PATIENTS, "marrow.json"))
        for file in (other, self.here.write("none.ndjson", '{"line":"total","pulled":0}\n')):
            ran = self.here.consultd("normalize", "--undo", file, normal)
            self.assertEqual((ran.code, ran.out), (BAD_DATA, ""), ran.err)
            self.assertIn("any of these resources", ran.err)


if __name__ == "__main__":
    place.main()
