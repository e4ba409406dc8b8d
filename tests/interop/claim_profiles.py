#!/usr/bin/env python3
"""IN OUT: the document Bundle with each entry's IPS profile in meta.profile, put there by its type.
--links FILE…: fails on a reference to a urn:uuid that no entry has, which the validator only warns of.

An entry that misses its profile's minimum matches no slice of Bundle-uv-ips, and the validator says so only
as information; with the profile claimed it is an error.
"""

import json
import re
import sys

BASE = "http://hl7.org/fhir/uv/ips/StructureDefinition/"
PROFILES = {
    "AllergyIntolerance": "AllergyIntolerance-uv-ips", "Composition": "Composition-uv-ips",
    "Condition": "Condition-uv-ips", "Device": "Device-uv-ips", "DeviceUseStatement": "DeviceUseStatement-uv-ips",
    "DiagnosticReport": "DiagnosticReport-uv-ips", "ImagingStudy": "ImagingStudy-uv-ips",
    "Immunization": "Immunization-uv-ips", "Medication": "Medication-uv-ips",
    "MedicationRequest": "MedicationRequest-uv-ips", "MedicationStatement": "MedicationStatement-uv-ips",
    "Organization": "Organization-uv-ips", "Patient": "Patient-uv-ips", "Practitioner": "Practitioner-uv-ips",
    "PractitionerRole": "PractitionerRole-uv-ips", "Procedure": "Procedure-uv-ips", "Specimen": "Specimen-uv-ips"}


# These profiles fix the status: what is preliminary, amended or entered in error is no IPS result.
FINAL_ONLY = ("Observation", "DiagnosticReport")


def profile_of(resource):
    kind = resource["resourceType"]
    if kind in FINAL_ONLY and resource.get("status") != "final":
        return None
    if kind == "Observation":
        return observation_profile(resource)
    # A device that nobody wears: it measured, or it wrote the document.
    if kind == "Device" and "patient" not in resource:
        return "Device-observer-uv-ips"
    return PROFILES.get(kind)


def observation_profile(resource):
    """Only results have a profile that can be told without knowing the codes."""
    codes = {coding.get("code") for category in resource.get("category", [])
             for coding in category.get("coding", [])}
    return "Observation-results-uv-ips" if codes & {"laboratory", "imaging"} else None


def main(given, wanted):
    # Numbers are read as text to keep their digits and printed bare again.
    with open(given, encoding="utf-8") as file:
        bundle = json.load(file, parse_float=lambda text: "@number:" + text)
    if bundle.get("type") != "document":
        sys.exit(f"{given}: not a document")
    for entry in bundle["entry"]:
        resource = entry["resource"]
        profile = profile_of(resource)
        if not profile:
            continue
        claimed = resource.setdefault("meta", {}).setdefault("profile", [])
        if BASE + profile not in claimed:
            claimed.append(BASE + profile)
    text = json.dumps(bundle, ensure_ascii=False)
    with open(wanted, "w", encoding="utf-8") as file:
        file.write(re.sub(r'"@number:([^"]+)"', r"\1", text))


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def check_links(files):
    dangling = 0
    for name in files:
        with open(name, encoding="utf-8") as file:
            bundle = json.load(file)
        addresses = {entry.get("fullUrl") for entry in bundle["entry"]}
        lost = {ref for ref in references(bundle) if ref.startswith("urn:") and ref not in addresses}
        dangling += len(lost)
        print(f"{name} references to absent entries: {len(lost)}")
    sys.exit(1 if dangling else 0)


if sys.argv[1:2] == ["--links"]:
    check_links(sys.argv[2:])
elif len(sys.argv) == 3:
    main(sys.argv[1], sys.argv[2])
else:
    sys.exit(__doc__)
