#!/usr/bin/env python3
"""The house rules that a compiler does not check: who includes whom, where each library lives, names, sizes, what lies
at the top. Reads the tree that git knows; prints each breach as PATH:LINE: WHY.

    tidy_test.py ROOT
"""
import collections
import fnmatch
import re
import statistics
import subprocess
import sys
from pathlib import Path

from cpp_source import code_of, functions_in, raw_text_lines

TOP = {"CMakeLists.txt", "README.md", "LICENSE", "adapter", "fhir", "config", "samples", "tests"}
LINES_MAX = 400
# Longer than that since before this rule; they may only become shorter.
LONGER = {"tests/adapter/pipeline_test.cpp": 589, "tests/adapter/stages/pull/pull_test.cpp": 460}
MEDIAN_MAX = 100  # lines of a file that is no test
FUNCTION_MAX = 70
COLUMNS_MAX = {".h": 100, ".cpp": 100, ".py": 120}

# Each library, and the files that may name it.
HOMES = {
    "rapidjson": ["fhir/json.cpp", "tests/bench/*"],
    "simdjson": ["fhir/base/utf8.cpp"],
    "unicode": ["fhir/base/text_fold.cpp"],
    "cpprest": ["fhir/client/http_cpprest*"],
    "pplx": ["fhir/client/http_cpprest*", "tests/fhir/client/http_cpprest*"],
    "boost": ["adapter/web/server/*", "fhir/client/http_tls*", "fhir/client/http_cpprest*"],
    "openssl": ["fhir/base/*", "fhir/client/http_tls*", "adapter/web/server/*", "tests/*"],
    "zlib": ["fhir/client/http_gzip.cpp", "tests/support/*", "tests/fhir/client/*"],
    "sqlite3": ["adapter/store/*", "tests/adapter/store/*"],
    "CLI": ["adapter/command_line.h", "adapter/main.cpp", "samples/sandbox/main.cpp"],
    "poppler": ["adapter/stages/text/pdf/main.cpp"],
    "qpdf": ["adapter/stages/text/pdf/objects.cpp"],
    "qrencode": ["adapter/html/qr_code.cpp"],
    "libxml": ["fhir/narrative_tree.cpp", "fhir/xml.cpp"],
    "spdlog": ["adapter/log.cpp"],
    "fmt": ["adapter/log.cpp"],
    "gtest": ["tests/*"],
    "gmock": ["tests/*"],
    "benchmark": ["tests/bench/*"],
}
# What is no library: the language's own headers have no suffix, these are the system's.
SYSTEM = {"arpa", "dirent", "errno", "fcntl", "fnmatch", "iconv", "linux", "malloc", "netdb", "netinet", "poll",
          "pthread", "pwd", "signal", "spawn", "stdlib", "sys", "sysexits", "syslog", "termios", "time",
          "unistd"}

