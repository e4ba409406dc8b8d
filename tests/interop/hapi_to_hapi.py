#!/usr/bin/env python3
"""One Synthea patient from one HAPI JPA server to another through `consultd transfer`, and what must hold then.

Delivered once; the ledger balances; what HAPI's own $everything names of the clinical types is in the ledger or
a named gap; sent again, nothing is added. Nothing of the record is printed: types, ids at the test server, counts.
"""

import argparse
import collections
import concurrent.futures
import http.server
import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request

from consent import NPI, share_all

CLINICAL = set("""AllergyIntolerance CarePlan CareTeam Condition Device DiagnosticReport DocumentReference Encounter
Goal ImagingStudy Immunization Media MedicationAdministration MedicationDispense MedicationRequest MedicationStatement
Observation Procedure ServiceRequest Specimen""".split())
failures = []


def check(holds, text):
    print(("ok      " if holds else "FAILED  ") + text)
    if not holds:
        failures.append(text)


def call(method, url, body=None):
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/fhir+json",
                                                 "Accept": "application/fhir+json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        error.read()
        return error.code, {}


class Recorder(http.server.BaseHTTPRequestHandler):
    """Stands before the destination, keeps the bytes of each transaction that passes, and fails where it is told to."""

    protocol_version = "HTTP/1.1"
    target = ""  # "http://host:port"
    transactions = []
    fault = None  # of the next transaction: "lost answer" | "conflict"

    def next_fault(self):
        fault, Recorder.fault = Recorder.fault, None
        return fault

    def answer(self, status, headers, content):
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in ("connection", "content-length", "transfer-encoding", "keep-alive"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def relay(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
        is_transaction = self.command == "POST" and self.path.rstrip("/") == "/fhir"
        fault = self.next_fault() if is_transaction else None
        if fault == "conflict":  # as HAPI has it when a conditional create loses a race: nothing is stored
            outcome = {"resourceType": "OperationOutcome", "issue": [
                {"severity": "error", "code": "processing", "diagnostics": "HAPI-0550: HAPI-2745: conflict"}]}
            return self.answer(409, [("Content-Type", "application/fhir+json")], json.dumps(outcome).encode())
        if is_transaction:
            self.transactions.append(body)
        passed = {name: value for name, value in self.headers.items()
                  if name.lower() not in ("connection", "content-length", "accept-encoding")}
        request = urllib.request.Request(self.target + self.path, body, passed, method=self.command)
        try:
            answer = urllib.request.urlopen(request, timeout=300)
        except urllib.error.HTTPError as error:
            answer = error
        content = answer.read()
        if fault == "lost answer":
            self.close_connection = True
            return None
        return self.answer(answer.status, answer.headers.items(), content)

    do_GET = do_POST = do_PUT = do_DELETE = relay

    def log_message(self, *_):
        pass


def record(destination):
    """The address to deliver to, of a recorder before `destination`."""
    Recorder.target = destination[:-len("/fhir")]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/fhir"


def total(base, kind):
    return call("GET", f"{base}/{kind}?_summary=count")[1].get("total")


def stock(base):
    """How many there are of each type that a delivery may add."""
    kinds = sorted(CLINICAL | {"Patient", "Task", "ServiceRequest", "Bundle", "Binary", "Consent", "Provenance",
                               "Composition", "Practitioner", "Organization"})
    return {kind: total(base, kind) for kind in kinds}


def load(base, path):
    with open(path, "rb") as file:
        status, answer = call("POST", base, file.read())
    if status != 200:
        sys.exit(f"the source did not take the patient: HTTP {status}")
    for entry in answer["entry"]:
        location = entry["response"]["location"].split("/")
        if location[0] == "Patient":
            return location[1]
    sys.exit("no Patient in the transaction's answer")


def everything(base, patient):
    """Each page, by its next links."""
    names, url = set(), f"{base}/Patient/{patient}/$everything?_count=200"
    while url:
        page = call("GET", url)[1]
        names |= {f"{entry['resource']['resourceType']}/{entry['resource']['id']}" for entry in page.get("entry", [])}
        url = next((link["url"] for link in page["link"] if link["relation"] == "next"), None)
    return {name for name in names if name.split("/")[0] in CLINICAL}


def write_setup(arguments, patient):
    def path(name):
        return os.path.join(arguments.work, name)

    os.makedirs(arguments.work, exist_ok=True)
    config = {
        "state": {"directory": "state", "database": "sqlite:consultd.db", "keyFile": "state.key", "keepRecords": "1d"},
        "audit": {"origin": "interop.example/audit", "keyFile": "audit.key"},
        "listen": {"address": "127.0.0.1", "port": 18090, "publicUrl": "http://127.0.0.1:18090", "operators": []},
        "sources": {"source": {"name": "Source", "fhirBaseUrl": arguments.source, "auth": {"type": "none"}}},
        "destinations": {"destination": {
            "name": "Destination", "fhirBaseUrl": record(arguments.destination), "auth": {"type": "none"},
            "organization": NPI, "deliver": {"settle": "2s"}}}}
    for name, content in (("consultd.json", config), ("consent.json", share_all(patient))):
        with open(path(name), "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2)
    os.makedirs(path("state"), mode=0o700, exist_ok=True)
    return path("consultd.json"), path("consent.json")


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=900, check=False)
    return done.returncode, done.stdout


def read_ledger(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def check_ledger(lines, named):
    resources = [line for line in lines if line["line"] == "resource"]
    sources = collections.Counter(line["source"] for line in resources)
    check(all(count == 1 for count in sources.values()), "each pulled resource is in the ledger once")
    outcomes = collections.Counter(line["outcome"] for line in resources)
    sums = next(line for line in lines if line["line"] == "total")
    check(all(sums[name] == outcomes[name] for name in ("delivered", "merged", "withheld", "rejected")) and
          sums["pulled"] == len(resources), f"the ledger balances: {dict(outcomes)}")
    gaps = {line["what"] for line in lines if line["line"] == "gap"}
    gap_types = {gap.split("?")[0].split("/")[0] for gap in gaps}
    lost = {name for name in named if name not in sources and name not in gaps and name.split("/")[0] not in gap_types}
    check(not lost, f"{len(named)} clinical resources that $everything names are told of; missing: {sorted(lost)[:10]}")
    check(outcomes["delivered"] > 0, "something was delivered")


def check_races(arguments):
    """The destination takes the same conditional create from many at once, and keeps one: what consultd relies on."""
    task = {"resourceType": "Task", "status": "requested", "intent": "order",
            "identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:11111111-2222-4333-8444-555555555555"}]}
    query = "identifier=urn:ietf:rfc:3986|" + task["identifier"][0]["value"]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [
        {"resource": task, "request": {"method": "POST", "url": "Task", "ifNoneExist": query}}]}
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(lambda _: call("POST", arguments.destination, bundle)[0], range(6)))
    check(set(codes) <= {200, 201, 409}, f"six at once answer {sorted(codes)}")
    for _ in range(2):
        call("POST", arguments.destination, bundle)
    count = call("GET", f"{arguments.destination}/Task?{query.replace('|', '%7C')}&_summary=count")[1].get("total")
    check(count == 1, "the same transaction in a race, and twice after it, leaves one Task")


