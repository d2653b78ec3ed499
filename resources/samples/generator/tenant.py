# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tenant: two hours of one report endpoint; the mean goes from 22 to 180 ms, one tenant waits four seconds."""

import random

from .common import DAY_NS, MS, SeriesCsv, clock, compact, iso, json_lines, packed

SEED = 46006  # order and ids only
US = 1_000
HOUR_A, HOUR_B = clock("09:00:00"), clock("10:00:00")
PAIR_NS = 720 * MS  # two requests: 10,000 an hour
TENANT = "t-117"
REGIONS, INSTANCES = ("us-east", "ap-south"), 8
RATE = 50_000 / 60  # requests per second; the file holds a sample of them
INTERNAL, SERVER, CLIENT = 1, 2, 3

# Durations of the usual half, and (count, duration) of the others.
FAST_A, OTHERS_A = 12 * MS, ((4498, 27_545 * US), (1, 27_590 * US), (1, 45 * MS), (399, 60 * MS), (1, 90 * MS),
                             (100, 120 * MS))
FAST_B, OTHERS_B = 15 * MS, ((4465, 214 * MS), (34, 215 * MS), (1, 800 * MS), (399, 820 * MS), (1, 4200 * MS),
                             (100, 4300 * MS))
SLOW = 800 * MS


def attributes(values):
    return [{"key": key, "value": {"stringValue": value}} for key, value in values.items()]


def chosen(rng, requests, count):
    return set(rng.sample(requests, count))


def request_traits(rng, durations):
    """Tenant, region and instance of every request: exact counts among the slow ones and in total."""
    slow = [i for i, duration in enumerate(durations) if duration >= SLOW]
    fast = [i for i, duration in enumerate(durations) if duration < SLOW]
    usual = [i for i in fast if durations[i] <= FAST_B]
    # The single request of 800 ms is the edge of the tail, not one of the tenant's.
    late = [i for i in slow if durations[i] > SLOW]
    of_tenant = chosen(rng, late, 480) | chosen(rng, usual, 40) if slow else chosen(rng, usual, 520)
    west = chosen(rng, slow, 306) | chosen(rng, fast, 5694) if slow else chosen(rng, fast, 6000)
    third = chosen(rng, slow, 70) | chosen(rng, fast, 1180) if slow else chosen(rng, fast, 1250)
    others = [f"i-{n}" for n in range(1, INSTANCES + 1) if n != 3]
    traits = []
    for i in range(len(durations)):
        tenant = TENANT if i in of_tenant else f"t-{rng.choice([n for n in range(101, 161) if n != 117])}"
        region = "eu-west" if i in west else rng.choice(REGIONS)
        traits.append((tenant, region, "i-3" if i in third else rng.choice(others)))
    return traits


def durations_of(rng, fast, others):
    """Every second request is of the usual half, so that any stretch of time has the same median."""
    rest = [duration for count, duration in others for _ in range(count)]
    rng.shuffle(rest)
    return [duration for pair in zip([fast] * len(rest), rest) for duration in pair]


def spans_of(rng, number, start, duration, tenant, region):
    trace = f"d06000000000{SEED:08x}{number:012x}"
    base = number * 16 + 0xD060000000000000

    def span(place, parent, name, kind, begin, end, values):
        row = {"traceId": trace, "spanId": f"{base + place:016x}"}
        if parent:
            row["parentSpanId"] = f"{base + parent:016x}"
        row.update({"name": name, "kind": kind, "startTimeUnixNano": str(start + begin),
                    "endTimeUnixNano": str(start + end)})
        if values:
            row["attributes"] = attributes(values)
        return row

    spans = [span(1, 0, "GET /api/reports", SERVER, 0, duration,
                  {"http.route": "/api/reports", "tenant": tenant, "region": region})]
    if duration >= SLOW:
        # 95 % of the request: another pool than the one the others use.
        begin = duration // 100
        wait = duration * 95 // 100
        spans.append(span(2, 1, "pool.acquire", INTERNAL, begin, begin + wait, {"pool": "reporting"}))
        spans.append(span(3, 1, "SELECT reports", CLIENT, begin + wait, duration - begin, {}))
    else:
        begin = duration // 10
        spans.append(span(3, 1, "SELECT reports", CLIENT, begin, duration - begin, {}))
    return spans


def traces():
    """(instance, spans) of all requests in order of time."""
    rng = random.Random(SEED)
    number, result = 0, []
    for hour, fast, others in ((HOUR_A, FAST_A, OTHERS_A), (HOUR_B, FAST_B, OTHERS_B)):
        durations = durations_of(rng, fast, others)
        for i, (tenant, region, instance) in enumerate(request_traits(rng, durations)):
            offset = (20 if i % 2 == 0 else 110) * MS + rng.randrange(80_000) * US
            start = DAY_NS + hour * 1000 * MS + (i // 2) * PAIR_NS + offset
            number += 1
            result.append((instance, spans_of(rng, number, start, durations[i], tenant, region)))
    return result


def export_lines(all_traces):
    lines = []
    for first in range(0, len(all_traces), 400):
        batches = {}
        for instance, spans in all_traces[first:first + 400]:
            batches.setdefault(instance, []).extend(spans)
        for instance, spans in sorted(batches.items()):
            lines.append(compact({"resourceSpans": [{
                "resource": {"attributes": attributes({"service.name": "reports", "service.version": "7.2.0",
                                                       "service.instance.id": instance})},
                "scopeSpans": [{"spans": spans}]}]}))
    return ("\n".join(lines) + "\n").encode()


def events():
    rows = ((iso(HOUR_B), "config", "reports", "reporting pool 20 -> 2"),
            (iso(clock("10:31:00")), "human", "reports", "support: t-117 says that reports hang"))
    return json_lines({"ts": ts, "kind": kind, "service": service, "note": note}
                      for ts, kind, service, note in rows)


def series(rng):
    csv = SeriesCsv()
    for second in range(HOUR_A, HOUR_B + 3601, 60):
        csv.add(second, "http.server.request.rate", {"service": "reports"}, round(RATE, 3))
        for number in range(1, INSTANCES + 1):
            csv.add(second, "system.cpu.utilization", {"instance": f"i-{number}"}, round(rng.uniform(0.19, 0.21), 3))
    return csv.data()


def files():
    return {"reports.otlp.jsonl.gz": packed(export_lines(traces())), "events.jsonl": events(),
            "series.csv": series(random.Random(SEED + 1))}
