"""SIGHUP: the daemon reads its configuration again. A good one takes force whole, without a restart and without
harm to what is under way; a bad one is told and changes nothing."""

import glob
import hashlib
import json
import os
import re
import signal

import place
from place import consent

CHART = os.path.join(place.PATIENTS, "lupus.json")
PATIENT = "lupus-1"
NEW_TOKEN = "a5" * 32


class ReloadTest(place.PlaceTest):
    def setUp(self):
        self.here = self.new_place()
        self.source = self.here.sandbox("ehr", "ehr", "--data", CHART)
        self.receiver = self.here.sandbox("receiver", "receiver")
        self.here.configure(self.source, self.receiver)

    def reload(self, daemon, change, event="reloaded"):
        """Changes the file, sends SIGHUP, waits until the daemon has said what became of it."""
        seen = daemon.log().count(f'"event":"{event}"')
        with open(self.here.config_file, encoding="utf-8") as file:
            settings = json.load(file)
        change(settings)
        self.here.write("consultd.json", settings)
        daemon.process.send_signal(signal.SIGHUP)
        place.wait_until(lambda: daemon.log().count(f'"event":"{event}"') > seen, 20, event)

    def status_with(self, daemon, token):
        return daemon.ask("GET", "/fhir/Task", token=token)[0]

    def test_a_new_institution_and_a_new_operator_take_force_without_a_restart(self):
        def good(settings):
            settings["destinations"]["center"]["name"] = "Renamed Center"
            settings["listen"]["operators"] = [{"name": "night-desk", "tokenHashFile": "night.hash"}]
            settings["sources"]["other"] = dict(settings["sources"]["general"], name="Other Hospital")

        daemon = self.here.serve()
        self.here.write("night.hash", hashlib.sha256(NEW_TOKEN.encode()).hexdigest())
        self.assertEqual(self.status_with(daemon, NEW_TOKEN), 401)
        self.reload(daemon, good)
        self.assertEqual(self.status_with(daemon, NEW_TOKEN), 200)
        self.assertEqual(self.status_with(daemon, self.here.token), 401, "who left the file is out")

        self.here.token = NEW_TOKEN
        task = place.transfer_task(PATIENT, consent(PATIENT))
        task["input"][0]["valueString"] = "other"
        status, _, placed = daemon.ask("POST", "/fhir/Task", task)
        self.assertEqual(status, 201)
        daemon.wait_for(placed["id"])
        self.assert_audited_once(self.here, placed["id"])
        self.assertIn(b"Renamed Center", self.receiver.transactions()[0])

    def digests(self):
        """The knowledge that each disclosure's intent in the log names, in order."""
        tiles = glob.glob(self.here.file("state", "audit", "tile", "entries", "000.p", "*"))
        with open(max(tiles, key=lambda name: int(os.path.basename(name))), "rb") as file:
            return re.findall(rb'"knowledge-sha-256","valueString":"([0-9a-f]{64})"', file.read())

    def test_changed_knowledge_takes_force_and_the_log_names_it(self):
        def with_knowledge(settings):
            settings["knowledge"] = {"sensitivity": ["own.json"]}

        rows = {"name": "own", "version": "2026-01-01", "description": "ours",
                "rows": [{"label": "HIV", "system": "urn:local", "codes": "X1", "source": "us"}]}
        daemon = self.here.serve()
        daemon.wait_for(daemon.place_transfer(PATIENT, consent(PATIENT)))
        self.here.write("own.json", rows)
        self.reload(daemon, with_knowledge)
        daemon.wait_for(daemon.place_transfer(PATIENT, consent(PATIENT)))
        # The same file with a row that cannot be used changes nothing.
        del rows["rows"][0]["source"]
        self.here.write("own.json", rows)
        self.reload(daemon, with_knowledge, "reload-refused")
        self.assertIn("own.json: /rows/0/source is missing", daemon.log())
        daemon.wait_for(daemon.place_transfer(PATIENT, consent(PATIENT)))
        before, after, still = self.digests()
        self.assertNotEqual(before, after)
        self.assertEqual(after, still)

    def test_a_bad_configuration_is_told_and_the_old_one_stays(self):
        def wrong_value(settings):
            settings["destinations"]["center"]["name"] = "Never In Force"
            settings["destinations"]["center"]["follow"]["every"] = "soon"

        def missing_key(settings):
            settings["destinations"]["center"]["follow"]["every"] = "15m"
            settings["destinations"]["center"]["auth"] = {"type": "bearer", "tokenFile": "not-there"}

        def moved_state(settings):
            settings["destinations"]["center"]["auth"] = {"type": "none"}
            settings["state"]["directory"] = "elsewhere"

        daemon = self.here.serve()
        for change, path in ((wrong_value, "/destinations/center/follow/every"),
                             (missing_key, "/destinations/center/auth/tokenFile"),
                             (moved_state, "/state/directory")):
            with self.subTest(path):
                self.reload(daemon, change, "reload-refused")
                self.assertIn(path, daemon.log())
                self.assertEqual(self.status_with(daemon, self.here.token), 200)
        transfer = daemon.place_transfer(PATIENT, consent(PATIENT))
        daemon.wait_for(transfer)
        self.assertNotIn(b"Never In Force", self.receiver.transactions()[0])

    def test_a_transfer_that_is_under_way_is_not_disturbed(self):
        self.source.fault("slow:400", 20)
        daemon = self.here.serve()
        transfer = daemon.place_transfer(PATIENT, consent(PATIENT))
        place.wait_until(lambda: daemon.state_of(transfer) == "pulling", 20, "pulling")
        self.reload(daemon, lambda settings: settings["destinations"]["center"].update(name="Renamed Center"))
        daemon.wait_for(transfer)
        self.assert_one_copy(self.receiver, transfer)
        self.assert_audited_once(self.here, transfer)
        self.assertEqual(daemon.log().count('"state":"pulling"'), 1, "the pull did not begin anew")


if __name__ == "__main__":
    place.main()