# (who, what it must not include, who is excepted)
WALLS = [
    ("fhir/base/*", "*/*", ["fhir/base/*"]),
    ("fhir/*", "config/*", []),
    ("fhir/*", "adapter/*", []),
    ("config/*", "adapter/*", []),
    ("adapter/stages/*", "adapter/store/*", []),
    ("adapter/stages/*", "adapter/audit/*", []),
    ("adapter/stages/*", "adapter/web/*", []),
    ("adapter/stages/*", "adapter/steps/*", []),
    ("adapter/steps/*", "adapter/store/*", []),
    ("adapter/steps/*", "adapter/disclosures.h", []),
    ("adapter/steps/*", "adapter/audit/*", ["adapter/audit/act.h", "adapter/audit/event.h"]),
    ("adapter/html/*", "adapter/*", ["adapter/html/*"]),
    ("adapter/knowledge/*", "adapter/*", ["adapter/knowledge/*"]),
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
# What a resource says, and the words of a file, read once for all that is made of them.
SHARED_ROOMS = {"reading", "text"}
# What a server and what a file brings, and what comes back, goes one path: who may build on which room of it.
PATH_ROOMS = {
    "candidates": {"belonging"},
    "deliver": {"belonging"},
    "follow": {"belonging"},
    "intake": {"belonging", "candidates"},
    "pull": {"belonging", "candidates"},
}
# Whoever puts the rooms together.
CONCRETE = ["adapter/commands/*", "adapter/main.cpp", "tests/*"]
CONCRETE_NAMES = re.compile(r"\b(open_sqlite_store|AuditLog::open|make_stderr_log|SystemClock)\b")
PRINTING = re.compile(r"\bstd::(cout|cerr|clog)\b|\b(f?printf|f?puts)\s*\(")
PRINTS = ["adapter/commands/*", "adapter/main.cpp", "adapter/log.cpp", "samples/*", "tests/*"]
# What is not kept by a value: a constructor that is private, an arena.
NEW = re.compile(r"\bnew\b(?!>)|\bdelete\b(?!\s*;\s*$)|\bmalloc\s*\(")
OWNED_AT_ONCE = re.compile(r"unique_ptr<[\w:]+>\s*(\w+\s*)?\(\s*new [\w:]+\b")
NEWS = ["fhir/json*", "adapter/memory_budget.cpp", "adapter/stages/pull/pull.cpp",
        "tests/adapter/growth/growth_test.cpp", "tests/fhir/client/http_tls_contract_test.cpp"]
USING = re.compile(r"\busing\s+namespace\b")
BANNED = re.compile(r"(^|[/_.])(utils?|helpers?|commons?|managers?|misc)([/_.]|$)")
SNAKE = re.compile(r"[a-z0-9_]+")
FLOATING = re.compile(r"\b(double|float)\b")
TODO = re.compile(r"\b(TODO|FIXME)\b(?!\(#\d+\))")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')
SOURCE = (".h", ".cpp")


def any_match(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def stage_of(name):
    parts = name.split("/")
    if len(parts) < 4 or parts[:2] != ["adapter", "stages"]:
        return None
    return parts[2]


def include_breaches(name, bracket, target):
    if bracket == "<":
        library = re.split(r"[/.]", target)[0]
        home = HOMES.get(library)
        if home is None and ("/" in target or "." in target) and library not in SYSTEM:
            yield f"<{target}> is of a library that has no home"
        if home is not None and not any_match(name, home):
            yield f"<{target}> has its home in {', '.join(home)}"
        return
    for who, what, excepted in WALLS:
        if (any_match(name, [who]) and any_match(target, [what])
                and not any_match(target, excepted)):
            yield f"{who} does not include {what}"
    mine, other = stage_of(name), stage_of(target)
    if mine and other and mine != other and other not in SHARED_ROOMS | PATH_ROOMS.get(mine, set()):
        if target not in STAGE_VALUES.get((mine, other), []):
            yield f"the stage {mine} does not include the stage {other}"


def line_breaches(name, code):
    """Of a line of C++ without its comments and texts."""
    if PRINTING.search(code) and not any_match(name, PRINTS):
        yield "only commands print"
    if CONCRETE_NAMES.search(code) and name.startswith("adapter/") and \
            not any_match(name, CONCRETE + ["adapter/store/*", "adapter/audit/*", "adapter/log.*"]):
        yield "only main and commands name concrete classes"
    # RapidJSON calls its handler so; it answers no.
    if FLOATING.search(code) and name.startswith(("fhir/", "config/")) and \
            "bool Double(double) { return false; }" not in code:
        yield "no binary fractions in fhir and config"
    if NEW.search(code) and not OWNED_AT_ONCE.search(code) and not any_match(name, NEWS):
        yield "new and delete only where a unique_ptr takes it at once"
    if USING.search(code) and name.endswith(".h"):
        yield "a header takes no namespace for those who include it"


def source_breaches(name, text):
    """Of a file of C++: its lines, its functions, its head."""
    if name.endswith(".h"):
        if not text.startswith("//"):
            yield 1, "a header opens with what it is"
        if not re.search(r"^#pragma once$", text, re.MULTILINE):
            yield 1, "a header has #pragma once"
    for number, (line, code) in enumerate(zip(text.splitlines(), code_of(text).splitlines()), 1):
        found = INCLUDE.match(line)
        for why in include_breaches(name, found[1], found[2]) if found else line_breaches(name, code):
            yield number, why
    try:
        for function in functions_in(text):
            if function.lines > FUNCTION_MAX:
                yield function.line, f"{function.name} has {function.lines} lines, over {FUNCTION_MAX}"
    except ValueError as error:
        yield 1, str(error)


def breaches(name, text):
    lines = text.splitlines()
    suffix = Path(name).suffix
    if BANNED.search(name):
        yield name, 0, "a name that says nothing: find the subject's own"
    if suffix in COLUMNS_MAX and not SNAKE.fullmatch(Path(name).stem):
        yield name, 0, "files are named in snake_case"
    if suffix in SOURCE and len(lines) > LONGER.get(name, LINES_MAX):
        yield name, len(lines), f"more than {LONGER.get(name, LINES_MAX)} lines"
    columns = COLUMNS_MAX.get(suffix) if suffix in SOURCE or name.startswith("tests/") else None
    unbroken = raw_text_lines(text) if suffix in SOURCE else ()
    for number, line in enumerate(lines, 1):
        if TODO.search(line) and name != "tests/tidy_test.py":
            yield name, number, "a TODO without the number of its issue"
        # A URL is not broken; nor is what stands in a raw text.
        if columns and len(line) > columns and "://" not in line and number not in unbroken:
            yield name, number, f"more than {columns} columns"
    if suffix in SOURCE:
        for number, why in source_breaches(name, text):
            yield name, number, why


def room_of(name):
    """Its folder; what lies directly in adapter/ puts the rooms together, each file for itself."""
    folder = str(Path(name).parent)
    return name.rsplit(".", 1)[0] if folder == "adapter" else folder


def cycle_in(graph):
    """Some cycle of a graph {from: {to: …}}, as the list of its nodes in order; empty if there is none."""
    done, path = set(), []

    def walk(node):
        if node in path:
            return path[path.index(node):]
        if node in done:
            return []
        path.append(node)
        for target in sorted(graph.get(node, {})):
            if found := walk(target):
                return found
        done.add(path.pop())
        return []

    return next((found for node in sorted(graph) if (found := walk(node))), [])


def cycle_breaches(texts):
    """Of files and of rooms that include each other; one cycle of each, at one of the lines that make it."""
    files, rooms = collections.defaultdict(dict), collections.defaultdict(dict)
    for name, text in texts.items():
        for number, line in enumerate(text.splitlines(), 1):
            found = INCLUDE.match(line)
            if not found or found[1] != '"' or found[2] not in texts:
                continue
            files[name].setdefault(found[2], (name, number))
            if room_of(name) != room_of(found[2]):
                rooms[room_of(name)].setdefault(room_of(found[2]), (name, number))
    for what, graph in (("files", files), ("rooms", rooms)):
        cycle = cycle_in(graph)
        if cycle:
            last = cycle[1] if len(cycle) > 1 else cycle[0]
            yield *graph[cycle[0]][last], f"{what} include each other: {' -> '.join(cycle + cycle[:1])}"


def size_breaches(texts):
    sizes = {name: len(text.splitlines()) for name, text in texts.items() if not name.startswith("tests/")}
    if sizes and statistics.median(sizes.values()) >= MEDIAN_MAX:
        yield ".", 0, f"the median file has {statistics.median(sizes.values())} lines, not under {MEDIAN_MAX}"


def tree_breaches(root):
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "-co", "--exclude-standard", "-z"],
        check=True, capture_output=True, text=True).stdout.split("\0")
    names = sorted({name for name in listed if name and (Path(root) / name).is_file()})
    for top in sorted({name.split("/")[0] for name in names}):
        if top not in TOP and not top.startswith("."):
            yield top, 0, "not agreed upon at the top of the tree"
    texts = {}
    for name in names:
        if name.endswith(SOURCE + (".py", ".inc", ".txt", ".json")) or "." not in Path(name).name:
            if any_match(name, ["*/package-lock.json", "*.inc"]):
                continue
            try:
                text = (Path(root) / name).read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            texts[name] = text
            yield from breaches(name, text)
    sources = {name: text for name, text in texts.items() if name.endswith(SOURCE)}
    yield from cycle_breaches(sources)
    yield from size_breaches(sources)
    if len(names) < 100:
        yield ".", 0, "this is not the whole tree"


