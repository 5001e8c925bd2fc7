"""What is wrong with one file, as a list of sentences; nothing here touches the file system."""

import re

from include_rules import EXCEPTIONS, library_of, room_of

LONGEST = 500  # lines

_include = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)


def includes(path, text):
    """Every #include line against the table in include_rules.py."""
    own = room_of(path)
    if own is None:
        return []
    return [f"{path}: {header}: {why}" for quote, header in _include.findall(text)
            if (why := _refused(own, path, quote, header))]


def _refused(own, path, quote, header):
    if quote == '"':
        other = room_of(header)
        if other is None:
            return "not a path from the root to a room's header"
        return None if other.path in own.rooms else f"{own.path} may not include {other.path}"
    library = library_of(header)
    if library == "std":
        return None
    if library is None:
        return "a header that include_rules.py does not know"
    if library not in own.libraries | EXCEPTIONS.get(path, set()):
        return f"{own.path} may not use {library}"
    if library in own.sources_only and not path.endswith(".cpp"):
        return f"{library} is for .cpp files here"
    return None


def length(path, text):
    count = text.count("\n")
    return [f"{path}: {count} lines, more than {LONGEST}"] if count > LONGEST else []


# Names that tools have chosen, and documents that are written in capitals everywhere.
_given_names = re.compile(r"CMakeLists\.txt|CMakePresets\.json|README\.md|CONTRIBUTING\.md|CHANGELOG\.md|LICENSE|NOTICE"
                          r"|Dockerfile|\..*")
_snake_case = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*([.@-][a-z0-9_]+)*")


def name(path):
    parts = path.split("/")
    return [f"{path}: {part} is not snake_case" for part in parts
            if not _given_names.fullmatch(part) and not _snake_case.fullmatch(part)]


_machine = re.compile(r"(?<![\w.~$}-])/(work|farm|lead)/")


def machine(path, text):
    """Folders of the machine that a file was written on mean nothing anywhere else."""
    return [f"{path}: names {found.group()}" for found in _machine.finditer(text)]


_comment_or_text = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)

# The rules of CONTRIBUTING.md, "Coroutines", that a reader of text can check.
_coroutine_rules = [
    ("a lambda that captures is a coroutine",
     re.compile(r"\[[^\[\]]+\]\s*(\((?:[^()]|\([^()]*\))*\))?[\s\w]*->\s*[\w:]*\b(task|awaitable)\b")),
    ("a lambda that captures is made in the expression that awaits",
     re.compile(r"co_await\b[^;{}]*[(,=]\s*\[[^\[\]]+\]\s*[({m]")),
    ("an awaited result is bound to names by value",
     re.compile(r"\bauto\s*\[[^\]]*\]\s*=\s*co_await\b")),
    ("co_await inside a test macro",
     re.compile(r"\b(EXPECT|ASSERT)_\w+\s*\([^;]*\bco_await\b")),
    ("co_await inside ?:",
     re.compile(r"(?<![?])\?(?![?])[^;{}]*\bco_await\b[^;{}]*:|(?<![?])\?[^;{}]*(?<!:):(?!:)[^;{}]*\bco_await\b")),
]


def coroutines(path, text):
    if not path.endswith((".cpp", ".hpp")):
        return []
    code = _comment_or_text.sub("", text)
    return [f"{path}: {what}: {' '.join(found.group().split())[:100]}"
            for what, pattern in _coroutine_rules for found in pattern.finditer(code)]
