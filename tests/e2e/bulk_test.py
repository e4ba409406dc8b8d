"""pull.method "bulk": the record by Patient/$export, or a Group's, as sources in the field speak it."""

import os

import place
from place import consent

CHART = os.path.join(place.PATIENTS, "lupus.json")
PATIENT = "lupus-1"


def entries(*resources):
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def somebody_else():
    return entries({"resourceType": "Patient", "id": "somebody"},
                   *({"resourceType": "Observation", "id": f"theirs-{number}", "status": "final",
                      "code": {"text": "Hb"}, "subject": {"reference": "Patient/somebody"}} for number in range(150)))


class BulkTest(place.PlaceTest):
    def pull(self, method, *habits, pull=None, tls=False, group=None):
        """Moves the patient: what ran, its JSON, the ledger, the place with its source and receiver."""
        here = self.new_place(tls=tls)
        if tls:
            here.configure()  # the keys, which the sandbox is to know
        others = here.write("others.json", entries(*[one["resource"] for one in somebody_else()["entry"]],
                                                   *([group] if group else [])))
        options = ["--data", CHART, "--data", others]
        options += [option for habit in habits for option in ("--be", habit)]
        source = here.sandbox("ehr", "ehr", *options)
        receiver = here.sandbox("receiver", "receiver")

        def change(settings):
            settings["sources"]["general"]["pull"] = dict({"method": method}, **(pull or {}))
        here.configure(source, receiver, change)
        ran, result, folder = here.transfer(PATIENT, consent(PATIENT))
        self.assertIsNotNone(result, ran.err)
        ledger = self.assert_balanced(folder) if result["state"] == "delivered" else None
        if ledger and not tls:
            self.assert_one_copy(receiver, result["transfer"])
        return ran, result, ledger

    def sources(self, ledger):
        return {line["source"] for line in ledger["resource"] if line["outcome"] != "rejected"}

    def gaps(self, result):
        return {(gap["what"], gap["reason"]) for gap in result["gaps"]}

    def test_brings_the_record_that_searches_bring(self):
        ran, result, exported = self.pull("bulk", "bulk", "bulk-polls:2", tls=True)
        self.assertEqual((ran.code, result["state"]), (0, "delivered"), ran.err)
        _, searched, by_search = self.pull("search", "bulk")
        self.assertGreater(searched["counts"]["pulled"], 300)
        self.assertEqual(sorted(self.sources(by_search) - self.sources(exported)), [])
        # What is at the source and not this patient's is no part of it, and no leak either.
        self.assertEqual([line for line in exported["resource"] if line.get("reason") == "wrong-patient"], [])

    def test_each_fault_is_got_over_or_named(self):
        _, _, whole = self.pull("search", "bulk")
        for habit, gap in (("bulk-429", None), ("bulk-expires", None), ("bulk-open-files", None),
                           ("bulk-cut-line", "malformed-answer"), ("bulk-wrong-count", "fewer-than-total"),
                           ("bulk-file-404", "http-404"), ("bulk-other-origin", "other-origin"),
                           ("bulk-get-only", "http-405"), ("bulk-others", "not-narrowed")):
            with self.subTest(habit):
                ran, result, ledger = self.pull("bulk", habit)
                self.assertEqual((ran.code, result["state"]), (0, "delivered"), ran.err)
                named = {(what, reason) for what, reason in self.gaps(result) if what.endswith("$export")}
                self.assertEqual({reason for _, reason in named}, {gap} - {None})
                # What the export lacks, the searches bring.
                self.assertEqual(sorted(self.sources(whole) - self.sources(ledger)), [])

    def test_a_group_is_asked_for_as_a_whole_where_nothing_else_is_taken(self):
        group = {"resourceType": "Group", "id": "g1", "type": "person", "actual": True,
                 "member": [{"entity": {"reference": "Patient/" + PATIENT}},
                            {"entity": {"reference": "Patient/somebody"}}]}
        ran, result, ledger = self.pull("bulk", "bulk-get-only", "bulk-others", pull={"group": "g1"}, group=group)
        self.assertEqual((ran.code, result["state"]), (0, "delivered"), ran.err)
        self.assertEqual({what for what, _ in self.gaps(result) if what.endswith("$export")}, set())
        self.assertFalse([line for line in ledger["resource"] if "theirs" in line["source"]])

    def test_a_withdrawal_ends_the_export_that_the_source_is_still_at_work_on(self):
        here = self.new_place()
        source = here.sandbox("ehr", "ehr", "--data", CHART, "--be", "bulk", "--be", "bulk-polls:1000")
        here.configure(source, here.sandbox("receiver", "receiver"),
                       lambda settings: settings["sources"]["general"].update(pull={"method": "bulk"}))
        daemon = here.serve()
        transfer = daemon.place_transfer(PATIENT, consent(PATIENT))
        job = source.origin + "/bulk/1"
        place.wait_until(lambda: place.ask(job)[0] == 202, 30, "the export is being made")
        cancelled = here.consultd("cancel", "--config", here.config_file, transfer)
        self.assertEqual(cancelled.code, 0, cancelled.err)
        daemon.wait_for(transfer, "withdrawn")
        place.wait_until(lambda: place.ask(job)[0] == 404, 30, "the source has forgotten it")


if __name__ == "__main__":
    place.main()
