# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inputs of scenarios that series alone can tell (T76, T82, T84, T109)."""

import datetime
import json
import random

BEGIN = datetime.datetime(2026, 3, 2, tzinfo=datetime.timezone.utc)
MIB = 1048576


def stamp(seconds):
    return (BEGIN + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def csv(rows):
    """rows: (seconds, series, value, unit, kind, service, instance)"""
    lines = ["ts,series,value,unit,kind,service,instance"]
    lines += [f"{stamp(s)},{name},{value},{unit},{kind},{service},{instance}"
              for s, name, value, unit, kind, service, instance in rows]
    return ("\n".join(lines) + "\n").encode()


def three_shapes():
    """T76: P50 20 ms, P99 to 5 s: each 300 s, 9 times at random, a plateau of 6 minutes. Every 10 s, one hour."""
    rng = random.Random(57076)
    spikes = set()
    while len(spikes) < 9:
        at = rng.randrange(10, 350)
        if all(abs(at - other) > 8 for other in spikes):
            spikes.add(at)
    rows = []
    for i in range(360):
        usual = 60 + rng.randrange(15)
        shapes = {"a": i % 30 < 3, "b": i in spikes, "c": 200 <= i < 236}
        for service, is_high in shapes.items():
            value = 4700 + rng.randrange(300) if is_high else usual
            rows.append((i * 10, "http.server.request.duration.p99", value, "ms", "gauge", service, ""))
            rows.append((i * 10, "http.server.request.duration.p50", 20, "ms", "gauge", service, ""))
        buffers = sum(900 for k in range(i + 1) if k % 30 < 3)
        rows.append((i * 10, "postgresql.checkpoint.buffers", buffers, "", "counter", "a", ""))
    return csv(rows)


def three_shapes_markers():
    """T76: the vacuum of the plateau."""
    return (json.dumps({"ts": stamp(1990), "end": stamp(2370), "kind": "autovacuum", "service": "c",
                        "title": "public.orders"}) + "\n").encode()


def throttled():
    """T82: 340 of 600 periods a minute are throttled for 33 ms each; 62 % of the processors, P99 2.1 s. v1 and v2."""
    rows = []
    for minute in range(31):
        for instance, unit, scale in (("v1", "ns", 1_000_000_000), ("v2", "us", 1_000_000)):
            at = minute * 60
            rows.append((at, "container.cpu.throttling.periods", 600 * minute, "", "counter", "web", instance))
            rows.append((at, "container.cpu.throttling.throttled_periods", 340 * minute, "", "counter", "web", instance))
            rows.append((at, "container.cpu.throttling.throttled_time", 340 * minute * 33 * scale // 1000, unit,
                         "counter", "web", instance))
            rows.append((at, "container.cpu.utilization", 0.62, "1", "gauge", "web", instance))
        rows.append((minute * 60, "http.server.request.duration.p99", 2.1, "s", "gauge", "web", ""))
    return csv(rows)


def off_heap():
    """T84 a: 12 kills an hour, the heap flat at 1.2 of 2 GB, direct buffers growing until each kill."""
    rows = []
    for minute in range(181):
        rows.append((minute * 60, "container.memory.oom_kills", minute // 5, "", "counter", "cart", ""))
        rows.append((minute * 60, "jvm.memory.heap.used", (1229 + minute % 7) * MIB, "By", "gauge", "cart", ""))
        rows.append((minute * 60, "jvm.memory.heap.max", 2048 * MIB, "By", "gauge", "cart", ""))
        rows.append((minute * 60, "jvm.buffer.memory.direct.used", (200 + minute * 3) * MIB, "By", "gauge", "cart", ""))
    return csv(rows)


def leak():
    """T84 b: resident memory at 85 % of 4 GiB at the end, 50 MiB an hour for 8 h after each collection."""
    rows = []
    for minute in range(481):
        floor = int((4096 * 0.85 - 50 * (480 - minute) / 60) * MIB)
        rows.append((minute * 60, "container.memory.rss", floor + minute % 10 * 9 * MIB, "By", "gauge", "api", ""))
        rows.append((minute * 60, "http.requests", 400 + minute % 13, "", "gauge", "api", ""))
    rows += [(0, "container.memory.limit", 4096 * MIB, "By", "gauge", "api", ""),
             (28800, "container.memory.limit", 4096 * MIB, "By", "gauge", "api", "")]
    return csv(rows)


def forgiven():
    """T109: 100 an hour for ten days, nothing for 3.5 days, then 30 an hour for a week."""
    values = [100] * 240 + [0] * 84 + [30] * 168
    return csv([(hour * 3600, "orders_per_hour", value, "", "gauge", "shop", "") for hour, value in enumerate(values)])


FILES = {
    "three-shapes/latency.csv": three_shapes,
    "three-shapes/markers.jsonl": three_shapes_markers,
    "throttled/container.csv": throttled,
    "off-heap/memory.csv": off_heap,
    "real-leak/memory.csv": leak,
    "baseline-that-forgave/orders.csv": forgiven,
}
