"""The same order again, at once or after a death, is one transfer and one copy, and a plain word about it."""

import concurrent.futures
import json
import os
import signal
import subprocess

import place
from place import consent, transfer_task

PATIENT = "mel-1"


class OnceTest(place.PlaceTest):
    def hospitals(self):
        here = self.new_place()
        source = here.sandbox("ehr", "ehr", "--data", os.path.join(place.PATIENTS, "melanoma.json"))
        receiver = here.sandbox("receiver", "receiver")
        here.configure(source, receiver)
        return here, source, receiver

    def command(self, here, *more, question="Which treatment would you choose next?"):
        return ("transfer", "--config", here.config_file, "--source", "general", "--destination", "center",
                "--patient", PATIENT, "--consent", here.write("consent.json", consent(PATIENT)),
                "--question", question, "--json") + more

    def listed(self, here):
        return json.loads(here.consultd("status", "--config", here.config_file, "--json").out)

    def test_the_same_order_ten_times_at_once_is_one_transfer(self):
        here, _, receiver = self.hospitals()
        daemon = here.serve()
        for headers, identifier, again in (({}, [{"system": "urn:x", "value": "order-1"}], 200),
                                           ({"If-None-Exist": "identifier=urn:x|order-2"}, None, 200),
                                           ({}, None, 409)):
            task = transfer_task(PATIENT, consent(PATIENT), question=f"Question {headers} {identifier}")
            if identifier:
                task["identifier"] = identifier
            before = len(self.listed(here))
            with concurrent.futures.ThreadPoolExecutor(10) as askers:
                answers = list(askers.map(lambda _: daemon.ask("POST", "/fhir/Task", task, more_headers=headers),
                                          range(10)))
            statuses = sorted(status for status, _, _ in answers)
            created = 0 if again == 409 else 1  # without a name it is the same disclosure as those before
            self.assertEqual(statuses, [again] * (10 - created) + [201] * created)
            self.assertEqual(len({headers["Location"] for _, headers, _ in answers}), 1)
            self.assertEqual(len(self.listed(here)) - before, created)
        for transfer in self.listed(here):
            daemon.wait_for(transfer["transfer"])
            self.assert_one_copy(receiver, transfer["transfer"])
        self.assertEqual(receiver.counts()["Task"], 2)

    def test_killed_after_the_commit_and_typed_again_is_one_copy_and_a_plain_word(self):
        here, _, receiver = self.hospitals()
        killed = subprocess.run([place.program("consultd-crash"), *self.command(here)], timeout=120, check=False,
                                env=dict(os.environ, CONSULTD_CRASH_AT="pipeline.sent"), capture_output=True)
        self.assertEqual(killed.returncode, -signal.SIGKILL, killed.stderr)
        self.assertEqual(receiver.counts()["Task"], 1)
        [left] = self.listed(here)
        self.assertEqual(left["state"], "sending")
        again = here.consultd(*self.command(here))
        self.assertEqual(again.code, 0, again.err)
        self.assertIn(left["transfer"], again.err)
        self.assertIn("sending since", again.err)
        self.assertIn("--again", again.err)
        self.assertEqual(json.loads(again.out)["transfer"], left["transfer"])
        self.assert_one_copy(receiver, left["transfer"])
        self.assertEqual(receiver.counts()["Task"], 1)
        self.assert_audited_once(here, left["transfer"])

    # Ten shells and no daemon: one of them has the state, and nobody sends what it sends.
    def test_ten_shells_at_once_send_one_copy(self):
        here, _, receiver = self.hospitals()
        command = self.command(here)
        with concurrent.futures.ThreadPoolExecutor(10) as shells:
            ran = list(shells.map(lambda _: here.consultd(*command), range(10)))
        codes = sorted(one.code for one in ran)
        self.assertEqual(set(codes) - {0, 75}, set(), [one.err for one in ran])
        self.assertIn(0, codes)
        sent = {json.loads(one.out)["transfer"] for one in ran if one.code == 0}
        self.assertEqual(len(sent), 1)
        for one in ran:
            self.assertRegex(one.err, r"delivered|another process|--again")
        self.assert_one_copy(receiver, *sent)
        self.assertEqual(receiver.counts()["Task"], 1)

    def test_the_same_again_within_a_day_is_said_and_wants_a_word(self):
        here, _, receiver = self.hospitals()
        first = here.consultd(*self.command(here))
        self.assertEqual(first.code, 0, first.err)
        sent = json.loads(first.out)["transfer"]
        for question in ("Which treatment would you choose next?", "Another question?"):
            refused = here.consultd(*self.command(here, question=question))
            self.assertEqual((refused.code, refused.out), (75, ""))
            for word in (sent, "delivered", "--again"):
                self.assertIn(word, refused.err)
        self.assertEqual(len(self.listed(here)), 1)
        another = here.consultd(*self.command(here, "--again"))
        self.assertEqual(another.code, 0, another.err)
        self.assertNotEqual(json.loads(another.out)["transfer"], sent)
        self.assertEqual(receiver.counts()["Task"], 2)

    def test_a_lost_database_is_known_by_the_log_and_no_second_copy_is_sent(self):
        here, _, receiver = self.hospitals()
        sent = json.loads(here.consultd(*self.command(here)).out)["transfer"]
        for file in ("consultd.db", "consultd.db-wal", "consultd.db-shm"):
            if os.path.exists(here.file("state", file)):
                os.remove(here.file("state", file))
        refused = here.consultd(*self.command(here))
        self.assertEqual(refused.code, 75, refused.err)
        for word in (sent, "sent-before", "it is there", "--again"):
            self.assertIn(word, refused.err)
        self.assertEqual(json.loads(refused.out)["sentBefore"]["transfer"], sent)
        self.assertEqual(receiver.counts()["Task"], 1)
        another = here.consultd(*self.command(here, "--again"))
        self.assertEqual(another.code, 0, another.err)
        self.assertEqual(receiver.counts()["Task"], 2)

    def test_what_the_daemon_works_on_is_said_and_not_doubled(self):
        here, source, _ = self.hospitals()
        source.fault("http-503", -1)
        daemon = here.serve()
        transfer = daemon.place_transfer(PATIENT, consent(PATIENT))
        refused = here.consultd(*self.command(here))
        self.assertEqual(refused.code, 75, refused.err)
        self.assertIn(transfer, refused.err)
        self.assertIn("--again", refused.err)
        self.assertEqual(len(self.listed(here)), 1)


if __name__ == "__main__":
    place.main()
