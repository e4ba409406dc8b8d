#!/usr/bin/env python3
"""BUNDLE: prints a Consent of the Bundle's only Patient that shares all with the recipient of prepare.json."""

import json
import sys

NPI = {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}
THO = "http://terminology.hl7.org/CodeSystem/"


def share_all(patient):
    return {
        "resourceType": "Consent", "status": "active",
        "scope": {"coding": [{"system": THO + "consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": {"reference": "Patient/" + patient}, "dateTime": "2025-01-01",
        "policy": [{"uri": "https://www.ecfr.gov/current/title-45/section-164.508"}],
        "provision": {"type": "permit", "actor": [{
            "role": {"coding": [{"system": THO + "v3-ParticipationType", "code": "IRCP"}]},
            "reference": {"identifier": NPI}}]}}


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        resources = [entry["resource"] for entry in json.load(file)["entry"]]
    patients = [resource["id"] for resource in resources if resource["resourceType"] == "Patient"]
    if len(patients) != 1:
        sys.exit(f"{sys.argv[1]}: {len(patients)} Patients")
    print(json.dumps(share_all(patients[0])))
