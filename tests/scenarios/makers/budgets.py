# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inputs of the scenarios about performance budgets."""

import random

from generator.checkout import CLIENT, INTERNAL, SERVER
from generator.spanlist import Traces

MS = 1000
SECOND_US = 1_000_000
# The parts of a checkout of 500 ms: name, ms, parallel group.
PARTS = (("routing", 10, 0), ("session", 30, 0), ("stock", 50, 1), ("prices", 40, 1), ("payment", 150, 0),
         ("order", 60, 0), ("confirmation", 30, 0), ("serialize", 15, 0))


def checkout_within_budget():
    """T72: 20 checkouts of 345 ms, stock and prices side by side."""
    out = Traces()
    for number in range(20):
        trace, start = 0x7200 + number, (9 * 3600 + 10 * number) * SECOND_US
        out.span(trace, 1, None, "shop", "POST /checkout", SERVER, start, 345 * MS)
        now = 0
        for place, (name, length, group) in enumerate(PARTS):
            begin = now
            out.span(trace, 2 + place, 1, "shop", name, CLIENT if name == "payment" else INTERNAL, start + begin * MS,
                     length * MS)
            # The second of the group begins with the first and is done before it.
            if not (group and name == "stock"):
                now += 50 if group else length
    return out.data()


def first_child():
    """T73: a page of 3 s whose children take 2.0, 0.6, 0.3 and 0.4 s."""
    out = Traces()
    for number in range(10):
        trace, start = 0x7300 + number, (10 * 3600 + 10 * number) * SECOND_US
        out.span(trace, 1, None, "page", "GET /page", SERVER, start, 3300 * MS)
        now = 0
        for place, (name, length) in enumerate((("recommendations", 2000), ("reviews", 600), ("offers", 300),
                                                ("related", 400))):
            out.span(trace, 2 + place, 1, "page", name, CLIENT, start + now * MS, length * MS)
            now += length
    return out.data()


def login():
    """T86: 50 logins of 216 ms, 205 of them the hash of a password, as it should be."""
    out = Traces()
    for number in range(50):
        trace, start = 0x8600 + number, (11 * 3600 + 5 * number) * SECOND_US
        out.span(trace, 1, None, "accounts", "POST /login", SERVER, start, 216 * MS)
        out.span(trace, 2, 1, "accounts", "SELECT users", CLIENT, start, 6 * MS,
                 values={"db.system.name": "postgresql"})
        out.span(trace, 3, 1, "accounts", "bcrypt.verify", INTERNAL, start + 6 * MS, 205 * MS,
                 values={"bcrypt.cost": 12})
        out.span(trace, 4, 1, "accounts", "session.create", INTERNAL, start + 211 * MS, 5 * MS)
    return out.data()


def gate(p95_ms):
    """T90: 2,000 requests of a load test as JMeter writes them, P95 (nearest rank) as asked, errors 0.5 %."""
    rng = random.Random(57090)
    elapsed = [rng.randrange(60, 400) for _ in range(1899)] + [p95_ms] + [rng.randrange(600, 900) for _ in range(100)]
    rng.shuffle(elapsed)
    lines = ["timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,bytes,grpThreads,allThreads"]
    for number, length in enumerate(elapsed):
        failed = number % 200 == 7
        lines.append(f"{1772445600000 + number * 50},{length},POST /orders,{500 if failed else 200},"
                     f"{'Internal Server Error' if failed else 'OK'},hold 1-{number % 50 + 1},"
                     f"{'false' if failed else 'true'},812,50,50")
    return ("\n".join(lines) + "\n").encode()


FILES = {
    "checkout-budget/traces.otlp.json": checkout_within_budget,
    "first-child/traces.otlp.json": first_child,
    "honest-login/traces.otlp.json": login,
    "budget-gate/load.jtl": lambda: gate(520),
    "budget-gate-boundary/load.jtl": lambda: gate(500),
}
