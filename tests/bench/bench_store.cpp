// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Rows committed by a BulkWriter against as many bare prepared inserts of the same columns (WAL,
// synchronous=NORMAL). TS_BENCH_SPANS sets the number of spans (default 200,000); TS_BENCH_MAX_RATIO the
// bound (default 1.3). Prints one line a measurement.
#include "store/bulkwriter.h"
#include "store/database.h"
#include "store/family.h"
#include "store/workspace.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <QTest>

#include <sys/resource.h>

using namespace tailscope;
using namespace tailscope::store;

namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// CPU time of the process, or of this thread.
double cpuSeconds(int who = RUSAGE_SELF)
{
    rusage usage{};
    getrusage(who, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

long peakMegabytes()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
}

std::int64_t spanCount()
{
    const char *text = std::getenv("TS_BENCH_SPANS");
    return text ? std::atoll(text) : 200'000;
}

double maxRatio()
{
    const char *text = std::getenv("TS_BENCH_MAX_RATIO");
    return text ? std::atof(text) : 1.3;
}

/// Spans as a tracing backend sends them: 10 a trace, 40 instances, 500 operations, 4 attributes each.
class Generator
{
public:
    explicit Generator(RowSink &sink)
        : m_sink(sink)
    {
        for (int i = 0; i < 500; ++i)
            m_operations.push_back("GET /api/v1/resource-" + std::to_string(i));
        for (int i = 0; i < 40; ++i) {
            TrackRow row;
            const std::string service = "service-" + std::to_string(i % 8),
                              instance = "host-" + std::to_string(i);
            row.service = service;
            row.instance = instance;
            row.shape = TrackRow::Shape::Linked;
            m_tracks.push_back(sink.track(row));
            Attribute name;
            name.key = "service.name";
            name.type = AttributeType::Text;
            name.text = service;
            m_resources.push_back(sink.attributeSet({&name, 1}));
        }
    }
    void span(std::int64_t i)
    {
        unsigned char key[16];
        const std::uint64_t trace = static_cast<std::uint64_t>(i / 10) * 0x9e3779b97f4a7c15ULL;
        std::memcpy(key, &trace, 8);
        std::memcpy(key + 8, &trace, 8);
        Attribute attributes[4];
        const std::string user = "user-" + std::to_string(next() % 100'000);
        fill(attributes, user);
        SpanRow row;
        row.track = m_tracks[next() % m_tracks.size()];
        row.resource = m_resources[static_cast<std::size_t>(row.track) - 1];
        row.trace = m_sink.trace(key);
        row.key = {SpanKey::Kind::Hex64, next(), {}};
        row.parentKey = {SpanKey::Kind::Hex64, next(), {}};
        row.operation = m_operations[next() % m_operations.size()];
        row.kind = SpanKind::Server;
        row.status = SpanStatus::Ok;
        row.httpStatus = 200;
        row.startNs = 1'700'000'000'000'000'000 + i * 1000;
        row.durationNs = static_cast<Nanos>(next() % 5'000'000);
        row.attributes = {attributes, i % 4 == 0 ? 4u : 3u};
        m_sink.span(row);
    }

private:
    std::uint64_t next()
    {
        m_state ^= m_state << 13;
        m_state ^= m_state >> 7;
        m_state ^= m_state << 17;
        return m_state;
    }
    void fill(Attribute (&attributes)[4], const std::string &user)
    {
        static constexpr std::string_view kMethods[]{"GET", "POST", "PUT", "DELETE"};
        attributes[0].key = "http.request.method";
        attributes[0].type = AttributeType::Text;
        attributes[0].text = kMethods[next() % 4];
        attributes[1].key = "server.port";
        attributes[1].type = AttributeType::Integer;
        attributes[1].integer = static_cast<std::int64_t>(8000 + next() % 10);
        attributes[2].key = "cache.hit";
        attributes[2].type = AttributeType::Boolean;
        attributes[2].integer = static_cast<std::int64_t>(next() % 2);
        attributes[3].key = "enduser.id";
        attributes[3].type = AttributeType::Text;
        attributes[3].text = user;
    }

    RowSink &m_sink;
    std::uint64_t m_state = 88172645463325252ULL;
    std::vector<std::string> m_operations;
    std::vector<TrackRef> m_tracks;
    std::vector<SetRef> m_resources;
};

/// Seconds of bare inserts: values known beforehand, one statement, 50,000 rows a transaction.
double bareInserts(std::int64_t count)
{
    auto workspace = Workspace::temporary();
    Database database = std::move(*(*workspace)->connectWriter());
    const FamilyInfo &info = familyInfo(Family::Span);
    std::string sql = "INSERT INTO span_raw (" + std::string(info.columns) + ") VALUES (?1";
    for (int i = 2; i <= 17; ++i)
        sql += ", ?" + std::to_string(i);
    Statement insert = std::move(*database.prepare(sql + ")"));
    const std::string json = R"({"enduser.id":"user-12345"})";
    std::uint64_t state = 88172645463325252ULL;
    const auto next = [&] {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return state;
    };
    const auto start = Clock::now();
    (void)database.begin();
    for (std::int64_t i = 0; i < count; ++i) {
        if (i % 50'000 == 49'999) {
            (void)database.commit();
            (void)database.begin();
        }
        const std::int64_t values[]{1, static_cast<std::int64_t>(1 + next() % 40), 1 + i / 10,
            static_cast<std::int64_t>(next()), static_cast<std::int64_t>(next()),
            static_cast<std::int64_t>(1 + next() % 500), 0, 1, 1, 200, 1'700'000'000'000'000'000 + i * 1000,
            static_cast<std::int64_t>(next() % 5'000'000), 1, 0, static_cast<std::int64_t>(1 + next() % 80)};
        for (int column = 0; column < 15; ++column) {
            if (column == 6 || column == 13)
                insert.bindNull(column);
            else
                insert.bind(column, values[column]);
        }
        if (i % 4 == 0)
            insert.bind(15, std::string_view(json));
        insert.bind(16, std::int64_t{0});
        (void)insert.run();
    }
    (void)database.commit();
    return since(start);
}

} // namespace

class BenchStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void rowsCommitted();
};

