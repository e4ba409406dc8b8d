#!/usr/bin/env python3
"""Makes the tables of facts from the R4 definitions package (https://hl7.org/fhir/R4/downloads.html).

    make_elements.py hl7.fhir.r4.core-4.0.1.tgz

writes beside this file elements_table.inc (types, elements, bindings, reference targets),
code_systems_table.inc (the codes of HL7's own code systems) and extensions_table.inc (where R4's own
extensions may stand), and ../terminology/hl7_systems.inc (HL7's own code systems with their OIDs).
Same package, same bytes.
"""
import json
import os
import sys
import tarfile

STRENGTHS = {"example": "Example", "preferred": "Preferred", "extensible": "Extensible", "required": "Required"}
STRUCTURE = "http://hl7.org/fhir/StructureDefinition/"
HL7_SYSTEMS = ("http://terminology.hl7.org/", "http://hl7.org/fhir/")
# Required value sets of more codes than a package can list: what form their codes have.
FORMS = {"http://hl7.org/fhir/ValueSet/mimetypes": "MimeType", "http://hl7.org/fhir/ValueSet/currencies": "Currency"}
# Here "xml" and "json" may stand for a MIME type: https://hl7.org/fhir/R4/capabilitystatement-definitions.html#CapabilityStatement.format
FORMLESS = ("CapabilityStatement", "TestScript")
HERE = os.path.dirname(os.path.abspath(__file__))


def read_package(path):
    found = {"StructureDefinition": [], "ValueSet": [], "CodeSystem": [], "CompartmentDefinition": [],
             "SearchParameter": []}
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

    def system_of(self, url):
        """The one system that all codes of a value set are of; else None."""
        includes = self.value_sets[url.split("|")[0]]["compose"]["include"]
        systems = {include.get("system") for include in includes}
        return systems.pop() if len(systems) == 1 and not any("valueSet" in i for i in includes) else None

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
        codes, system, form = (), "", "Any"
        if binding.get("strength") == "required" and types in (["code"], ["CodeableConcept"]):
            codes, system, form = self.required(element["path"], binding["valueSet"], types[0])
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
            "system": system,
            "form": form,
        }

    def required(self, path, value_set, type_name):
        """The codes of a required binding, the system of a concept's, and else the form of a code."""
        expanded = self.codes.expand(value_set)
        system = ""
        if expanded and type_name == "CodeableConcept":
            system = self.codes.system_of(value_set)
            expanded = expanded if system else None
        if expanded is None:
            form = FORMS.get(value_set.split("|")[0])
            if form is None or type_name != "code" or path.startswith(FORMLESS):
                print(f"not checked: {path} {value_set}", file=sys.stderr)
                form = "Any"
            return (), "", form
        return tuple(sorted(expanded, key=lambda code: code.encode())), system, "Any"


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
                        f"BindingStrength::{element['binding']}, {', '.join(map(str, lists))}, "
                        f"{quoted(element['system'])}, CodeForm::{element['form']}}}")
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
        if system["url"].startswith(HL7_SYSTEMS):
            rows.append(f"    {{{quoted(system['url'])}, {quoted(oids[0] if oids else '')}}},\n")
    out.write("// Made by ../r4/make_elements.py from hl7.fhir.r4.core 4.0.1 (CC0): HL7's own code systems,\n"
              "// each with its OID where it has one. Sorted by URI. Do not edit.\n// clang-format off\n")
    out.write("constexpr Hl7System hl7_systems[] = {\n" + "".join(rows) + "};\n// clang-format on\n")


def pieces(text, width=80):
    return "\n".join("     " + quoted(text[at:at + width]) for at in range(0, len(text), width))


def write_code_systems(package, out):
    """The codes of a system are one text, each between line ends."""
    rows = []
    for system in package["CodeSystem"]:
        if not system["url"].startswith(HL7_SYSTEMS) or system.get("content") != "complete":
            continue
        codes = sorted(set(nested_codes(system.get("concept", []))), key=lambda code: code.encode())
        # In version 2 "..." stands for codes that are not listed, and a few lists have spoilt characters.
        if any("..." in code or not (code.isascii() and code.isprintable()) for code in codes):
            continue
        # FHIR's own have its version; those of HL7 versions 2 and 3 go on without it.
        own = "true" if system.get("version") == "4.0.1" else "false"
        cased = "true" if system.get("caseSensitive") else "false"
        version = quoted(system.get("version", ""))
        rows.append(f"    {{{quoted(system['url'])}, {version}, {own}, {cased},\n"
                    f"{pieces(chr(10) + chr(10).join(codes) + chr(10))}}},\n")
    out.write("// Made by make_elements.py from hl7.fhir.r4.core 4.0.1 (CC0): HL7's own code systems with their\n"
              "// codes. Sorted by URI. Do not edit.\n// clang-format off\n")
    out.write("constexpr RawCodeSystem raw_code_systems[] = {\n" + "".join(rows) + "};\n// clang-format on\n")


def is_known_place(tables, context):
    """A type, or an element of a type: what the walk can tell."""
    owner, _, leaf = context["expression"].rpartition(".")
    if context["type"] != "element":
        return False
    if context["expression"] in tables.types or context["expression"] in ("Element", "BackboneElement"):
        return True
    return owner in tables.types and leaf.replace("[x]", "") in [e["name"] for e in tables.types[owner][1]]


def write_extensions(package, tables, out):
    rows = []
    for definition in package["StructureDefinition"]:
        contexts = definition.get("context", [])
        if definition["type"] != "Extension" or not contexts or not definition["url"].startswith(STRUCTURE):
            continue
        if all(is_known_place(tables, context) for context in contexts):
            places = " ".join(sorted(context["expression"].replace("[x]", "") for context in contexts))
            rows.append(f"    {{{quoted(definition['url'][len(STRUCTURE):])},\n{pieces(f' {places} ')}}},\n")
    out.write("// Made by make_elements.py from hl7.fhir.r4.core 4.0.1 (CC0): R4's own extensions and where\n"
              "// they may stand. Sorted by name. Do not edit.\n// clang-format off\n")
    out.write("constexpr RawExtension raw_extensions[] = {\n" + "".join(rows) + "};\n// clang-format on\n")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    package = read_package(sys.argv[1])
    tables = Tables(package)
    with open(os.path.join(HERE, "elements_table.inc"), "w", encoding="ascii") as out:
        write_elements(tables, out)
    with open(os.path.join(HERE, "code_systems_table.inc"), "w", encoding="ascii") as out:
        write_code_systems(package, out)
    with open(os.path.join(HERE, "extensions_table.inc"), "w", encoding="ascii") as out:
        write_extensions(package, tables, out)
    with open(os.path.join(HERE, "..", "terminology", "hl7_systems.inc"), "w", encoding="ascii") as out:
        write_systems(package, out)


if __name__ == "__main__":
    main()
