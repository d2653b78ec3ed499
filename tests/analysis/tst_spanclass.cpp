// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/spanclass.h"
#include "spanfixture.h"

#include <QTest>

#include <set>

using namespace tailscope;
using namespace tailscope::analysis;
using spanfixture::Span;

class TestSpanClass : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void words_data();
    void words();
    void everyClassHasAName();
    void kinds();
};

void TestSpanClass::words_data()
{
    QTest::addColumn<QString>("internal");
    QTest::addColumn<QString>("call");
    const auto row = [](const char *operation, const char *internal, const char *call) {
        QTest::newRow(operation) << QString::fromLatin1(internal) << QString::fromLatin1(call);
    };
    // Waits, in the spellings of pools, locks and limiters.
    row("pool.acquire", "wait", "wait");
    row("HikariPool.getConnection", "wait", "wait");
    row("get_connection", "wait", "wait");
    row("connection checkout", "wait", "wait");
    row("pool.borrow", "wait", "wait");
    row("lock wait", "wait", "wait");
    row("queue-wait", "wait", "wait");
    row("retry backoff", "wait", "wait");
    row("retry back-off", "wait", "wait");
    row("rate limiter", "wait", "wait");
    row("Thread.sleep", "wait", "wait");
    row("Semaphore", "wait", "wait");
    row("acquire connection", "wait", "wait");
    // Words that name things as often as waits.
    row("queue", "wait", "unknown");
    row("tryLock", "wait", "unknown");
    row("queue.publish", "unknown", "unknown");
    row("lock.release", "unknown", "unknown");
    row("QueueService/List", "unknown", "unknown");
    // The way.
    row("dns.lookup", "network", "network");
    row("TLSHandshake", "network", "network");
    row("tcp.connect", "network", "network");
    row("resolve host", "network", "network");
    row("http.send", "network", "unknown");
    row("receive response", "network", "unknown");
    row("upload", "network", "unknown");
    row("send receipt mail", "unknown", "unknown");
    row("graphql.resolve", "unknown", "unknown");
    // A wait for the way is a wait.
    row("wait for connect", "wait", "wait");
    // Resources.
    row("GET /queue/wait", "unknown", "unknown");
    row("SELECT lock_table", "unknown", "unknown");
    row("select wait from sleep", "unknown", "unknown");
    row("/api/acquire", "unknown", "unknown");
    row("LOCK TABLE orders", "wait", "unknown");
    // Parts of words are not words.
    row("clockwork", "unknown", "unknown");
    row("await_payment", "wait", "wait");
    row("block.render", "unknown", "unknown");
    row("checkout.charge", "unknown", "unknown");
    row("", "unknown", "unknown");
    row("\xff\xfe wait", "wait", "wait");
}

void TestSpanClass::words()
{
    QFETCH(QString, internal);
    QFETCH(QString, call);
    const std::string operation = QTest::currentDataTag();
    QCOMPARE(QString::fromUtf8(name(classOfWords(operation, true)).data()), internal);
    QCOMPARE(QString::fromUtf8(name(classOfWords(operation, false)).data()), call);
    // Long names are cut, not walked through.
    const std::string late = std::string(300, 'x') + ' ' + operation;
    QCOMPARE(classOfWords(late, true), TimeClass::Unknown);
}

void TestSpanClass::everyClassHasAName()
{
    std::set<std::string_view> names;
    for (int i = 0; i < kTimeClasses; ++i)
        names.insert(name(TimeClass(i)));
    QCOMPARE(names.size(), std::size_t(kTimeClasses));
}

void TestSpanClass::kinds()
{
    const auto span = [](const char *operation, SpanKind kind, int parent, std::uint16_t lane) {
        Span s;
        s.operation = operation;
        s.kind = kind;
        s.parent = parent;
        s.lane = lane;
        s.duration = 10 * kNanosPerMilli;
        s.trace = 0;
        return s;
    };
    // Lanes in the order of the list: row = place.
    const auto columns = spanfixture::build(
        {span("wait for it", SpanKind::Server, -1, 0), span("GET inventory", SpanKind::Client, 0, 1),
            span("GET /inventory", SpanKind::Server, 1, 2), span("SELECT stock", SpanKind::Client, 2, 3),
            span("pool.acquire", SpanKind::Internal, 2, 4), span("tls", SpanKind::Client, 1, 5)},
        {spanfixture::service("shop")});
    const SpanClasses classes(*columns);
    const Nanos ms = kNanosPerMilli;
    // An endpoint called "wait" does not wait.
    QVERIFY(!classes.isWait(0));
    QCOMPARE(classes.ofSelf(0), TimeClass::Processing);
    QCOMPARE(classes.ofGap(0, 5 * ms), TimeClass::Unknown);
    QCOMPARE(classes.ofGap(0, ms), TimeClass::Unknown);
    QCOMPARE(classes.ofGap(0, ms - 1), TimeClass::Processing);
    // A call whose other end is known: what is left is the way.
    QVERIFY(classes.hasCallee(1) && !classes.hasCallee(3));
    QCOMPARE(classes.ofSelf(1), TimeClass::Network);
    QCOMPARE(classes.ofGap(1, 5000 * ms), TimeClass::Network);
    QCOMPARE(classes.ofSelf(3), TimeClass::Processing);
    QVERIFY(classes.isWait(4));
    QCOMPARE(classes.ofSelf(4), TimeClass::Wait);
    QCOMPARE(classes.ofGap(4, 5 * ms), TimeClass::Wait);
    QCOMPARE(classes.ofSelf(5), TimeClass::Network);
}

QTEST_GUILESS_MAIN(TestSpanClass)
#include "tst_spanclass.moc"
