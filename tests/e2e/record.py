"""Reads what the tests look at: records whose numbers keep their digits, and the ledger of a packet."""

import collections
import json
import os


def read_text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def load(path, numbers_as_text=False):
    hooks = {"parse_float": Number, "parse_int": Number} if numbers_as_text else {}
    with open(path, encoding="utf-8") as file:
        return json.load(file, **hooks)


class Number(str):
    """A JSON number as it is written."""


def numbers_in(value):
    """Every number below a value that was loaded with numbers as text, as a multiset."""
    if isinstance(value, Number):
        return collections.Counter([str(value)])
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return sum((numbers_in(child) for child in children), collections.Counter())


def every_object(value):
    if isinstance(value, dict):
        yield value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from every_object(child)


def ledger_of(folder):
    """The lines of a ledger by their kind: {"resource": […], "change": […], "gap": […], "total": […]}."""
    kinds = collections.defaultdict(list)
    with open(os.path.join(folder, "ledger.ndjson"), encoding="utf-8") as file:
        for text in file:
            line = json.loads(text)
            kinds[line["line"]].append(line)
    return kinds
