# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Snapshots of replication: what psql --csv printed again and again."""

import datetime
import math
import random

from generator.common import SeriesCsv, packed

DAY = datetime.datetime(2026, 3, 2, tzinfo=datetime.timezone.utc)
MB = 1_000_000
BASE = 0x20_0000_0000
NOON = 12 * 3600
HEAD = ("now,current_lsn,pid,usename,application_name,client_addr,state,sent_lsn,write_lsn,flush_lsn,replay_lsn,"
        "write_lag,flush_lag,replay_lag,sync_priority,sync_state,reply_time")


def stamp(second):
    text = (DAY + datetime.timedelta(seconds=second)).strftime("%Y-%m-%d %H:%M:%S.%f")
    return text.rstrip("0").rstrip(".") + "+00"


def lsn(position):
    return f"{position >> 32:X}/{position & 0xFFFFFFFF:X}"


def interval(seconds):
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{int(hours):02d}:{int(minutes):02d}:{rest:09.6f}"


def row(second, name, positions, lags, pid=2101, sync="async"):
    """positions: current, sent, written, flushed, replayed; lags: write, flush, replay in seconds or None."""
    texts = [lsn(int(position)) for position in positions]
    times = ["" if lag is None else interval(lag) for lag in lags]
    return ",".join((stamp(second), texts[0], str(pid), "repl", name, "10.0.0.11", "streaming", *texts[1:], *times,
                     "0", sync, stamp(second - 0.4)))


def csv(lines):
    return ("\n".join(lines) + "\n").encode()


def lag_apply():
    """T31 (a): for 600 s 90 MB/s are written and 60 replayed; then 20 are written, and 18 GB need 450 s."""
    lines, current, replayed = [HEAD], BASE, BASE
    for step in range(0, 1201, 10):
        if step:
            current += (90 if step <= 600 else 20) * MB * 10
            replayed = min(current, replayed + 60 * MB * 10)
        behind = current - replayed
        lines.append(row(NOON + step, "r1", (current, current, current, current, replayed),
                         (0.002, 0.003, behind / (60 * MB) if behind else None)))
    return csv(lines)


def lag_network():
    """T31 (b): 80 MB/s are written, 65 leave through a link that carries 60 MB/s for others: 9 GB in 600 s."""
    lines, current, sent = [HEAD], BASE, BASE
    for step in range(0, 601, 10):
        if step:
            current += 80 * MB * 10
            sent += 65 * MB * 10
        lag = (current - sent) / (65 * MB)
        lines.append(row(NOON + step, "r1", (current, sent, sent, sent, sent), (lag, lag, lag) if step else (None,) * 3))
    return csv(lines)


def lag_disk():
    """T31 (c): what arrives is flushed at 36.7 of 40 MB/s: 2 GB between written and flushed after 600 s."""
    lines, current, flushed = [HEAD], BASE, BASE
    for step in range(0, 601, 10):
        if step:
            current += 40 * MB * 10
            flushed += 110 * MB * 10 // 3
        lag = (current - flushed) / (110 * MB / 3)
        lines.append(row(NOON + step, "r1", (current, current, current, flushed, flushed),
                         (0.002, lag, lag) if step else (None,) * 3))
    return csv(lines)


def night():
    """T32: a standby of an idle primary, five minutes: its functions, then its receiver."""
    lines = []
    for step in range(0, 301, 10):
        at = 3 * 3600 + step
        lines += ["now,pg_last_wal_receive_lsn,pg_last_wal_replay_lsn,pg_last_xact_replay_timestamp,pg_is_wal_replay_paused",
                  f"{stamp(at)},{lsn(BASE)},{lsn(BASE)},{stamp(3 * 3600)},f",
                  "now,pid,status,written_lsn,flushed_lsn,received_tli,last_msg_send_time,last_msg_receipt_time,latest_end_lsn,"
                  "slot_name,sender_host,conninfo",
                  f"{stamp(at + 0.01)},2201,streaming,{lsn(BASE)},{lsn(BASE)},1,{stamp(at - 2)},{stamp(at - 2)},{lsn(BASE)},"
                  "replica1,10.0.0.1,user=repl application_name=replica1"]
    return csv(lines)


def cut():
    """The same night with the receiver gone after a minute: the positions stay equal."""
    lines = []
    for step in range(0, 301, 10):
        at = 3 * 3600 + step
        lines += ["now,pg_last_wal_receive_lsn,pg_last_wal_replay_lsn,pg_last_xact_replay_timestamp,pg_is_wal_replay_paused",
                  f"{stamp(at)},{lsn(BASE)},{lsn(BASE)},{stamp(3 * 3600)},f",
                  "now,pid,status,written_lsn,flushed_lsn,received_tli,last_msg_send_time,last_msg_receipt_time,latest_end_lsn,"
                  "slot_name,sender_host,conninfo"]
        if step <= 60:
            lines.append(f"{stamp(at + 0.01)},2201,streaming,{lsn(BASE)},{lsn(BASE)},1,{stamp(at - 2)},{stamp(at - 2)},"
                         f"{lsn(BASE)},replica1,10.0.0.1,user=repl application_name=replica1")
    return csv(lines)


def quantile(p):
    """Of the standard normal distribution, by bisection."""
    low, high = -9.0, 9.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if 0.5 * math.erfc(-middle / math.sqrt(2)) < p else (low, middle)
    return low