def function(lines):
    return "int f(int a) const {\n" + "    while (a) { --a; }\n" * (lines - 2) + "}\n"


# One breach of each rule: (path, text, how many are found).
EXAMPLES = [
    ("fhir/base/x.cpp", '#include "fhir/json.h"', 1),
    ("fhir/x.cpp", '#include "config/config.h"', 1),
    ("config/x.cpp", '#include "adapter/log.h"', 1),
    ("adapter/stages/pull/x.cpp", '#include "adapter/stages/consent/consent.h"', 1),
    ("adapter/stages/pull/x.cpp", '#include "adapter/stages/record.h"', 0),
    ("adapter/stages/pull/x.cpp", '#include "adapter/stages/candidates/candidates.h"', 0),
    ("adapter/stages/candidates/x.cpp", '#include "adapter/stages/intake/intake.h"', 1),
    ("adapter/stages/belonging/x.cpp", '#include "adapter/stages/candidates/reach.h"', 1),
    ("adapter/stages/pull/x.cpp", '#include "adapter/stages/intake/intake.h"', 1),
    ("adapter/stages/deliver/x.cpp", '#include "adapter/stages/packet.h"', 0),
    ("adapter/knowledge/x.cpp", '#include "adapter/stages/record.h"', 1),
    ("adapter/knowledge/x.cpp", '#include "adapter/ledger.h"', 1),
    ("adapter/knowledge/x.cpp", '#include "config/config.h"', 0),
    ("adapter/stages/pull/x.cpp", '#include "adapter/knowledge/search_plan.h"', 0),
    ("adapter/stages/follow/follow.cpp", '#include "adapter/store/store.h"', 1),
    ("adapter/stages/follow/follow.cpp", '#include "adapter/audit/event.h"', 1),
    ("adapter/pipeline.cpp", '#include "adapter/audit/event.h"', 0),
    ("adapter/log.cpp", '#include "tests/support/fake_clock.h"', 1),
    ("adapter/steps/x.cpp", '#include "adapter/audit/event.h"', 0),
    ("adapter/steps/x.cpp", '#include "adapter/audit/audit_log.h"', 1),
    ("adapter/steps/x.cpp", '#include "adapter/store/store.h"', 1),
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
    ("tests/x_test.cpp", "\n" * 401, 1),
    ("adapter/x.cpp", "#include <curl/curl.h>", 1),
    ("adapter/x.cpp", "#include <sys/stat.h>", 0),
    ("adapter/x.cpp", "#include <gtest/gtest.h>", 1),
    ("adapter/x.cpp", "x" * 101, 1),
    ("adapter/x.cpp", "// https://" + "x" * 101, 0),
    ("adapter/x.cpp", 'auto text = R"(' + "x" * 101 + ')";', 0),
    ("tests/x.py", "x" * 121, 1),
    ("adapter/x.h", "// What it is.\n#pragma once\nvoid f();", 0),
    ("adapter/x.h", "#pragma once\n", 1),
    ("adapter/x.h", "// What it is.\n", 1),
    ("adapter/x.h", "// What it is.\n#pragma once\nusing namespace std;", 1),
    ("adapter/x.cpp", "using namespace consultd;", 0),
    ("adapter/x.cpp", "auto* place = new Place;", 1),
    ("adapter/x.cpp", "delete place;", 1),
    ("adapter/x.cpp", "X(const X&) = delete;", 0),
    ("adapter/x.cpp", "std::unique_ptr<Place> place(new Place(log));", 0),
    ("adapter/x.cpp", 'tell("a new one"); // a new one', 0),
    ("adapter/json_util.cpp", "", 1),
    ("adapter/common/x.cpp", "", 1),
    ("adapter/commands/x.cpp", "", 0),
    ("adapter/PacketPage.cpp", "", 1),
    ("adapter/x.cpp", function(70), 0),
    ("adapter/x.cpp", function(71), 1),
    ("adapter/x.cpp", "namespace a {\nclass X {\n" + function(71) + "};\n}", 1),
    ("adapter/x.cpp", 'constexpr Row table[] = {\n' + '{"(", ")"},\n' * 80 + "};", 0),
    ("adapter/x.cpp", "X::X(int a) : a_{a}, b_(1) {" + "\n" * 71 + "}", 1),
    ("adapter/x.cpp", "int f(int a)\n{\n" + "if (a) { a = 1'000; } // }\n" * 70 + "}", 1),
    ("adapter/x.cpp", "const auto f = [](int a) -> std::map<int, int> {" + "\n" * 71 + "};", 1),
    ("adapter/x.cpp", "void f() {\n", 1),
]

