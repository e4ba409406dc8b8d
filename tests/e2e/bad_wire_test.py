"""Wires that go bad (bad_wire.py), before a source and before a destination: each ends in bounded time and memory, with
the exit code and the words that lead to the cause; what came through is whole, and is at the destination once."""

import json
import socket

import place
from bad_wire import BadWire
from crash_test import PATIENT, chart
from place import consent

ALWAYS = 10 ** 9
OK, BAD_DATA, UNAVAILABLE, LATER, PROTOCOL = 0, 65, 69, 75, 76
BYTES_MOST = 400 << 20  # a bomb has ten times as many
# An answer that breaks off is asked for again; one that is none, or is too much, is no answer at all.
BROKEN = ["resets_amid_body", "resets_at_once", "chunks_without_end", "talks_http_2"]
NO_ANSWER = ["chunks_of_no_size", "chunks_beyond_all", "heads_without_end", "chunks_below_nothing", "zips_a_bomb"]
SECONDS_MOST = 400


class BadWireTest(place.PlaceTest):
    @classmethod
    def setUpClass(cls):
        cls.home = place.Place()
        cls.addClassCleanup(cls.home.close)
        cls.source = cls.home.sandbox("ehr", "ehr", "--data", cls.home.write("chart.json", chart()))

    def move(self, before_source=None, before_destination=None):
        """What it ran as, what is said of it, what the receiver has, and the request lines that went over the wire."""
        with place.Place() as here:
            receiver = here.sandbox("receiver", "receiver")
            source = BadWire(self.source.fhir_base, *before_source) if before_source else self.source
            destination = BadWire(receiver.fhir_base, *before_destination) if before_destination else receiver
            try:
                here.configure(source, destination)
                ran, result, _ = here.transfer(PATIENT, consent(PATIENT), timeout=SECONDS_MOST)
                [result] = json.loads(here.consultd("status", "--config", here.config_file, "--json",
                                                    result["transfer"]).out)
                lines = [line for wire in (source, destination) for line in getattr(wire, "lines", [])]
                return ran, result, receiver.counts(), lines
            finally:
                for wire in (source, destination):
                    if isinstance(wire, BadWire):
                        wire.close()

    def assert_delivered_once(self, ran, result, counts):
        self.assertEqual(ran.code, OK, ran.err)
        self.assertEqual((result["state"], result["complete"]), ("delivered", True), ran.err)
        self.assertEqual((counts["Task"], counts["Patient"], counts["Observation"], counts["Binary"]), (1, 1, 5, 2))
        self.assertLess(ran.peak_bytes, BYTES_MOST)

    def recovers(self, **wires):
        self.assert_delivered_once(*self.move(**wires)[:3])

    def test_a_source_whose_answer_is_spoilt_once_costs_nothing_but_time(self):
        self.try_all({habit: (habit,) for habit in BROKEN},
                     lambda habit: self.recovers(before_source=(habit, r"^GET /fhir/Observation\b")))

    def test_a_destination_whose_answer_is_spoilt_after_the_commit_has_one_copy(self):
        self.try_all({habit: (habit,) for habit in BROKEN + NO_ANSWER + ["continues_first"]},
                     lambda habit: self.recovers(before_destination=(habit, r"^POST /fhir/? ")))

    def test_a_read_back_that_is_spoilt_is_asked_again(self):
        self.try_all({habit: (habit,) for habit in BROKEN + ["drips_headers"]},
                     lambda habit: self.recovers(before_destination=(habit, r"^GET /fhir/Task/")))

    def gives_up(self, habit):
        ran, result, counts, _ = self.move(before_source=(habit, r"^GET /fhir/(Patient|metadata)\b", ALWAYS))
        self.assertIn(ran.code, (BAD_DATA, UNAVAILABLE, LATER, PROTOCOL), ran.err)
        self.assertEqual(result["state"], "held")
        self.assertRegex(ran.err, r"source general \(localhost:\d+\)")
        self.assertEqual(counts, {})
        self.assertLess(ran.peak_bytes, BYTES_MOST)

    def test_a_source_whose_answers_are_always_spoilt_is_given_up_and_named(self):
        self.try_all({habit: (habit,) for habit in BROKEN + NO_ANSWER}, self.gives_up)

    # The Observations are all that there is: what came in their place is not taken for none.
    def is_not_handed_over(self, habit):
        ran, result, counts, _ = self.move(before_source=(habit, r"^GET /fhir/Observation\b"))
        self.assertEqual((ran.code, result["state"]), (PROTOCOL, "held"), ran.err)
        self.assertIn("not-handed-over", ran.err)
        self.assertIn("Observation", [gap["what"].partition("?")[0] for gap in result["gaps"]], result)
        self.assertEqual(counts, {})

    def test_what_came_in_place_of_an_answer_is_not_taken_for_nothing(self):
        self.try_all({habit: (habit,) for habit in NO_ANSWER}, self.is_not_handed_over)

    # What is packed to burst is no answer, and is not asked for again and again.
    def test_a_bomb_is_a_gap_and_no_harm(self):
        ran, result, counts, lines = self.move(before_source=("zips_a_bomb", r"^GET /fhir/Observation\b", ALWAYS))
        self.assertEqual(result["complete"], False, ran.err)
        self.assertLess(ran.peak_bytes, BYTES_MOST)
        self.assertLess(sum("/Observation" in line for line in lines), 40)
        self.assertEqual(counts.get("Observation", 0), 0)

    def test_addresses_of_ip_version_6_are_reached(self):
        wire = ("passes", r"^$", 0, socket.AF_INET6)
        self.recovers(before_source=wire, before_destination=wire)


if __name__ == "__main__":
    place.main()
