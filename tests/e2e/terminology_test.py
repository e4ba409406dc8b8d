"""A terminology server says which codes an operator's ValueSet means: it is asked at the start, with the ValueSet
and nothing of a patient, and what it said once holds when it does not answer."""

import glob
import http.server
import json
import os
import threading

import place
from place import THO, consent

PATIENT = "lupus-1"
LUPUS = {"system": "http://snomed.info/sct", "code": "55464009"}
CONFIG = 78


class Terminology:
    """A server that expands whatever it is asked for to `codes`, or refuses."""

    def __init__(self):
        self.codes, self.asked, self.is_down = [LUPUS], [], False
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.asked.append((self.path, body))
                answer = {"resourceType": "ValueSet", "status": "active", "expansion": {
                    "timestamp": "2026-01-01T00:00:00Z", "total": len(outer.codes), "contains": outer.codes}}
                data = json.dumps(answer).encode()
                self.send_response(503 if outer.is_down else 200)
                self.send_header("Content-Type", "application/fhir+json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.base = f"http://127.0.0.1:{self.server.server_port}/r4"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class TerminologyTest(place.PlaceTest):
    def setUp(self):
        self.here = self.new_place()
        self.terminology = Terminology()
        self.addCleanup(self.terminology.close)
        self.source = self.here.sandbox("ehr", "ehr", "--data", os.path.join(place.PATIENTS, "lupus.json"))
        self.receiver = self.here.sandbox("receiver", "receiver")
        value_set = self.here.write("lupus-set.json", {
            "resourceType": "ValueSet", "url": "http://example.org/lupus", "name": "LupusCodes", "version": "1",
            "status": "active", "compose": {"include": [{"system": LUPUS["system"], "filter": [
                {"property": "concept", "op": "is-a", "value": LUPUS["code"]}]}]},
            "useContext": [{"code": {"system": THO + "usage-context-type", "code": "focus"},
                            "valueCodeableConcept": {"coding": [{"system": THO + "v3-ActCode", "code": "SUD"}]}}]})

        def change(settings):
            settings["knowledge"] = {"sensitivity": [value_set], "terminology": {
                "fhirBaseUrl": self.terminology.base, "auth": {"type": "none"}}}
        self.here.configure(self.source, self.receiver, change)

    def withheld(self):
        """How many resources the filter withholds as SUD, which the server alone calls the lupus."""
        out = self.here.file("prepared")
        while os.path.exists(out):
            out += "-again"
        ran = self.here.consultd("prepare", "--config", self.here.config_file, "--destination", "center", "--consent",
                                 self.here.write("c.json", consent(PATIENT)), "-o", out,
                                 os.path.join(place.PATIENTS, "lupus.json"))
        if ran.code != 0:
            return ran
        with open(os.path.join(out, "ledger.ndjson"), encoding="utf-8") as file:
            return sum('"reason":"sensitivity:SUD"' in line for line in file)

    def test_what_it_says_is_withheld_and_holds_when_it_is_away(self):
        self.assertEqual(self.here.consultd("check", "--config", self.here.config_file).code, 0, "check asks nobody")
        self.assertEqual(self.terminology.asked, [])
        ran = self.withheld()
        self.assertEqual(ran.code, CONFIG, "what decides is not known, so nothing is prepared")
        self.assertIn("is not expanded yet", ran.err)
        daemon = self.here.serve()
        withheld = self.withheld()
        self.assertIsInstance(withheld, int, withheld)
        self.assertGreater(withheld, 0)
        self.assertEqual([path for path, _ in self.terminology.asked], ["/r4/ValueSet/$expand"])
        self.assertNotIn(PATIENT.encode(), b"".join(body for _, body in self.terminology.asked))
        self.assertEqual(daemon.stop(), 0)
        self.terminology.is_down = True
        self.assertEqual(self.here.serve().stop(), 0, "what was said a moment ago is not asked for again")
        self.assertEqual(len(self.terminology.asked), 1)

    def test_what_is_kept_and_was_changed_is_no_answer_of_the_server(self):
        self.assertEqual(self.here.serve().stop(), 0)
        kept, = glob.glob(os.path.join(self.here.file("state"), "terminology", "*.json"))
        self.assertEqual(os.stat(kept).st_mode & 0o777, 0o600)
        with open(kept, encoding="utf-8") as file:
            text = file.read()
        with open(kept, "w", encoding="utf-8") as file:
            file.write(text.replace(LUPUS["code"], "1"))
        self.assertEqual(self.withheld().code, CONFIG)

    def test_without_the_server_s_answer_nothing_starts(self):
        self.terminology.is_down = True
        ran = self.here.consultd("serve", "--config", self.here.config_file)
        self.assertEqual(ran.code, CONFIG, ran.err)
        self.assertIn("/knowledge/sensitivity/0", ran.err)


if __name__ == "__main__":
    place.main()
