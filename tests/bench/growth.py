#!/usr/bin/env python3
"""How time and memory of `consultd normalize` and `prepare` grow with the record: one line for each shape of
record, with CPU seconds, the factor to the size before, and the peak of resident memory over the input's bytes.
Ends with 1 where twice the record takes more than 2.2 times as long (of runs long enough to tell).

    growth.py [--sizes 10000,20000,40000] [--shapes mixed,small,…] [--commands normalize,prepare]

CONSULTD_BIN is the folder of the program (default: build/)."""

import argparse
import json
import multiprocessing
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = str(pathlib.Path(os.environ.get("CONSULTD_BIN", ROOT / "build")) / "consultd")
THO = "http://terminology.hl7.org/CodeSystem/"
FACTOR_MAX = 2.2
SECONDS_TO_TELL = 0.25


def concept(system, code, words):
    return {"coding": [{"system": system, "code": code, "display": words}], "text": words}


def observation(number, **more):
    return {"resourceType": "Observation", "id": f"o{number}", "status": "final",
            "category": [{"coding": [{"system": THO + "observation-category", "code": "laboratory"}]}],
            "code": concept("http://loinc.org", "2160-0", "Creatinine"), "subject": {"reference": "Patient/p"},
            "effectiveDateTime": f"20{10 + number % 14}-05-{1 + number % 28:02}",
            "valueQuantity": {"value": number, "unit": "mg/dL", "system": "http://unitsofmeasure.org",
                              "code": "mg/dL"}, **more}


def condition(number, words, **more):
    return {"resourceType": "Condition", "id": f"condition-{number:06}",
            "clinicalStatus": {"coding": [{"system": THO + "condition-clinical", "code": "active"}]},
            "code": concept("http://hl7.org/fhir/sid/icd-10-cm", f"F32.{number % 10}", words),
            "subject": {"reference": "Patient/p"}, "onsetDateTime": f"2019-01-{1 + number % 28:02}", **more}


def visit(number):
    """What one visit leaves behind, as servers write it."""
    day, seen = f"20{10 + number % 14}-{1 + number % 12:02}-{1 + number % 28:02}", {"reference": f"Encounter/e{number}"}
    meta = {"versionId": "1", "lastUpdated": day + "T10:00:00Z",
            "profile": ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab"]}
    us = {"reference": "Patient/p", "display": "Bench, A"}
    yield {"resourceType": "Encounter", "id": f"e{number}", "meta": meta, "status": "finished",
           "class": {"system": THO + "v3-ActCode", "code": "AMB"}, "subject": us,
           "type": [concept("http://snomed.info/sct", "185349003", "Encounter for check up")],
           "participant": [{"individual": {"reference": f"Practitioner/d{number % 50}"}}],
           "period": {"start": day + "T09:00:00Z", "end": day + "T09:30:00Z"}}
    for analyte in range(6):
        yield observation(number * 10 + analyte, meta=meta, encounter=seen, issued=day + "T10:00:00.000Z",
                          code=concept("http://loinc.org", f"{2160 + analyte}-0", f"Analyte {analyte}"),
                          performer=[{"reference": f"Practitioner/d{number % 50}"}],
                          referenceRange=[{"low": {"value": 10}, "high": {"value": 800}, "text": "10-800"}])
    yield {"resourceType": "DiagnosticReport", "id": f"r{number}", "meta": meta, "status": "final",
           "code": concept("http://loinc.org", "24323-8", "Metabolic panel"), "subject": us, "encounter": seen,
           "effectiveDateTime": day, "result": [{"reference": f"Observation/o{number * 10 + i}"} for i in range(6)],
           "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p>Panel of '
                                                 f'{day}</p></div>'},
           "conclusion": f"Nothing that must be acted upon was found on {day}."}
    yield condition(number, f"Finding {number % 300}", encounter=seen, recordedDate=day)
    yield {"resourceType": "MedicationRequest", "id": f"m{number}", "status": "active", "intent": "order",
           "medicationCodeableConcept": concept("http://www.nlm.nih.gov/research/umls/rxnorm", str(number % 90),
                                                f"Drug {number % 90} 10 mg"),
           "subject": us, "encounter": seen, "authoredOn": day, "dosageInstruction": [{"text": "one daily"}]}
    yield {"resourceType": "Procedure", "id": f"pr{number}", "status": "completed", "subject": us, "encounter": seen,
           "code": concept("http://snomed.info/sct", str(1000 + number % 40), f"Procedure {number % 40}"),
           "performedDateTime": day}


