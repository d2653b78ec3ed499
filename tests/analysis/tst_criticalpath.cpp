// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/criticalpath.h"
#include "tracebuilder.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <algorithm>
#include <set>

using namespace tailscope;
using namespace tailscope::analysis;
using tracebuilder::Builder;

class TestCriticalPath : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void knownAnswers();
    void parallelGroupCountsOnce();
    void nobodyWaitsForAsync();
    void roundedClocks();
    void gapsAndClasses();
    void whatHasNone();
    void jaegersCases_data();
    void jaegersCases();
    void againstEveryMoment();
    void deepAndWide();
};

namespace {

constexpr Nanos kMs = kNanosPerMilli;

std::vector<PathSegment> pathOf(const SpanColumns &columns, const TraceSpans &trace)
{
    const SpanClasses classes(columns);
    std::vector<PathSegment> path;
    criticalPath(trace, columns, classes, path);
    return path;
}

/// "root 0+10, child 10+20": operation start+duration, in units of `unit` from the start of the root.
std::string told(const Builder &builder, Nanos unit = 1)
{
    const auto columns = builder.build();
    const TraceSpans trace = tracebuilder::load(*columns);
    std::string text;
    for (const PathSegment &segment : pathOf(*columns, trace)) {
        text += (text.empty() ? "" : ", ") + tracebuilder::operationOf(*columns, trace, segment.span) + ' '
            + std::to_string((segment.start - trace.start[trace.root]) / unit) + '+'
            + std::to_string(segment.duration / unit);
    }
    return text;
}

Nanos sumOf(const std::vector<PathSegment> &path)
{
    Nanos sum = 0;
    for (const PathSegment &segment : path)
        sum += segment.duration;
    return sum;
}

/// The definition, literally: which span is on the path at this moment. Recursive and slow.
std::uint32_t onPathAt(const TraceSpans &trace, std::uint32_t span, Nanos begin, Nanos end, Nanos moment)
{
    Nanos cursor = end;
    std::set<std::uint32_t> used;
    for (;;) {
        std::uint32_t best = kNoRow;
        for (std::uint32_t c = 0; c < trace.size(); ++c) {
            if (trace.parent[c] != span || trace.isAsync[c] != 0 || trace.duration[c] == kUnknownNanos
                || used.count(c) != 0)
                continue;
            const Nanos from = std::max(trace.start[c], begin), until = std::min(trace.endOf(c), end);
            const Nanos slack = std::max(kNanosPerMicro, std::min(kNanosPerMilli, trace.duration[c] / 100));
            if (until - cursor > slack || std::min(until, cursor) <= from)
                continue;
            if (best == kNoRow) {
                best = c;
                continue;
            }
            const Nanos bestUntil = std::min(trace.endOf(best), end);
            if (until > bestUntil || (until == bestUntil && trace.start[c] < trace.start[best]))
                best = c;
        }
        if (best == kNoRow)
            return span;
        used.insert(best);
        const Nanos from = std::max(trace.start[best], begin);
        const Nanos until = std::min({trace.endOf(best), end, cursor});
        if (moment >= until)
            return span;
        if (moment >= from)
            return onPathAt(trace, best, from, until, moment);
        cursor = from;
    }
}

} // namespace

// formulas.md FB-05: the 500 ms checkout, 10, 30, {50 || 40}, 150, 60, 30, 15: plain sum 385, path 345.
void TestCriticalPath::knownAnswers()
{
    Builder builder;
    const int root = builder.add("shop", "checkout", 0, 345 * kMs, -1, SpanKind::Server);
    Nanos at = 0;
    const auto step = [&](const char *operation, Nanos ms, bool moves = true) {
        builder.add("shop", operation, at * kMs, ms * kMs, root);
        at += moves ? ms : 0;
    };
    step("a", 10);
    step("b", 30);
    step("quick", 40, false);
    step("slow", 50);
    step("c", 150);
    step("d", 60);
    step("e", 30);
    step("f", 15);
    QCOMPARE(told(builder, kMs),
        std::string("a 0+10, b 10+30, slow 40+50, c 90+150, d 240+60, e 300+30, f 330+15"));

    Builder chat; // 20 + 4 ms on the path, 200 ms of saving behind it
    const int send = chat.add("chat", "send", 0, 24 * kMs, -1, SpanKind::Server);
    chat.add("chat", "route", 0, 20 * kMs, send);
    chat.add("chat", "save", 20 * kMs, 200 * kMs, send);
    chat.add("chat", "deliver", 20 * kMs, 4 * kMs, send);
    QCOMPARE(told(chat, kMs), std::string("route 0+20, deliver 20+4"));
}

