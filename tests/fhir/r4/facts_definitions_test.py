#!/usr/bin/env python3
"""Holds facts_table.inc against the R4 definitions by another way than it was made: the differentials
instead of the snapshots, and what the search parameters say they lead to instead of the references.
Needs hl7.fhir.r4.core in packages/ of the folder that CONSULTD_DATA names; the table's own form is
checked without it."""
import functools
import glob
import json
import os
import re
import sys
import tarfile
import unittest

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../fhir/r4/facts_table.inc")
DATA = os.environ.get("CONSULTD_DATA", "/nonexistent")
PACKAGES = glob.glob(os.path.join(DATA, "packages", "hl7.fhir.r4.core-*.tgz"))
TIME_WORDS = {"done[x]": "Done", "init": "Init", "planned": "Planned", "recorded": "Recorded"}


class Table:
    def __init__(self):
        self.sharing, self.rows, self.by_hand, self.ranges = {}, [], set(), {}
        with open(TABLE, encoding="ascii") as table:
            lines = table.readlines()
        for line in lines:
            kind = re.match(r'    \{"(\w+)", "([^"]+)", Sharing::(\w+), (\d+), (\d+)\},(  // by hand: .+)?$', line)
            fact = re.match(r'    \{About::(\w+), "([\w.]+)"\},  // (\w+)(, by hand: .+)?$', line)
            if kind:
                self.sharing[kind[1]] = kind[3]
                self.ranges[kind[1]] = range(int(kind[4]), int(kind[4]) + int(kind[5]))
                if kind[6]:
                    self.by_hand.add(kind[1])
            elif fact:
                self.rows.append((fact[3], fact[1], fact[2], bool(fact[4])))
            elif line.startswith("    "):
                raise ValueError(line)

    def of(self, type_name, about):
        return [element for name, what, element, _ in self.rows if (name, what) == (type_name, about)]

    def is_by_hand(self, type_name, element):
        return any(row[0] == type_name and row[2] == element and row[3] for row in self.rows)


@functools.cache
def definitions():
    found = {}
    with tarfile.open(PACKAGES[0]) as package:
        for member in package:
            name = os.path.basename(member.name)
            if name.startswith(("StructureDefinition-", "SearchParameter-", "CompartmentDefinition-patient")):
                found[name] = json.load(package.extractfile(member))
    return found


@functools.cache
def differentials():
    """Type → its own elements: path below it → element."""
    return {d["type"]: {e["path"][len(d["type"]) + 1:].replace("[x]", ""): e
                        for e in d["differential"]["element"] if "." in e["path"]}
            for name, d in definitions().items()
            if name.startswith("StructureDefinition-") and d["kind"] == "resource"
            and d.get("derivation") == "specialization" and not d.get("abstract")}


@functools.cache
def lead_to_patients():
    """Types one of whose search parameters may lead to a Patient."""
    return {base for name, d in definitions().items() if name.startswith("SearchParameter-")
            and "Patient" in d.get("target", []) for base in d["base"]}


def five_ws(element):
    return {m["map"].split(".", 1)[1] for m in element.get("mapping", []) if m["map"].startswith("FiveWs.")}


class TableTest(unittest.TestCase):
    def test_each_type_has_its_own_rows_and_each_row_a_type(self):
        table = Table()
        self.assertEqual(list(table.sharing), sorted(table.sharing))
        end = 0
        for name, rows in table.ranges.items():
            self.assertEqual(rows.start, end, name)
            self.assertEqual({row[0] for row in table.rows[rows.start:rows.stop]} - {name}, set(), name)
            end = rows.stop
        self.assertEqual(end, len(table.rows))
        self.assertLess(sum(row[3] for row in table.rows), 15, "R4 says most of it")


@unittest.skipUnless(PACKAGES, "CONSULTD_DATA names no folder with the R4 definitions")
class DefinitionsTest(unittest.TestCase):
    def setUp(self):
        self.table = Table()

    def test_the_types_are_those_of_r4(self):
        self.assertEqual(set(self.table.sharing), set(differentials()))

    def test_whoever_is_in_the_patient_compartment_has_a_subject(self):
        compartment = definitions()["CompartmentDefinition-patient.json"]["resource"]
        for row in compartment:
            name = row["code"]
            if row.get("param") and name != "Patient":
                self.assertNotEqual(self.table.of(name, "Subject"), [], name)
                self.assertIn(self.table.sharing[name], ("Patients", "ByTarget"), name)

    def test_a_subject_can_be_a_patient_and_is_the_mapped_one(self):
        for name, elements in differentials().items():
            mapped = {path for path, e in elements.items() if "subject[x]" in five_ws(e)
                      and any("Patient" in "".join(t.get("targetProfile", [])) for t in e.get("type", []))}
            subjects = set(self.table.of(name, "Subject"))
            for path in subjects:
                references = [t for t in elements[path]["type"] if t["code"] == "Reference"]
                profiles = " ".join(p for t in references for p in t.get("targetProfile", ["Resource"]))
                self.assertRegex(profiles or "Resource", "/(Patient|Resource|Group)( |$)|^Resource$", f"{name}.{path}")
            if mapped and not self.table.is_by_hand(name, *(sorted(subjects)[:1] or [""])):
                self.assertLessEqual(subjects, mapped, name)
            if not subjects and name != "Patient":
                self.assertEqual(mapped, set(), name)

    def test_what_is_shared_leads_to_no_patient(self):
        for name, sharing in self.table.sharing.items():
            if sharing == "Shared" and name not in self.table.by_hand:
                self.assertNotIn(name, lead_to_patients())

    def test_each_time_of_the_five_ws_is_there_as_what_it_is(self):
        for name, elements in differentials().items():
            for path, element in elements.items():
                words = sorted(five_ws(element) & set(TIME_WORDS))
                codes = {t["code"] for t in element.get("type", [])}
                if not words or "." in path or not codes & {"date", "dateTime", "instant", "Period", "Timing"}:
                    continue
                self.assertIn(path, self.table.of(name, TIME_WORDS[words[0]]), f"{name}.{path}")

    def test_each_time_can_be_one(self):
        for name, what, path, _ in self.table.rows:
            if what in ("Done", "Init", "Planned", "Recorded", "Dated"):
                codes = {t["code"] for t in differentials()[name][path]["type"]}
                self.assertTrue(codes & {"date", "dateTime", "instant", "Period", "Timing"}, f"{name}.{path}")

    def test_each_status_and_modifier_is_standing(self):
        for name, elements in differentials().items():
            for path, element in elements.items():
                codes = {t["code"] for t in element.get("type", [])}
                if "." in path or not codes & {"code", "CodeableConcept", "Coding", "boolean"}:
                    continue
                if element.get("isModifier") or "status" in five_ws(element):
                    there = self.table.of(name, "Standing") + self.table.of(name, "Code")
                    self.assertIn(path, there, f"{name}.{path}")

    def test_the_code_is_what_it_is(self):
        for name, elements in differentials().items():
            what = {path for path, e in elements.items() if "what[x]" in five_ws(e) and "." not in path
                    and "CodeableConcept" in {t["code"] for t in e.get("type", [])}}
            if what:
                self.assertEqual(set(self.table.of(name, "Code")), what, name)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
