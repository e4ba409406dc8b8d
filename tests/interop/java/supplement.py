#!/usr/bin/env python3
"""Writes to the folder named the few code systems and value sets that the HL7 validator would fetch.

Without them each `application/pdf` is an error, and each US Core race code. The lists are short: a code that
is not in them is not proof of a fault.
"""

import json
import os
import sys

MIME_TYPES = """text/plain text/html text/xml text/rtf text/markdown text/plain;charset=utf-8 application/pdf
application/xml application/json application/fhir+json application/fhir+xml application/dicom application/hl7-v3+xml
application/octet-stream application/jose image/jpeg image/png image/tiff image/gif image/svg+xml""".split()
LANGUAGES = "en en-US en-GB es es-US fr de nl nl-NL de-AT en-NZ zh pt it".split()
RACE = {
    "1002-5": "American Indian or Alaska Native", "2028-9": "Asian", "2054-5": "Black or African American",
    "2076-8": "Native Hawaiian or Other Pacific Islander", "2106-3": "White", "2131-1": "Other Race",
    "2135-2": "Hispanic or Latino", "2186-5": "Not Hispanic or Latino"}
RACE_SYSTEM = "urn:oid:2.16.840.1.113883.6.238"
NULL_FLAVOR = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
GENDER = "http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender"
VSAC = "http://cts.nlm.nih.gov/fhir/ValueSet/"

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)


def write(resource):
    head = {"version": "test", "name": resource["id"].replace("-", "_"), "status": "active"}
    path = os.path.join(folder, "%s-%s.json" % (resource["resourceType"], resource["id"]))
    with open(path, "w", encoding="utf-8") as out:
        json.dump(dict(resource, **head), out)


def code_system(ident, url, codes, content="complete"):
    write({"resourceType": "CodeSystem", "id": ident, "url": url, "caseSensitive": True, "content": content,
           "concept": [{"code": code, "display": display} for code, display in codes.items()]})


def value_set(ident, url, system, codes):
    write({"resourceType": "ValueSet", "id": ident, "url": url,
           "compose": {"include": [{"system": system, "concept": [{"code": code} for code in codes]}]}})


code_system("bcp13", "urn:ietf:bcp:13", {code: code for code in MIME_TYPES + ["text/plain; charset=utf-8"]})
code_system("bcp47", "urn:ietf:bcp:47", {code: code for code in LANGUAGES})
code_system("iso4217", "urn:iso:std:iso:4217", {code: code for code in ("USD", "EUR", "GBP")})
code_system("cdcrec", RACE_SYSTEM, RACE, "fragment")
value_set("vsac-race", VSAC + "2.16.840.1.114222.4.11.836", RACE_SYSTEM, list(RACE)[:5])
value_set("vsac-ethnicity", VSAC + "2.16.840.1.114222.4.11.837", RACE_SYSTEM, ["2135-2", "2186-5"])
value_set("vsac-unk2", VSAC + "2.16.840.1.113762.1.4.1021.102", NULL_FLAVOR, ["ASKU", "UNK"])
value_set("vsac-unk3", VSAC + "2.16.840.1.113762.1.4.1021.103", NULL_FLAVOR, ["UNK"])
value_set("vsac-sex", VSAC + "2.16.840.1.113762.1.4.1", GENDER, ["F", "M"])
