#!/usr/bin/env python3
"""The house rules that a compiler does not check: who includes whom, where each library lives,
sizes, what lies at the top. Reads the tree that git knows; prints each breach as PATH:LINE: WHY.

    tidy_test.py ROOT
"""
import fnmatch
import re
import subprocess
import sys
from pathlib import Path

TOP = {"CMakeLists.txt", "README.md", "LICENSE", "adapter", "fhir", "config", "samples", "tests"}
LINES_MAX = 400

# Each library, and the files that may name it.
HOMES = {
    "rapidjson": ["fhir/json.cpp", "tests/bench/*"],
    "simdjson": ["fhir/base/utf8.cpp"],
    "unicode": ["fhir/base/text_fold.cpp"],
    "cpprest": ["fhir/client/http_cpprest*"],
    "pplx": ["fhir/client/http_cpprest*"],
    "boost": ["adapter/web/server/*", "fhir/client/http_tls*", "fhir/client/http_cpprest*"],
    "openssl": ["fhir/base/*", "fhir/client/http_tls*", "adapter/web/server/*", "tests/*"],
    "zlib": ["fhir/client/http_gzip.cpp", "tests/support/*", "tests/fhir/client/*"],
    "sqlite3": ["adapter/store/*", "tests/adapter/store/*"],
    "CLI": ["adapter/main.cpp", "samples/sandbox/main.cpp"],
    "libxml": ["fhir/narrative_tree.cpp", "fhir/xml.cpp"],
    "spdlog": ["adapter/log.cpp"],
    "fmt": ["adapter/log.cpp"],
}

# (who, what it must not include, who is excepted)
WALLS = [
    ("fhir/base/*", "*/*", ["fhir/base/*"]),
    ("fhir/*", "config/*", []),
    ("fhir/*", "adapter/*", []),
    ("config/*", "adapter/*", []),
    ("adapter/stages/*", "adapter/store/*", []),
    ("adapter/stages/*", "adapter/audit/*", []),
    ("adapter/stages/*", "adapter/web/*", []),
    ("adapter/html/*", "adapter/*", ["adapter/html/*"]),
    ("adapter/audit/*", "adapter/store/*", []),
    ("adapter/audit/*", "adapter/stages/*", []),
    ("adapter/store/*", "adapter/audit/*", []),
    ("adapter/store/*", "adapter/stages/*", []),
    ("adapter/web/server/*", "*/*", ["adapter/web/server/*", "fhir/base/*"]),
    ("adapter/*", "samples/*", []),
    ("adapter/*", "tests/*", []),
    ("fhir/*", "tests/*", []),
    ("config/*", "tests/*", []),
    ("samples/*", "tests/*", []),
]
# Stages know each other's values along the flow where a header says so, and nothing else of them.
STAGE_VALUES = {
    ("page", "completeness"): ["adapter/stages/completeness/completeness.h"],
}
# What a resource says, read once for all that is made of it.
SHARED_ROOMS = {"reading"}
# Whoever puts the rooms together.
CONCRETE = ["adapter/commands/*", "adapter/main.cpp", "tests/*"]
CONCRETE_NAMES = re.compile(r"\b(open_sqlite_store|AuditLog::open|make_stderr_log|SystemClock)\b")
PRINTING = re.compile(r"\bstd::(cout|cerr|clog)\b|\b(f?printf|f?puts)\s*\(")
PRINTS = ["adapter/commands/*", "adapter/main.cpp", "adapter/log.cpp", "samples/*", "tests/*"]
FLOATING = re.compile(r"\b(double|float)\b")
TODO = re.compile(r"\b(TODO|FIXME)\b(?!\(#\d+\))")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')
SOURCE = (".h", ".cpp")


