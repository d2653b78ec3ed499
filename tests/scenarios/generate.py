#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the made-up inputs of the scenarios that have theirs beside them. Same script, same bytes.

usage: generate.py [--check]     --check writes nothing; exit status 1 when a file differs
"""

import datetime
import gzip
import importlib.util
import json
import pathlib
import random
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "resources" / "samples"))

from generator import flashsale  # noqa: E402
from generator.spanlist import Traces  # noqa: E402
from generator.checkout import CLIENT, INTERNAL, SERVER, attributes  # noqa: E402
from generator.common import DAY_NS, compact, packed  # noqa: E402

PRODUCER, CONSUMER = 4, 5
SECOND_US = 1_000_000


def published_at_ten():
    """T63: published at 10:00, consumed at 12:00; a second message fails five times and is put aside."""
    ms = 1000
    ten, noon = 10 * 3600 * SECOND_US, 12 * 3600 * SECOND_US
    out = Traces()
    out.span(0x63, 1, None, "shop", "POST /orders", SERVER, ten, 80 * ms)
    out.span(0x63, 10, 1, "shop", "order.create", INTERNAL, ten, 58 * ms)
    out.span(0x63, 2, 1, "shop", "orders publish", PRODUCER, ten + 60 * ms, 10 * ms)
    out.span(0x63, 3, 2, "worker", "orders process", CONSUMER, noon, 40 * ms, links=((0x63, 2),))
    out.span(0x63, 4, 2, "worker", "orders announce", CONSUMER, noon + 40 * ms, 90 * ms, links=((0x63, 2),))
    for place, length in enumerate((20, 35, 50, 70, 90)):
        out.span(0x63, 5 + place, 4, "worker", f"POST partner-{place + 1}", CLIENT, noon + 40 * ms, length * ms)
    # Linked only: a trace of its own.
    out.span(0x163, 1, None, "reports", "orders count", CONSUMER, noon + 5 * SECOND_US, 30 * ms, links=((0x63, 2),))
    out.span(0x263, 1, None, "shop", "POST /refunds", SERVER, ten, 50 * ms)
    out.span(0x263, 9, 1, "shop", "refund.create", INTERNAL, ten, 29 * ms)
    out.span(0x263, 2, 1, "shop", "refunds publish", PRODUCER, ten + 30 * ms, 10 * ms)
    begin = ten + 2 * SECOND_US
    for attempt, pause in enumerate((0, 1, 3, 7, 15)):
        out.span(0x263, 3 + attempt, 2, "worker", "refunds process", CONSUMER, begin + pause * SECOND_US, 25 * ms,
                 failed=True, values={"messaging.delivery_attempt": attempt + 1})
    out.span(0x263, 8, 7, "worker", "refunds dead-letter publish", PRODUCER, begin + 15 * SECOND_US + 20 * ms, 5 * ms)
    return out.data()


def longer_than_parent():
    """T64: a child that outlives its parent, a clock 400 ms ahead, an orphan, spans in no order."""
    ms = 1000
    at = 14 * 3600 * SECOND_US
    out = Traces()
    # True start of the inventory span: 150 ms, in the middle of its call.
    out.span(0x64, 4, 3, "inventory", "GET /stock", SERVER, at + (150 + 400) * ms, 800 * ms)
    out.span(0x64, 2, 1, "payment", "POST /charge", SERVER, at + 200 * ms, 3200 * ms)
    out.span(0x64, 5, 99, "shop", "lost", INTERNAL, at + 300 * ms, 100 * ms)
    out.span(0x64, 3, 1, "shop", "GET inventory", CLIENT, at + 100 * ms, 900 * ms)
    out.span(0x64, 1, None, "shop", "POST /checkout", SERVER, at, 2500 * ms)
    return out.data()


def five_seconds_before():
    """T66: 600 calls, 20 on new connections, 12 of those wait 5.0 s before the server hears of them."""
    rng = random.Random(57066)
    ms = 1000
    out = Traces()
    cold = rng.sample(range(600), 20)
    slow = set(cold[:12])
    for number in range(600):
        at = 15 * 3600 * SECOND_US + number * SECOND_US
        lead = 5000 * ms + rng.randrange(8 * ms) if number in slow else rng.randrange(1 * ms, 2 * ms)
        work = 90 * ms + rng.randrange(-2 * ms, 2 * ms)
        back = rng.randrange(1 * ms, 2 * ms)
        trace = 0x66000000 + number
        out.span(trace, 1, None, "web", "GET /page", SERVER, at, lead + work + back + 2 * ms)
        out.span(trace, 2, 1, "web", "GET price-api", CLIENT, at + 1 * ms, lead + work + back,
                 values={"server.address": "price.partner.example",
                         "network.connection.reused": "no" if number in cold else "yes"})
        out.span(trace, 3, 2, "price-api", "GET /v1/price", SERVER, at + 1 * ms + lead, work)
    return packed(out.data())


MINUTES = 60
NOON = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.timezone.utc)


def deadlocks_log():
    """T20: two jobs update the same orders in opposite order, 15 a minute for 40 minutes, then 200 for 10, then none."""
    lines = []
    for minute in range(50):
        number = 15 if minute < 40 else 200
        for i in range(number):
            at = NOON + datetime.timedelta(minutes=minute, milliseconds=60_000 * i // number)
            stamp = at.strftime("%Y-%m-%d %H:%M:%S.") + f"{at.microsecond // 1000:03} UTC"
            victim, other = 4000 + i % 90, 5000 + i % 70
            order = 1000 + i
            paid = f"UPDATE orders SET state = 'paid' WHERE id = {order}"
            packed_text = f"UPDATE orders SET packed_at = now() WHERE id = {order + 1}"
            prefix = f"{stamp} [{victim}] "
            lines += [
                prefix + "ERROR:  deadlock detected",
                prefix + f"DETAIL:  Process {victim} waits for ShareLock on transaction {9000 + i}; "
                         f"blocked by process {other}.",
                f"\tProcess {other} waits for ShareLock on transaction {8000 + i}; blocked by process {victim}.",
                f"\tProcess {victim}: {paid}",
                f"\tProcess {other}: {packed_text}",
                prefix + "HINT:  See server log for query details.",
                prefix + f'CONTEXT:  while updating tuple ({i},7) in relation "orders"',
                prefix + f"STATEMENT:  {paid}",
            ]
    return packed(("\n".join(lines) + "\n").encode())


def deadlocks_orders():
    """T20: 3,000 orders a minute, as a counter."""
    rows = ["ts,series,labels,value"]
    for minute in range(MINUTES + 1):
        at = (NOON + datetime.timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")
        rows.append(f"{at},orders_total,,{3000 * minute}")
    return ("\n".join(rows) + "\n").encode()


FILES = {
    "fifteen-deadlocks/postgresql.log.gz": deadlocks_log,
    "fifteen-deadlocks/orders.csv": deadlocks_orders,
    "flash-sale-no-acquire/products.otlp.jsonl.gz": flashsale.variant_b,
    "published-at-ten/traces.otlp.json": published_at_ten,
    "longer-than-parent/traces.otlp.json": longer_than_parent,
    "five-seconds-before/traces.otlp.json.gz": five_seconds_before,
}


def all_files():
    """Those above and those of the modules in makers/: each has FILES = {path below this folder: function}."""
    files = dict(FILES)
    for path in sorted((HERE / "makers").glob("[a-z]*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, make in module.FILES.items():
            if name in files:
                sys.exit(f"{path.name}: {name} is made elsewhere too")
            files[name] = make
    return files


def content(name, data):
    return gzip.decompress(data) if name.endswith(".gz") else data


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    bad = 0
    for name, make in all_files().items():
        data, path = make(), HERE / name
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            print(f"{len(data):>9}  {name}")
        elif not path.is_file() or content(name, path.read_bytes()) != content(name, data):
            print(f"{name}: differs from what this script writes", file=sys.stderr)
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
