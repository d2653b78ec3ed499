# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Friday afternoon: a report of 90 minutes on a replica, and the replay that waits for it."""

import datetime
import math
import random

from .common import SeriesCsv, clock, json_lines

SEED = 44004
DAY = datetime.datetime(2026, 3, 6, tzinfo=datetime.timezone.utc)  # a Friday
BEGIN, END, STEP = clock("14:50:00"), clock("17:30:00"), 10
REPORT, REPORT_END = clock("15:00:00"), clock("16:30:00")
WAL = 8_000_000  # bytes a second, all day
FALL = 8.0  # seconds of lag a second
BASE = 0x4A_0000_0000  # a position of that morning


def stamp(second):
    """As PostgreSQL prints a time in UTC."""
    text = (DAY + datetime.timedelta(seconds=second)).strftime("%Y-%m-%d %H:%M:%S.%f")
    return text.rstrip("0").rstrip(".") + "+00"


def lsn(position):
    return f"{position >> 32:X}/{position & 0xFFFFFFFF:X}"


def interval(seconds):
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{int(hours):02d}:{int(minutes):02d}:{rest:09.6f}"


def usual(rng, median, sigma):
    return median * math.exp(sigma * rng.gauss(0, 1))


def lag_of_report_replica(rng, second):
    if second <= REPORT:
        return usual(rng, 0.3, 0.4) if second < REPORT else 0.0
    if second <= REPORT_END:
        return float(second - REPORT)
    left = (REPORT_END - REPORT) - FALL * (second - REPORT_END)
    return left if left > 1 else usual(rng, 0.3, 0.4)


def replication():
    """pg_stat_replication of the primary, every ten seconds, as psql --csv prints it with \\watch."""
    rng = random.Random(SEED)
    header = ("now,current_lsn,pid,usename,application_name,client_addr,state,sent_lsn,write_lsn,flush_lsn,"
              "replay_lsn,write_lag,flush_lag,replay_lag,sync_priority,sync_state,reply_time")
    lines = [header]
    for second in range(BEGIN, END + 1, STEP):
        current = BASE + WAL * second
        for pid, name, address in ((2101, "replica-1", "10.0.0.11"), (2102, "replica-2", "10.0.0.12")):
            lag = lag_of_report_replica(rng, second) if name == "replica-1" else min(0.9, usual(rng, 0.2, 0.3))
            # On the way: some hundred kilobytes, whatever the replay does.
            sent = current - rng.randrange(0, 60_000)
            written = sent - rng.randrange(0, 200_000)
            flushed = written - rng.randrange(0, 200_000)
            replayed = min(flushed, current - int(WAL * lag))
            times = [interval(rng.uniform(0.002, 0.02)), interval(rng.uniform(0.02, 0.04)), interval(lag)]
            lines.append(",".join((stamp(second), lsn(current), str(pid), "repl", name, address, "streaming",
                                   lsn(sent), lsn(written), lsn(flushed), lsn(replayed), *times, "0", "async",
                                   stamp(second - rng.uniform(0.05, 0.9)))))
    return ("\n".join(lines) + "\n").encode()


REPORT_QUERY = ("SELECT s.region, date_trunc('week', o.created_at) AS week, sum(o.total), count(DISTINCT o.customer_id) "
                "FROM orders o JOIN stores s ON s.id = o.store_id GROUP BY 1, 2 ORDER BY 1, 2")
CART_QUERY = "SELECT id, sku, quantity FROM cart_items WHERE cart_id = $1"


def activity():
    """pg_stat_activity of replica-1, every minute: the report, and carts that are read all the time."""
    rng = random.Random(SEED + 1)
    lines = ["now,pid,usename,application_name,client_addr,backend_type,state,xact_start,query_start,state_change,query"]
    for second in range(BEGIN, END + 1, 60):
        for number in range(3):
            started = second - rng.uniform(0.001, 0.02)
            lines.append(",".join((stamp(second), str(3300 + number), "shop", "web", f"10.0.1.{20 + number}",
                                   "client backend", "active", stamp(started), stamp(started), stamp(started),
                                   f'"{CART_QUERY}"')))
        if REPORT <= second < REPORT_END:
            lines.append(",".join((stamp(second), "4711", "bi", "bi", "10.0.9.5", "client backend", "active",
                                   stamp(REPORT), stamp(REPORT), stamp(REPORT), f'"{REPORT_QUERY}"')))
    return ("\n".join(lines) + "\n").encode()


def iso(second):
    return (DAY + datetime.timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


def series():
    """Reads of carts by node, the primary's processor, the network between the nodes: all as on other days."""
    csv = SeriesCsv()
    offset = int((DAY - datetime.datetime(2026, 3, 2, tzinfo=datetime.timezone.utc)).total_seconds())
    rng = random.Random(SEED + 2)
    for second in range(BEGIN, END + 1, 60):
        at = offset + second
        csv.add(at, "app.reads.rate", {"service": "carts", "node": "replica-1"}, round(420 + rng.uniform(-15, 15)))
        csv.add(at, "app.reads.rate", {"service": "carts", "node": "primary"}, round(60 + rng.uniform(-5, 5)))
        csv.add(at, "system.cpu.utilization", {"service": "primary"}, round(0.41 + rng.uniform(-0.02, 0.02), 3))
        csv.add(at, "system.network.io.rate", {"service": "primary", "unit": "By/s"}, round(16.4e6 + rng.uniform(-2e5, 2e5)))
    return csv.data()


def events():
    rows = ((clock("15:00:00"), "note", "replica-1", "the weekly report begins, as every Friday"),
            (clock("15:30:00"), "human", "carts", "customers see old carts; who may end the report?"),
            (clock("15:45:00"), "note", "replica-1", "permission asked for ending the report"),
            (clock("16:30:00"), "note", "replica-1", "the report ends by itself"))
    return json_lines({"ts": iso(second), "kind": kind, "service": service, "note": note}
                      for second, kind, service, note in rows)


def files():
    return {"pg_stat_replication.csv": replication(), "pg_stat_activity-replica-1.csv": activity(),
            "series.csv": series(), "events.jsonl": events()}
