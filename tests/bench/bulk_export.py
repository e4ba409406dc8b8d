#!/usr/bin/env python3
"""Time and peak memory of a pull by Group/$export in which one patient's record lies among everybody's.

    bulk_export.py [--mib 1024]

A source of its own makes the NDJSON as it is asked for; `consultd transfer --dry-run` reads it. CONSULTD_BIN is the
folder of the program (default: build/). Ends with 1 where the peak is over 256 MiB, or the record is not whole."""

import argparse
import http.server
import json
import os
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import place  # noqa: E402

OURS, PATIENT = 1000, "patient-4711"
PEAK_MAX = 256 << 20


def observation(number, patient):
    return json.dumps({"resourceType": "Observation", "id": f"o{number}", "status": "final",
                       "code": {"coding": [{"system": "http://loinc.org", "code": "2160-0", "display": "Creatinine"}],
                                "text": "Creatinine [Mass/volume] in Serum or Plasma"},
                       "subject": {"reference": f"Patient/{patient}"}, "effectiveDateTime": "2024-05-06",
                       "valueQuantity": {"value": number, "unit": "mg/dL", "system": "http://unitsofmeasure.org",
                                         "code": "mg/dL"},
                       "note": [{"text": "x" * 1000}]}).encode() + b"\n"


class Source(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.split("?")[0]
        base = f"http://localhost:{self.server.server_port}"
        if path == "/fhir/metadata":
            return self.give({"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": [
                {"mode": "server", "resource": [{"type": "Patient"}, {"type": "Observation"}]}]})
        if path == "/fhir/Patient/" + PATIENT:
            return self.give({"resourceType": "Patient", "id": PATIENT, "name": [{"family": "Bulk"}]})
        if path.endswith("$export"):
            return self.give(None, 202, {"Content-Location": base + "/job"})
        if path == "/job":
            return self.give({"transactionTime": "2026-01-01T00:00:00Z", "requiresAccessToken": False, "error": [],
                              "output": [{"type": "Observation", "url": base + "/file"}]})
        if path == "/file":
            return self.stream()
        return self.give({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]},
                         404)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.give({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-supported"}]}, 405)

    def do_DELETE(self):
        self.give(None, 202)

    def give(self, body, status=200, headers=None):
        text = json.dumps(body).encode() if body else b""
        self.send_response(status)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(text)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def stream(self):
        others = observation(1, "somebody")
        block = others * 600
        blocks = (self.server.mib << 20) // len(block)
        self.send_response(200)
        self.send_header("Content-Type", "application/fhir+ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        every = max(1, blocks // OURS)
        sent = 0
        for number in range(blocks):
            piece = block
            while sent < OURS and (number % every == 0 or number == blocks - 1) and sent <= number // every:
                piece += observation(10 + sent, PATIENT)
                sent += 1
            if number == blocks - 1:
                piece += b"".join(observation(10 + one, PATIENT) for one in range(sent, OURS))
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--mib", type=int, default=1024)
    given = arguments.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Source)
    server.mib = given.mib
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here = place.Place()
    try:
        receiver = here.sandbox("receiver", "receiver")

        def change(settings):
            settings["sources"]["general"].update(fhirBaseUrl=f"http://localhost:{server.server_port}/fhir",
                                                  pull={"method": "bulk", "group": "all"})
        here.configure(receiver, receiver, change)
        agreed = here.write("consent.json", place.consent(PATIENT))
        ran = here.consultd("transfer", "--config", here.config_file, "--source", "general", "--destination", "center",
                            "--patient", PATIENT, "--consent", agreed, "--dry-run", "--json",
                            "-o", here.file("packet"), timeout=3600)
        result = json.loads(ran.out) if ran.out else {}
        pulled = result.get("counts", {}).get("pulled")
        print(f"{given.mib} MiB of NDJSON: {ran.seconds:.1f} s, {given.mib / ran.seconds:.0f} MiB/s, "
              f"peak {ran.peak_bytes >> 20} MiB, {pulled} resources of the patient's")
        if ran.code != 0 or pulled != OURS + 1 or ran.peak_bytes > PEAK_MAX:
            sys.exit(ran.err or 1)
    finally:
        here.close()


if __name__ == "__main__":
    main()
