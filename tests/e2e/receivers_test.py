"""Receivers as they were seen to be: each has its own habits and faults, and whatever it answers, at most one copy is
in what it stored, nothing is called delivered without all of it, nothing is called refused that is there, and where
any way of sending works it is delivered."""

import base64
import concurrent.futures
import hashlib
import json
import os

import place
from crash_test import PATIENT, chart
from place import consent

OK, TRY_LATER, NOT_PERMITTED = 0, 75, 77
SECONDS_MOST = 150
ENTRY, TRANSFER = "urn:consultd:entry", "urn:consultd:transfer"
# What each type of the packet is there for; the record's own come on top.
PACKET = {"Binary": 2, "DocumentReference": 2, "Bundle": 1, "Consent": 1, "ServiceRequest": 1, "Provenance": 1,
          "Task": 1}

DELIVERED = {
    "plain": [],
    "batch": ["--be", "batch"],
    "no transaction": ["--be", "no-transaction"],
    "eight entries": ["--be", "eight-entries:8"],
    "small bodies": ["--be", "small-bodies:100000"],
    "no conditions": ["--be", "no-conditions"],
    "ignores conditions": ["--be", "ignores-conditions"],
    "no condition on a Binary": ["--be", "no-binary-conditions"],
    "slow": ["--be", "slow-commit:3"],
    "slow, and the answer is lost": ["--be", "slow-commit:1", "--fault", "commit-and-hang-up@write"],
    "the index lags, and the answer is lost": ["--be", "lagging-index:1", "--fault", "commit-and-hang-up@write"],
    "searches are cached, and the answer is lost": ["--be", "search-cache:600", "--fault", "commit-and-hang-up@write"],
    "ignores conditions, and the answer is lost": ["--be", "ignores-conditions",
                                                   "--fault", "commit-and-hang-up@write"],
    "stores, and says 422": ["--be", "commit-then-4xx"],
    "no transaction, and three answers are lost": ["--be", "no-transaction", "--fault", "commit-and-hang-up@write*3"],
    "small bodies, and the answer is lost": ["--be", "small-bodies:100000", "--fault", "commit-and-hang-up@write*2"],
    "batch, and the answer is lost": ["--be", "batch", "--fault", "commit-and-hang-up@write"],
    "takes PUT alone": ["--be", "puts-only"],
    "takes PUT alone, and three answers are lost": ["--be", "puts-only", "--fault", "commit-and-hang-up@write*3"],
    "takes PUT alone, and gives ids of its own": ["--be", "puts-only", "--be", "own-ids"],
    "takes PUT alone, gives ids of its own, and the answer is lost": [
        "--be", "puts-only", "--be", "own-ids", "--fault", "commit-and-hang-up@write"],
    "answers a Binary with its bytes": ["--be", "raw-binary"],
    "does not search for a Task": ["--be", "no-task-search"],
    "searches by POST alone, and the answer is lost": ["--be", "post-search-only",
                                                       "--fault", "commit-and-hang-up@write"],
    "says 200 for what is new, and the answer is lost": ["--be", "says-200", "--fault", "commit-and-hang-up@write"],
    "says no location": ["--be", "no-location"],
    "says no location, one by one": ["--be", "no-location", "--be", "no-transaction"],
    "accepts, and says no more": ["--be", "accepts-only"],
    "calls a Bundle invalid": ["--be", "invalid-bundle"],
    "forbids Bundles": ["--be", "forbids-bundles"],
    "reads lag as well": ["--be", "lagging-reads:1", "--be", "lagging-index:1"],
    "the request is lost": ["--fault", "hang-up-before-commit@write"],
    "unavailable": ["--fault", "http-503@write"],
    "the reads after it fail": ["--fault", "http-503@written"],
    "the answers after it are cut": ["--fault", "cut-json@written"],
}


def hold(settings):
    settings["destinations"]["center"]["deliver"]["settle"] = "3s"


