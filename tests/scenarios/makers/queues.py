# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of queues: a row a queue and minute."""

import datetime
import random

from generator.common import SeriesCsv, packed

DAY = datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)  # a Sunday


def iso(second):
    return (DAY + datetime.timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


def csv(header, rows):
    return ("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n").encode()


def slow_downstream():
    """T105: 800 a minute arrive; from 03:42 on 120 instead of 800 are finished, from 04:55 on 1,600. Eight consumers."""
    rows, depth, arrived, completed = [], 200, 5_000_000, 4_999_800
    for minute in range(60 * 7):
        at = 2 * 3600 + minute * 60
        clock = at // 60
        finish = 800 if clock < 3 * 60 + 42 else 120 if clock < 4 * 60 + 55 else 1600
        arrived += 800
        completed = min(arrived - 200, completed + finish)
        depth = arrived - completed
        rows.append((iso(at), "mail", "workers", depth, arrived, completed, 8))
    return csv("ts,queue,group,depth,arrived,completed,members", rows)


def consumer_cpu():
    out = SeriesCsv()
    for minute in range(0, 60 * 7, 5):
        out.add(2 * 3600 + minute * 60 - 86400, "process.cpu.utilization", {"service": "mail-worker"}, 0.08)
    return out.data()


def job_queue():
    """T105, control: 200 a minute arrive and 40 are finished while 12,400 wait and more."""
    rows, arrived, completed = [], 1_000_000, 1_000_000 - 2_800
    for minute in range(61):
        rows.append((iso(minute * 60), "jobs", "workers", arrived - completed, arrived, completed, 4))
        arrived += 200
        completed += 40
    return csv("ts,queue,group,depth,arrived,completed,members", rows)


def poison():
    """T107: dead letters from 9,990 to 10,010 in an hour."""
    rows = [(iso(minute * 60), "invoices-dlq", "", 9990 + minute // 3) for minute in range(61)]
    return csv("ts,queue,group,depth", rows)


def quiet_sunday():
    """T108: four weeks of a topic without events on Sundays from 01:00 to 05:00; what comes is finished."""
    rng = random.Random(58108)
    rows, arrived = [], 10_000_000
    for step in range(0, 28 * 24 * 6):
        at = step * 600
        silent = (at // 86400) % 7 == 0 and 3600 <= at % 86400 < 5 * 3600
        arrived += 0 if silent else 3_000 + rng.randrange(200)
        lag = 0 if silent else rng.randrange(0, 40)
        rows.append((iso(at), "g", "orders", 0, arrived - lag, arrived, lag, 1, 1))
    return packed(csv("ts,group,topic,partition,current_offset,log_end_offset,lag,members,assigned", rows))


def silent_monday():
    """T108: the same silence of the consumer from Monday 10:00 on, while events go on arriving."""
    rng = random.Random(58109)
    rows, arrived, done = [], 10_000_000, 10_000_000
    for step in range(0, 2 * 24 * 6):
        at = step * 600
        arrived += 3_000 + rng.randrange(200)
        done = arrived - rng.randrange(0, 40) if at < 34 * 3600 else done
        rows.append((iso(at), "g", "orders", 0, done, arrived, arrived - done, 1, 1))
    return csv("ts,group,topic,partition,current_offset,log_end_offset,lag,members,assigned", rows)


def bottomless():
    """T103: 500/s in, 300/s out, memory of 2 GB at 1 MB a thousand items; three times until the process is killed."""
    rows = []
    for step in range(0, 3 * 10_000, 100):
        rows.append((iso(step), "events", "", 200 * (step % 10_000)))
    return csv("ts,queue,group,depth", rows)


FILES = {
    "queue-downstream/queue.csv": slow_downstream,
    "queue-downstream/series.csv": consumer_cpu,
    "queue-jobs/queue.csv": job_queue,
    "dead-letters/queue.csv": poison,
    "quiet-sunday/lag.csv.gz": quiet_sunday,
    "silent-monday/lag.csv": silent_monday,
    "queue-without-bottom/queue.csv": bottomless,
}
