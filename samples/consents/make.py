#!/usr/bin/env python3
"""Writes the consents beside it: the same bytes each time."""

import json
import os

THO = "http://terminology.hl7.org/CodeSystem/"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
here = os.path.dirname(os.path.abspath(__file__))


def provision(recipient="1234567893", end="2036-12-31", rules=()):
    root = {
        "type": "permit",
        "period": {"start": "2026-11-01", "end": end},
        "actor": [{"role": {"coding": [{"system": THO + "v3-ParticipationType", "code": "IRCP"}]},
                   "reference": {"identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": recipient}}}],
        "action": [{"coding": [{"system": THO + "consentaction", "code": "disclose"}]}],
        "purpose": [{"system": THO + "v3-ActReason", "code": "TREAT"}],
    }
    if rules:
        root["provision"] = list(rules)
    return root


def deny(**fields):
    return dict({"type": "deny"}, **fields)


# What goes only where the patient names it.
NAMED = ({"type": "permit", "securityLabel": [{"system": THO + "v3-ActCode", "code": code}
                                              for code in ("SUD", "HIV", "PSYTHPN", "SDV", "SEX")]},)


def icd10(*codes):
    return [{"coding": [{"system": ICD10, "code": code}]} for code in codes]


# Mental health and substance use: by code, by the classes they travel in, and by label.
SENSITIVE = (
    deny(code=icd10("F10", "F11", "F32", "F33") + [
        {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "312938"}]},
        {"coding": [{"system": "http://loinc.org", "code": "44249-1"}]}]),
    deny(**{"class": [{"system": "http://hl7.org/fhir/resource-types", "code": "QuestionnaireResponse"}]}),
    deny(securityLabel=[{"system": THO + "v3-ActCode", "code": code} for code in ("MH", "PSY", "SUD", "ETH", "HIV")]),
)


def save(name, patient, root):
    consent = {
        "resourceType": "Consent", "id": name, "status": "active",
        "scope": {"coding": [{"system": THO + "consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": {"reference": patient}, "dateTime": "2026-11-01T10:00:00Z",
        "performer": [{"reference": patient}],
        "policy": [{"uri": "https://www.ecfr.gov/current/title-45/section-164.508"}],
        "provision": root}
    with open(os.path.join(here, name + ".json"), "w", encoding="utf-8") as out:
        json.dump(consent, out, indent=2)
        out.write("\n")


for story, patient in (("melanoma", "Patient/mel-1"), ("marrow", "Patient/marrow-1"), ("lupus", "Patient/lupus-1")):
    save(f"{story}-share-all", patient, provision(rules=NAMED))
save("melanoma-share-most", "Patient/mel-1", provision(rules=SENSITIVE))
save("melanoma-expired", "Patient/mel-1", provision(end="2026-11-15"))
save("melanoma-other-recipient", "Patient/mel-1", provision(recipient="1999999984"))
save("lupus-since-2022", "Patient/lupus-1", provision(rules=(deny(dataPeriod={"end": "2021-12-31"}),)))
