"""A wish to withdraw, from the shell and over HTTP, beside a daemon and without one: before anything has left, `cancel`
answers 0, whatever runs, and nothing leaves."""

import concurrent.futures
import hashlib
import json
import os
import time

import place
from place import consent

CHART = os.path.join(place.PATIENTS, "lupus.json")
PATIENT = "lupus-1"
ALWAYS = -1
NOT_PERMITTED = 77
# A pull of a source that is this slow takes a minute at the least, and no machine is so busy that a wish takes as long:
# where it does, the pull is over and the record has left.
SLOW, LESS_THAN_A_PULL = "slow:8000", 30


class CancelTest(place.PlaceTest):
    def setUp(self):
        self.here = self.new_place()
        self.source = self.here.sandbox("ehr", "ehr", "--data", CHART, "--page-size-max", "5")
        self.receiver = self.here.sandbox("receiver", "receiver")
        self.here.configure(self.source, self.receiver)

    def cancel(self, transfer):
        return self.here.consultd("cancel", "--config", self.here.config_file, "--json", transfer)

    def shown(self, transfer):
        ran = self.here.consultd("status", "--config", self.here.config_file, "--json", transfer)
        self.assertEqual(ran.code, 0, ran.err)
        return json.loads(ran.out)[0]

    def pulling(self, daemon):
        """A transfer in the middle of its pull."""
        self.source.fault(SLOW, ALWAYS)
        transfer = daemon.place_transfer(PATIENT, consent(PATIENT))
        place.wait_until(lambda: daemon.state_of(transfer) == "pulling", 30, "it is pulled")
        time.sleep(1)
        return transfer

    def assert_nothing_left(self, transfer):
        self.assertEqual(self.receiver.received(), [])
        self.assertEqual(self.here.done_for(transfer), [])

    def test_from_the_shell_beside_a_daemon_that_pulls(self):
        daemon = self.here.serve()
        transfer = self.pulling(daemon)
        ran = self.cancel(transfer)
        self.assertEqual(ran.code, 0, ran.err)
        self.assertLess(ran.seconds, LESS_THAN_A_PULL)
        daemon.wait_for(transfer, "withdrawn", LESS_THAN_A_PULL)
        self.source.heal()
        again = self.cancel(transfer)
        self.assertEqual((again.code, json.loads(again.out)["state"]), (0, "withdrawn"), again.err)
        self.assertIn("withdrawalAsked", self.shown(transfer))
        self.assert_nothing_left(transfer)

    def test_over_http_while_a_pull_runs(self):
        daemon = self.here.serve()
        transfer = self.pulling(daemon)
        status, _, task = daemon.ask("POST", f"/fhir/Task/{transfer}/$cancel")
        self.assertEqual(status, 200, task)
        self.assertIn("nothing leaves", task["statusReason"]["text"])
        daemon.wait_for(transfer, "withdrawn", LESS_THAN_A_PULL)
        self.assert_nothing_left(transfer)

    def test_the_wish_outlives_a_daemon_that_is_killed(self):
        daemon = self.here.serve()
        transfer = self.pulling(daemon)
        daemon.kill()
        ran = self.cancel(transfer)
        self.assertEqual(ran.code, 0, ran.err)
        self.source.heal()
        daemon = self.here.serve()
        daemon.wait_for(transfer, "withdrawn")
        self.assert_nothing_left(transfer)

    def test_the_wish_outlives_a_daemon_that_is_killed_right_after_it(self):
        daemon = self.here.serve()
        transfer = self.pulling(daemon)
        self.assertEqual(daemon.ask("POST", f"/fhir/Task/{transfer}/$cancel")[0], 200)
        daemon.kill()
        self.source.heal()
        self.here.serve().wait_for(transfer, "withdrawn")
        self.assert_nothing_left(transfer)

    def test_a_transfer_from_the_shell_is_withdrawn_from_another_shell(self):
        self.source.fault(SLOW, ALWAYS)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            running = pool.submit(self.here.transfer, PATIENT, consent(PATIENT))
            def listed():
                ran = self.here.consultd("status", "--config", self.here.config_file, "--json")
                return [one for one in json.loads(ran.out or "[]") if one["state"] == "pulling"]
            [one] = place.wait_until(listed, 30, "it is pulled")
            ran = self.cancel(one["transfer"])
            self.assertEqual(ran.code, 0, ran.err)
            ended, result, _ = running.result(timeout=60)
        self.assertEqual((ended.code, result["state"]), (NOT_PERMITTED, "withdrawn"), ended.err)
        self.assert_nothing_left(one["transfer"])

    def task_there(self):
        [entry] = json.loads(place.ask(self.receiver.fhir_base + "/Task")[2])["entry"]
        return entry["resource"]

    def withdrawals(self, transfer):
        return [event for event in self.here.audit_events()
                if event.get("transfer") == transfer and event["subtype"] == ["withdrawal"]]

    def test_what_has_arrived_is_taken_back_at_the_other_side(self):
        daemon = self.here.serve()
        transfer = daemon.place_transfer(PATIENT, consent(PATIENT))
        daemon.wait_for(transfer)
        ran = self.cancel(transfer)
        self.assertEqual(ran.code, 0, ran.err)
        self.assertIn("have left or may have left", ran.err)
        daemon.wait_for(transfer, "withdrawn")
        self.assertEqual(self.task_there()["status"], "cancelled")
        self.assertIn("withdrawalAsked", self.shown(transfer))
        self.assertEqual(len(self.withdrawals(transfer)), 1)
        ran = self.here.consultd("packet", "--config", self.here.config_file, transfer, "-o", self.here.file("out"))
        self.assertEqual(ran.code, 0, ran.err)
        with open(self.here.file("out", "withdrawal.json"), encoding="utf-8") as receipt:
            self.assertIn("task-cancelled", json.load(receipt)["leaf"])
        self.assertEqual(self.cancel(transfer).code, 0)
        self.assertEqual(daemon.stop(), 0)
        self.assert_audited_once(self.here, transfer)
        self.assert_one_copy(self.receiver, transfer)

    def test_what_has_arrived_is_deleted_there_if_the_configuration_says_so(self):
        def delete(settings):
            settings["destinations"]["center"]["deliver"]["deleteOnWithdrawal"] = True

        self.here.configure(self.source, self.receiver, delete)
        daemon = self.here.serve()
        transfer = daemon.place_transfer(PATIENT, consent(PATIENT))
        daemon.wait_for(transfer)
        self.assertEqual(self.cancel(transfer).code, 0)
        daemon.wait_for(transfer, "withdrawn", 60)
        self.assertEqual(+self.receiver.counts(), {"Patient": 1, "Task": 1}, "the chart, and the notice")
        self.assertEqual(self.task_there()["status"], "cancelled")
        ran = self.here.consultd("packet", "--config", self.here.config_file, transfer, "-o", self.here.file("out"))
        self.assertEqual(ran.code, 0, ran.err)
        with open(self.here.file("out", "deletions.ndjson"), "rb") as file:
            lines = file.read()
        answers = [json.loads(line) for line in lines.splitlines()]
        self.assertEqual({one["outcome"] for one in answers}, {"deleted"})
        with open(self.here.file("out", "withdrawal.json"), encoding="utf-8") as receipt:
            self.assertIn(hashlib.sha256(lines).hexdigest(), json.load(receipt)["leaf"])

    def test_over_http_the_wish_stands_until_the_other_side_has_it(self):
        daemon = self.here.serve()
        transfer = daemon.place_transfer(PATIENT, consent(PATIENT))
        daemon.wait_for(transfer)
        self.receiver.fault("http-503", ALWAYS)
        status, _, task = daemon.ask("POST", f"/fhir/Task/{transfer}/$cancel")
        self.assertEqual(status, 200, task)
        self.assertIn("asked for at", task["statusReason"]["text"])
        time.sleep(1)
        self.assertEqual(daemon.state_of(transfer), "delivered", "and not said to be withdrawn")
        self.assertEqual(self.withdrawals(transfer), [])
        self.receiver.heal()
        daemon.wait_for(transfer, "withdrawn", 60)
        self.assertEqual(self.task_there()["status"], "cancelled")

    def test_where_the_task_is_at_its_end_a_communication_asks(self):
        def often(settings):
            settings["destinations"]["center"]["follow"] = {"every": "1s"}
        self.here.configure(self.source, self.receiver, often)
        daemon = self.here.serve()
        transfer = daemon.place_transfer(PATIENT, consent(PATIENT))
        daemon.wait_for(transfer)
        self.receiver.door("answer/" + self.task_there()["id"], {"text": "I agree."})
        daemon.wait_for(transfer, "opinion-received")
        self.assertEqual(self.cancel(transfer).code, 0)
        daemon.wait_for(transfer, "withdrawn")
        self.assertEqual(self.task_there()["status"], "completed")
        self.assertEqual(self.receiver.counts()["Communication"], 1)


if __name__ == "__main__":
    place.main()
