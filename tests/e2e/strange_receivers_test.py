"""Receivers of another hand (strange_receiver.py): whatever they answer, at most one copy is in what they stored,
nothing is called delivered without all of it, nothing is called refused that is there, and where any way works it is
delivered."""

import base64
import concurrent.futures
import hashlib
import json
import time

import place
from crash_test import PATIENT, chart
from place import consent
from strange_receiver import Receiver

SECONDS_MOST = 120
PACKET = {"Patient": 1, "Observation": 5, "DocumentReference": 2, "Bundle": 1, "Consent": 1, "ServiceRequest": 1,
          "Provenance": 1, "Task": 1}
# What names nothing, and is told all the same: each is found by its name, or by whoever refers to it.
SILENT = [["no-locations"], ["no-bodies"], ["etag-only"], ["shuffles"], ["relative-locations"], ["history-locations"],
          ["no-bundles"], ["no-bundles", "no-bodies"], ["no-bundles", "no-locations"], ["no-bundles", "etag-only"],
          ["no-bundles", "relative-locations"], ["accepts-202"]]
# How it comes.
WIRE = [["gzips"], ["chunks"], ["odd-headers"], ["http-1.0"], ["closes-each"], ["gzips", "chunks"],
        ["close-before-reading"], ["close-before-commit"], ["close-after-commit"], ["close-after-status"],
        ["close-amid-body"], ["no-bundles", "close-after-commit"], ["no-bundles", "close-amid-body"]]
# What is kept is not what came, and it is the same record.
CHANGING = [["absolute-references"], ["rewrites-numbers"], ["adds-meta"], ["rewrites-narratives"],
            ["rewrites-times"], ["trims-words"], ["reorders-lists"], ["drops-units"], ["drops-extensions"],
            ["rewrites-times", "trims-words", "reorders-lists", "no-bundles"], ["folds-base64"], ["dedupes"],
            ["no-bundles", "dedupes"], ["absolute-references", "no-bundles"]]
# What is kept is another record.
LOSING = [["loses-units"], ["joins-words"], ["loses-times"], ["loses-units", "no-bundles"]]
# It says one thing and does another, once.
LYING = [["stores-login"], ["stores-200-outcome"], ["stores-xml"], ["no-bundles", "stores-200-outcome"],
         ["no-bundles", "stores-login"]]
# It does not take the first, and says so in its own way.
REFUSING = [["refuses-login"], ["refuses-200-outcome"], ["refuses-text"], ["refuses-empty"]]
# Nothing can be known of these: no answer of theirs can be read.
UNREADABLE = [["xml"], ["login-to-reads"]]


class Moving(place.PlaceTest):
    make_receiver = Receiver

    @classmethod
    def setUpClass(cls):
        cls.home = place.Place()
        cls.addClassCleanup(cls.home.close)
        cls.source = cls.home.sandbox("ehr", "ehr", "--data", cls.home.write("chart.json", chart()))

    def move(self, receiver, seconds):
        """What became of it, as the program says, after so long at the most."""
        with self.new_place() as here:
            def hold(settings):
                settings["destinations"]["center"]["deliver"]["settle"] = "3s"
            here.configure(self.source, receiver, hold)
            ran, result, folder = here.transfer(PATIENT, consent(PATIENT), timeout=SECONDS_MOST)
            self.assertIsNotNone(result, ran.err)
            if result["state"] != "delivered":
                here.consultd("retry", "--config", here.config_file, result["transfer"])
                daemon = here.serve()
                ends = ("delivered", "held", "refused", "failed", "withdrawn")
                end = time.monotonic() + seconds
                while daemon.state_of(result["transfer"]) not in ends and time.monotonic() < end:
                    time.sleep(0.2)
                daemon.stop()
            [told] = json.loads(here.consultd("status", "--config", here.config_file, "--json",
                                              result["transfer"]).out)
            return told

    def assert_whole(self, receiver):
        counts = {of_type: len(receiver.of_type(of_type)) for of_type in PACKET}
        self.assertEqual(counts, PACKET)
        binaries = {"Binary/" + one["id"]: base64.b64decode(one["data"]) for one in receiver.of_type("Binary")}
        for reference in receiver.of_type("DocumentReference"):
            attachment = reference["content"][0]["attachment"]
            data = binaries[attachment["url"].removeprefix(receiver.fhir_base + "/")]
            self.assertEqual(base64.b64encode(hashlib.sha1(data).digest()).decode(), attachment["hash"])
        self.assertEqual(len(binaries), 2)

    def try_one(self, habits, ends, first=0):
        seconds = SECONDS_MOST if "delivered" in ends else 20
        receiver = self.make_receiver(*habits, fail_first=first)
        try:
            told = self.move(receiver, seconds)
            for of_type, most in PACKET.items():
                self.assertLessEqual(len(receiver.of_type(of_type)), most, (of_type, told))
            self.assertIn(told["state"], ends, told)
            if told["state"] == "delivered":
                self.assert_whole(receiver)
            if told["state"] == "refused":
                self.assertEqual(receiver.stored, {})
            for _, path in receiver.requests:
                self.assertNotRegex(path, r"(?<![0-9a-f])4711(?![0-9a-f])")  # not the digits of a UUID
            return receiver
        finally:
            receiver.close()

    def try_all(self, kinds, ends=("delivered",), first=0):
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            tried = {" ".join(habits): pool.submit(self.try_one, habits, ends, first) for habits in kinds}
        for name, result in tried.items():
            with self.subTest(name):
                result.result()


class StrangeReceiversTest(Moving):
    def test_what_it_does_not_say_is_found(self):
        self.try_all(SILENT)

    def test_however_it_comes(self):
        self.try_all(WIRE)

    def test_what_it_changes_is_the_same_record(self):
        self.try_all(CHANGING)

    def test_what_it_loses_is_not_delivered(self):
        self.try_all(LOSING, ends=("held",))

    # A Task that nobody sees, and the answer is lost: it may be there, and no second one is made.
    def test_what_it_hides_is_not_sent_again(self):
        self.try_all([["hides-tasks", "close-after-commit"], ["hides-tasks", "no-bundles", "loses-task-answers"]],
                     ends=("held",))

    def test_what_it_says_to_what_it_stored_is_no_proof_that_it_did_not(self):
        self.try_all(LYING, first=1)

    def test_what_it_did_not_take_goes_again_once_it_had_its_time(self):
        self.try_all(REFUSING, first=1)

    def test_what_cannot_be_read_is_never_called_delivered_or_refused(self):
        self.try_all(UNREADABLE, ends=("held", "uncertain"))

    # What is written never follows a redirect, within its origin or not: the address is for a person to set right.
    def test_a_redirect_is_not_followed_and_nothing_is_called_sent(self):
        self.try_all([["redirects"]], ends=("held",))


if __name__ == "__main__":
    place.main()