def added_with_a_condition(destination, before):
    """What there is more of than before, of what is created once: a Binary carries no condition."""
    return {kind: count for kind, count in stock(destination).items() if kind != "Binary" and count != before[kind]}


def check_fault(arguments, fault, common, before_first):
    """Another transfer of the same patient, whose transaction meets `fault`: one copy more, and not two."""
    before = stock(arguments.destination)
    Recorder.transactions.clear()
    Recorder.fault = fault
    code, printed = run(arguments.consultd, "transfer", *common, "--again", "--json")
    check(code == 0 and json.loads(printed)["state"] == "delivered", f"{fault}: delivered all the same (exit {code})")
    check(Recorder.fault is None and len(Recorder.transactions) == 1,
          f"{fault}: the destination was given {len(Recorder.transactions)} transaction")
    after = stock(arguments.destination)
    added = {kind: after[kind] - before[kind] for kind in after if kind != "Patient"}
    once = {kind: before_first[kind] for kind in added}
    check(added == once and after["Patient"] == 1, f"{fault}: one copy was added, of the same patient")
    call("POST", arguments.destination, Recorder.transactions[0])
    check(not added_with_a_condition(arguments.destination, after), f"{fault}: its bytes once more add nothing")


def main():
    parser = argparse.ArgumentParser()
    for name in ("consultd", "patient", "work", "source", "destination"):
        parser.add_argument("--" + name, required=True)
    arguments = parser.parse_args()

    patient = load(arguments.source, arguments.patient)
    named = everything(arguments.source, patient)
    config, consent = write_setup(arguments, patient)
    check(run(arguments.consultd, "keys", "generate", "--config", config)[0] == 0, "keys generate")
    common = ("--config", config, "--source", "source", "--destination", "destination", "--patient", patient,
              "--consent", consent)

    out = os.path.join(arguments.work, "packet")
    code, _ = run(arguments.consultd, "transfer", *common, "--dry-run", "-o", out)
    check(code == 0 and total(arguments.destination, "Task") == 0,
          f"a dry run ends with 0 (was {code}) and sends nothing")
    check_ledger(read_ledger(os.path.join(out, "ledger.ndjson")), named)

    code, printed = run(arguments.consultd, "transfer", *common, "--json")
    check(code == 0, f"transfer ends with 0 (was {code})")
    told = json.loads(printed)
    check(told["state"] == "delivered", f"its state is delivered (was {told['state']})")
    counts = told["counts"]
    check(counts["pulled"] == sum(counts[name] for name in ("delivered", "merged", "withheld", "rejected")),
          f"its counts balance: {counts}")
    check(total(arguments.destination, "Task") == 1, "the destination has one Task")
    check(total(arguments.destination, "Patient") == 1, "the destination has one Patient")

    before = stock(arguments.destination)
    code, _ = run(arguments.consultd, "retry", told["transfer"], "--config", config)
    check(stock(arguments.destination) == before, f"retry of what is delivered (exit {code}) adds nothing")
    check(len(Recorder.transactions) > 0, f"{len(Recorder.transactions)} transactions were sent")
    for _ in range(2):
        for transaction in list(Recorder.transactions):
            print("        answered", call("POST", arguments.destination, transaction)[0])
    added = added_with_a_condition(arguments.destination, before)
    check(not added, f"the same transaction bytes, twice again, add nothing; added: {added}")
    for fault in ("lost answer", "conflict"):
        check_fault(arguments, fault, common, before)
    code, _ = run(arguments.consultd, "audit", "verify", "--config", config)
    check(code == 0, "audit verify")
    check_races(arguments)

    print(f"{len(failures)} failed")
    sys.exit(1 if failures else 0)


main()
