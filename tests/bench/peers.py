#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times `tailscope import` and the peers that are installed on the same generated files, one after the other.

    tests/bench/peers.py [--tailscope PATH] [--tracegen PATH] [--count 200k] [--runs 3]

Nothing is downloaded: a peer that is not there is listed as not installed. What each one does differs (the column
"does" says it), so a ratio compares what a user waits for, not equal work. The median of the runs counts; the
files lie in the page cache. Writes a Markdown table."""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

SQLITE_CHROME = ("PRAGMA journal_mode=off; PRAGMA synchronous=off; CREATE TABLE s AS SELECT "
                 "json_extract(value,'$.name') AS name, json_extract(value,'$.ts') AS ts, "
                 "json_extract(value,'$.dur') AS dur, json_extract(value,'$.tid') AS tid "
                 "FROM json_each(readfile('{file}'), '$.traceEvents'); SELECT count(*) FROM s;")
PYTHON_CHROME = "import json,sys; print(len(json.load(open(sys.argv[1]))['traceEvents']))"
PYTHON_LINES = "import json,sys; print(sum(len(json.loads(l)['resourceSpans']) for l in open(sys.argv[1])))"
NODE_CHROME = "console.log(JSON.parse(require('fs').readFileSync(process.argv[1])).traceEvents.length)"

# name, program, what it does, format -> arguments ({file}, {out})
PEERS = [
    ("trace_processor_shell", "trace_processor_shell", "loads into memory, answers one query", {
        "chrome": ["-q", "{query}", "{file}"], "collapsed": ["-q", "{query}", "{file}"]}),
    ("sqlite3 CLI", "sqlite3", "JSON functions into one table of 4 columns", {
        "chrome": ["{out}.db", SQLITE_CHROME]}),
    ("jq", "jq", "parses and counts", {
        "chrome": [".traceEvents | length", "{file}"], "otlp": ["-c", ".resourceSpans | length", "{file}"]}),
    ("python3 json", "python3", "parses and counts", {
        "chrome": ["-c", PYTHON_CHROME, "{file}"], "otlp": ["-c", PYTHON_LINES, "{file}"]}),
    ("node JSON.parse", "node", "parses and counts", {"chrome": ["-e", NODE_CHROME, "{file}"]}),
    ("inferno-flamegraph", "inferno-flamegraph", "draws one picture", {"collapsed": ["{file}"]}),
    ("flamegraph.pl", "flamegraph.pl", "draws one picture", {"collapsed": ["{file}"]}),
    ("speedscope", "speedscope", "writes its own format beside its page", {}),
    ("go tool pprof", "go", "reads pprof only: no such file is generated", {}),
    ("hotspot-perfparser", "hotspot-perfparser", "reads perf.data only: no such file is generated", {}),
]
FORMATS = {"chrome": "json", "otlp": "jsonl", "collapsed": "txt"}


def run_once(command):
    """Wall seconds and peak memory in MB of one run; None when it fails."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - start
    return None if status != 0 else (seconds, usage.ru_maxrss / 1024)


def measure(command, runs, clean):
    times, memory = [], 0
    for _ in range(runs):
        clean()
        result = run_once(command)
        if result is None:
            return None
        times.append(result[0])
        memory = max(memory, result[1])
    return statistics.median(times), memory


def row(cells):
    print("| " + " | ".join(cells) + " |")
    sys.stdout.flush()


def main():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tailscope", default=os.path.join(root, "build/release/tailscope"))
    parser.add_argument("--tracegen", help="built from tests/bench/tracegen.cpp; made with g++ when absent")
    parser.add_argument("--count", default="200k")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    if not os.access(options.tailscope, os.X_OK):
        sys.exit(f"peers: {options.tailscope} is not there; build it or name it with --tailscope")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(prefix="peers") as folder:
        tracegen = options.tracegen
        if not tracegen:
            tracegen = os.path.join(folder, "tracegen")
            subprocess.run(["g++", "-std=c++20", "-O2", "-o", tracegen,
                            os.path.join(root, "tests/bench/tracegen.cpp")], check=True)
        row(["format", "program", "does", "seconds", "peak MB", "ratio to tailscope"])
        row(["---"] * 6)
        for form, ending in FORMATS.items():
            path = os.path.join(folder, f"{form}.{ending}")
            out = os.path.join(folder, "out")
            subprocess.run([tracegen, "--format", form, "--count", options.count, "--out", path], check=True,
                           stderr=subprocess.DEVNULL)
            size = f"{form}, {options.count}, {os.path.getsize(path) / 1e6:.0f} MB"

            def clean():
                for name in os.listdir(folder):
                    if name.startswith("out"):
                        os.remove(os.path.join(folder, name))

            ours = measure([options.tailscope, "import", path, "--to", out + ".tailscope"], options.runs, clean)
            if ours is None:
                sys.exit(f"peers: tailscope could not import {path}")
            row([size, "tailscope import", "rows, indexes, self times, statistics and rules, kept in a file",
                 f"{ours[0]:.2f}", f"{ours[1]:.0f}", "1"])
            for name, program, does, formats in PEERS:
                if form not in formats:
                    continue
                where = shutil.which(program)
                if not where:
                    row([size, name, does, "not installed", "", ""])
                    continue
                query = os.path.join(folder, "query.sql")
                with open(query, "w", encoding="utf-8") as text:
                    text.write("select count(*) from slice;\n")
                command = [where] + [a.replace("{file}", path).replace("{out}", out).replace("{query}", query)
                                     for a in formats[form]]
                theirs = measure(command, options.runs, clean)
                if theirs is None:
                    row([size, name, does, "failed", "", ""])
                else:
                    row([size, name, does, f"{theirs[0]:.2f}", f"{theirs[1]:.0f}", f"{theirs[0] / ours[0]:.2f}"])
        for name, program, does, formats in PEERS:
            if not formats:
                state = "installed" if shutil.which(program) else "not installed"
                row(["-", name, does, state, "", ""])


if __name__ == "__main__":
    main()
