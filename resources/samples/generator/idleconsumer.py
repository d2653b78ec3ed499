# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The consumer that was alive and idle: a deploy changes the separators of a group id."""

import datetime
import random

from .common import SeriesCsv, json_lines, packed

SEED = 47007
DAY = datetime.datetime(2026, 4, 6, tzinfo=datetime.timezone.utc)  # a Monday
INFLOW = 118_056 / 60  # a minute
MINUTE, HOUR = 60, 3600
STOP = 14 * HOUR + 17 * MINUTE
NEW_GROUP = 14 * HOUR + 15 * MINUTE + 2
NOTICED = 3 * 24 * HOUR + 9 * HOUR + 47 * MINUTE
RESET = 3 * 24 * HOUR + 12 * HOUR
DRAIN = 426.3 * 60  # a minute
END = 4 * 24 * HOUR
RETENTION_MS = 96 * HOUR * 1000
PARTITIONS = 3
OLD, NEW, TOPIC = "tracking-consumer-v1", "tracking_consumer_v1", "tracking-events"


def iso(second):
    return (DAY + datetime.timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


def states():
    """Second, what arrived and what was finished since Monday, members: a row a minute."""
    rng = random.Random(SEED)
    arrived, completed = 250_000_000.0, 250_000_000.0
    for second in range(0, END + 1, MINUTE):
        arrived += INFLOW if second else 0
        if second < STOP:
            # Falling at even minutes, so that no minute's noise looks like a start.
            completed = max(completed, arrived - (rng.uniform(250, 450) if second // MINUTE % 2 else rng.uniform(20, 200)))
        elif second == STOP:
            completed = arrived
        elif second > RESET:
            completed = min(arrived, completed + DRAIN)
            if completed == arrived:
                completed = arrived - rng.uniform(20, 300)
        members = 3 if second <= STOP - 2 * MINUTE or second >= RESET else 0
        yield second, arrived, completed, members


def table():
    """kafka-consumer-groups --describe as a table; the group that owns nothing has a line of its own."""
    lines = ["ts,group,topic,partition,current_offset,log_end_offset,lag,members,assigned,retention_ms"]
    for second, arrived, completed, members in states():
        for partition in range(PARTITIONS):
            end, done = int((arrived + partition) / PARTITIONS), int((completed + partition) / PARTITIONS)
            lines.append(f"{iso(second)},{OLD},{TOPIC},{partition},{done},{end},{end - done},{members},"
                         f"{1 if members else 0},{RETENTION_MS}")
        if NEW_GROUP <= second < RESET:
            lines.append(f"{iso(second)},{NEW},{TOPIC},,,,,3,0,{RETENTION_MS}")
    return ("\n".join(lines) + "\n").encode()


def describe():
    """What the command printed for both groups when somebody looked, on Thursday at 09:47."""
    at = {second: (arrived, completed) for second, arrived, completed, _ in states()}[NOTICED]
    when = (DAY + datetime.timedelta(seconds=NOTICED)).strftime("%a %b %e %H:%M:%S UTC %Y")
    head = f"{'GROUP':<22}{'TOPIC':<18}{'PARTITION':<11}{'CURRENT-OFFSET':<16}{'LOG-END-OFFSET':<16}{'LAG':<12}" \
           f"{'CONSUMER-ID':<50}{'HOST':<16}CLIENT-ID"
    lines = [when, "", f"Consumer group '{OLD}' has no active members.", "", head]
    for partition in range(PARTITIONS):
        end, done = (int((value + partition) / PARTITIONS) for value in at)
        lines.append(f"{OLD:<22}{TOPIC:<18}{partition:<11}{done:<16}{end:<16}{end - done:<12}{'-':<50}{'-':<16}-")
    lines += ["", head]
    for number in range(3):
        lines.append(f"{NEW:<22}{'-':<18}{'-':<11}{'-':<16}{'-':<16}{'-':<12}"
                     f"{f'tracking-{number + 1}-8f2c1d6e-0b7a-4a35-9c11-5e0d2b7a410{number}':<50}{f'/10.0.4.{11 + number}':<16}tracking-{number + 1}")
    return ("\n".join(lines) + "\n").encode()


def tables():
    """pg_stat_user_tables of the database the consumer writes to, a row a minute: the same stop without the queue."""
    lines = ["now,relid,schemaname,relname,n_tup_ins,n_tup_upd,n_tup_del,n_live_tup,n_dead_tup"]
    start = 250_000_000.0
    for second, _, completed, _ in states():
        done = int(completed - start)
        when = (DAY + datetime.timedelta(seconds=second)).strftime("%Y-%m-%d %H:%M:%S+00")
        lines.append(f"{when},16411,public,shipment_status,{90_000_000 + done // 4},{310_000_000 + done - done // 4},0,"
                     f"{90_000_000 + done // 4},{200_000 + done % 50_000}")
    return ("\n".join(lines) + "\n").encode()


def series():
    """Everything a dashboard showed, every five minutes: green; and one business series that was not on it."""
    csv = SeriesCsv()
    offset = int((DAY - datetime.datetime(2026, 3, 2, tzinfo=datetime.timezone.utc)).total_seconds())
    rng = random.Random(SEED + 1)
    for second in range(0, END + 1, 5 * MINUTE):
        at, labels = offset + second, {"service": "tracking-consumer"}
        works = second <= STOP or second >= RESET
        csv.add(at, "up", labels, 1)
        csv.add(at, "process.restarts", labels, 0)
        csv.add(at, "app.errors.rate", labels, 0)
        csv.add(at, "process.cpu.utilization", labels, round((0.11 if works else 0.02) + rng.uniform(0, 0.004), 4))
        csv.add(at, "process.memory.usage", {**labels, "unit": "By"}, 180_000_000 + rng.randrange(2_000_000))
        csv.add(at, "container.memory.limit", {**labels, "unit": "By"}, 512_000_000)
        csv.add(at, "business.confirmations.rate", {"service": "shop"}, round(6250 + rng.uniform(-200, 200)) if works else 0)
    return csv.data()


def events():
    rows = ((14 * HOUR + 15 * MINUTE, "deploy", "tracking-consumer", "config lib 2.3.1 -> 2.4.0"),
            (NOTICED, "human", "shop", "customers ask where their parcels are"),
            (RESET, "config", "tracking-consumer", "group id restored, position kept, six workers a partition"))
    return json_lines({"ts": iso(second), "kind": kind, "service": service, "note": note}
                      for second, kind, service, note in rows)


def log():
    """All the consumer wrote after the deploy, as JSON lines."""
    rows = ((NEW_GROUP - 2, "starting tracking-consumer, config lib 2.4.0"),
            (NEW_GROUP, f"joined group {NEW}"), (NEW_GROUP + 1, "ready, waiting for records"))
    return json_lines({"time": iso(second), "level": "INFO", "service": "tracking-consumer", "message": text}
                      for second, text in rows)


def files():
    return {"consumer-lag.csv.gz": packed(table()), "describe.txt": describe(),
            "pg_stat_user_tables.csv.gz": packed(tables()), "series.csv.gz": packed(series()), "events.jsonl": events(), "consumer.log.jsonl": log()}
