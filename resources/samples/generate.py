#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the demo files of this folder. Same script, same bytes: no clock, no environment, fixed seeds.

usage: generate.py [--check] [--out DIR]
  --check   writes nothing; exit status 1 when a file is missing, differs or is not ours, when a demo folder
            is larger than 1.5 MB, or when index.json names a file that is not there
  --out DIR writes below DIR instead of beside this script
Compressed files are compared by content: another zlib may pack the same text into other bytes.
"""

import argparse
import gzip
import json
import pathlib
import sys

sys.dont_write_bytecode = True

from generator import (
    checkout,
    deathspiral,
    eightseconds,
    fanout,
    flashsale,
    fridayreplica,
    idleconsumer,
    listpage,
    orderlookup,
    tenant,
    tour,
)  # noqa: E402  (bytecode switch first)

# Folder: the module that makes its files.
DEMOS = {
    "order-lookup": orderlookup,
    "checkout": checkout,
    "flash-sale": flashsale,
    "death-spiral": deathspiral,
    "list-page": listpage,
    "eight-seconds": eightseconds,
    "fan-out": fanout,
    "friday-replica": fridayreplica,
    "idle-consumer": idleconsumer,
    "tenant": tenant,
    "tour": tour,
}
MAX_FOLDER_BYTES = 1_500_000
HERE = pathlib.Path(__file__).resolve().parent


def all_files():
    files = {}
    for folder, module in DEMOS.items():
        for name, data in module.files().items():
            files[f"{folder}/{name}"] = data
    return files


def content(name, data):
    return gzip.decompress(data) if name.endswith(".gz") else data


def problems_of_files(root, files):
    for name, data in files.items():
        path = root / name
        if not path.is_file():
            yield f"{name}: missing"
        elif content(name, path.read_bytes()) != content(name, data):
            yield f"{name}: differs from what this script writes"
    folders = sorted({name.split("/")[0] for name in files})
    for folder in folders:
        present = [p for p in sorted((root / folder).rglob("*")) if p.is_file()]
        for path in present:
            if path.relative_to(root).as_posix() not in files:
                yield f"{path.relative_to(root).as_posix()}: not written by this script"
        size = sum(p.stat().st_size for p in present)
        if size > MAX_FOLDER_BYTES:
            yield f"{folder}: {size} bytes, more than {MAX_FOLDER_BYTES}"


def problems_of_index(root):
    index = root / "index.json"
    if not index.is_file():
        yield "index.json: missing"
        return
    seen = set()
    for demo in json.loads(index.read_text(encoding="utf-8"))["demos"]:
        if demo["id"] in seen:
            yield f"index.json: demo {demo['id']} occurs twice"
        seen.add(demo["id"])
        for key in ("files", "optional_files", "alternative_files", "notes"):
            for name in demo.get(key, []):
                if not (root / name).is_file():
                    yield f"index.json: {demo['id']}: {name} does not exist"
        if not (root / demo["help"]).is_file():
            yield f"index.json: {demo['id']}: {demo['help']} does not exist"


def main():
    parser = argparse.ArgumentParser(description="writes or verifies the demo files")
    parser.add_argument("--check", action="store_true", help="verify only")
    parser.add_argument("--out", type=pathlib.Path, default=HERE, help="folder to write to or to verify")
    options = parser.parse_args()

    files = all_files()
    if options.check:
        problems = list(problems_of_files(options.out, files))
        if options.out.resolve() == HERE:
            problems += problems_of_index(HERE)
        for problem in problems:
            print(problem, file=sys.stderr)
        print(f"{len(files)} files, {len(problems)} problems")
        return 1 if problems else 0

    for name, data in files.items():
        path = options.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        print(f"{len(data):>9}  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
