"""A transfer that is held because it is not certain who the patient is at the destination: `match` shows both sides, a
person at the shell decides, and the log has it, with who it was, before anything is done by it."""

import getpass
import json
import os

import place
from place import consent

CHART = os.path.join(place.PATIENTS, "lupus.json")
PATIENT = "lupus-1"
USAGE, BAD_DATA, NO_INPUT = 64, 65, 66


def patient_in(file):
    with open(file, encoding="utf-8") as text:
        bundle = json.load(text)
    return next(entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Patient")


class MatchTest(place.PlaceTest):
    def setUp(self):
        self.here = self.new_place()
        self.source = self.here.sandbox("ehr", "ehr", "--data", CHART)
        self.ours = patient_in(CHART)
        # The twin, and a chart without a name that has one of our numbers.
        twin = dict(self.ours, id="twin", identifier=[], name=[dict(self.ours["name"][0], given=["Beatrix"])])
        nameless = {"resourceType": "Patient", "id": "nameless", "identifier": self.ours["identifier"]}
        self.receiver = self.here.sandbox("receiver", "receiver", "--data", self.here.write("twin.json", twin),
                                          "--data", self.here.write("nameless.json", nameless))
        self.here.configure(self.source, self.receiver)

    def match(self, transfer, *options):
        return self.here.consultd("match", "--config", self.here.config_file, transfer, *options)

    def held(self, daemon):
        transfer = daemon.place_transfer(PATIENT, consent(PATIENT))
        daemon.wait_for(transfer, "held")
        self.assertIn("identity", daemon.ask("GET", "/fhir/Task/" + transfer)[2]["statusReason"]["text"])
        return transfer

    def subtypes(self, transfer):
        return [code for event in self.here.audit_events() if event.get("transfer") == transfer
                for code in event["subtype"] if code != "disclose"]

    def tasks(self):
        status, _, text = place.ask(self.receiver.fhir_base + "/Task")
        self.assertEqual(status, 200)
        return [entry["resource"] for entry in json.loads(text).get("entry", [])]

    def test_both_sides_are_shown_row_by_row(self):
        daemon = self.here.serve()
        transfer = self.held(daemon)
        ran = self.match(transfer, "--json")
        self.assertEqual(ran.code, 0, ran.err)
        shown = {one["chart"]: {row["row"]: row for row in one["rows"]} for one in json.loads(ran.out)["candidates"]}
        self.assertEqual(set(shown), {"Patient/twin", "Patient/nameless"})
        twin = {name: row["says"] for name, row in shown["Patient/twin"].items()}
        self.assertEqual(twin, {"identifier": "absent", "family": "agrees", "given": "differs", "birth date": "agrees",
                                "gender": "agrees", "chart": "agrees"})
        self.assertEqual(shown["Patient/twin"]["birth date"]["theirs"], self.ours["birthDate"])
        nameless = {name: row["says"] for name, row in shown["Patient/nameless"].items()}
        self.assertEqual((nameless["family"], nameless["given"], nameless["birth date"], nameless["gender"]),
                         ("absent",) * 4)
        ran = self.match(transfer)
        self.assertEqual(ran.code, 0, ran.err)
        self.assertIn("Beatrix", ran.out)
        self.assertEqual(self.receiver.received(), [], "nothing has left")
        # The daemon asked, and each look did; who looked is in the log.
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(sorted(self.subtypes(transfer)), ["order-create"] + ["patient-query"] * 3)

    def test_a_named_operator_decides_and_it_goes_into_that_chart_and_no_other(self):
        daemon = self.here.serve()
        transfer = self.held(daemon)
        ran = self.match(transfer, "--accept", "Patient/nameless", "--json")
        self.assertEqual(ran.code, 0, ran.err)
        daemon.wait_for(transfer)
        [task] = self.tasks()
        self.assertTrue(task["for"]["reference"].endswith("Patient/nameless"), task["for"])
        self.assertEqual(self.receiver.counts()["Patient"], 2, "no new chart")
        self.assertEqual(daemon.stop(), 0)
        codes = self.subtypes(transfer)
        self.assertEqual(codes.count("identity-decision"), 1)
        self.assertLess(codes.index("identity-decision"), codes.index("disclosure-intent"))
        log = b""
        for folder, _, names in os.walk(self.here.file("state", "audit")):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    log += file.read()
        self.assertIn(f'"display":"{getpass.getuser()}'.encode(), log)
        self.assertIn(b"Patient/nameless", log)
        for text in (self.ours["name"][0]["family"], self.ours["birthDate"], self.ours["identifier"][0]["value"]):
            self.assertNotIn(text.encode(), log)

    # One of them has a number of hers: it is not taken for hers by that.
    def test_a_new_chart_is_made_where_a_person_says_so(self):
        daemon = self.here.serve()
        transfer = self.held(daemon)
        self.assertEqual(self.match(transfer, "--accept", "new").code, 0)
        daemon.wait_for(transfer)
        self.assertEqual(self.receiver.counts()["Patient"], 3)
        self.assert_audited_once(self.here, transfer)

    def test_what_cannot_be_decided_so_is_refused_and_nothing_is_changed(self):
        daemon = self.here.serve()
        transfer = self.held(daemon)
        stranger = {"resourceType": "Patient", "name": [{"family": "Other"}], "birthDate": "1901-01-01"}
        _, headers, _ = place.ask(self.receiver.fhir_base + "/Patient", "POST", json.dumps(stranger).encode(),
                                  {"Content-Type": "application/fhir+json"})
        other = "Patient/" + headers["Location"].split("/Patient/")[1].split("/")[0]
        for choice, code in (("Patient/never-there", NO_INPUT), (other, BAD_DATA), ("77", USAGE),
                             ("https://elsewhere.example/fhir/Patient/1", USAGE), ("Practitioner/1", USAGE)):
            ran = self.match(transfer, "--accept", choice)
            self.assertEqual(ran.code, code, (choice, ran.err))
        self.assertEqual(daemon.state_of(transfer), "held")
        self.assertNotIn("identity-decision", self.subtypes(transfer))
        self.assertEqual(self.match("00000000-0000-4000-8000-000000000000").code, NO_INPUT)

    def test_whom_the_source_is_not_sure_of_is_for_whoever_orders_to_say(self):
        double = dict(self.ours, id="double")
        source = self.here.sandbox("ehr2", "ehr", "--data", CHART, "--data", self.here.write("double.json", double))
        self.here.configure(source, self.receiver)
        number = self.ours["identifier"][0]
        ran = self.here.consultd("transfer", "--config", self.here.config_file, "--source", "general", "--destination",
                                 "center", "--patient", number["system"] + "|" + number["value"], "--consent",
                                 self.here.write("consent.json", consent(PATIENT)), "--json")
        self.assertEqual((ran.code, json.loads(ran.out)["reason"]), (BAD_DATA, "identity"), ran.err)
        ran = self.match(json.loads(ran.out)["transfer"])
        self.assertEqual(ran.code, BAD_DATA)
        self.assertIn("by the Patient's id there", ran.err)

    def test_what_is_not_held_for_its_identity_is_not_decided(self):
        ran = self.here.consultd("transfer", "--config", self.here.config_file, "--source", "general", "--destination",
                                 "center", "--patient", PATIENT, "--consent",
                                 self.here.write("consent.json", consent(PATIENT)), "--json")
        transfer = json.loads(ran.out)["transfer"]
        # Without a daemon the decision is durable, and the next daemon goes on with it.
        self.assertEqual(self.match(transfer, "--accept", "Patient/nameless").code, 0)
        ran = self.match(transfer, "--accept", "Patient/twin")
        self.assertEqual(ran.code, BAD_DATA, ran.err)
        self.assertIn("the transfer is prepared, and not held for its patient's identity", ran.err)
        self.here.serve().wait_for(transfer)
        self.assertTrue(self.tasks()[0]["for"]["reference"].endswith("Patient/nameless"))

    def assert_too_late(self, transfer, decisions):
        for choice in ((), ("--accept", "Patient/twin"), ("--accept", "new")):
            ran = self.match(transfer, *choice)
            self.assertEqual((ran.code, ran.out), (BAD_DATA, ""), ran.err)
            self.assertIn("nothing can be decided any more: records of this transfer have left or may have left",
                          ran.err)
        self.assertEqual(self.subtypes(transfer).count("identity-decision"), decisions)

    def test_what_has_left_is_not_decided_any_more_and_that_is_said(self):
        daemon = self.here.serve()
        transfer = self.held(daemon)
        self.assertEqual(self.match(transfer, "--accept", "Patient/nameless").code, 0)
        daemon.wait_for(transfer)
        self.assert_too_late(transfer, 1)
        self.assertTrue(self.tasks()[0]["for"]["reference"].endswith("Patient/nameless"))
        self.assertEqual(daemon.state_of(transfer), "delivered")

    # Held for its identity, and all of it is there.
    def test_what_lies_in_another_chart_is_not_moved_by_a_decision(self):
        stranger = {"resourceType": "Patient", "id": "other", "name": [{"family": "Other"}], "birthDate": "1901-01-01"}
        receiver = self.here.sandbox("wrong", "receiver", "--data", self.here.write("other.json", stranger),
                                     "--be", "other-chart")
        self.here.configure(self.source, receiver)
        daemon = self.here.serve()
        transfer = daemon.place_transfer(PATIENT, consent(PATIENT))
        daemon.wait_for(transfer, "held")
        self.assert_too_late(transfer, 0)
        self.assertEqual(daemon.state_of(transfer), "held")


if __name__ == "__main__":
    place.main()
