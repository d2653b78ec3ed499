#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes feed.otlp.jsonl.gz: 14,900 requests, of the slowest 150 132 (88 %) are of partition 17 in site B, of the
other 14,750 only 118 (0.8 %). Same script, same bytes."""

import gzip
import json
import pathlib
import random

SEED, REQUESTS, SLOW = 61145, 14_900, 150
START = 1_772_445_600_000_000_000  # 2026-03-02 10:00 UTC
MS = 1_000_000


def attributes(values):
    return [{"key": key, "value": {"stringValue": value}} for key, value in values.items()]


def main():
    rng = random.Random(SEED)
    # The P99 is rank 14,751: the first of the slow.
    durations = [20 * MS if rng.random() < 0.7 else (21 + rng.randrange(60)) * MS for _ in range(REQUESTS - SLOW)]
    durations += [200 * MS] * 2 + [(201 + rng.randrange(300)) * MS for _ in range(SLOW - 2)]
    slow = [i for i, duration in enumerate(durations) if duration >= 200 * MS]
    others = [i for i, duration in enumerate(durations) if duration < 200 * MS]
    of_partition = set(rng.sample(slow, 132)) | set(rng.sample(others, 118))
    order = list(range(REQUESTS))
    rng.shuffle(order)
    spans = []
    for place, i in enumerate(order):
        partition = 17 if i in of_partition else rng.choice([n for n in range(1, 65) if n != 17])
        # Site B holds one partition; the others are spread over the sites A and C.
        site = "B" if partition == 17 else "AC"[partition % 2]
        start = START + place * 40 * MS + rng.randrange(20_000) * 1000
        spans.append({"traceId": f"61145000{place + 1:024x}", "spanId": f"{place + 1:016x}", "name": "GET /feed",
                      "kind": 2, "startTimeUnixNano": str(start), "endTimeUnixNano": str(start + durations[i]),
                      "attributes": attributes({"partition": str(partition), "site": site})})
    lines = [json.dumps({"resourceSpans": [{"resource": {"attributes": attributes({"service.name": "feed"})},
                                            "scopeSpans": [{"spans": spans[first:first + 500]}]}]},
                        separators=(",", ":")) for first in range(0, REQUESTS, 500)]
    target = pathlib.Path(__file__).with_name("feed.otlp.jsonl.gz")
    target.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), compresslevel=9, mtime=0))


main()
