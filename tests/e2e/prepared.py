"""A packet made from files, without institutions: one patient of that name, who agrees to everything."""

import json
import os
import subprocess

from place import consent, program

AS_OF = "2026-11-21T12:00:00Z"
PATIENT = {"resourceType": "Patient", "id": "p", "name": [{"family": "Test", "given": ["Ada"]}],
           "birthDate": "1961-02-03"}


def prepare(folder, resources, specialty="oncology"):
    """Writes the packet of the patient and these resources below the folder; where it lies."""
    agreed = consent(PATIENT["id"])
    del agreed["provision"]["actor"]
    record = {"resourceType": "Bundle", "type": "collection",
              "entry": [{"resource": one} for one in [PATIENT, *resources]]}
    for name, value in (("record.json", record), ("consent.json", agreed)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump(value, file)
    out = os.path.join(folder, "out")
    subprocess.run([program("consultd"), "prepare", "--consent", os.path.join(folder, "consent.json"), "--specialty",
                    specialty, "--as-of", AS_OF, "-o", out, os.path.join(folder, "record.json")],
                   check=True, capture_output=True)
    return out
