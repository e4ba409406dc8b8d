#!/usr/bin/env python3
"""A transfer handed to the daemon: what its caller sees when the daemon dies, and where the result lies."""
import concurrent.futures
import json
import os
import signal
import time

import place
from place import consent

PATIENT = "lupus-1"
USAGE, LATER = 64, 75


class HandedTest(place.PlaceTest):
    def setUp(self):
        self.here = self.new_place()
        source = self.here.sandbox("ehr", "ehr", "--data", os.path.join(place.PATIENTS, "lupus.json"))
        self.receiver = self.here.sandbox("receiver", "receiver")
        self.here.configure(source, self.receiver)
        self.pool = concurrent.futures.ThreadPoolExecutor(1)
        self.addCleanup(self.pool.shutdown)

    def listed(self):
        ran = self.here.consultd("status", "--config", self.here.config_file, "--json")
        self.assertEqual(ran.code, 0, ran.err)
        return json.loads(ran.out)

    def stop_between_its_writes(self, daemon):
        """A process that is stopped in the middle of a write keeps the lock it has, and everybody else waits for it."""
        for _ in range(20):
            daemon.process.send_signal(signal.SIGSTOP)
            if self.here.consultd("status", "--config", self.here.config_file).code != LATER:
                return
            daemon.process.send_signal(signal.SIGCONT)
            time.sleep(0.2)
        self.fail("the daemon is at its writes whenever it is looked at")

    def hand_to_a_daemon_that_dies(self):
        """`consultd transfer`, on its way to an end; its daemon was killed before it did anything for it."""
        daemon = self.here.serve()
        self.stop_between_its_writes(daemon)
        transfer = self.pool.submit(self.here.transfer, PATIENT, consent(PATIENT))
        place.wait_until(self.listed, 20, "the transfer is placed")
        daemon.kill()
        return transfer

    def test_a_daemon_that_does_not_come_back_is_told_and_the_transfer_is_the_next_ones(self):
        ran, result, _ = self.hand_to_a_daemon_that_dies().result()
        self.assertEqual(ran.code, LATER, ran.err)
        self.assertIn("handed to the daemon", ran.err)
        self.assertIn("the daemon is gone", ran.err)
        self.assertIn("`consultd cancel " + result["transfer"] + "`", ran.err)
        self.assertEqual(result["state"], "requested")
        daemon = self.here.serve()
        daemon.wait_for(result["transfer"])
        self.assert_one_copy(self.receiver, result["transfer"])

    def test_a_daemon_that_restarts_is_waited_for(self):
        transfer = self.hand_to_a_daemon_that_dies()
        self.here.serve()
        ran, result, _ = transfer.result()
        self.assertEqual(ran.code, 0, ran.err)
        self.assertNotIn("gone", ran.err)
        self.assert_one_copy(self.receiver, result["transfer"])

    def test_nothing_of_a_record_lies_in_clear_where_no_folder_was_named(self):
        consent_file = self.here.write("consent.json", consent(PATIENT))
        command = ("transfer", "--config", self.here.config_file, "--source", "general", "--destination", "center",
                   "--patient", PATIENT, "--consent", consent_file, "--json")
        ran = self.here.consultd(*command)
        self.assertEqual(ran.code, 0, ran.err)
        self.assertEqual(set(json.loads(ran.out)) & {"packet", "receipt"}, set())
        self.assertFalse(os.path.exists(self.here.file("state", "out")))
        full = os.path.dirname(self.here.config_file)
        ran = self.here.consultd(*command, "-o", full)
        self.assertEqual(ran.code, USAGE, ran.err)
        self.assertIn("nothing is overwritten", ran.err)
        ran = self.here.consultd(*command, "-o", self.here.file("state", "packet"))
        self.assertEqual(ran.code, USAGE, ran.err)
        self.assertIn("outside the state", ran.err)


if __name__ == "__main__":
    place.main()
