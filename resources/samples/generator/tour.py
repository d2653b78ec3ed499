# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tour: a little of everything, so that every view has something to show."""

import math
import random

from . import tourprofile, tourtrace
from .common import SeriesCsv, clock, iso, json_lines

SEED = 45103
START, END = clock("10:00:00"), clock("10:30:00")
POOL = 20
BUSY = (clock("10:08:00"), clock("10:12:00"))  # the pool is full
STALL = (clock("10:15:00"), clock("10:21:00"))  # replay on replica-2 stands still
CATCH_UP = 8  # seconds of lag worked off per second after the stall


def demand(second):
    """Connections wanted: a slow wave, and a burst in BUSY."""
    return 9 + 4 * math.sin((second - START) / 240) + (17 if BUSY[0] <= second < BUSY[1] else 0)


def replay_lag(rng, second):
    base = 0.2 + rng.random() * 0.3
    if STALL[0] <= second < STALL[1]:
        return base + second - STALL[0]
    if second >= STALL[1]:
        return base + max(0, STALL[1] - STALL[0] - CATCH_UP * (second - STALL[1]))
    return base


def series(rng):
    csv, queue = SeriesCsv(), 0.0
    for second in range(START, END + 1, 10):
        wanted = demand(second) * rng.uniform(0.93, 1.07)
        pool = {"pool": "orders", "instance": "checkout-2"}
        active = min(POOL, round(wanted))
        csv.add(second, "hikaricp_connections_active", pool, active)
        csv.add(second, "hikaricp_connections_idle", pool, POOL - active)
        csv.add(second, "hikaricp_connections_pending", pool, max(0, round(wanted) - POOL))
        csv.add(second, "hikaricp_connections_max", pool, POOL)
        csv.add(second, "http.server.request.rate", {"service": "gateway"}, round(wanted * 11.5, 1))
        lags = {"replica-1": 0.2 + rng.random() * 0.4, "replica-2": replay_lag(rng, second)}
        for replica, lag in lags.items():
            csv.add(second, "pg_replication_lag_seconds", {"replica": replica}, round(lag, 3))
        csv.add(second, "process.cpu.utilization", {"service": "checkout-service", "instance": "checkout-2"},
                round(min(0.97, wanted / 60 + rng.random() * 0.05), 3))
        queue = max(0.0, queue + (wanted - 17) * 40)
        csv.add(second, "kafka_consumergroup_lag", {"group": "order-mail", "topic": "orders"}, round(queue))
    return csv.data()


def events():
    rows = (
        ("10:05:00", "deploy", "checkout-service", "4.18.0 -> 4.18.1"),
        ("10:08:00", "flag", "gateway", "spring campaign on"),
        ("10:09:10", "alert", "checkout-service", "connections pending > 0 for 60 s"),
        ("10:15:00", "human", "orders-db-2", "monthly report started on replica-2"),
        ("10:21:00", "human", "orders-db-2", "monthly report finished"),
    )
    return json_lines({"ts": iso(clock(ts)), "kind": kind, "service": service, "note": note}
                      for ts, kind, service, note in rows)


def files():
    return {
        "checkout-service.collapsed": tourprofile.data(),
        "checkout.trace.json": tourtrace.data(),
        "series.csv": series(random.Random(SEED)),
        "events.jsonl": events(),
    }
