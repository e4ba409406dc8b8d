"""The state keys: a key is replaced by adding one. What the old one sealed is read on, a patient stays who they are,
and nothing starts where a key that is in use is missing."""

import os
import secrets
import shutil

import place
import record
from place import consent

PATIENT = "lupus-1"
CANNOT_CREATE, CONFIG = 73, 78


class KeysTest(place.PlaceTest):
    def setUp(self):
        self.here = self.new_place()
        self.source = self.here.sandbox("ehr", "ehr", "--data", os.path.join(place.PATIENTS, "lupus.json"))
        self.receiver = self.here.sandbox("receiver", "receiver")
        self.here.configure(self.source, self.receiver)
        with open(self.here.file("state.key"), encoding="utf-8") as file:
            self.first = file.read().strip()

    def put_keys(self, *keys):
        self.here.write("state.key", "".join(key + "\n" for key in keys), mode=0o600)

    def deliver(self, daemon):
        transfer = daemon.place_transfer(PATIENT, consent(PATIENT))
        daemon.wait_for(transfer)
        return transfer

    def assert_shown(self, daemon, transfers):
        """By one patient all are found, and each part that is opened for it opens."""
        status, _, found = daemon.ask("GET", "/fhir/Task?patient=Patient/" + PATIENT)
        self.assertEqual(status, 200)
        tasks = {entry["resource"]["id"]: entry["resource"] for entry in found["entry"]}
        self.assertEqual(set(tasks), set(transfers))
        for task in tasks.values():
            self.assertTrue(task["output"][0]["valueAttachment"]["data"], "no receipt")

    def test_an_added_key_seals_and_the_old_one_still_opens(self):
        daemon = self.here.serve()
        old = self.deliver(daemon)
        self.assertEqual(daemon.stop(), 0, daemon.log())
        self.put_keys(self.first, secrets.token_hex(32))
        daemon = self.here.serve()
        new = self.deliver(daemon)
        self.assert_shown(daemon, [old, new])

    def test_a_key_that_is_added_beside_a_running_daemon_waits_for_its_restart(self):
        daemon = self.here.serve()
        second = secrets.token_hex(32)
        self.put_keys(self.first, second)
        ran, result, _ = self.here.transfer(PATIENT, consent(PATIENT))
        self.assertEqual((ran.code, result["state"]), (0, "delivered"), ran.err)
        self.assertIn("handed to the daemon", ran.err)
        self.assertEqual(daemon.stop(), 0, daemon.log())
        self.put_keys(self.first)
        self.assertTrue(self.here.serve().is_running(), "it was in use before anybody took it into use")

    def test_nothing_starts_without_a_key_that_is_in_use(self):
        second, third = secrets.token_hex(32), secrets.token_hex(32)
        self.put_keys(self.first, second)
        daemon = self.here.serve()
        transfer = self.deliver(daemon)
        self.assertEqual(daemon.stop(), 0, daemon.log())
        for keys in ([self.first], [second], [second, self.first], [third], [self.first, second, self.first],
                     [self.first, second, "not a key"]):
            with self.subTest(len(keys)):
                self.put_keys(*keys)
                daemon = self.here.serve()
                self.assertIsNone(daemon.port(), "it serves")
                self.assertEqual(daemon.wait(60), CONFIG, daemon.log())
                shown = self.here.consultd("status", "--config", self.here.config_file)
                self.assertEqual(shown.code, CONFIG, shown.out)
                checked = self.here.consultd("check", "--config", self.here.config_file)
                self.assertEqual(checked.code, CONFIG, checked.out)
                self.assertIn("/state/keyFile", checked.err)
        self.put_keys(self.first, second, third)
        checked = self.here.consultd("check", "--config", self.here.config_file)
        self.assertEqual(checked.code, 0, checked.err)
        self.assert_shown(self.here.serve(), [transfer])

    def test_no_new_state_key_is_made_beside_a_state_that_needs_the_old_one(self):
        self.assertEqual(self.here.serve().stop(), 0)
        os.remove(self.here.file("state.key"))
        ran = self.here.consultd("keys", "generate", "--config", self.here.config_file)
        self.assertEqual(ran.code, CANNOT_CREATE, ran.err)
        self.assertIn("put the old key back", ran.err)
        self.assertFalse(os.path.exists(self.here.file("state.key")))

    def test_no_new_audit_key_is_made_beside_a_log_or_a_verifier_of_the_old_one(self):
        verifier = record.read_text(self.here.file("audit.key.pub"))
        self.assertEqual(self.here.serve().stop(), 0)
        kept = record.read_text(self.here.file("audit.key"))
        os.remove(self.here.file("audit.key"))
        for gone in ("", "state/audit"):
            if gone:
                shutil.rmtree(self.here.file(gone))
            ran = self.here.consultd("keys", "generate", "--config", self.here.config_file)
            self.assertEqual(ran.code, CANNOT_CREATE, ran.err)
            self.assertIn("put the old key back", ran.err)
            self.assertFalse(os.path.exists(self.here.file("audit.key")))
        self.assertEqual(record.read_text(self.here.file("audit.key.pub")), verifier)
        self.here.write("audit.key", kept)
        os.chmod(self.here.file("audit.key"), 0o600)
        self.here.write("audit.key.pub", "another\n")
        ran = self.here.consultd("keys", "generate", "--config", self.here.config_file)
        self.assertEqual(ran.code, CANNOT_CREATE, ran.err)
        self.assertEqual(record.read_text(self.here.file("audit.key.pub")), "another\n", "whose it is, nobody knows")


if __name__ == "__main__":
    place.main()
