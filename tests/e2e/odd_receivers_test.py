"""Receivers with ways of their own (odd_receiver.py): whatever they answer, at most one copy is in what they stored,
nothing is called delivered without all of it, nothing is called refused that is there, and where any way works it is
delivered."""

import place
from odd_receiver import OddReceiver
from strange_receivers_test import PACKET, Moving

# Where it lies is told wrongly, or elsewhere.
PLACES = [["foreign-locations"], ["wrong-locations"], ["rotated-locations"], ["tells-resources"],
          ["no-bundles", "foreign-locations"], ["no-bundles", "keeps-elsewhere", "no-locations"],
          ["no-bundles", "puts-only", "keeps-elsewhere"], ["no-bundles", "puts-only", "keeps-elsewhere", "no-bodies"]]
# What it answers to the transaction is not what the standard says.
ANSWERS = [["numbers-for-status"], ["bare-status"], ["wraps-answers"], ["says-more"], ["sees-other"]]
# What it shows is in motion.
READS = [["bumps-versions"], ["shows-other-ids"], ["takes-up-task"], ["completes-task"], ["gone-at-first"],
         ["no-bundles", "bumps-versions", "takes-up-task"]]
# How it finds.
SEARCHES = [["no-locations", "finds-older-versions"], ["no-locations", "adds-outcomes"],
            ["no-locations", "first-page-empty"], ["empty-is-404"], ["empty-is-404", "close-after-commit"]]
# How its answers are called.
TYPES = [["bom"], ["text-json"], ["loud-type"], ["latin-type"], ["no-bundles", "bom"]]
# What is kept is less, or of somebody else.
LOSING = [["loses-labels"], ["loses-document-labels"], ["other-labels"], ["others-subject"], ["cuts-narratives"],
          ["cuts-document"], ["other-content-type"], ["no-bundles", "loses-labels"],
          ["no-bundles", "other-content-type"], ["stops-half-way"], ["no-bundles", "knows-no-provenance"]]


class OddReceiversTest(Moving):
    make_receiver = OddReceiver

    def test_where_it_lies_is_found_whatever_it_says(self):
        self.try_all(PLACES)

    def test_what_it_answers_is_not_needed(self):
        self.try_all(ANSWERS)

    def test_what_it_does_with_it_meanwhile_is_no_difference(self):
        self.try_all(READS)

    def test_however_it_finds(self):
        self.try_all(SEARCHES)

    def test_whatever_it_calls_its_answers(self):
        self.try_all(TYPES)

    def test_what_it_loses_is_not_delivered(self):
        self.try_all(LOSING, ends=("held",))

    # What does not say what it is, is no answer.
    def test_what_does_not_say_what_it_is_proves_nothing(self):
        self.try_all([["no-content-type"]], ends=("held", "uncertain"))

    # It said that it will do it, and nothing came of it: nobody knows, and it goes out once.
    def test_what_it_accepts_and_forgets_is_not_sent_again(self):
        receiver = self.try_one(["accepts-and-forgets"], ends=("held", "uncertain"))
        self.assertEqual(receiver.requests.count(("POST", "/fhir")), 1)

    # A type that it does not know: all of it goes nowhere, and is called so.
    def test_what_it_refuses_whole_is_refused(self):
        receiver = self.try_one(["knows-no-provenance"], ends=("held", "refused"))
        self.assertLess(len(receiver.of_type("Task")), PACKET["Task"])

    def test_what_it_puts_off_goes_again(self):
        self.try_all([["says-busy"], ["challenges"], ["challenges-reads"]], first=1)


if __name__ == "__main__":
    place.main()
