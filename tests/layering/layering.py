#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the project's structure: who may include whom, file sizes, licence lines, paths of one machine.

    layering.py [FOLDER]    FOLDER is the top of the project; by default the one this file lies in

Reads the `#include` lines of the C++ files and prints `file:line: [rule] message` for each break of a rule;
exit code 1 when there is one. The tables below are the rules; README.md says why they are what they are.
"""
import os
import re
import subprocess
import sys
from pathlib import Path

# A folder of models/ may include the folders of a lower level and itself, never a sibling.
LEVELS = [
    {"base"},
    {"store"},
    {"import", "analysis"},
    {"live"},  # maps the rows of a server by the tables that read them from files
    {"advisor", "lab"},
    {"session"},
    {"items", "report"},
]
LEVEL = {name: level for level, names in enumerate(LEVELS) for name in names}
WIDGETS_LEVEL = len(LEVELS)
APP_LEVEL = WIDGETS_LEVEL + 1

# Views never talk to each other: beside itself a folder of widgets/ includes these two only, in this order.
SHARED_WIDGETS = ["base", "charts"]
# What paints never reads files, SQL or the network; widgets/base reads icons from the program's own resources.
NOT_FOR_WIDGETS = {"store", "import", "live"}
NOT_FOR_WIDGETS_SYSTEM = {"qfile", "qsavefile", "fstream"}
# An import format knows rows, not SQLite.
STORE_FOR_FORMATS = {"store/rows.h", "store/rowsink.h"}

# Header -> the only folder that includes it. Tests may look behind the curtain.
EXCLUSIVE_HEADERS = {
    "sqlite3.h": "models/store",
    "libpq-fe.h": "models/live",
}
# Qt module -> folders whose files may include its headers. models/report draws the pictures of reports,
# session, items and report stand above the engine proper and may use values such as QColor and QUndoStack.
QT_MODULE_FOLDERS = {
    "QtWidgets": ("app", "widgets"),
    "QtCharts": ("widgets/charts",),
    "QtGui": ("app", "widgets", "models/session", "models/items", "models/report"),
    "QtNetwork": ("app",),
    "QtSql": (),
}
# Modules with a widget in them count as QtWidgets.
QT_MODULE_ALIASES = {"QtSvgWidgets": "QtWidgets", "QtOpenGLWidgets": "QtWidgets", "QtPrintSupport": "QtWidgets"}
UMBRELLAS = {"QtCore", "QtGui", "QtWidgets", "QtCharts", "QtConcurrent", "QtNetwork", "QtSql", "QtSvg"}
# <QtConcurrent> is the documented header of QtConcurrent::run.
UMBRELLAS_ALLOWED = {"QtConcurrent"}

CODE_ROOTS = ("app", "widgets", "models")
CPP = (".cpp", ".h")
MAX_LINES = 600
# Tests of a whole view may be longer until they are split.
MAX_TEST_LINES = 700
SIZED = CPP + (".py", ".sh", ".cmake", ".sql")
LICENSED = SIZED + (".toml", ".svg", ".xml", ".desktop", ".h.in", ".xml.in", ".1.in")
# Documented column by column in one place, because it is the public schema.
ANY_SIZE = {"models/store/schema.sql"}
SPDX = ("SPDX-FileCopyrightText: ", "SPDX-License-Identifier: GPL-3.0-or-later")
# AppStream wants its files under a licence that lets every catalogue copy them.
SPDX_METAINFO = (SPDX[0], "SPDX-License-Identifier: CC0-1.0")
SPDX_WITHIN = 8  # lines; a script has its interpreter first, an SVG its XML declaration
# Inputs and expected results, not sources.
DATA = re.compile(r"^(resources/samples|\.ci/smoke)/|^tests/(golden|scenarios|fuzz/corpus)/.*/[^/]+$"
                  r"|^tests/.*/(data|inputs|corpus)/")
# Put together here, so that this file may name them.
FORBIDDEN = [
    re.compile(r"(?<![\w.~-])/" + r"work/"),
    re.compile(r"(?<![\w\)\]])\." + r"library\b"),
    re.compile(r"/tmp" + r"/w/"),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')


def qt_modules():
    """Lower-case header name without .h -> Qt module."""
    modules, module = {}, None
    text = (Path(__file__).parent / "qtheaders.txt").read_text(encoding="utf-8")
    for word in (w for line in text.splitlines() if not line.startswith("#") for w in line.split()):
        if word.endswith(":"):
            module = word[:-1]
        else:
            modules.setdefault(word.lower(), module)
    return modules


QT_MODULE_OF = qt_modules()


def project_files(root):
    """What git tracks or would track; the whole tree but build/ where there is no git."""
    command = ["git", "-c", "safe.directory=*", "-c", "core.quotepath=off", "-C", str(root), "ls-files", "-coz",
               "--exclude-standard"]
    try:
        inside = subprocess.run(command[:6] + [str(root), "rev-parse", "--show-toplevel"],
                                capture_output=True, text=True, check=False)
        if inside.returncode == 0 and Path(inside.stdout.strip()).samefile(root):
            listing = subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8", "replace")
            return sorted({name for name in listing.split("\0") if name and (root / name).is_file()})
    except (OSError, subprocess.CalledProcessError):
        pass
    names = []
    for folder, folders, files in os.walk(root):
        if Path(folder) == root:
            folders[:] = [f for f in folders if f not in (".git", "build")]
        names += [os.path.relpath(os.path.join(folder, f), root) for f in files]
    return sorted(names)


def without_comments(text):
    """Blanks out comments, keeping line numbers, so that an include in one does not count."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)
    return pattern.sub(lambda m: m.group(0) if m.group(0)[0] == '"'
                       else "\n" * m.group(0).count("\n"), text)


