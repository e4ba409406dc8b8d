"""Reads C++ as far as the house rules need it: what is code and what is comment or text, and where functions begin and
end. It matches braces; it knows no types and no macros."""

import collections
import re

Function = collections.namedtuple("Function", "name line lines")

TOKEN = re.compile(
    r'//[^\n]*'                                            # a comment
    r'|/\*.*?\*/'                                          # a comment
    r'|(?:\b(?:u8|[uUL]))?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"'  # a raw text
    r'|"(?:\\.|[^"\\\n])*"'                                # a text
    r"|(?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])+'",              # a character, not 1'000
    re.DOTALL)
DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.MULTILINE)
# What opens a scope in which functions may stand.
OUTER = re.compile(r"^\W*(?:\[\[\w+\]\]\s*)?(inline\s+)?(namespace|class|struct|union|extern\s*\"\")\b(?!.*\()|"
                   r"^template\s*<.*>\s*(class|struct|union)\b(?!.*\()", re.DOTALL)
ENDS_OF_HEAD = re.compile(r"(\)|\bconst|\bnoexcept|\boverride|\bfinal|\bmutable|&|->\s*[\w:<>,\s*&]+)$")
NAME = re.compile(r"(operator\s*(?:\(\)|[^\s\w(]+|[\w:<> ]+)|~?[\w:~]+)\s*\(")


def blanked(found):
    """As many lines as before, with nothing on them; a text stays a text."""
    text = found[0]
    keep = '""' if text[0] not in "/'" else "''" if text[0] == "'" else " "
    return keep + "\n" * text.count("\n")


def code_of(text):
    """The text with comments, texts and characters emptied, line for line."""
    return TOKEN.sub(blanked, text)


def raw_text_lines(text):
    """The numbers of the lines that are within a raw text: what stands there is not ours to break."""
    lines = set()
    for found in TOKEN.finditer(text):
        if found["mark"] is not None:
            first = text.count("\n", 0, found.start()) + 1
            lines.update(range(first, first + found[0].count("\n") + 1))
    return lines


def is_function(head):
    """Whether what stands before an opening brace is the head of a function (or of a lambda with a name)."""
    if "(" not in head or OUTER.search(head) or head.startswith(("enum", "return")):
        return False
    return bool(ENDS_OF_HEAD.search(head))


def functions_in(text):
    """Every function that is defined in the text, with its first line and how many lines it has. ValueError where the
    braces do not match, so that nothing is overlooked."""
    code = DIRECTIVE.sub(lambda found: "\n" * found[0].count("\n"), code_of(text))
    found, outer, depth, parens, start = [], [], 0, 0, 0
    begun = None  # (depth, name, first line) of the function we are in
    line = 1
    for at, char in enumerate(code):
        if char == "\n":
            line += 1
        elif begun is None and char in "()":
            parens += 1 if char == "(" else -1
        elif char == ";" and begun is None and parens == 0:
            start = at + 1
        elif char == "{":
            head = code[start:at].strip()
            # In `: member_{1}, other_(2) {` only the last brace is the body's.
            is_member = re.search(r"\)\s*(noexcept)?\s*:[^:]", head) and re.search(r"[\w>]$", head)
            if begun is None and parens == 0 and not is_member and is_function(head):
                first = line - code[start:at].lstrip().count("\n")
                names = NAME.search(head)
                begun = (depth, names[1] if names else "a lambda", first)
            elif begun is None and parens == 0 and (OUTER.search(head) or not head):
                outer.append(depth)
                start = at + 1
            depth += 1
        elif char == "}":
            depth -= 1
            if begun and begun[0] == depth:
                found.append(Function(begun[1], begun[2], line - begun[2] + 1))
                begun, start = None, at + 1
            elif begun is None and outer and outer[-1] == depth:
                outer.pop()
                start = at + 1
    if depth != 0:
        raise ValueError("its braces do not match each other")
    return found
