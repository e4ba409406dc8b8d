#!/usr/bin/env python3
"""Makes the tables of what STU3 and DSTU2 have otherwise than R4, from the three releases' XML schemas
(fhir-single.xsd of https://hl7.org/fhir/STU3/downloads.html, https://hl7.org/fhir/DSTU2/downloads.html,
https://hl7.org/fhir/R4/downloads.html).

    make_older_elements.py DSTU2.xsd STU3.xsd R4.xsd

writes beside this file older_elements_table.inc. Same schemas, same bytes.
"""
import os
import sys
import xml.etree.ElementTree as ET

XS = "{http://www.w3.org/2001/XMLSchema}"
HERE = os.path.dirname(os.path.abspath(__file__))


class Schema:
    """Type → member → (type of its value, whether it repeats); backbones go by their path."""

    def __init__(self, path):
        root = ET.parse(path).getroot()
        self.declared = {t.get("name"): t for t in root.iter(XS + "complexType")}
        self.resources = {e.get("ref") for e in self.declared["ResourceContainer"].iter(XS + "element")}
        self.types, self.paths, self.resource = {}, {}, {}
        for name in self.declared:
            if "." not in name and self._primitive(name) is None:
                self._walk(name)

    def _primitive(self, name):
        """"decimal" of itself, "code" of a list of codes, None of what is none."""
        declared = self.declared.get(name)
        if declared is None or declared.find(f".//{XS}element") is not None:
            return None
        value = [a for a in declared.iter(XS + "attribute") if a.get("name") == "value"]
        if not value:  # "id" is made of "string"
            base = declared.find(f".//{XS}extension")
            return name if base is not None and self._primitive(base.get("base")) else None
        return name if name[0].islower() else "code"

    def _elements(self, name):
        declared = self.declared[name]
        base = declared.find(f"./{XS}complexContent/{XS}extension")
        if base is not None:
            yield from self._elements(base.get("base"))
        yield from declared.iter(XS + "element")

    def _walk(self, name):
        self.paths[name] = name
        waiting = [name]
        for declared in waiting:
            path = self.paths[declared]
            members = self.types.setdefault(path, {})
            for element in self._elements(declared):
                is_many = element.get("maxOccurs") == "unbounded"
                member = element.get("name") or element.get("ref").split(":")[-1]
                kind = element.get("type") or "xhtml"
                if kind == "ResourceContainer":
                    kind = "Resource"
                elif self._primitive(kind):
                    kind = self._primitive(kind)
                elif "." in kind:
                    if kind not in self.paths:
                        self.paths[kind] = f"{path}.{member}"
                        waiting.append(kind)
                    kind = self.paths[kind]
                members[member] = ("Quantity" if kind == "SimpleQuantity" else kind, is_many)


def otherwise(older, newer):
    """The members that are not R4's, or are others there, by type."""
    found = {}
    for path, members in sorted(older.types.items()):
        rows = {m: f for m, f in members.items() if not same_in_json(f, newer.types.get(path, {}).get(m))}
        if rows or path not in newer.types:
            found[path] = rows
    return found


NUMBERS = {"decimal", "integer", "positiveInt", "unsignedInt"}


def form(kind):
    """A date and a code are text both."""
    if kind in NUMBERS:
        return "number"
    return kind if kind in ("boolean", "xhtml") or not kind[0].islower() else "text"


def same_in_json(left, right):
    return right is not None and left[1] == right[1] and form(left[0]) == form(right[0])


def quoted(words):
    line, lines = "", []
    for word in words:
        if len(line) + len(word) > 86:
            lines.append(line)
            line = ""
        line += word + " "
    lines.append(line)
    return "\n".join(f'     "{text}"' for text in lines)


def table(name, found, resources):
    rows = []
    for path, members in found.items():
        words = [f"{m}:{k}{'*' if many else ''}" for m, (k, many) in members.items()]
        rows.append(f'    {{"{path}", {"true" if path in resources else "false"},\n{quoted(words)}}},')
    return f"constexpr OlderType {name}[] = {{\n" + "\n".join(rows) + "\n};\n"


def main(dstu2, stu3, r4):
    r4 = Schema(r4)
    with open(os.path.join(HERE, "older_elements_table.inc"), "w", encoding="utf-8") as out:
        out.write("// Made by make_older_elements.py from the XML schemas of DSTU2 1.0.2, STU3 3.0.2 and R4 4.0.1.\n"
                  "// Do not edit.\n// clang-format off\n")
        for name, path in (("dstu2_types", dstu2), ("stu3_types", stu3)):
            schema = Schema(path)
            out.write(table(name, otherwise(schema, r4), schema.resources))


if __name__ == "__main__":
    main(*sys.argv[1:])
