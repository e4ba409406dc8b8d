"""transfer --dry-run -o DIR: what would be sent lies in DIR, and nothing else happened anywhere."""

import json
import os
import sqlite3

import place
import record
from place import consent

CHART = os.path.join(place.PATIENTS, "melanoma.json")
PATIENT = "mel-1"
FILES = ["bundle.json", "completeness.json", "ledger.ndjson", "manifest.json", "packet.html"]
USAGE, UNAVAILABLE, LATER, NOT_PERMITTED = 64, 69, 75, 77


class DryRunTest(place.PlaceTest):
    def setUp(self):
        self.here = self.new_place()
        self.source = self.here.sandbox("ehr", "ehr", "--data", CHART)
        self.receiver = self.here.sandbox("receiver", "receiver")
        self.here.configure(self.source, self.receiver)
        self.folder = self.here.file("dry")

    def dry_run(self, agreed=None, out=True):
        return self.here.consultd(
            "transfer", "--config", self.here.config_file, "--source", "general", "--destination", "center",
            "--patient", PATIENT, "--consent", self.here.write("consent.json", agreed or consent(PATIENT)),
            "--question", "Which?", "--dry-run", "--json", *(["-o", self.folder] if out else []))

    def assert_nothing_happened(self):
        """Nothing is stored, nothing was sent, and nobody was told that anything would be."""
        self.assertEqual(self.receiver.received(), [])
        self.assertEqual(self.receiver.counts(), {})
        shown = self.here.consultd("status", "--config", self.here.config_file, "--json")
        self.assertEqual((shown.code, json.loads(shown.out)), (0, []))
        with sqlite3.connect(self.here.file("state", "consultd.db")) as database:
            for table in ("transfer", "part"):
                self.assertEqual(database.execute(f"SELECT count(*) FROM {table}").fetchone(), (0,), table)
        self.assertEqual([event for event in self.here.audit_events() if "transfer" in event], [])
        for _, _, files in os.walk(self.here.file("state", "out")):
            self.assertEqual(files, [])

    def test_writes_what_would_be_sent_and_does_nothing(self):
        ran = self.dry_run()
        self.assertEqual(ran.code, 0, ran.err)
        self.assertEqual(sorted(os.listdir(self.folder)), FILES)
        result = json.loads(ran.out)
        self.assertEqual(result["state"], "prepared")
        self.assertEqual(result["packet"], os.path.join(self.folder, "packet.html"))
        self.assertNotIn("receipt", result)
        [total] = self.assert_balanced(self.folder)["total"]
        self.assertEqual({key: total[key] for key in result["counts"]}, result["counts"])
        self.assertGreater(result["counts"]["delivered"], 100)
        self.assert_nothing_happened()

        checked = self.here.consultd("validate", os.path.join(self.folder, "bundle.json"))
        self.assertEqual(checked.code, 0, checked.out)
        # What is sent afterwards is what was shown.
        sent, told, packet = self.here.transfer(PATIENT, consent(PATIENT))
        self.assertEqual(sent.code, 0, sent.err)
        self.assertEqual((told["counts"], told["gaps"]), (result["counts"], result["gaps"]))
        sources = [{line["source"]: line["outcome"] for line in record.ledger_of(folder)["resource"]}
                   for folder in (self.folder, packet)]
        self.assertEqual(*sources)

    def test_without_a_consent_nothing_is_read_and_nothing_written(self):
        self.source.fault("http-503", -1)  # whoever reads from it gets another exit code
        ran = self.dry_run(consent(PATIENT, recipient="9999999999"))
        self.assertEqual(ran.code, NOT_PERMITTED, ran.err)
        self.assertEqual(os.listdir(self.folder), [])
        self.assert_nothing_happened()

    def test_a_source_that_is_away_leaves_nothing_behind(self):
        self.source.fault("forbid:Patient", -1)
        ran = self.dry_run()
        self.assertEqual(ran.code, NOT_PERMITTED, ran.err)
        self.assertEqual(os.listdir(self.folder), [])
        self.assert_nothing_happened()

    def test_wants_a_folder(self):
        ran = self.dry_run(out=False)
        self.assertEqual((ran.code, ran.out), (USAGE, ""), ran.err)
        self.assertFalse(os.path.exists(self.here.file("state", "consultd.db")))

    def test_beside_a_daemon_it_is_told_to_come_back_later(self):
        daemon = self.here.serve()
        ran = self.dry_run()
        self.assertEqual((ran.code, ran.out), (LATER, ""), ran.err)
        self.assertEqual(os.listdir(self.folder), [])
        self.assert_nothing_happened()
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    place.main()