def mixed(count):
    yield from ({"resourceType": "Practitioner", "id": f"d{i}", "name": [{"family": f"Doc {i}"}]} for i in range(50))
    for number in range(count // 11 + 1):
        yield from visit(number)


def chain_of_copies(count):
    """Two chains, in which each result refers to the one before it: each pair is the same once the last one was."""
    for name in "ab":
        for number in range(count // 2):
            before = [{"reference": f"Observation/{name}{number - 1}"}] if number else []
            yield {**observation(number), "id": f"{name}{number}", **({"derivedFrom": before} if before else {})}


NAME = {"system": "urn:x", "value": "same"}
SHAPES = {
    "mixed": mixed,
    "small": lambda n: (observation(i) for i in range(n)),
    "one-identifier": lambda n: (observation(i, identifier=[NAME], derivedFrom=[{"identifier": NAME}])
                                 for i in range(n)),
    "all-copies": lambda n: ({**observation(7), "id": f"c{i}"} for i in range(n)),
    "chain-of-copies": chain_of_copies,
    "chain": lambda n: (observation(i, derivedFrom=[{"reference": f"Observation/o{i + 1}"}]) for i in range(n)),
    "one-target": lambda n: (observation(i, note=[{"text": "seen"}], derivedFrom=[{"reference": "Observation/o0"}])
                             for i in range(n)),
    "list-of-all": lambda n: [*(observation(i) for i in range(n)), {
        "resourceType": "List", "id": "l", "status": "current", "mode": "working",
        "subject": {"reference": "Patient/p"},
        "entry": [{"item": {"reference": f"Observation/o{i}"}} for i in range(n)]}],
    "codings": lambda n: [observation(0, code={"coding": [
        {"system": "http://loinc.org", "code": f"{i}-1", "display": f"Name {i}"} for i in range(n)]})],
    "extensions": lambda n: [observation(0, extension=[
        {"url": f"http://example.org/{i}", "valueString": f"text {i}"} for i in range(n)])],
    "contained": lambda n: [observation(0, performer=[{"reference": f"#c{i}"} for i in range(n)], contained=[
        {"resourceType": "Practitioner", "id": f"c{i}", "name": [{"family": f"Doc {i}"}]} for i in range(n)])],
    "long-texts": lambda n: (observation(i, note=[{"text": f"The patient is well on day {i}. " * 60}])
                             for i in range(n)),
    # With a consent that denies the diagnoses: each is looked for, by its words, in each note.
    "denied-words": lambda n: [*(condition(i, f"Major depressive disorder, {i}") for i in range(n // 2)),
                               *(observation(i, note=[{"text": f"major, major: a major event {i}"}])
                                 for i in range(n // 2))],
}


def consent(denies):
    rule = {"type": "permit"}
    if denies:
        rule["provision"] = [{"type": "deny", "code": [
            {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F32"}]}]}]
    return {"resourceType": "Consent", "status": "active",
            "scope": {"coding": [{"system": THO + "consentscope", "code": "patient-privacy"}]},
            "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
            "patient": {"reference": "Patient/p"}, "dateTime": "2025-01-01",
            "policy": [{"uri": "http://example.org/policy"}], "provision": rule}


def write_record(shape, count, path):
    """The bytes of the file. Another process makes it: a child's peak begins with what its parent holds."""
    maker = multiprocessing.Process(target=make_record, args=(shape, count, path))
    maker.start()
    maker.join()
    return os.path.getsize(path)


def make_record(shape, count, path):
    with open(path, "w", encoding="utf-8") as file:
        file.write(json.dumps({"resourceType": "Patient", "id": "p", "name": [{"family": "Bench"}]}) + "\n")
        for resource in SHAPES[shape](count):
            file.write(json.dumps(resource, ensure_ascii=False, separators=(",", ":")) + "\n")


def run(arguments):
    """CPU seconds and the peak of resident bytes."""
    process = subprocess.Popen([PROGRAM, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"growth: {' '.join(arguments)}: exit code {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def measure(command, shape, sizes, folder):
    with open(os.path.join(folder, "consent.json"), "w", encoding="utf-8") as file:
        json.dump(consent(shape == "denied-words"), file)
    cells, worst, before = [], 0.0, None
    for size in sizes:
        record = os.path.join(folder, "record.ndjson")
        input_bytes = write_record(shape, size, record)
        arguments = [command, "--as-of", "2026-11-20T10:00:00Z", record]
        if command == "prepare":
            arguments[1:1] = ["--consent", os.path.join(folder, "consent.json"), "-o", os.path.join(folder, "out")]
        seconds, peak = min(run(arguments) for _ in range(2))
        factor = seconds / before[0] * before[1] / size * 2 if before else 0.0
        if before and before[0] >= SECONDS_TO_TELL:
            worst = max(worst, factor)
        cells.append(f"{size}: {seconds:.2f} s" + (f" ×{factor:.2f}" if before else "")
                     + f", {peak / input_bytes:.1f} × {input_bytes / 1e6:.1f} MB")
        before = (seconds, size)
    print(f"{command:10}{shape:16}" + " | ".join(cells) + ("  TOO STEEP" if worst > FACTOR_MAX else ""), flush=True)
    return worst <= FACTOR_MAX


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,20000,40000")
    parser.add_argument("--shapes", default=",".join(SHAPES))
    parser.add_argument("--commands", default="normalize,prepare")
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        linear = [measure(command, shape, sizes, folder) for command in options.commands.split(",")
                  for shape in options.shapes.split(",")]
    sys.exit(0 if all(linear) else 1)


if __name__ == "__main__":
    main()