class Checker:
    def __init__(self, root):
        self.root = Path(root).resolve()
        self.problems = []
        self.files = project_files(self.root)

    def report(self, name, line, rule, message):
        self.problems.append((name, line, rule, message))

    def run(self):
        for name in self.files:
            data = (self.root / name).read_bytes()
            if b"\0" in data[:4096]:
                continue
            text = data.decode("utf-8", "replace")
            self.check_paths(name, text)
            if DATA.search(name):
                continue
            script = text.startswith("#!")
            if name.endswith(LICENSED) or script or Path(name).name == "CMakeLists.txt":
                self.check_licence(name, text)
            if name.endswith(SIZED) or script or Path(name).name == "CMakeLists.txt":
                self.check_size(name, text)
            if name.endswith(CPP):
                self.check_includes(name, text)
        return sorted(self.problems)

    def check_paths(self, name, text):
        for number, line in enumerate(text.splitlines(), 1):
            for pattern in FORBIDDEN:
                found = pattern.search(line)
                if found:
                    self.report(name, number, "path", f"names a path of one machine: {found.group(0)}")

    def check_licence(self, name, text):
        head = text.split("\n", SPDX_WITHIN)[:SPDX_WITHIN]
        for wanted in SPDX_METAINFO if ".metainfo.xml" in name else SPDX:
            if not any(wanted in line for line in head):
                self.report(name, 1, "spdx", f"no line with '{wanted.strip()}' among the first {SPDX_WITHIN}")

    def check_size(self, name, text):
        lines = text.count("\n") + (not text.endswith("\n"))
        limit = MAX_TEST_LINES if name.startswith("tests/widgets/") else MAX_LINES
        if lines > limit and name not in ANY_SIZE:
            self.report(name, lines, "size", f"{lines} lines; the limit is {limit}: split it by purpose")

    def check_includes(self, name, text):
        for number, line in enumerate(without_comments(text).splitlines(), 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            quoted, angled = found.groups()
            target = self.resolve(quoted or angled)
            if target is None and quoted and not quoted.endswith(".moc"):
                self.check_unresolved(name, number, quoted)
            elif target is not None and angled:
                self.report(name, number, "spelling", f"<{angled}> is ours: include it in quotes")
            if not name.startswith(CODE_ROOTS):
                continue
            if target is not None:
                self.check_arrow(name, number, target)
            else:
                self.check_system(name, number, quoted or angled)

    def resolve(self, include):
        """An include as we write them -> path from the top, None when it is not one of ours."""
        first = include.split("/", 1)[0]
        if "/" not in include or ".." in include.split("/"):
            return None
        base = "models/" if first in LEVEL else ""
        for path in (base + include, base + include + ".in"):
            if (self.root / path).is_file():
                return base + include
        return None

    def check_unresolved(self, name, number, include):
        beside = (self.root / name).parent / include
        if beside.is_file():
            if name.startswith("tests/") or name.startswith("resources/cmake/"):
                return  # a test's own helper
            self.report(name, number, "spelling",
                        f'"{include}" is written relative to its neighbour: write it from models/ or the top')
        elif include.split("/", 1)[0] in LEVEL or include.startswith(("widgets/", "app/", "..")):
            self.report(name, number, "missing", f'"{include}" does not exist under models/ or the top')

    def check_arrow(self, name, number, target):
        here, there = place(name), place(target)
        if here is None or there is None:
            self.report(name, number, "arrow", f"{target if here else name} lies in no folder of widgets or models")
            return
        if here[:2] == there[:2]:
            if here[:2] == ("models", "import"):
                self.check_formats(name, number, target)
            return
        if level(there) is None or level(here) is None:
            unknown = there if level(there) is None else here
            self.report(name, number, "arrow", f"{'/'.join(unknown[:2])} has no place in the order of folders")
        elif here[0] == "widgets" and there[0] == "widgets":
            shared = SHARED_WIDGETS.index(there[1]) if there[1] in SHARED_WIDGETS else None
            mine = SHARED_WIDGETS.index(here[1]) if here[1] in SHARED_WIDGETS else len(SHARED_WIDGETS)
            if shared is None or shared >= mine:
                self.report(name, number, "arrow", f"widgets/{here[1]} must not include widgets/{there[1]}:"
                            " views meet in the session context")
        elif level(there) >= level(here):
            self.report(name, number, "arrow", f"{'/'.join(here[:2])} must not include {'/'.join(there[:2])}")
        elif here[0] == "widgets" and there[1] in NOT_FOR_WIDGETS:
            self.report(name, number, "arrow", f"a widget must not include {target}: it gets values from session"
                        " and items")
        elif here[:2] == ("models", "import"):
            self.check_formats(name, number, target)

    def check_formats(self, name, number, target):
        inside_format = name.count("/") > 2
        if inside_format and target.startswith("models/store/") and target[7:] not in STORE_FOR_FORMATS:
            self.report(name, number, "arrow", f"a format must not include {target}: it emits rows to a sink")

    def check_system(self, name, number, include):
        owner = EXCLUSIVE_HEADERS.get(include.rsplit("/", 1)[-1])
        if owner and not inside(name, owner):
            self.report(name, number, "exclusive", f"only {owner} includes {include}")
        if include in UMBRELLAS - UMBRELLAS_ALLOWED or include in {f"{u}/{u}" for u in UMBRELLAS}:
            self.report(name, number, "umbrella", f"<{include}> pulls in a whole module: name the class's header")
        header = include.rsplit("/", 1)[-1].removesuffix(".h").lower()
        if inside(name, "widgets") and not inside(name, "widgets/base") and header in NOT_FOR_WIDGETS_SYSTEM:
            self.report(name, number, "exclusive", f"a widget must not include {include}: no files in widgets/")
        module = include.split("/", 1)[0]
        module = module if module.startswith("Qt") and len(module) > 2 else QT_MODULE_OF.get(header)
        module = QT_MODULE_ALIASES.get(module, module)
        folders = QT_MODULE_FOLDERS.get(module)
        if folders is not None and not any(inside(name, folder) for folder in folders):
            where = ", ".join(folders) or "nowhere"
            self.report(name, number, "qt", f"{include} is {module}, which is for: {where}")


def inside(name, folder):
    return name.startswith(folder + "/")


def place(name):
    """Path from the top -> (root, folder) of app, widgets or models; None elsewhere."""
    parts = name.split("/")
    if parts[0] == "app":
        return ("app", "")
    if parts[0] in ("widgets", "models") and len(parts) > 2:
        return (parts[0], parts[1])
    return None


def level(where):
    if where is None:
        return None
    return {"app": APP_LEVEL, "widgets": WIDGETS_LEVEL}.get(where[0], LEVEL.get(where[1]))


def main(arguments):
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parents[2]
    checker = Checker(root)
    problems = checker.run()
    for name, line, rule, message in problems:
        print(f"{name}:{line}: [{rule}] {message}")
    sources = sum(name.endswith(CPP) for name in checker.files)
    print(f"layering: {len(checker.files)} files, {sources} of them C++, {len(problems)} problems")
    if not checker.files:
        print("layering: no file to check", file=sys.stderr)
        return 2
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