void BenchStore::rowsCommitted()
{
    const std::int64_t count = spanCount();
    double best = 1e9, empty = 1e9, bare = 1e9;
    for (int round = 0; round < 3; ++round) {
        auto start = Clock::now();
        CountingSink sink;
        Generator generator(sink);
        for (std::int64_t i = 0; i < count; ++i)
            generator.span(i);
        empty = std::min(empty, since(start));
        double cpu = cpuSeconds();
        const double inserts = bareInserts(count);
        bare = std::min(bare, inserts);
        std::printf("store: bare inserts %.3f s (cpu %.3f s)\n", inserts, cpuSeconds() - cpu);

        auto workspace = Workspace::temporary();
        QVERIFY(workspace);
        start = Clock::now();
        cpu = cpuSeconds();
        const double thread = cpuSeconds(RUSAGE_THREAD);
        auto writer = BulkWriter::create(**workspace, {"bench", "bench", {}}, {});
        QVERIFY(writer);
        Generator real(**writer);
        for (std::int64_t i = 0; i < count; ++i)
            real.span(i);
        const double reader = cpuSeconds(RUSAGE_THREAD) - thread;
        const auto finished = (*writer)->finish({});
        QVERIFY2(finished, finished ? "" : finished.error().toText().c_str());
        best = std::min(best, since(start));
        std::printf("store: bulk writer %.3f s (cpu %.3f s, of it %.3f s of the reading thread)\n",
            since(start), cpuSeconds() - cpu, reader);
    }
    const double floor = empty + bare;
    std::printf(
        "store: %lld spans: empty sink %.3f s + bare inserts %.3f s = floor %.3f s; committed %.3f s; ratio"
        " %.2f; peak %ld MB\n",
        static_cast<long long>(count), empty, bare, floor, best, best / floor, peakMegabytes());
    QVERIFY2(best / floor <= maxRatio(), "rows committed takes longer than the bound");
}

QTEST_GUILESS_MAIN(BenchStore)
#include "bench_store.moc"