void TestCriticalPath::parallelGroupCountsOnce()
{
    Builder builder;
    const int root = builder.add("a", "root", 0, 100, -1);
    for (int i = 0; i < 5; ++i)
        builder.add("a", "call " + std::to_string(i), 0, 50 + 10 * i, root);
    QCOMPARE(told(builder), std::string("call 4 0+90, root 90+10"));
    // Those that end together: the one that began first.
    Builder together;
    const int parent = together.add("a", "root", 0, 100'000, -1);
    together.add("a", "late", 50'000, 50'000, parent);
    together.add("a", "early", 10'000, 90'000, parent);
    QCOMPARE(told(together), std::string("root 0+10000, early 10000+90000"));
}

void TestCriticalPath::nobodyWaitsForAsync()
{
    Builder queue; // consumed two hours later
    const Nanos hour = 3600 * kNanosPerSecond;
    const int order = queue.add("shop", "POST /order", 0, 80 * kMs, -1, SpanKind::Server);
    const int publish = queue.add("shop", "orders publish", 30 * kMs, 20 * kMs, order, SpanKind::Producer);
    queue.add("mail", "orders process", 2 * hour, 40 * kMs, publish, SpanKind::Consumer);
    QCOMPARE(told(queue, kMs), std::string("POST /order 0+30, orders publish 30+20, POST /order 50+30"));
    // Also when it happens to run inside: by its kind.
    Builder inside;
    const int root = inside.add("a", "root", 0, 100, -1);
    inside.add("a", "forgotten", 10, 80, root, SpanKind::Async);
    QCOMPARE(told(inside), std::string("root 0+100"));
    // And what outlives its parent.
    Builder late;
    const int parent = late.add("a", "root", 0, 100 * kMs, -1);
    late.add("a", "outlives", 10 * kMs, 95 * kMs, parent);
    late.add("a", "waited for", 20 * kMs, 50 * kMs, parent);
    QCOMPARE(told(late, kMs), std::string("root 0+20, waited for 20+50, root 70+30"));
}

// Clocks are rounded: 0.4 ms of overlap do not make two calls in a row parallel.
void TestCriticalPath::roundedClocks()
{
    const auto trace = [](Nanos overlap) {
        Builder builder;
        const int root = builder.add("a", "root", 0, 100'000'000, -1);
        builder.add("a", "first", 0, 50'000'000 + overlap, root);
        builder.add("a", "second", 50'000'000, 50'000'000, root);
        return told(builder, 1000);
    };
    QCOMPARE(trace(400'000), std::string("first 0+50000, second 50000+50000"));
    QCOMPARE(trace(5'000'000), std::string("root 0+50000, second 50000+50000"));
    QCOMPARE(overlapTolerance(10), Nanos(1000));
    QCOMPARE(overlapTolerance(10 * kMs), 100 * kNanosPerMicro);
    QCOMPARE(overlapTolerance(1000 * kMs), kMs);
}

void TestCriticalPath::gapsAndClasses()
{
    Builder builder; // 28.3 s in the pool, 12 ms of query, 88 ms around
    const int root = builder.add("api", "GET /products", 0, 28'400 * kMs, -1, SpanKind::Server);
    builder.add("api", "pool.acquire", 40 * kMs, 28'300 * kMs, root);
    builder.add("api", "SELECT products", 28'340 * kMs, 12 * kMs, root, SpanKind::Client);
    const auto columns = builder.build();
    const TraceSpans trace = tracebuilder::load(*columns);
    const std::vector<PathSegment> path = pathOf(*columns, trace);
    QCOMPARE(sumOf(path), 28'400 * kMs);
    const auto sums = timeByClass(path);
    QCOMPARE(sums[std::size_t(TimeClass::Wait)], 28'300 * kMs);
    QCOMPARE(sums[std::size_t(TimeClass::Processing)], 12 * kMs);
    QCOMPARE(sums[std::size_t(TimeClass::Unknown)], 88 * kMs);
    QCOMPARE(sums[std::size_t(TimeClass::Network)], Nanos(0));
    QVERIFY(path[0].isGap && !path[1].isGap && !path[2].isGap && path[3].isGap);

    // A call that is not on the path covers own time of the parent: it works meanwhile, that is no gap.
    Builder cover;
    const int parent = cover.add("a", "root", 0, 100 * kMs, -1);
    cover.add("a", "beside", 10 * kMs, 50 * kMs, parent);
    cover.add("a", "last", 40 * kMs, 60 * kMs, parent);
    QCOMPARE(told(cover, kMs), std::string("root 0+10, root 10+30, last 40+60"));
    const auto covered = cover.build();
    const TraceSpans second = tracebuilder::load(*covered);
    const std::vector<PathSegment> parts = pathOf(*covered, second);
    QVERIFY(parts[0].isGap && !parts[1].isGap);
    QCOMPARE(parts[0].timeClass, TimeClass::Unknown);
    QCOMPARE(parts[1].timeClass, TimeClass::Processing);
}

void TestCriticalPath::whatHasNone()
{
    QCOMPARE(told([] {
        Builder builder;
        builder.add("a", "open", 0, kUnknownNanos, -1);
        return builder;
    }()),
        std::string());
    QCOMPARE(told([] {
        Builder builder;
        const int root = builder.add("a", "empty", 0, 0, -1);
        builder.add("a", "child", 0, 0, root);
        return builder;
    }()),
        std::string());
    QCOMPARE(told([] {
        Builder builder;
        const int root = builder.add("a", "root", 0, 100, -1);
        builder.add("a", "open", 10, kUnknownNanos, root);
        return builder;
    }()),
        std::string("root 0+100"));
    const SpanColumns nothing;
    QVERIFY(pathOf(nothing, TraceSpans()).empty());
    // Hostile times: nothing overflows, and the sum holds.
    Builder hostile;
    const Nanos most = std::numeric_limits<Nanos>::max();
    const int root = hostile.add("a", "root", -most, most, -1);
    hostile.add("a", "beyond", -most + 5, most, root);
    hostile.add("a", "before", -most, 3, root);
    const auto columns = hostile.build();
    const TraceSpans trace = tracebuilder::load(*columns);
    QCOMPARE(sumOf(pathOf(*columns, trace)), trace.duration[trace.root]);
}

void TestCriticalPath::jaegersCases_data()
{
    QTest::addColumn<QString>("file");
    const QDir folder(QStringLiteral(TS_SHARED_DIR "/corpus/traces/jaeger-critical-path"));
    const QStringList files = folder.entryList({QStringLiteral("*.json")}, QDir::Files, QDir::Name);
    for (const QString &file : files)
        QTest::newRow(qPrintable(file)) << folder.filePath(file);
    if (files.isEmpty())
        QTest::newRow("no corpus") << QString();
}

void TestCriticalPath::jaegersCases()
{
    QFETCH(QString, file);
    if (file.isEmpty())
        QSKIP("the corpus is not beside the checkout");
    QFile input(file);
    QVERIFY(input.open(QIODevice::ReadOnly));
    const QJsonObject object = QJsonDocument::fromJson(input.readAll()).object();
    static const QMap<QString, SpanKind> kinds{{QStringLiteral("INTERNAL"), SpanKind::Internal},
        {QStringLiteral("CLIENT"), SpanKind::Client}, {QStringLiteral("SERVER"), SpanKind::Server},
        {QStringLiteral("PRODUCER"), SpanKind::Producer}, {QStringLiteral("CONSUMER"), SpanKind::Consumer}};
    Builder builder;
    QMap<QString, int> placeOf;
    for (const QJsonValue &value : object.value(QStringLiteral("spans")).toArray()) {
        const QJsonObject span = value.toObject();
        const QString id = span.value(QStringLiteral("spanID")).toString();
        const QString parent = span.value(QStringLiteral("parentSpanID")).toString();
        placeOf[id] = builder.add("service", id.toStdString(),
            span.value(QStringLiteral("startTime")).toInteger() * kNanosPerMicro,
            span.value(QStringLiteral("duration")).toInteger() * kNanosPerMicro, placeOf.value(parent, -1),
            kinds.value(span.value(QStringLiteral("kind")).toString()));
    }
    const auto columns = builder.build();
    const TraceSpans trace = tracebuilder::load(*columns);
    std::string expected;
    const QJsonArray sections = object.value(QStringLiteral("expected_critical_path_sections")).toArray();
    for (qsizetype i = sections.size() - 1; i >= 0; --i) {
        const QJsonObject section = sections[i].toObject();
        expected += section.value(QStringLiteral("spanID")).toString().toStdString() + ' '
            + std::to_string(section.value(QStringLiteral("sectionStart")).toInteger()) + '-'
            + std::to_string(section.value(QStringLiteral("sectionEnd")).toInteger()) + '\n';
    }
    std::string found;
    std::uint32_t last = kNoRow;
    for (const PathSegment &segment : pathOf(*columns, trace)) {
        const std::string end = std::to_string((segment.start + segment.duration) / kNanosPerMicro) + '\n';
        if (segment.span == last) // own time that is cut where another child runs: one section there
            found.replace(found.rfind('-') + 1, std::string::npos, end);
        else
            found += tracebuilder::operationOf(*columns, trace, segment.span) + ' '
                + std::to_string(segment.start / kNanosPerMicro) + '-' + end;
        last = segment.span;
    }
    QCOMPARE(found, expected);
}

// The path, asked of every stretch between two times of the trace.
void TestCriticalPath::againstEveryMoment()
{
    spanfixture::Random random(5);
    for (int round = 0; round < 400; ++round) {
        const auto columns = tracebuilder::randomTrace(random, 2 + int(random.below(25))).build();
        const TraceSpans trace = tracebuilder::load(*columns);
        const std::vector<PathSegment> path = pathOf(*columns, trace);
        const Nanos begin = trace.start[trace.root], end = trace.endOf(trace.root);
        QCOMPARE(sumOf(path), end - begin);
        std::vector<TraceGap> gaps;
        const SpanClasses classes(*columns);
        traceGaps(trace, *columns, classes, 1, gaps);
        Nanos at = begin;
        for (const PathSegment &segment : path) {
            QCOMPARE(segment.start, at);
            QVERIFY(segment.duration > 0);
            at += segment.duration;
            for (const Nanos moment : {segment.start, segment.start + segment.duration / 2, at - 1}) {
                QCOMPARE(segment.span, onPathAt(trace, trace.root, begin, end, moment));
                const bool inGap = std::any_of(gaps.begin(), gaps.end(), [&](const TraceGap &gap) {
                    return gap.span == segment.span && gap.start <= moment
                        && moment < gap.start + gap.duration;
                });
                QCOMPARE(segment.isGap, inGap);
            }
        }
        QCOMPARE(at, end);
    }
}

// No recursion, no square: 100,000 levels, and 100,000 calls of one span.
void TestCriticalPath::deepAndWide()
{
    constexpr int kCount = 100'000;
    Builder deep, wide;
    deep.tracks.push_back(spanfixture::service("a"));
    wide.tracks = deep.tracks;
    const auto add = [](Builder &builder, Nanos start, Nanos duration, int parent) {
        spanfixture::Span span;
        span.operation = "x";
        span.lane = std::uint16_t(builder.spans.size());
        span.start = start;
        span.duration = duration;
        span.parent = parent;
        span.trace = 0;
        builder.spans.push_back(span);
    };
    for (int i = 0; i < kCount; ++i)
        add(deep, i, 2 * (kCount - i), i - 1);
    for (int i = 0; i < kCount; ++i)
        add(wide, i == 0 ? 0 : i * 10'000, i == 0 ? kCount * 10'000LL : 9'000, i == 0 ? -1 : 0);
    for (const Builder *builder : {&deep, &wide}) {
        const auto columns = builder->build();
        const TraceSpans trace = tracebuilder::load(*columns);
        const std::vector<PathSegment> path = pathOf(*columns, trace);
        QCOMPARE(sumOf(path), trace.duration[trace.root]);
        QCOMPARE(path.size(), builder == &deep ? std::size_t(2 * kCount - 1) : std::size_t(2 * kCount - 1));
    }
}

QTEST_GUILESS_MAIN(TestCriticalPath)
#include "tst_criticalpath.moc"
