"""The opinion comes back in whatever form the other side gives it, is kept sealed, and is given to whoever may read it,
with the audit log told before; an amended one is one more version."""

import base64
import json
import os

import place
from place import consent

CHART = os.path.join(place.PATIENTS, "lupus.json")
PATIENT = "lupus-1"
NO_INPUT = 66
WORDS = "I have read the record and would wait."


def output(title, **value):
    return dict({"type": {"text": title}}, **value)


class OpinionTest(place.PlaceTest):
    def setUp(self):
        self.here = self.new_place()
        self.source = self.here.sandbox("ehr", "ehr", "--data", CHART)
        self.receiver = self.here.sandbox("receiver", "receiver")

        def often(settings):
            settings["destinations"]["center"]["follow"] = {"every": "1s"}
        self.here.configure(self.source, self.receiver, often)
        self.daemon = self.here.serve()
        self.transfer = self.daemon.place_transfer(PATIENT, consent(PATIENT))
        self.daemon.wait_for(self.transfer)
        [entry] = json.loads(place.ask(self.receiver.fhir_base + "/Task")[2])["entry"]
        self.task = entry["resource"]

    def answer(self, **members):
        task = json.dumps(dict(self.task, status="completed", **members)).encode()
        status, _, text = place.ask(f"{self.receiver.fhir_base}/Task/{self.task['id']}", "PUT", task,
                                    {"Content-Type": "application/fhir+json"})
        self.assertEqual(status, 200, text)

    def opinion(self, *options):
        return self.here.consultd("opinion", "--config", self.here.config_file, self.transfer, *options)

    def read(self, name):
        with open(self.here.file("out", name), "rb") as file:
            return file.read()

    def subtypes(self):
        return [code for event in self.here.audit_events() if event.get("transfer") == self.transfer
                for code in event["subtype"]]

    def test_a_note_comes_with_its_bytes_and_is_read_by_command_and_over_http(self):
        self.assertEqual(self.opinion().code, NO_INPUT)
        self.receiver.door("answer/" + self.task["id"], {"text": WORDS})
        self.daemon.wait_for(self.transfer, "opinion-received", 20)
        ran = self.opinion()
        self.assertEqual(ran.code, 0, ran.err)
        self.assertIn("from Cancer Center", ran.out)
        self.assertNotIn(WORDS, ran.out)
        ran = self.opinion("-o", self.here.file("out"))
        self.assertEqual(ran.code, 0, ran.err)
        self.assertIn(WORDS.encode(), [self.read(name) for name in os.listdir(self.here.file("out"))])
        self.assertEqual(json.loads(self.read("opinion.json"))["type"], "collection")
        _, _, task = self.daemon.ask("GET", "/fhir/Task/" + self.transfer)
        [given] = [one for one in task["output"] if one["type"]["coding"][0]["code"] == "opinion"]
        bundle = json.loads(base64.b64decode(given["valueAttachment"]["data"]))
        self.assertIn(base64.b64encode(WORDS.encode()).decode(),
                      [entry["resource"].get("data") for entry in bundle["entry"]])
        codes = self.subtypes()
        self.assertEqual(codes.count("opinion-received"), 1)
        self.assertGreaterEqual(codes.count("opinion-read"), 3)

    def test_texts_attachments_and_contained_reports_are_taken_as_they_stand(self):
        self.answer(contained=[{"resourceType": "DiagnosticReport", "id": "r", "status": "final",
                                "code": {"text": "Second look"}, "subject": self.task["for"],
                                "conclusion": "The slides show the same."}],
                    output=[output("opinion", valueString=WORDS),
                            output("letter", valueAttachment={"contentType": "application/pdf",
                                                              "data": base64.b64encode(b"%PDF-1").decode()}),
                            output("report", valueReference={"reference": "#r"})])
        self.daemon.wait_for(self.transfer, "opinion-received", 20)
        self.assertEqual(self.opinion("-o", self.here.file("out")).code, 0)
        found = {name: self.read(name) for name in os.listdir(self.here.file("out"))}
        self.assertIn(WORDS.encode(), found.values())
        self.assertIn(b"The slides show the same.", found.values())
        self.assertEqual([text for name, text in found.items() if name.endswith(".pdf")], [b"%PDF-1"])

    def test_completed_without_any_is_for_a_person(self):
        self.answer()
        self.daemon.wait_for(self.transfer, "held", 20)
        self.assertIn("no-opinion", self.daemon.ask("GET", "/fhir/Task/" + self.transfer)[2]["statusReason"]["text"])

    def test_an_amended_opinion_is_one_more_version(self):
        self.answer(output=[output("opinion", valueString=WORDS)])
        self.daemon.wait_for(self.transfer, "opinion-received", 20)
        self.answer(output=[output("opinion", valueString="On second thoughts: treat.")])
        place.wait_until(lambda: self.subtypes().count("opinion-received") == 2, 20, "the second version")
        ran = self.opinion("--json", "-o", self.here.file("out"))
        self.assertEqual(ran.code, 0, ran.err)
        self.assertEqual(len(json.loads(ran.out)["versions"]), 2)
        self.assertIn(b"On second thoughts", self.read("opinion.json"))
        self.assertIn(WORDS.encode(), self.read("opinion-version-1.json"))
        self.assertEqual(self.daemon.state_of(self.transfer), "opinion-received")


if __name__ == "__main__":
    place.main()
