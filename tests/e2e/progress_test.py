"""A pull keeps what it has: a rate limit costs the time that it costs, a death costs nothing twice."""

import collections
import os
import time

import place
from limited_source import LimitedSource
from place import consent
from record import load

PATIENT = "lupus-1"


class ProgressTest(place.PlaceTest):
    def hospitals(self, requests, seconds):
        here = self.new_place()
        limited = LimitedSource(requests, seconds)
        self.addCleanup(limited.close)
        source = here.sandbox("ehr", "ehr", "--data", os.path.join(place.PATIENTS, "lupus.json"), "--origin",
                              limited.origin)
        limited.behind = "http://localhost:" + str(load(here.file("ehr.ready"))["port"])
        receiver = here.sandbox("receiver", "receiver")

        def change(settings):
            settings["sources"]["general"]["pull"] = {"pageSize": 20}
        here.configure(source, receiver, change)
        return here, limited, receiver

    def asked_more_than_once(self, limited):
        """What was answered more than once; what a server says of itself is nobody's record."""
        counts = collections.Counter(one for one in limited.answered if not one[1].endswith("/metadata"))
        return {one: count for one, count in counts.items() if count > 1}

    def test_a_rate_limit_costs_the_time_that_it_costs(self):
        here, limited, receiver = self.hospitals(20, 2)
        begun = time.monotonic()
        ran, result, folder = here.transfer(PATIENT, consent(PATIENT))
        elapsed = time.monotonic() - begun
        self.assertEqual((ran.code, result["state"]), (0, "delivered"), ran.err)
        self.assert_balanced(folder)
        # But for bytes that came damaged: they are asked for once more.
        damaged = [gap for gap in result["gaps"] if gap["reason"] == "hash-mismatch"]
        again = self.asked_more_than_once(limited)
        self.assertLessEqual(len(again), len(damaged), again)
        self.assertGreater(limited.refused, 0)
        self.assertGreater(len(limited.answered), 60)
        # What the limit allows, and what a busy machine takes beside it.
        self.assertLess(elapsed, len(limited.answered) / 20 * 2 * 2 + 20)
        self.assert_one_copy(receiver, result["transfer"])

    def test_a_terminal_waits_as_long_as_the_source_asks_and_says_so(self):
        here, limited, receiver = self.hospitals(60, 63)  # more than the minute that other waits may take
        ran, result, folder = here.transfer(PATIENT, consent(PATIENT), timeout=400)
        self.assertEqual((ran.code, result["state"]), (0, "delivered"), ran.err)
        self.assertIn("the source asks us to come back in ", ran.err)
        self.assertGreater(limited.refused, 0)
        self.assert_balanced(folder)
        self.assert_one_copy(receiver, result["transfer"])

    def test_a_daemon_that_is_killed_while_it_reads_goes_on_from_there(self):
        here, limited, receiver = self.hospitals(12, 1)
        daemon = here.serve()
        transfer = daemon.place_transfer(PATIENT, consent(PATIENT))
        for at_least in (15, 40):
            place.wait_until(lambda least=at_least: len(limited.answered) >= least, 60, "it has read some")
            daemon.kill()
            daemon = here.serve()
        daemon.wait_for(transfer, seconds=120)
        # What was on its way when it died: no more than `pull.parallel` at each death; and what came
        # damaged, once.
        again = self.asked_more_than_once(limited)
        self.assertLessEqual(sum(count - 1 for count in again.values()), 2 * 6 + 1, again)
        self.assert_one_copy(receiver, transfer)


if __name__ == "__main__":
    place.main()