def posts():
    """T33: 24 hours of three replicas, lognormal with medians 10, 100, 500 ms: every quantile once, in random order."""
    rng = random.Random(55033)
    count = 4320
    lags = {}
    for name, median in (("A", 0.010), ("B", 0.100), ("C", 0.500)):
        lags[name] = [median * math.exp(0.692 * quantile((i + 0.5) / count)) for i in range(count)]
        rng.shuffle(lags[name])
    lines = [HEAD]
    for i in range(count):
        current = BASE + i * 20 * 2 * MB
        for name, values in lags.items():
            lines.append(row(i * 20, name, (current, current, current, current, current - 1000), (0.001, 0.002, values[i])))
    return packed(csv(lines))


def first_n():
    """T35: two synchronous standbys that answer after 180 and 3 ms."""
    rng = random.Random(55035)
    lines = ["name,setting", '"synchronous_standby_names","FIRST 1 (far, near)"', '"synchronous_commit","on"', "", HEAD]
    for step in range(0, 601, 10):
        current = BASE + step * MB
        far, near = 0.180 * rng.uniform(0.99, 1.01), 0.003 * rng.uniform(0.97, 1.03)
        lines.append(row(NOON + step, "far", (current, current, current, current, current - 100), (far - 0.004, far, far + 0.001), 1, "sync"))
        lines.append(row(NOON + step, "near", (current, current, current, current, current - 100), (near - 0.001, near, near + 0.001), 2, "potential"))
    return csv(lines)


def hanging_settings():
    return csv(["name,setting", '"synchronous_standby_names","ANY 1 (s1)"', '"synchronous_commit","on"'])


def hanging():
    """T36: thirty sessions in SyncRep; no row of pg_stat_replication."""
    lines = ["now,pid,usename,application_name,backend_type,state,wait_event_type,wait_event,xact_start,query_start,state_change,query"]
    for step in range(0, 61, 5):
        for pid in range(30):
            since = stamp(NOON - 20 + pid * 0.1)
            lines.append(f"{stamp(NOON + step)},{500 + pid},app,shop,client backend,active,IPC,SyncRep,{since},{since},{since},COMMIT")
    return csv(lines)


def slots():
    """T41: an inactive slot 60 GB behind, 20 MB/s of WAL; the one that is used shows nothing."""
    lines = ["now,slot_name,slot_type,active,restart_lsn,current_lsn,wal_status"]
    for step in range(0, 601, 10):
        current = BASE + 60_000 * MB + 20 * MB * step
        lines.append(f"{stamp(NOON + step)},old_etl,logical,f,{lsn(BASE)},{lsn(current)},extended")
        lines.append(f"{stamp(NOON + step)},replica1,physical,t,{lsn(current)},{lsn(current)},reserved")
    return csv(lines)


def disk():
    out = SeriesCsv()
    for step in range(0, 601, 10):
        out.add(NOON + step, "system.filesystem.free", {"service": "primary", "unit": "By"}, 40_000 * MB)
    return out.data()


def ten():
    """T39: ten replicas of one primary, late together up to 5 s; then one alone."""
    rng = random.Random(55039)
    lines = [HEAD]
    for step in range(0, 1801, 10):
        current = BASE + step * 100 * MB
        together = max(0.1, 2.7 + 2.7 * math.sin(step / 120))
        for number in range(10):
            lag = together * rng.uniform(0.98, 1.02)
            lines.append(row(NOON + step, f"r{number}", (current, current, current, current, current - int(lag * 100 * MB)),
                             (0.002, 0.003, lag), 100 + number))
    return packed(csv(lines))


def one_of_ten():
    rng = random.Random(55040)
    lines = [HEAD]
    for step in range(0, 1801, 10):
        current = BASE + step * 10 * MB
        for number in range(10):
            lag = max(0.1, 2.7 + 2.7 * math.sin(step / 120)) if number == 3 else 0.05 * rng.uniform(0.5, 1.5)
            lines.append(row(NOON + step, f"r{number}", (current, current, current, current, current - int(lag * 10 * MB)),
                             (0.002, 0.003, lag), 100 + number))
    return packed(csv(lines))


def busy_disk():
    out = SeriesCsv()
    for step in range(0, 1801, 60):
        out.add(NOON + step, "system.disk.utilization", {"service": "primary"}, 0.98)
    return out.data()


FILES = {
    "three-lags-apply/pg_stat_replication.csv": lag_apply,
    "three-lags-network/pg_stat_replication.csv": lag_network,
    "three-lags-disk/pg_stat_replication.csv": lag_disk,
    "idle-night/standby.csv": night,
    "cut-link/standby.csv": cut,
    "where-did-my-post-go/pg_stat_replication.csv.gz": posts,
    "wrong-priority-list/primary.csv": first_n,
    "commits-hang/settings.csv": hanging_settings,
    "commits-hang/pg_stat_activity.csv": hanging,
    "forgotten-slot/slots.csv": slots,
    "forgotten-slot/series.csv": disk,
    "ten-late-replicas/pg_stat_replication.csv.gz": ten,
    "ten-late-replicas/series.csv": busy_disk,
    "one-late-replica/pg_stat_replication.csv.gz": one_of_ten,
}
