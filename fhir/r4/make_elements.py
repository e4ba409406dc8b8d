#!/usr/bin/env python3
"""Makes the tables of facts from the R4 definitions package (https://hl7.org/fhir/R4/downloads.html).

    make_elements.py hl7.fhir.r4.core-4.0.1.tgz

writes elements_table.inc beside this file (types, elements, bindings, reference targets) and
../terminology/hl7_systems.inc (HL7's own code systems with their OIDs). Same package, same bytes.
"""
import json
import os
import sys
import tarfile

STRENGTHS = {"example": "Example", "preferred": "Preferred", "extensible": "Extensible", "required": "Required"}
STRUCTURE = "http://hl7.org/fhir/StructureDefinition/"
HERE = os.path.dirname(os.path.abspath(__file__))


def read_package(path):
    found = {"StructureDefinition": [], "ValueSet": [], "CodeSystem": []}
    with tarfile.open(path) as archive:
        for member in archive:
            kind = os.path.basename(member.name).split("-")[0]
            if kind in found and member.name.endswith(".json"):
                found[kind].append(json.load(archive.extractfile(member)))
    for resources in found.values():
        resources.sort(key=lambda resource: resource["url"])
    return found


class Codes:
    """Expands value sets from the package's own code systems; None where that cannot be done."""

    def __init__(self, package):
        self.systems = {system["url"]: system for system in package["CodeSystem"]}
        self.value_sets = {value_set["url"]: value_set for value_set in package["ValueSet"]}

    def expand(self, url):
        value_set = self.value_sets.get(url.split("|")[0])
        if value_set is None or "compose" not in value_set:
            return None
        codes = set()
        for include in value_set["compose"].get("include", []):
            part = self._part(include)
            if part is None:
                return None
            codes |= part
        for exclude in value_set["compose"].get("exclude", []):
            part = self._part(exclude)
            if part is None:
                return None
            codes -= part
        return codes or None

    def _part(self, include):
        codes = None
        if "system" in include:
            if "concept" in include:
                codes = {concept["code"] for concept in include["concept"]}
            else:
                system = self.systems.get(include["system"])
                if system is None or system.get("content") != "complete" or "filter" in include:
                    return None
                codes = set(nested_codes(system.get("concept", [])))
        for url in include.get("valueSet", []):
            other = self.expand(url)
            if other is None:
                return None
            codes = other if codes is None else codes & other
        return codes


def nested_codes(concepts):
    for concept in concepts:
        yield concept["code"]
        yield from nested_codes(concept.get("concept", []))


class Tables:
    def __init__(self, package):
        self.codes = Codes(package)
        self.types = {}  # name → (kind, [element])
        for definition in package["StructureDefinition"]:
            if definition.get("derivation") == "constraint":
                continue
            if definition["kind"] in ("primitive-type", "complex-type", "resource"):
                self.add_definition(definition)

    def add_definition(self, definition):
        root = definition["snapshot"]["element"][0]["path"]
        name = definition["type"]
        kind = {"primitive-type": "Primitive", "complex-type": "Complex", "resource": "Resource"}[definition["kind"]]
        self.types[name] = (kind, [])
        elements = [e for e in definition["snapshot"]["element"][1:] if ":" not in e["id"]]
        parents = {e["path"].rsplit(".", 1)[0] for e in elements}
        for path in sorted(parents - {root}):
            self.types[path] = ("Backbone", [])
        for element in elements:
            parent, leaf = element["path"].rsplit(".", 1)
            if kind == "Primitive" and leaf == "value" or element["max"] == "0":
                continue
            owner = name if parent == root else parent
            self.types[owner][1].append(self.element(element, leaf, parents, kind, parent == root))

    def element(self, element, leaf, parents, kind, at_root):
        types, targets = [], []
        any_target = False
        for candidate in element.get("type", []):
            code = candidate["code"]
            if code.startswith("http://hl7.org/fhirpath/"):
                urls = [x["valueUrl"] for x in candidate.get("extension", []) if "valueUrl" in x]
                code = urls[0] if urls else "string"
                # The package calls Resource.id a string; datatypes.html#id says id.
                if leaf == "id" and kind == "Resource" and at_root:
                    code = "id"
            if element["path"] in parents and code in ("BackboneElement", "Element"):
                code = element["path"]
            if code not in types:
                types.append(code)
            for profile in candidate.get("targetProfile", []) if code == "Reference" else []:
                target = profile[len(STRUCTURE):]
                any_target |= target == "Resource"
                targets.append(target)
        if "contentReference" in element:
            types = [element["contentReference"].lstrip("#")]
        binding = element.get("binding", {})
        codes = ()
        if binding.get("strength") == "required" and types == ["code"] and "valueSet" in binding:
            expanded = self.codes.expand(binding["valueSet"])
            if expanded is None:
                print(f"not expanded: {element['path']} {binding['valueSet']}", file=sys.stderr)
            codes = tuple(sorted(expanded or (), key=lambda code: code.encode()))
        return {
            "name": leaf.replace("[x]", ""),
            "min": element["min"],
            "max": 65535 if element["max"] == "*" else int(element["max"]),
            "flags": (1 if leaf.endswith("[x]") else 0)
            | (2 if element.get("isModifier") else 0)
            | (4 if element.get("isSummary") else 0),
            "binding": STRENGTHS.get(binding.get("strength"), "None"),
            "types": tuple(types),
            "targets": () if any_target else tuple(sorted(set(targets))),
            "codes": codes,
        }


