#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves that layering.py sees what it is there for: small trees with one fault each, and clean ones."""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

CHECKER = Path(__file__).resolve().parent / "layering.py"
HEAD = "// SPDX-FileCopyrightText: 2026 The Tailscope authors\n// SPDX-License-Identifier: GPL-3.0-or-later\n"
HASH_HEAD = HEAD.replace("//", "#")

# What may be included in the cases below.
BASE = {name: HEAD + "#pragma once\n" for name in (
    "models/base/result.h", "models/store/rows.h", "models/store/rowsink.h", "models/store/database.h",
    "models/import/importer.h", "models/import/chrome/chrome.h", "models/analysis/quantiles.h",
    "models/advisor/rule.h", "models/live/probe.h", "models/session/context.h", "models/items/planmodel.h",
    "models/report/html.h", "widgets/base/view.h", "widgets/charts/plot.h", "widgets/flame/flameview.h",
    "widgets/plan/planview.h", "app/mainwindow.h", "tests/support/fixture.h")}


def include(name, *lines):
    return {name: HEAD + "".join(f"#include {line}\n" for line in lines)}


# (what it is, files beside BASE, the rule that must speak or None)
CASES = [
    ("downward arrows", {
        **include("models/store/a.cpp", '"store/rows.h"', '"base/result.h"', "<sqlite3.h>", "<vector>"),
        **include("models/import/chrome/a.cpp", '"import/chrome/chrome.h"', '"import/importer.h"',
                  '"store/rows.h"', '"store/rowsink.h"'),
        **include("models/import/job.cpp", '"store/database.h"', '"import/importer.h"'),
        **include("models/session/a.cpp", '"advisor/rule.h"', '"import/importer.h"', "<QUndoStack>"),
        **include("models/report/a.cpp", '"session/context.h"', "<QImage>", "<QtGui/QPainter>"),
        **include("widgets/flame/a.cpp", '"widgets/flame/flameview.h"', '"widgets/base/view.h"',
                  '"widgets/charts/plot.h"', '"session/context.h"', "<QWidget>", "<QtMath>"),
        **include("widgets/charts/a.cpp", "<QtCharts/QChart>", "<QLineSeries>", '"a.moc"'),
        **include("app/a.cpp", '"widgets/plan/planview.h"', '"app/mainwindow.h"', '"import/importer.h"',
                  "<QLocalServer>"),
        **include("tests/store/tst_a.cpp", "<sqlite3.h>", '"helper.h"', '"tests/support/fixture.h"'),
        **include("tests/store/helper.h", "<QtTest>")}, None),
    ("base includes store", include("models/base/a.h", '"store/rows.h"'), "arrow"),
    ("store includes import", include("models/store/a.cpp", '"import/importer.h"'), "arrow"),
    ("siblings", include("models/import/a.cpp", '"analysis/quantiles.h"'), "arrow"),
    ("siblings one level up", include("models/items/a.cpp", '"report/html.h"'), "arrow"),
    ("analysis includes advisor", include("models/analysis/a.cpp", '"advisor/rule.h"'), "arrow"),
    ("engine includes a widget", include("models/items/a.cpp", '"widgets/base/view.h"'), "arrow"),
    ("widget includes the application", include("widgets/flame/a.cpp", '"app/mainwindow.h"'), "arrow"),
    ("widget includes store", include("widgets/flame/a.cpp", '"store/rows.h"'), "arrow"),
    ("widget includes import", include("widgets/flame/a.cpp", '"import/importer.h"'), "arrow"),
    ("widget includes live", include("widgets/flame/a.cpp", '"live/probe.h"'), "arrow"),
    ("a view includes another", include("widgets/flame/a.cpp", '"widgets/plan/planview.h"'), "arrow"),
    ("charts include a view", include("widgets/charts/a.cpp", '"widgets/plan/planview.h"'), "arrow"),
    ("widgets/base includes charts", include("widgets/base/a.cpp", '"widgets/charts/plot.h"'), "arrow"),
    ("a format includes SQL", include("models/import/chrome/a.cpp", '"store/database.h"'), "arrow"),
    ("code outside the folders", include("models/a.cpp", '"base/result.h"'), "arrow"),
    ("an unknown folder of models", {**include("models/extra/a.h"),
                                     **include("models/session/a.cpp", '"models/extra/a.h"')}, "arrow"),
    ("an include of a test", include("app/a.cpp", '"tests/support/fixture.h"'), "arrow"),
    ("sqlite outside store", include("models/analysis/a.cpp", "<sqlite3.h>"), "exclusive"),
    ("sqlite in quotes", include("widgets/plan/a.cpp", '"sqlite3.h"'), "exclusive"),
    ("libpq outside live", include("models/store/a.cpp", "<postgresql/libpq-fe.h>"), "exclusive"),
    ("files in a widget", include("widgets/console/a.cpp", "<QFile>"), "exclusive"),
    ("QtWidgets in the engine", include("models/items/a.cpp", "<QWidget>"), "qt"),
    ("QtWidgets with its module", include("models/items/a.cpp", "<QtWidgets/qwidget.h>"), "qt"),
    ("QtGui in the engine", include("models/analysis/a.cpp", "<QColor>"), "qt"),
    ("a widget of QtSvg in a report", include("models/report/a.cpp", "<QtSvgWidgets/QSvgWidget>"), "qt"),
    ("charts outside charts", include("widgets/pool/a.cpp", "<QtCharts/QChartView>"), "qt"),
    ("charts by class name", include("widgets/pool/a.h", "<QLineSeries>"), "qt"),
    ("charts in the application", include("app/a.cpp", "<qchart.h>"), "qt"),
    ("QtSql anywhere", include("models/store/a.cpp", "<QSqlDatabase>"), "qt"),
    ("network in a widget", include("widgets/start/a.cpp", "<QTcpSocket>"), "qt"),
    ("an umbrella header", include("widgets/flame/a.h", "<QtWidgets>"), "umbrella"),
    ("an umbrella header spelt out", include("app/a.h", "<QtCore/QtCore>"), "umbrella"),
    ("neighbour's spelling", include("widgets/flame/a.cpp", '"flameview.h"'), "spelling"),
    ("upward spelling", include("models/store/a.cpp", '"../base/result.h"'), "spelling"),
    ("our header in angles", include("models/store/a.cpp", "<base/result.h>"), "spelling"),
    ("a header that is not there", include("models/store/a.cpp", '"base/nothing.h"'), "missing"),
    ("spaces in the directive", {"models/base/a.h": HEAD + '  #  include   "store/rows.h"\n'}, "arrow"),
    ("an include in a comment", {"models/base/a.h": HEAD + '/*\n#include "store/rows.h"\n*/\n'}, None),
    ("an include after a comment",
     {"models/base/a.h": HEAD + '/* x */ // "\n#include "store/rows.h" // y\n'}, "arrow"),
    ("no licence", {"models/base/a.cpp": "int x;\n"}, "spdx"),
    ("half a licence", {"models/base/a.cpp": HEAD.split("\n", maxsplit=1)[0] + "\n"}, "spdx"),
    ("another licence", {"models/base/a.cpp": HEAD.replace("GPL-3.0-or-later", "MIT")}, "spdx"),
    ("a script without licence", {"installer/run": "#!/bin/bash\ntrue\n"}, "spdx"),
    ("a build file without licence", {"app/CMakeLists.txt": "add_executable(x)\n"}, "spdx"),
    ("a rule without licence", {"resources/rules/pool/x.sql": "SELECT 1;\n"}, "spdx"),
    ("metainfo under the wrong licence", {"installer/a.metainfo.xml.in": HEAD}, "spdx"),
    ("a licensed script", {"installer/run": "#!/bin/bash\n" + HASH_HEAD}, None),
    ("data needs no licence", {"tests/golden/chrome/one/query.sql": "SELECT 1;\n",
                               "resources/samples/demo.json": "{}\n"}, None),
    ("600 lines", {"models/base/a.cpp": HEAD + "\n" * 598}, None),
    ("601 lines", {"models/base/a.cpp": HEAD + "\n" * 599}, "size"),
    ("a long script", {"tests/run": "#!/bin/bash\n" + HASH_HEAD + "true\n" * 600}, "size"),
    ("a machine's folder", {"README.md": "see /wo" + "rk/notes\n"}, "path"),
    ("a machine's library", {"README.md": "see the ." + "library there\n"}, "path"),
    ("a machine's folder in data", {"resources/samples/a.txt": "in /tm" + "p/w/x\n"}, "path"),
    ("a user's own work folder", {"resources/samples/a.txt": "/home/me/wo" + "rk/x self.lib" + "rary\n"}, None),
    ("bytes that are no text", {"resources/samples/a.gz": "\0\0/wo" + "rk/"}, None),
]