class ReceiversTest(place.PlaceTest):
    def move(self, here, options):
        source = here.sandbox("ehr", "ehr", "--data", here.write("chart.json", chart()))
        receiver = here.sandbox("receiver", "receiver", *options)
        here.configure(source, receiver, hold)
        ran, result, folder = here.transfer(PATIENT, consent(PATIENT), timeout=SECONDS_MOST)
        # A terminal gives up sooner than the daemon, which goes on with the same transfer.
        if ran.code == TRY_LATER or result["state"] == "held":
            here.consultd("retry", "--config", here.config_file, result["transfer"])
            daemon = here.serve()
            daemon.wait_for(result["transfer"], "delivered", SECONDS_MOST)
            self.assertEqual(daemon.stop(), 0, daemon.log())
            return receiver, result, folder
        self.assertEqual((ran.code, result["state"]), (OK, "delivered"), ran.err)
        return receiver, result, folder

    def stored(self, receiver, of_type):
        """The resources of a type that it holds, whatever its index says."""
        status, _, text = place.ask(f"{receiver.fhir_base}/{of_type}?_count=1000",
                                    headers={"Cache-Control": "no-cache"})
        if status == 405:
            status, _, text = place.ask(f"{receiver.fhir_base}/{of_type}/_search", "POST", b"_count=1000",
                                        {"Content-Type": "application/x-www-form-urlencoded"})
        if (status, of_type) == (403, "Task"):
            return []  # counted all the same
        self.assertEqual(status, 200)
        return [entry["resource"] for entry in json.loads(text).get("entry", [])]

    def assert_whole_and_once(self, receiver, transfer, document):
        counts = receiver.counts()
        for of_type, expected in PACKET.items():
            self.assertEqual(counts[of_type], expected, (of_type, counts))
        self.assertEqual(counts["Patient"], 1, counts)
        self.assertEqual(counts["Observation"], 5, counts)
        self.assertNotIn("urn:uuid:", json.dumps([one.get("for") for one in self.stored(receiver, "Task")]))
        binaries = {"Binary/" + one["id"]: base64.b64decode(one["data"]) for one in self.stored(receiver, "Binary")}
        for reference in self.stored(receiver, "DocumentReference"):
            attachment = reference["content"][0]["attachment"]
            data = binaries[attachment["url"]]
            self.assertEqual(len(data), attachment["size"])
            self.assertEqual(base64.b64encode(hashlib.sha1(data).digest()).decode(), attachment["hash"])
        if document:
            self.assertIn(document, binaries.values())

    def try_receiver(self, options):
        with self.new_place() as here:
            receiver, result, folder = self.move(here, options)
            bundle = os.path.join(folder, "bundle.json")
            document = None
            if os.path.exists(bundle):
                with open(bundle, "rb") as file:
                    document = file.read()
            self.assert_whole_and_once(receiver, result["transfer"], document)
            self.assert_audited_once(here, result["transfer"])

    def test_whatever_it_answers_all_of_it_is_there_once(self):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            tried = {name: pool.submit(self.try_receiver, options) for name, options in DELIVERED.items()}
        for name, result in tried.items():
            with self.subTest(name):
                result.result()

    def test_what_is_not_there_or_not_theirs_is_held(self):
        for options, reason in ((["--be", "other-chart"], "in-another-chart"),
                                (["--be", "other-chart", "--be", "no-transaction"], "in-another-chart"),
                                (["--be", "drops-later:5"], "uncertain"),
                                (["--be", "drops-later:12"], "uncertain")):
            with self.subTest(options), self.new_place() as here:
                source = here.sandbox("ehr", "ehr", "--data", here.write("chart.json", chart()))
                receiver = here.sandbox("receiver", "receiver", *options)
                here.configure(source, receiver, hold)
                _, result, _ = here.transfer(PATIENT, consent(PATIENT), timeout=SECONDS_MOST)
                daemon = here.serve()
                daemon.wait_for(result["transfer"], "held", SECONDS_MOST)
                self.assertEqual(daemon.stop(), 0, daemon.log())
                [told] = json.loads(
                    here.consultd("status", "--config", here.config_file, "--json", result["transfer"]).out)
                self.assertEqual(told["reason"], reason)
                # What is known to be there, whatever it is, a patient is told of.
                [row] = json.loads(here.consultd("audit", "disclosures", "--config", here.config_file,
                                                 "--patient", PATIENT, "--json").out)
                self.assertEqual(row["outcome"], "in-part" if reason == "uncertain" else reason)
                if reason == "uncertain":
                    self.assertLess(0, told["there"]["entries"])
                    self.assertLess(told["there"]["entries"], told["there"]["of"])
                self.assertLessEqual(receiver.counts()["Task"], 1)
                if "no-transaction" in options:
                    self.assertEqual(receiver.counts()["Observation"], 0)

    def test_what_lies_there_twice_is_said(self):
        with self.new_place() as here:
            source = here.sandbox("ehr", "ehr", "--data", here.write("chart.json", chart()))
            receiver = here.sandbox("receiver", "receiver", "--be", "doubles")
            here.configure(source, receiver, hold)
            ran, result, folder = here.transfer(PATIENT, consent(PATIENT), timeout=SECONDS_MOST)
            self.assertEqual((ran.code, result["state"], result["reason"]), (OK, "delivered", "doubled-there"), ran.err)
            tasks = {"Task/" + one["id"] for one in self.stored(receiver, "Task")}
            also = set(result["delivery"]["alsoThere"])
            self.assertEqual(tasks - also, {result["destinationTask"]})
            with open(os.path.join(folder, "receipt.json"), encoding="utf-8") as receipt:
                self.assertIn("also-there", receipt.read())

    def test_what_refuses_all_of_it_has_nothing_of_it(self):
        for options in (["--be", "small-bodies:3000"],):
            with self.subTest(options), self.new_place() as here:
                source = here.sandbox("ehr", "ehr", "--data", here.write("chart.json", chart()))
                receiver = here.sandbox("receiver", "receiver", *options)
                here.configure(source, receiver, hold)
                ran, result, _ = here.transfer(PATIENT, consent(PATIENT), timeout=SECONDS_MOST)
                self.assertIn(result["state"], ("refused", "held", "uncertain"), ran.err)
                if result["state"] == "refused":
                    self.assertEqual(sum(receiver.counts().values()), 0)
                self.assertEqual(receiver.counts()["Task"], 0)

    def test_a_terminal_does_not_wait_for_a_destination_that_may_be_at_work(self):
        def for_long(settings):
            settings["destinations"]["center"]["deliver"]["settle"] = "1h"
        with self.new_place() as here:
            source = here.sandbox("ehr", "ehr", "--data", here.write("chart.json", chart()))
            receiver = here.sandbox("receiver", "receiver", "--fault", "hang-up-before-commit@write")
            here.configure(source, receiver, for_long)
            ran, result, _ = here.transfer(PATIENT, consent(PATIENT), timeout=SECONDS_MOST)
            self.assertEqual((ran.code, result["state"]), (TRY_LATER, "uncertain"), ran.err)
            self.assertIn("nothing is sent twice", ran.err)
            self.assertEqual(receiver.counts()["Task"], 0)


if __name__ == "__main__":
    place.main()
