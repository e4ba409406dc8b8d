"""pull.method "everything": one Patient/$everything in place of the searches brings the same record."""

import os

import place
from place import consent

CHART = os.path.join(place.PATIENTS, "lupus.json")
PATIENT = "lupus-1"


class EverythingTest(place.PlaceTest):
    def pull(self, method, *options, faults=()):
        """Moves the patient: what ran, its JSON, the ledger of what was delivered, the receiver."""
        def change(settings):
            settings["sources"]["general"]["pull"] = {"method": method}
        here = self.new_place()
        source = here.sandbox("ehr", "ehr", "--data", CHART, "--page-size-max", "50", *options)
        receiver = here.sandbox("receiver", "receiver")
        here.configure(source, receiver, change)
        for fault in faults:
            source.fault(*fault)
        ran, result, folder = here.transfer(PATIENT, consent(PATIENT))
        self.assertIsNotNone(result, ran.err)
        ledger = self.assert_balanced(folder) if result["state"] == "delivered" else None
        return ran, result, ledger, receiver

    def test_brings_the_record_that_searches_bring(self):
        # Whoever searches for observations is refused: they come by the operation or not at all.
        ran, result, ledger, receiver = self.pull("everything", "--everything", faults=[("forbid:Observation", -1)])
        self.assertEqual((ran.code, result["state"]), (0, "delivered"), ran.err)
        self.assertEqual(len(receiver.transactions()), 1)
        self.assert_one_copy(receiver, result["transfer"])

        _, searched, by_search, _ = self.pull("search", "--everything")
        self.assertGreater(searched["counts"]["pulled"], 300)
        everything, search = ({line["source"] for line in lines["resource"]} for lines in (ledger, by_search))
        # The operation is free to bring more than the searches ask for; less would be a loss. What it says of
        # Provenance is nothing: https://hl7.org/fhir/R4/patient-operation-everything.html
        lost = [source for source in sorted(search - everything) if not source.startswith("Provenance/")]
        self.assertEqual(lost, [])

    def test_where_the_source_has_not_the_operation_the_searches_bring_the_record(self):
        ran, result, ledger, _ = self.pull("everything")
        self.assertEqual((ran.code, result["state"]), (0, "delivered"), ran.err)
        self.assertGreater(result["counts"]["pulled"], 300)
        self.assertIn("Patient/$everything", [line["what"] for line in ledger["gap"]])

    def test_a_page_that_is_gone_makes_it_partial_with_a_gap(self):
        ran, result, ledger, _ = self.pull("everything", "--everything", faults=[("expired-page", -1)])
        self.assertEqual((ran.code, result["state"]), (0, "delivered"), ran.err)
        self.assertFalse(result["complete"])
        self.assertIn("Patient/$everything", [line["what"] for line in ledger["gap"]])


if __name__ == "__main__":
    place.main()
