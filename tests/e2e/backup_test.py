"""A backup taken while the daemon works is a whole one: what it held is there after a restore, nothing is delivered
twice because of it, and nothing is put over a state that is there."""

import os
import shutil
import unittest

import place
from place import consent

PATIENT = "lupus-1"
CANNOT_CREATE, BAD_DATA, NO_INPUT, USAGE, CONFIG = 73, 65, 66, 64, 78


class BackupTest(place.PlaceTest):
    def setUp(self):
        self.here = self.new_place()
        self.source = self.here.sandbox("ehr", "ehr", "--data", os.path.join(place.PATIENTS, "lupus.json"))
        self.receiver = self.here.sandbox("receiver", "receiver")
        self.here.configure(self.source, self.receiver)

    def run_on(self, command, folder="backup"):
        return self.here.consultd(command, "--config", self.here.config_file, self.here.file(folder))

    def lose_state(self):
        shutil.rmtree(self.here.file("state"))

    def test_a_backup_beside_a_running_daemon_brings_back_what_was_delivered(self):
        daemon = self.here.serve()
        transfer = daemon.place_transfer(PATIENT, consent(PATIENT))
        daemon.wait_for(transfer)
        made = self.run_on("backup")
        self.assertEqual(made.code, 0, made.err)
        for folder, _, files in os.walk(self.here.file("backup")):
            for name in files:
                self.assertEqual(os.stat(os.path.join(folder, name)).st_mode & 0o077, 0, name)
                with open(os.path.join(folder, name), "rb") as file:
                    self.assertNotIn(b"Observation/", file.read(), "nothing of a record lies in it in clear")
        self.assertEqual(daemon.stop(), 0, daemon.log())
        self.lose_state()
        restored = self.run_on("restore")
        self.assertEqual(restored.code, 0, restored.err)
        daemon = self.here.serve()
        self.assertEqual(daemon.state_of(transfer), "delivered")
        self.assert_audited_once(self.here, transfer)

    def test_what_happened_after_the_backup_is_not_sent_again_after_a_restore(self):
        daemon = self.here.serve()
        self.receiver.fault("http-503", 1000)
        transfer = daemon.place_transfer(PATIENT, consent(PATIENT))
        place.wait_until(lambda: daemon.state_of(transfer) in ("prepared", "sending", "uncertain"), 60, "a packet")
        self.assertEqual(self.run_on("backup").code, 0)
        self.receiver.heal()
        daemon.wait_for(transfer, seconds=120)
        self.assertEqual(daemon.stop(), 0, daemon.log())
        self.lose_state()
        self.assertEqual(self.run_on("restore").code, 0)
        self.here.serve().wait_for(transfer, seconds=120)
        self.assert_one_copy(self.receiver, transfer)
        self.assertEqual(len(self.receiver.transactions()), 1)

    def test_nothing_is_put_over_what_is_there(self):
        self.here.serve().stop()
        self.assertEqual(self.run_on("backup").code, 0)
        again = self.run_on("backup")
        self.assertEqual((again.code, again.out), (USAGE, ""))
        over = self.run_on("restore")
        self.assertEqual((over.code, over.out), (CANNOT_CREATE, ""))
        self.assertIn("move it away", over.err)

    def test_what_is_no_whole_backup_is_not_taken_for_one(self):
        self.here.serve().stop()
        self.assertEqual(self.run_on("restore", "nowhere").code, NO_INPUT)
        self.assertEqual(self.run_on("backup").code, 0)
        self.lose_state()
        os.remove(self.here.file("backup", "audit", "checkpoint"))
        broken = self.run_on("restore")
        self.assertEqual(broken.code, BAD_DATA, broken.err)
        self.assertFalse(os.path.exists(self.here.file("state", "consultd.db")), "half a state is none")

    def test_a_backup_opens_with_the_keys_that_it_was_made_with_alone(self):
        self.here.serve().stop()
        self.assertEqual(self.run_on("backup").code, 0)
        self.lose_state()
        self.here.write("state.key", "ab" * 32 + "\n")
        other = self.run_on("restore")
        self.assertEqual(other.code, CONFIG, other.err)


if __name__ == "__main__":
    place.main()