def check(root):
    result = subprocess.run([sys.executable, str(CHECKER), str(root)], capture_output=True, text=True, check=False)
    rules = {line.split("[", 1)[1].split("]", 1)[0] for line in result.stdout.splitlines() if ": [" in line}
    return result.returncode, rules, result.stdout + result.stderr


def write(root, files):
    for name, text in files.items():
        path = Path(root) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def failures():
    for what, files, rule in CASES:
        with tempfile.TemporaryDirectory() as root:
            write(root, {**BASE, **files})
            code, rules, output = check(root)
        if code != (1 if rule else 0) or rules != ({rule} if rule else set()):
            yield f"{what}: expected {rule or 'nothing'}, got code {code} and {sorted(rules)}\n{output}"
    with tempfile.TemporaryDirectory() as root:
        if check(root)[0] != 2:
            yield "an empty tree passed"
    yield from failures_with_git()


def failures_with_git():
    """With git the ignored files do not count, the ones that are not added yet do."""
    with tempfile.TemporaryDirectory() as root:
        environment = {**os.environ, "HOME": root, "GIT_CONFIG_NOSYSTEM": "1"}
        try:
            subprocess.run(["git", "init", "-q", root], check=True, env=environment, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            print("selftest: no git here, its case is skipped")
            return
        write(root, {**BASE, ".gitignore": "/build/\n", "build/a.cpp": "int x;\n"})
        if check(root)[0] != 0:
            yield "an ignored file was checked"
        write(root, {"models/base/new.cpp": "int x;\n"})
        if check(root)[1] != {"spdx"}:
            yield "a file that git does not know yet was not checked"


def main():
    bad = list(failures())
    for text in bad:
        print(f"FAIL {text}")
    print(f"selftest: {len(CASES)} cases, {len(bad)} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