def any_match(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def without_comments(line):
    """The code of a line: its strings emptied, what follows // left out."""
    return re.sub(r"//.*", "", re.sub(r'"(\\.|[^"\\])*"', '""', line))


def stage_of(name):
    parts = name.split("/")
    if len(parts) < 4 or parts[:2] != ["adapter", "stages"]:
        return None
    return parts[2]


def include_breaches(name, bracket, target):
    if bracket == "<":
        home = HOMES.get(re.split(r"[/.]", target)[0])
        if home is not None and not any_match(name, home):
            yield f"<{target}> has its home in {', '.join(home)}"
        return
    for who, what, excepted in WALLS:
        if (any_match(name, [who]) and any_match(target, [what])
                and not any_match(target, excepted)):
            yield f"{who} does not include {what}"
    mine, other = stage_of(name), stage_of(target)
    if mine and other and mine != other and other not in SHARED_ROOMS:
        if target not in STAGE_VALUES.get((mine, other), []):
            yield f"the stage {mine} does not include the stage {other}"


def breaches(name, text):
    lines = text.splitlines()
    is_source = name.endswith(SOURCE)
    if is_source and len(lines) > LINES_MAX and not name.startswith(("tests/", "samples/")):
        yield name, len(lines), f"more than {LINES_MAX} lines"
    for number, line in enumerate(lines, 1):
        if TODO.search(line) and name != "tests/tidy_test.py":
            yield name, number, "a TODO without the number of its issue"
        if not is_source:
            continue
        found = INCLUDE.match(line)
        if found:
            for why in include_breaches(name, found[1], found[2]):
                yield name, number, why
        code = without_comments(line)
        if PRINTING.search(code) and not any_match(name, PRINTS):
            yield name, number, "only commands print"
        if CONCRETE_NAMES.search(code) and name.startswith("adapter/") and \
                not any_match(name, CONCRETE + ["adapter/store/*", "adapter/audit/*",
                                                "adapter/log.*"]):
            yield name, number, "only main and commands name concrete classes"
        # RapidJSON calls its handler so; it answers no.
        if FLOATING.search(code) and name.startswith(("fhir/", "config/")) and \
                "bool Double(double) { return false; }" not in code:
            yield name, number, "no binary fractions in fhir and config"


def tree_breaches(root):
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "-co", "--exclude-standard", "-z"],
        check=True, capture_output=True, text=True).stdout.split("\0")
    names = sorted({name for name in listed if name and (Path(root) / name).is_file()})
    for top in sorted({name.split("/")[0] for name in names}):
        if top not in TOP and not top.startswith("."):
            yield top, 0, "not agreed upon at the top of the tree"
    for name in names:
        if name.endswith(SOURCE + (".py", ".inc", ".txt", ".json")) or "." not in Path(name).name:
            if any_match(name, ["*/package-lock.json", "*.inc"]):
                continue
            try:
                text = (Path(root) / name).read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            yield from breaches(name, text)
    if len(names) < 100:
        yield ".", 0, "this is not the whole tree"


# One breach of each rule: (path, text, how many are found).
EXAMPLES = [
    ("fhir/base/x.cpp", '#include "fhir/json.h"', 1),
    ("fhir/x.cpp", '#include "config/config.h"', 1),
    ("config/x.cpp", '#include "adapter/log.h"', 1),
    ("adapter/stages/pull/x.cpp", '#include "adapter/stages/consent/consent.h"', 1),
    ("adapter/stages/pull/x.cpp", '#include "adapter/stages/record.h"', 0),
    ("adapter/stages/deliver/x.cpp", '#include "adapter/stages/packet.h"', 0),
    ("adapter/stages/follow.cpp", '#include "adapter/store/store.h"', 1),
    ("adapter/stages/follow.cpp", '#include "adapter/audit/event.h"', 1),
    ("adapter/pipeline.cpp", '#include "adapter/audit/event.h"', 0),
    ("adapter/log.h", '#include "tests/support/fake_clock.h"', 1),
    ("fhir/x.cpp", "#include <rapidjson/reader.h>", 1),
    ("adapter/x.cpp", "#include <sqlite3.h>", 1),
    ("adapter/x.cpp", "#include <boost/asio.hpp>", 1),
    ("adapter/x.cpp", "#include <spdlog/spdlog.h>", 1),
    ("adapter/x.cpp", "#include <string>", 0),
    ("adapter/x.cpp", "std::cerr << name;", 1),
    ("adapter/x.cpp", 'std::printf("%s", name);', 1),
    ("adapter/x.cpp", "std::snprintf(buffer, 3, format);", 0),
    ("adapter/x.cpp", "auto store = open_sqlite_store(file, role);", 1),
    ("adapter/commands/x.cpp", "std::cout << name;", 0),
    ("fhir/x.cpp", "double value = 0;", 1),
    ("fhir/x.cpp", "int value = 0;  // no double", 0),
    ("adapter/x.cpp", "// TO" "DO: later", 1),
    ("adapter/x.cpp", "// TO" "DO(#12): later", 0),
    ("adapter/x.cpp", "\n" * 401, 1),
]


def main():
    root = sys.argv[1]
    found = list(tree_breaches(root))
    for name, number, why in found:
        print(f"{name}:{number}: {why}")
    for name, text, wanted in EXAMPLES:
        count = len(list(breaches(name, text)))
        if count != wanted:
            print(f"tidy_test itself: {text.strip()!r} in {name} gives {count}, not {wanted}")
            found.append(name)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
