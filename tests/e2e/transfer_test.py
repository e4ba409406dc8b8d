"""Whole records go through the daemon and arrive whole: nothing is lost, distorted, or left pointing outside."""

import base64
import collections
import filecmp
import glob
import json
import os
import unittest

import place
import record
from place import consent

AS_OF = "2026-06-01T12:00:00Z"


def synthea_files():
    """The files of the Synthea set in the order in which they are loaded: what is referred to first."""
    folder = os.path.join(place.DATA_DIR, "synthea-r4")
    files = glob.glob(os.path.join(folder, "*.json")) + glob.glob(os.path.join(folder, "large", "*.json"))
    return sorted(files, key=lambda file: ("-referenced" not in file, file))


def resources_in(files):
    """Every resource by Type/id, its numbers as they are written."""
    found = {}
    for file in files:
        for entry in record.load(file, numbers_as_text=True)["entry"]:
            resource = entry["resource"]
            found[f"{resource['resourceType']}/{resource['id']}"] = resource
    return found


def patient_in(file):
    """The id of the patient a chart is of: the first in it."""
    return next(entry["resource"]["id"] for entry in record.load(file)["entry"]
                if entry["resource"]["resourceType"] == "Patient")


class TransferTest(place.PlaceTest):
    def move_all(self, files):
        """Loads all the files into one hospital, so that each patient's record lies among the others', and moves
        each patient through the daemon."""
        here = self.new_place()
        source = here.sandbox("ehr", "ehr", *[argument for file in files for argument in ("--data", file)])
        receiver = here.sandbox("receiver", "receiver")
        here.configure(source, receiver)
        daemon = here.serve()
        loaded = resources_in(files)
        charts = [file for file in files if "-referenced" not in file]
        for count, file in enumerate(charts, 1):
            with self.subTest(os.path.basename(file)):
                patient = patient_in(file)
                ran, result, folder = here.transfer(patient, consent(patient), out=f"packet-{count}")
                self.assertEqual(ran.code, 0, ran.err + daemon.log())
                self.assertIn("handed to the daemon", ran.err)
                self.assertEqual(result["state"], "delivered")
                self.assert_whole(here, result, folder, loaded)
                self.assert_one_copy(receiver, result["transfer"])
                self.assertEqual(receiver.counts()["Task"], count)
                self.assert_proven(here, result, folder)
        self.assertEqual(daemon.stop(), 0)
        return here

    def assert_whole(self, here, result, folder, loaded):
        ledger = self.assert_balanced(folder)
        self.assertEqual({key: ledger["total"][0][key] for key in result["counts"]}, result["counts"])
        bundle = record.load(os.path.join(folder, "bundle.json"), numbers_as_text=True)
        entries = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
        self.assertEqual(len(entries), len(bundle["entry"]), "a fullUrl is there twice")
        delivered = {line["as"]: line["source"] for line in ledger["resource"] if line["outcome"] == "delivered"}
        self.assertEqual(set(delivered) - set(entries), set(), "delivered, but not in the document")
        self.assertGreater(len(delivered), 1)
        for line in ledger["resource"]:
            if line["outcome"] == "merged":
                self.assertIn(line["into"], entries)
        self.assert_digits_kept(delivered, entries, loaded)
        self.assert_references_inside(bundle, entries)
        checked = here.consultd("validate", os.path.join(folder, "bundle.json"))
        self.assertEqual(checked.code, 0, checked.out)

    def assert_digits_kept(self, delivered, entries, loaded):
        before, after = collections.Counter(), collections.Counter()
        for url, source in delivered.items():
            # What the pull made of an attachment at another address is not in the files.
            if source in loaded:
                before += record.numbers_in(loaded[source])
                after += record.numbers_in(entries[url])
        self.assertGreater(sum(before.values()), 0)
        self.assertEqual(after - before, collections.Counter(), "numbers that the source does not have")
        self.assertEqual(before - after, collections.Counter(), "numbers that are gone")

    def assert_references_inside(self, bundle, entries):
        for entry in bundle["entry"]:
            contained = {"#" + one["id"] for one in entry["resource"].get("contained", []) if "id" in one} | {"#"}
            for value in record.every_object(entry["resource"]):
                reference = value.get("reference")
                if isinstance(reference, str):
                    self.assertTrue(reference in entries or reference in contained,
                                    f"{entry['resource']['resourceType']} refers outside: {reference}")

    def assert_proven(self, here, result, folder):
        self.assert_audited_once(here, result["transfer"])
        proof = here.consultd("receipt", "verify", os.path.join(folder, "receipt.json"), "--bundle",
                              os.path.join(folder, "bundle.json"), "--key", here.file("audit.key.pub"), "--json")
        self.assertEqual(proof.code, 0, proof.err)
        self.assertEqual(json.loads(proof.out)["transfer"], result["transfer"])

    def test_each_sample_patient_arrives_whole(self):
        self.move_all(sorted(glob.glob(os.path.join(place.PATIENTS, "*.json"))))

    @unittest.skipUnless(place.DATA_DIR, "CONSULTD_DATA is not set: the Synthea patients are not moved")
    def test_each_synthea_patient_arrives_whole(self):
        self.move_all(synthea_files())

    def test_the_same_record_and_time_give_the_same_bytes(self):
        files = sorted(glob.glob(os.path.join(place.PATIENTS, "*.json")))
        if place.DATA_DIR:
            files += [file for file in synthea_files() if "-referenced" not in file]
        here = self.new_place()
        here.configure()
        for number, file in enumerate(files):
            with self.subTest(os.path.basename(file)):
                agreed = here.write("consent.json", consent(patient_in(file)))
                folders = [here.file(f"{number}-{run}") for run in ("first", "second")]
                for folder in folders:
                    ran = here.consultd("prepare", "--config", here.config_file, "--destination", "center",
                                        "--consent", agreed, "--as-of", AS_OF, "-o", folder, file)
                    self.assertEqual(ran.code, 0, ran.err)
                names = sorted(os.listdir(folders[0]))
                self.assertEqual(names, ["bundle.json", "completeness.json", "ledger.ndjson", "manifest.json",
                                         "packet.html"])
                self.assertEqual(filecmp.cmpfiles(*folders, names, shallow=False), (names, [], []))
                self.assert_balanced(folders[0])

    def test_a_task_from_an_operator_becomes_a_delivered_record_with_its_receipt(self):
        here = self.new_place()
        source = here.sandbox("ehr", "ehr", "--data", os.path.join(place.PATIENTS, "melanoma.json"))
        receiver = here.sandbox("receiver", "receiver")
        here.configure(source, receiver)
        daemon = here.serve()
        task = place.transfer_task("mel-1", consent("mel-1"))
        self.assertEqual(daemon.ask("POST", "/fhir/Task", task, token="0" * 64)[0], 401)
        transfer = daemon.place_transfer("mel-1", consent("mel-1"))
        daemon.wait_for(transfer)
        answer = daemon.ask("GET", "/fhir/Task/" + transfer)[2]
        [receipt] = [item["valueAttachment"]["data"] for item in answer["output"]]
        proof = here.consultd("receipt", "verify", here.write("receipt.json", base64.b64decode(receipt)), "--key",
                              here.file("audit.key.pub"))
        self.assertEqual(proof.code, 0, proof.err)
        self.assert_one_copy(receiver, transfer)
        self.assertEqual(len(receiver.transactions()), 1)
        self.assert_audited_once(here, transfer)

    def test_a_patient_named_by_a_record_number_is_found_once_at_the_source(self):
        here = self.new_place()
        source = here.sandbox("ehr", "ehr", "--data", os.path.join(place.PATIENTS, "melanoma.json"))
        receiver = here.sandbox("receiver", "receiver")
        here.configure(source, receiver)
        ran, result, folder = here.transfer("https://ehr.lindenhollow.example/mrn|LH-0071934", consent("mel-1"))
        self.assertEqual(ran.code, 0, ran.err)
        self.assert_one_copy(receiver, result["transfer"])
        ran, _, _ = here.transfer("https://ehr.lindenhollow.example/mrn|no-such-number", consent("mel-1"))
        self.assertEqual(ran.code, 66, ran.err)
        self.assertEqual(receiver.counts()["Task"], 1)

    def test_the_same_patient_sent_again_is_matched_not_doubled(self):
        here = self.new_place()
        source = here.sandbox("ehr", "ehr", "--data", os.path.join(place.PATIENTS, "lupus.json"))
        receiver = here.sandbox("receiver", "receiver")
        here.configure(source, receiver)
        for count in (1, 2):
            ran, result, folder = here.transfer("lupus-1", consent("lupus-1"), out=f"packet-{count}")
            self.assertEqual(ran.code, 0, ran.err)
            self.assert_balanced(folder)
            self.assert_proven(here, result, folder)
            self.assertEqual(receiver.counts()["Task"], count)
            self.assertEqual(receiver.counts()["Patient"], 1)


if __name__ == "__main__":
    place.main()
