"""What is sealed is brought out by whoever may read it: `packet` out of the state, beside a daemon and without one,
into a new folder, and in the audit log with who did it before it is given."""

import getpass
import json
import os
import time

import place
from place import consent

CHART = os.path.join(place.PATIENTS, "lupus.json")
PATIENT = "lupus-1"
USAGE, NO_INPUT, CANNOT_CREATE = 64, 66, 73
FILES = {"bundle.json", "packet.html", "ledger.ndjson", "completeness.json", "manifest.json", "receipt.json"}


class SealedTest(place.PlaceTest):
    def setUp(self):
        self.here = self.new_place()
        self.source = self.here.sandbox("ehr", "ehr", "--data", CHART)
        self.receiver = self.here.sandbox("receiver", "receiver")
        self.here.configure(self.source, self.receiver)

    def packet(self, transfer, *options):
        return self.here.consultd("packet", "--config", self.here.config_file, transfer, *options)

    def delivered(self):
        """A transfer from the shell that left nothing in clear."""
        ran = self.here.consultd("transfer", "--config", self.here.config_file, "--source", "general", "--destination",
                                 "center", "--patient", PATIENT, "--consent",
                                 self.here.write("consent.json", consent(PATIENT)), "--json")
        self.assertEqual(ran.code, 0, ran.err)
        return json.loads(ran.out)["transfer"]

    def reads(self, transfer):
        return [event for event in self.here.audit_events()
                if event.get("transfer") == transfer and event["subtype"] == ["packet-read"]]

    def log_text(self):
        text = ""
        for folder, _, names in os.walk(self.here.file("state", "audit")):
            for name in names:
                with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                    text += file.read()
        return text

    def assert_verified(self, folder):
        ran = self.here.consultd("receipt", "verify", os.path.join(folder, "receipt.json"), "--bundle",
                                 os.path.join(folder, "bundle.json"), "--key", self.here.file("audit.key.pub"))
        self.assertEqual(ran.code, 0, ran.err)

    def test_the_packet_comes_out_with_its_receipt_and_the_log_says_who_took_it(self):
        transfer = self.delivered()
        ran = self.packet(transfer, "--json", "-o", self.here.file("out"))
        self.assertEqual(ran.code, 0, ran.err)
        self.assertEqual(set(os.listdir(self.here.file("out"))), FILES)
        self.assertEqual({os.stat(self.here.file("out", name)).st_mode & 0o777 for name in FILES}, {0o600})
        self.assertEqual(json.loads(ran.out), {"transfer": transfer, "packet": self.here.file("out", "packet.html"),
                                               "receipt": self.here.file("out", "receipt.json")})
        self.assert_verified(self.here.file("out"))
        self.assertEqual(len(self.reads(transfer)), 1)
        self.assertIn(f'"display":"{getpass.getuser()}', self.log_text())
        self.assert_audited_once(self.here, transfer)

    def test_beside_a_daemon_that_has_the_log(self):
        daemon = self.here.serve()
        transfer = daemon.place_transfer(PATIENT, consent(PATIENT))
        daemon.wait_for(transfer)
        for out in ("one", "two"):
            ran = self.packet(transfer, "-o", self.here.file(out))
            self.assertEqual(ran.code, 0, ran.err)
            self.assert_verified(self.here.file(out))
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(len(self.reads(transfer)), 2)
        self.assert_audited_once(self.here, transfer)

    def test_nothing_is_overwritten_and_nothing_written_into_the_state(self):
        transfer = self.delivered()
        self.here.write("kept", "mine")
        for folder in (self.here.folder, self.here.file("state", "out"), self.here.file("state")):
            ran = self.packet(transfer, "-o", folder)
            self.assertEqual(ran.code, USAGE, ran.err)
        self.assertEqual(self.reads(transfer), [])
        ran = self.packet(transfer, "-o", self.here.file("kept", "out"))
        self.assertEqual(ran.code, CANNOT_CREATE, ran.err)

    def test_what_is_not_there_is_said_plainly(self):
        ran = self.packet("00000000-0000-4000-8000-000000000000", "-o", self.here.file("out"))
        self.assertEqual(ran.code, NO_INPUT, ran.err)
        transfer = self.delivered()
        # A withdrawn one: cancelled before anything was pulled.
        self.source.fault("http-503", -1)
        daemon = self.here.serve()
        never = daemon.place_transfer(PATIENT, consent(PATIENT))
        place.wait_until(lambda: daemon.state_of(never) == "pulling", 30, "it is pulled")
        ran = self.packet(never, "-o", self.here.file("out"))
        self.assertEqual(ran.code, NO_INPUT, ran.err)
        self.assertIn("there is no packet", ran.err)
        self.assertFalse(os.path.exists(self.here.file("out")))
        self.assertEqual(self.reads(never) + self.reads(transfer), [])

    def test_of_a_record_whose_time_is_up_the_proof_comes_out_alone(self):
        def short(settings):
            settings["state"]["keepRecords"] = "1s"
            settings["destinations"]["center"]["follow"] = {"every": "1s"}
        self.here.configure(self.source, self.receiver, short)
        transfer = self.delivered()
        [entry] = json.loads(place.ask(self.receiver.fhir_base + "/Task")[2])["entry"]
        rejected = json.dumps(dict(entry["resource"], status="rejected")).encode()
        status, _, _ = place.ask(f"{self.receiver.fhir_base}/Task/{entry['resource']['id']}", "PUT", rejected,
                                 {"Content-Type": "application/fhir+json"})
        self.assertEqual(status, 200)
        daemon = self.here.serve()
        daemon.wait_for(transfer, "closed")
        self.assertEqual(daemon.stop(), 0)
        time.sleep(1.2)
        daemon = self.here.serve()
        place.wait_until(lambda: '"event":"forgot"' in daemon.log(), 20, "the record is forgotten")
        ran = self.packet(transfer, "-o", self.here.file("out"))
        self.assertEqual(ran.code, NO_INPUT, ran.err)
        self.assertIn("wiped", ran.err)
        self.assertEqual(os.listdir(self.here.file("out")), ["receipt.json"])



if __name__ == "__main__":
    place.main()
