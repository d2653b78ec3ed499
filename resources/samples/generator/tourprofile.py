# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tour: a CPU profile of checkout-service as collapsed stacks (one stack and its sample count a line).

A node is (function, share, children...). Shares of siblings are relative; a number among the children is the
share of the function itself.
"""

import random

SEED = 45101
SAMPLES = 48_000  # 99 Hz, four cores, two minutes of one pod


def malloc(share):
    return ("runtime.mallocgc", share, 5,
            ("runtime.nextFreeFast", 2, 1),
            ("runtime.(*mcache).nextFree", 3, 1, ("runtime.(*mcache).refill", 2, 1,
                                                  ("runtime.(*mcentral).cacheSpan", 2, 1))),
            ("runtime.heapBitsSetType", 2, 1))


def syscall(name, share):
    return (f"internal/poll.(*FD).{name}", share, 1,
            (f"syscall.{name}", 6, 1, (f"syscall.{name.lower()}", 5, 1,
                                       ("runtime/internal/syscall.Syscall6", 8, 1))))


def postgres(call, share):
    return (f"ledger.(*Repo).{call}", share, 1,
            ("pgxpool.(*Pool).QueryRow", 14, 1,
             ("pgxpool.(*Pool).Acquire", 2, 1, ("puddle.(*Pool).Acquire", 2, 1)),
             ("pgx.(*Conn).Query", 9, 1,
              ("pgx.(*Conn).getRows", 1, 1, malloc(2)),
              ("pgconn.(*PgConn).ExecPrepared", 5, 1, syscall("Write", 6)),
              ("pgconn.(*ResultReader).NextRow", 5, 1, syscall("Read", 6))),
             ("pgtype.(*Map).Scan", 3, 2, ("pgtype.Int8Codec.PlanScan", 1, 1), malloc(1))))


def json_encode(share):
    return ("encoding/json.Marshal", share, 1,
            ("encoding/json.(*encodeState).reflectValue", 20, 1,
             ("encoding/json.structEncoder.encode", 16, 2,
              ("encoding/json.arrayEncoder.encode", 8, 1,
               ("encoding/json.structEncoder.encode", 7, 2,
                ("encoding/json.appendString", 5, 4),
                ("encoding/json.intEncoder", 2, 1, ("strconv.AppendInt", 1, 1)),
                ("encoding/json.marshalerEncoder", 4, 1, ("time.Time.MarshalJSON", 3, 1,
                                                          ("time.Time.AppendFormat", 2, 1))))),
              ("encoding/json.mapEncoder.encode", 4, 1, ("slices.SortFunc", 2, 1), malloc(2)))),
            malloc(3))


def pricing(share):
    rule = ("pricing.(*Rule).Eval", 6, 4, malloc(1))
    for _ in range(4):
        rule = ("pricing.(*Rule).Eval", 6, 2, rule, ("pricing.(*Context).Lookup", 2, 1,
                                                     ("runtime.mapaccess2_faststr", 2, 3)))
    return ("pricing.(*Engine).Apply", share, 1, rule,
            ("decimal.Decimal.Mul", 3, 1, ("math/big.(*Int).Mul", 2, 1, ("math/big.nat.mul", 2, 2))))


def handshake(share):
    return ("net/http.(*Transport).dialConn", share, 1,
            ("net.(*Dialer).DialContext", 3, 1, ("net.(*Resolver).lookupIPAddr", 2, 1, syscall("Read", 1)),
             ("net.(*netFD).connect", 1, 1)),
            ("crypto/tls.(*Conn).HandshakeContext", 30, 1,
             ("crypto/tls.(*clientHandshakeStateTLS13).handshake", 28, 1,
              ("crypto/tls.(*clientHandshakeStateTLS13).readServerCertificate", 18, 1,
               ("crypto/x509.(*Certificate).Verify", 14, 1,
                ("crypto/x509.(*Certificate).buildChains", 12, 1,
                 ("crypto/rsa.VerifyPKCS1v15", 9, 1, ("math/big.nat.expNN", 8, 1,
                                                      ("math/big.nat.expNNMontgomery", 8, 1,
                                                       ("math/big.addMulVVW", 8, 9)))),
                 ("crypto/x509.ParseCertificate", 3, 1, ("encoding/asn1.Unmarshal", 2, 1), malloc(1))))),
              ("crypto/tls.(*clientHandshakeStateTLS13).processServerHello", 6, 1,
               ("crypto/ecdh.(*x25519Curve).ECDH", 5, 1, ("crypto/internal/edwards25519/field.feMul", 4, 4))),
              ("crypto/tls.(*Conn).readRecord", 2, 1, syscall("Read", 2)))))


def http_server(*handlers):
    return ("net/http.(*conn).serve", 74, 1,
            ("net/http.(*conn).readRequest", 3, 1,
             ("net/textproto.(*Reader).ReadMIMEHeader", 2, 1, malloc(1)),
             syscall("Read", 2)),
            ("net/http.serverHandler.ServeHTTP", 66, 1,
             ("otelhttp.(*middleware).serveHTTP", 65, 1,
              ("sdk/trace.(*tracer).Start", 2, 1, malloc(1)),
              ("sdk/trace.(*recordingSpan).End", 1, 1),
              ("net/http.(*ServeMux).ServeHTTP", 60, 1, *handlers))),
            ("net/http.(*response).finishRequest", 3, 1,
             ("bufio.(*Writer).Flush", 2, 1, syscall("Write", 4))))


def tree():
    place = ("checkout.(*API).PlaceOrder", 62, 1,
             ("cart.(*Store).Load", 4, 1,
              ("redis.(*Client).Process", 3, 1, syscall("Write", 2), syscall("Read", 2)),
              ("encoding/json.Unmarshal", 3, 1, ("encoding/json.(*decodeState).object", 3, 2, malloc(1)))),
             ("cart.(*Cart).Validate", 6, 1, pricing(5)),
             postgres("LoyaltyPoints", 3), postgres("StoreCredit", 3), postgres("LastRefund", 3),
             ("checkout.(*Service).Charge", 30, 1,
              ("payment.(*Client).Charge", 28, 1,
               json_encode(2),
               ("net/http.(*Client).Do", 24, 1,
                ("net/http.(*Transport).roundTrip", 22, 1, handshake(20),
                 ("net/http.(*persistConn).roundTrip", 2, 1, syscall("Write", 1)))))),
             json_encode(9))
    quote = ("checkout.(*API).Quote", 20, 1, pricing(8), postgres("LoyaltyPoints", 3), json_encode(6))
    health = ("checkout.(*API).Health", 1, 1)
    collector = ("runtime.gcBgMarkWorker", 13, 1,
                 ("runtime.gcDrain", 12, 1, ("runtime.scanobject", 9, 6, ("runtime.greyobject", 2, 1),
                                             ("runtime.findObject", 2, 1)),
                  ("runtime.markroot", 2, 1, ("runtime.scanstack", 2, 1))))
    scheduler = ("runtime.mcall", 7, 1, ("runtime.park_m", 6, 1, ("runtime.schedule", 6, 1,
                 ("runtime.findRunnable", 5, 2, ("runtime.netpoll", 3, 1, ("runtime.epollwait", 3, 3)),
                  ("runtime.stealWork", 2, 1)))))
    exporter = ("sdk/trace.(*batchSpanProcessor).processQueue", 5, 1,
                ("otlptracehttp.(*client).UploadTraces", 5, 1, ("proto.Marshal", 2, 1, malloc(1)),
                 ("compress/gzip.(*Writer).Write", 2, 1, ("compress/flate.(*compressor).deflate", 2, 2,
                                                          ("compress/flate.(*compressor).findMatch", 1, 1)))))
    return ("checkout-service", 1, http_server(place, quote, health), collector, scheduler, exporter)


def collapse(rng, root, samples):
    """Stack -> samples. Shares get 10 % of noise; a function that is twice under one parent is summed."""
    stacks, work = {}, [((), root, float(samples))]
    while work:
        prefix, (name, _, *children), weight = work.pop()
        path = prefix + (name,)
        shares = [(child, child[1]) if isinstance(child, tuple) else (None, child) for child in children]
        noisy = [(child, share * rng.uniform(0.9, 1.1)) for child, share in shares]
        total = sum(share for _, share in noisy)
        for child, share in noisy:
            part = weight * share / total
            if child is None:
                stacks[path] = stacks.get(path, 0.0) + part
            else:
                work.append((path, child, part))
    return stacks


def data():
    stacks = collapse(random.Random(SEED), tree(), SAMPLES)
    counts = {path: int(weight) for path, weight in stacks.items()}
    rest = SAMPLES - sum(counts.values())
    for path in sorted(stacks, key=lambda p: (counts[p] - stacks[p], p))[:rest]:
        counts[path] += 1
    lines = sorted(f"{';'.join(path)} {count}" for path, count in counts.items() if count)
    return ("\n".join(lines) + "\n").encode()