# The same of what is seen in more than one file: (the files, how many are found).
TREE_EXAMPLES = [
    ({"fhir/a.h": '#include "fhir/b.h"', "fhir/b.h": '#include "fhir/c.h"', "fhir/c.h": ""}, 0),
    ({"fhir/a.h": '#include "fhir/b.h"', "fhir/b.h": '#include "fhir/a.h"'}, 1),
    ({"fhir/a.h": '#include "fhir/a.h"'}, 1),
    ({"adapter/web/a.h": '#include "adapter/html/b.h"', "adapter/html/b.h": "",
      "adapter/html/c.h": '#include "adapter/web/d.h"', "adapter/web/d.h": ""}, 1),
    ({"adapter/a.h": '#include "adapter/stages/b.h"', "adapter/stages/b.h": '#include "adapter/c.h"',
      "adapter/c.h": ""}, 0),
    ({"fhir/a.cpp": "\n" * 100, "fhir/b.cpp": "\n" * 100, "fhir/c.cpp": ""}, 1),
    ({"fhir/a.cpp": "\n" * 100, "fhir/b.cpp": "\n" * 99, "tests/c.cpp": "\n" * 300}, 0),
]


def main():
    root = sys.argv[1]
    found = list(tree_breaches(root))
    for name, number, why in found:
        print(f"{name}:{number}: {why}")
    for name, text, wanted in EXAMPLES:
        count = len(list(breaches(name, text)))
        if count != wanted:
            print(f"tidy_test itself: {text.strip()!r} in {name} gives {count}, not {wanted}"[:400])
            found.append(name)
    for texts, wanted in TREE_EXAMPLES:
        count = len([*cycle_breaches(texts), *size_breaches(texts)])
        if count != wanted:
            print(f"tidy_test itself: {texts} gives {count}, not {wanted}"[:400])
            found.append("")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