class Pool:
    """Lists put end to end; the same list is stored once."""

    def __init__(self):
        self.items, self.places = [], {(): 0}

    def place(self, values):
        if values not in self.places:
            self.places[values] = len(self.items)
            self.items.extend(values)
        return self.places[values], len(values)


def wrapped(texts, width=98):
    lines, line = [], "   "
    for text in texts:
        if len(line) + len(text) + 2 > width:
            lines.append(line)
            line = "   "
        line += " " + text + ","
    return "\n".join(lines + [line]) if texts else ""


def array(kind, name, texts):
    return f"constexpr {kind} {name}[] = {{\n{wrapped(texts)}\n}};\n"


def quoted(text):
    return json.dumps(text, ensure_ascii=True)


def write_elements(tables, out):
    names = sorted(tables.types, key=lambda name: name.encode())
    number = {name: position for position, name in enumerate(names)}
    type_lists, target_lists, code_lists = Pool(), Pool(), Pool()
    rows, types, first = [], [], 0
    for name in names:
        kind, elements = tables.types[name]
        types.append(f"{{{quoted(name)}, Type::Kind::{kind}, {first}, {len(elements)}}}")
        first += len(elements)
        for element in elements:
            lists = (*type_lists.place(tuple(number[t] for t in element["types"])),
                     *target_lists.place(element["targets"]), *code_lists.place(element["codes"]))
            rows.append(f"{{{quoted(element['name'])}, {element['min']}, {element['max']}, {element['flags']}, "
                        f"BindingStrength::{element['binding']}, {', '.join(map(str, lists))}}}")
    out.write("// Made by make_elements.py from hl7.fhir.r4.core 4.0.1 (CC0). Do not edit.\n// clang-format off\n")
    out.write(array("RawType", "raw_types", types))
    out.write("constexpr RawElement raw_elements[] = {\n" + "".join(f"    {row},\n" for row in rows) + "};\n")
    out.write(array("std::uint16_t", "raw_type_lists", list(map(str, type_lists.items))))
    out.write(array("StaticText", "raw_targets", list(map(quoted, target_lists.items))))
    out.write(array("StaticText", "raw_codes", list(map(quoted, code_lists.items))))
    out.write("// clang-format on\n")


def write_systems(package, out):
    rows = []
    for system in package["CodeSystem"]:
        oids = [i["value"][len("urn:oid:"):] for i in system.get("identifier", [])
                if i.get("value", "").startswith("urn:oid:")]
        if system["url"].startswith(("http://terminology.hl7.org/", "http://hl7.org/fhir/")):
            rows.append(f"    {{{quoted(system['url'])}, {quoted(oids[0] if oids else '')}}},\n")
    out.write("// Made by ../r4/make_elements.py from hl7.fhir.r4.core 4.0.1 (CC0): HL7's own code systems,\n"
              "// each with its OID where it has one. Sorted by URI. Do not edit.\n// clang-format off\n")
    out.write("constexpr Hl7System hl7_systems[] = {\n" + "".join(rows) + "};\n// clang-format on\n")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    package = read_package(sys.argv[1])
    with open(os.path.join(HERE, "elements_table.inc"), "w", encoding="ascii") as out:
        write_elements(Tables(package), out)
    with open(os.path.join(HERE, "..", "terminology", "hl7_systems.inc"), "w", encoding="ascii") as out:
        write_systems(package, out)


if __name__ == "__main__":
    main()
