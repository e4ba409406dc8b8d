#!/usr/bin/env python3
"""What the fuzzers begin with: small inputs made from the samples, and some that a standard shows.

    seeds.py DIR    writes DIR/NAME/… for each fuzzer NAME_fuzz
"""
import json
import os
import sys

SAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "samples")
BYTES_MOST = 4096
BASE = "https://ehr.example/fhir"


def load(*path):
    with open(os.path.join(SAMPLES, *path), encoding="utf-8") as file:
        return json.load(file)


def small_resources():
    """One small resource of each type that the sample patients have."""
    found = {}
    for name in ("lupus.json", "marrow.json", "melanoma.json"):
        for entry in load("patients", name)["entry"]:
            text = json.dumps(entry["resource"])
            if len(text) < BYTES_MOST:
                found.setdefault(entry["resource"]["resourceType"], text)
    return found


def consents(resources):
    folder = os.path.join(SAMPLES, "consents")
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".json"):
            continue
        agreed = load("consents", name)
        agreed["patient"] = {"reference": "Patient/p"}
        yield json.dumps(agreed) + "\n" + resources["Observation"]
    rule = {"type": "deny", "class": [{"system": "http://hl7.org/fhir/resource-types", "code": "Condition"}]}
    agreed["provision"] = {"type": "permit", "provision": [rule, dict(rule, dataPeriod={"start": "2024"})]}
    yield json.dumps(agreed) + "\n" + resources["Condition"]


def pages(resources):
    def page(number, count, next_link):
        entries = [{"fullUrl": f"{BASE}/Observation/{number}-{one}", "resource": json.loads(resources["Observation"]),
                    "search": {"mode": "match"}} for one in range(count)]
        link = [{"relation": "next", "url": next_link}] if next_link else []
        return json.dumps({"resourceType": "Bundle", "type": "searchset", "total": 3, "link": link, "entry": entries})
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "suppressed"}]}
    yield page(1, 1, None)
    yield "\n".join([page(1, 2, BASE + "?page=2"), page(2, 1, BASE + "?page=3"), page(3, 0, None)])
    yield "\n".join([page(1, 1, "?page=2"), page(2, 1, "/fhir/Observation")])
    yield page(1, 1, "https://evil.example/fhir?page=2")
    yield json.dumps({"resourceType": "Bundle", "type": "searchset",
                      "entry": [{"resource": outcome, "search": {"mode": "outcome"}}]})
    yield json.dumps(outcome)


def brands():
    """A list with all that one may have, and parts of it."""
    whole = load("directories", "hospitals.json")
    for count in (1, 2, len(whole["entry"])):
        yield json.dumps(dict(whole, entry=whole["entry"][-count:] + whole["entry"][:count]))


def requests():
    yield ("/fhir/Task?status=requested&patient=Patient%2F1&_count=10\r\nHost: localhost\r\n"
           "Accept: application/fhir+json; fhirVersion=4.0; q=0.9, */*;q=0\r\nAuthorization: Bearer abc\r\n\r\n")
    yield ("/fhir/Task/1/$cancel?_format=application%2Ffhir%2Bjson\r\nHost: a\r\nContent-Length: 2\r\n"
           "Content-Type: application/fhir+json;charset=utf-8\r\n\r\n{}")
    yield "http://localhost/healthz?a+b=%C3%A4&c\r\nhost:a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
    yield "/a%2e%2e/b%2fc\nHost: a\n folded: b\n\n"


def knowledge():
    """What is built in, each file after a byte for its kind."""
    for kind, folder in enumerate(("plans", "sensitivity", "specialties", "maps", "quirks")):
        path = os.path.join(SAMPLES, "..", "config", folder)
        for name in sorted(os.listdir(path)) if os.path.isdir(path) else []:
            if name.endswith(".json"):
                with open(os.path.join(path, name), encoding="utf-8") as file:
                    yield chr(kind) + file.read()


def seeds():
    """(fuzzer's name, its inputs)"""
    resources = small_resources()
    html = '<div xmlns="http://www.w3.org/1999/xhtml"><p class="x">a<br/>&amp;<a href="#b">c</a></p><table><tr/></table></div>'
    yield "brands", brands()
    yield "consent", consents(resources)
    yield "search", pages(resources)
    yield "http", requests()
    yield "json", resources.values()
    yield "knowledge", knowledge()
    yield "narrative", [html, json.loads(resources["Patient"])["text"]["div"]]
    yield "xml", ['<Patient xmlns="http://hl7.org/fhir"><id value="p"/><active value="true"/><name><family value="F"/>'
                  '</name><text><status value="generated"/>' + html + '</text></Patient>']
    yield "router", ["GET\n/open/a-1\nAccept: x\n", "POST\n/a%2e/$cancel\nAuthorization: Bearer x\n",
                     "HEAD\n/fhir/Task?x\n"]
    yield "url", ["https://ehr.example:8443/fhir/Patient?x=%20y\n../a?b", "urn:uuid:00000000-0000-4000-8000-000000000000",
                  BASE + "/Observation/1/_history/2", "#contained"]
    yield "datetime", ["2024", "2024-02-29", "2024-02-29T23:59:60.123+14:00", "2026-11-26T14:00:00.000Z", "-1.20e-3"]
    yield "text", [html,
                   "{\\rtf1\\ansi\\uc2 co\\u99??{\\*\\x b}\\'e4\\bin2 {}}", "co=63a=\nine",
                   "{\"a\":\"\\u0063\"}", "<!DOCTYPE a><a b='c>'>&shy&#99;&x;<![CDATA[<i>]]><!-- d --></a>",
                   "data:text/plain;base64," + "YWJj" * 9,
                   "<ClinicalDocument><nonXMLBody><text representation='B64'>" + "YWJj" * 9 + "</text></nonXMLBody>",
                   "\ufeffa\u200bb".encode("utf-16").decode("latin-1")]
    yield "task", [json.dumps(task()), "status=requested&patient=Patient%2F1&_count=10"]
    yield "checkpoint", ["e2e.consultd.example/audit\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— a AAAA\n",
                         "e2e.consultd.example/audit+0a1b2c3d+AQIDBAU="]
    yield "receipt", [json.dumps({"type": "consultd-receipt", "version": 1, "transfer": "t", "leaf": "{}", "index": 0,
                                  "proof": [], "checkpoint": "a\n1\nAAAA\n\n"}),
                      json.dumps({"resourceType": "AuditEvent", "subtype": [{"code": "disclosure-outcome"}]})]


def task():
    def item(code, **value):
        return dict({"type": {"coding": [{"system": "urn:consultd:transfer", "code": code}]}}, **value)
    return {"resourceType": "Task", "status": "requested", "intent": "order", "for": {"reference": "Patient/1"},
            "code": {"coding": [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}]},
            "contained": [{"resourceType": "Consent", "id": "agreed"}],
            "input": [item("source", valueString="a"), item("destination", valueString="b"),
                      item("consent", valueReference={"reference": "#agreed"})]}


def main():
    for name, inputs in seeds():
        folder = os.path.join(sys.argv[1], name)
        os.makedirs(folder, exist_ok=True)
        for number, text in enumerate(inputs):
            with open(os.path.join(folder, f"seed-{number}"), "wb") as file:
                file.write(text.encode())


if __name__ == "__main__":
    main()
