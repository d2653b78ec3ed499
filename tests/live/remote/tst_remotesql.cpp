// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Remote span stores without a server: mappings, the text of the queries, what answers add up to.
#include "analysis/comparestats.h"
#include "live/remote/remoteresults.h"
#include "live/remote/remotestore.h"
#include "live/remote/savedstores.h"
#include "store/workspace.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace tailscope;
using namespace tailscope::live;
using analysis::LogLinearHistogram;

namespace {

constexpr Nanos kStart = 1'772'452'800'000'000'000; // 2026-03-02 12:00:00 UTC

const std::vector<RemoteColumn> &columns()
{
    static const std::vector<RemoteColumn> list{
        {"shard", "integer", "pg_catalog", "int4"},
        {"trace_id", "text", "pg_catalog", "text"},
        {"span_id", "text", "pg_catalog", "text"},
        {"parent_span_id", "text", "pg_catalog", "text"},
        {"service_name", "text", "pg_catalog", "text"},
        {"operation", "character varying", "pg_catalog", "varchar"},
        {"start_time", "timestamp with time zone", "pg_catalog", "timestamptz"},
        {"duration_us", "integer", "pg_catalog", "int4"},
        {"status_code", "text", "pg_catalog", "text"},
        {"attributes", "jsonb", "pg_catalog", "jsonb"},
        {"tenant", "text", "pg_catalog", "text"},
    };
    return list;
}

RemoteTable table()
{
    RemoteTable out;
    out.mapping = guessMapping("telemetry", "spans", columns(), {"shard"});
    for (const RemoteColumn &column : columns())
        out.columns.emplace(column.name, column);
    return out;
}

RemoteSelection selection(const char *filter = "")
{
    RemoteSelection out;
    out.range = {kStart, kStart + 3600 * kNanosPerSecond};
    auto parsed = analysis::parseFilter(filter);
    if (!parsed)
        qFatal("%s", parsed.error().toText().c_str());
    out.filter = std::move(*parsed);
    return out;
}

bool contains(const std::string &text, std::string_view part) { return text.find(part) != std::string::npos; }

/// The bucket as bucketSql() computes it, with the error of a logarithm that is one unit of the last place
/// off.
int bucketByLogarithm(Nanos value, double direction)
{
    const double logarithm
        = std::nextafter(std::log(double((value & 9223372036854775807) | 64) + 0.5) / 0.6931471805599453,
            direction);
    const int shift = int(std::floor(logarithm)) - 6;
    return shift * 64 + int(value >> shift);
}

ResultSet answer(std::vector<std::string> names,
    const std::vector<std::vector<std::optional<std::string>>> &rows)
{
    ResultSet out;
    out.columns = std::move(names);
    for (const auto &row : rows) {
        for (const auto &cell : row)
            out.add(cell ? std::optional<std::string_view>(*cell) : std::nullopt);
    }
    return out;
}

} // namespace

class TestRemoteSql : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void mappingIsGuessed();
    void serviceThatIsTheShard();
    void startAndEndOfOneKind();
    void tracesThatWereSeen();
    void unitsAreGuessed_data();
    void unitsAreGuessed();
    void mappingRoundTrip();
    void badMappings_data();
    void badMappings();
    void namesAndConstantsAreQuoted();
    void histogramText();
    void everyQueryStatesTheRangeFirst();
    void filtersBecomeConditions();
    void whatCannotBeAskedIsRefused();
    void timesOfOtherKinds();
    void bucketsAreThoseOfTheHistogram();
    void shardsAddUp();
    void percentileBoundsHoldTheValue();
    void groupsAddUp();
    void cohortMatchesItsDefinition();
    void oddAnswersAreErrors();
    void plansAreRead();
    void binsAreThoseOfTheLocalHeatMap();
    void storesAreRemembered();
};

void TestRemoteSql::mappingIsGuessed()
{
    const RemoteMapping mapping = table().mapping;
    QCOMPARE(mapping.start, std::string("start_time"));
    QCOMPARE(mapping.startUnit, RemoteUnit::Timestamp);
    QCOMPARE(mapping.duration, std::string("duration_us"));
    QCOMPARE(mapping.durationUnit, RemoteUnit::Micros);
    QCOMPARE(mapping.service, std::string("service_name"));
    QCOMPARE(mapping.operation, std::string("operation"));
    QCOMPARE(mapping.trace, std::string("trace_id"));
    QCOMPARE(mapping.span, std::string("span_id"));
    QCOMPARE(mapping.parent, std::string("parent_span_id"));
    QCOMPARE(mapping.status, std::string("status_code"));
    QVERIFY(std::find(mapping.errorValues.begin(), mapping.errorValues.end(), "ERROR")
        != mapping.errorValues.end());
    QCOMPARE(mapping.attributes, std::string("attributes"));
    QCOMPARE(mapping.attributeColumns, std::vector<std::string>{"tenant"});
    QCOMPARE(mapping.shard, std::vector<std::string>{"shard"});
    QVERIFY(table().check());
}

/// PARTITION BY LIST (service_name): one column is both.
void TestRemoteSql::serviceThatIsTheShard()
{
    const RemoteMapping mapping = guessMapping("telemetry", "spans", columns(), {"service_name"});
    QCOMPARE(mapping.shard, std::vector<std::string>{"service_name"});
    QCOMPARE(mapping.service, std::string("service_name"));
    // A number of a name that would fit is no service.
    const RemoteMapping other = guessMapping("public", "t",
        {{"ts", "", "pg_catalog", "timestamptz"}, {"app", "", "pg_catalog", "int4"}}, {"app"});
    QVERIFY(other.service.empty());
}

/// The difference of int8 and numeric has no bits.
void TestRemoteSql::startAndEndOfOneKind()
{
    const auto problem = [](const char *start, const char *end) {
        RemoteTable store;
        store.mapping.table = "t";
        store.mapping.start = "start_ns";
        store.mapping.startUnit = RemoteUnit::Nanos;
        store.mapping.end = "end_ns";
        store.columns.emplace("start_ns", RemoteColumn{"start_ns", start, "pg_catalog", start});
        store.columns.emplace("end_ns", RemoteColumn{"end_ns", end, "pg_catalog", end});
        const auto checked = store.check();
        return checked ? std::string() : checked.error().toText();
    };
    QCOMPARE(problem("int8", "int8"), std::string());
    QCOMPARE(problem("int8", "int4"), std::string());
    QCOMPARE(problem("numeric", "numeric"), std::string());
    QVERIFY(contains(problem("int8", "numeric"), "one kind"));
    QVERIFY(contains(problem("int8", "float8"), "one kind"));
}

/// One trace with thousands of slow spans: the next question leaves it out.
void TestRemoteSql::tracesThatWereSeen()
{
    const RemoteTable store = table();
    const auto query = PushdownSql(store).slowest(selection(), 10, {"t1", "it's"});
    QVERIFY(query);
    const std::string text = query->shown();
    QVERIFY2(contains(text, "AND \"trace_id\" NOT IN ('t1'::text, 'it''s'::text)\n"), text.c_str());
    QVERIFY(contains(text, "ORDER BY"));
    const auto first = PushdownSql(store).slowest(selection(), 10);
    QVERIFY(first && !contains(first->text, "NOT IN"));
}

void TestRemoteSql::unitsAreGuessed_data()
{
    QTest::addColumn<QString>("column");
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("unit");
    QTest::newRow("suffix") << "DurationNano"
                            << "int8"
                            << "ns";
    QTest::newRow("milliseconds") << "elapsed_ms"
                                  << "float8"
                                  << "ms";
    QTest::newRow("whole without unit") << "duration"
                                        << "int8"
                                        << "ns";
    QTest::newRow("real without unit") << "duration"
                                       << "float8"
                                       << "ms";
    QTest::newRow("interval") << "duration"
                              << "interval"
                              << "interval";
    QTest::newRow("seconds") << "latency_seconds"
                             << "numeric"
                             << "s";
}

void TestRemoteSql::unitsAreGuessed()
{
    QFETCH(const QString, column);
    QFETCH(const QString, type);
    QFETCH(const QString, unit);
    const RemoteMapping mapping = guessMapping("public", "t",
        {{"ts", "", "pg_catalog", "timestamptz"},
            {column.toStdString(), "", "pg_catalog", type.toStdString()}},
        {});
    QCOMPARE(mapping.duration, column.toStdString());
    QCOMPARE(std::string(toText(mapping.durationUnit)), unit.toStdString());
}

void TestRemoteSql::mappingRoundTrip()
{
    RemoteMapping mapping = table().mapping;
    mapping.name = "spans of \"shop\"\n\\ \x7f";
    mapping.table = "we\"ird";
    const auto again = parseRemoteMapping(toToml(mapping), "map.toml");
    QVERIFY2(again, again ? "" : again.error().toText().c_str());
    QVERIFY(*again == mapping);
}

void TestRemoteSql::badMappings_data()
{
    QTest::addColumn<QString>("toml");
    QTest::addColumn<QString>("says");
    QTest::newRow("no TOML") << "table = "
                             << "map.toml";
    QTest::newRow("no table") << "start = \"a\"\nduration = \"b\""
                              << "table";
    QTest::newRow("no start") << "table = \"t\"\nduration = \"b\""
                              << "start";
    QTest::newRow("no duration") << "table = \"t\"\nstart = \"b\""
                                 << "duration or the end";
    QTest::newRow("unit") << "table = \"t\"\nstart = \"b\"\nduration = \"d\"\nduration_unit = \"days\""
                          << "line 4";
    QTest::newRow("unknown key") << "table = \"t\"\nstart = \"b\"\nend = \"d\"\nwhere = \"1=1\""
                                 << "'where'";
    QTest::newRow("number") << "table = 3\nstart = \"b\"\nend = \"d\""
                            << "line 1";
    QTest::newRow("shard by trace")
        << "table = \"t\"\nstart = \"b\"\nend = \"d\"\ntrace = \"x\"\nshard = [\"x\"]"
        << "every row a group";
    QTest::newRow("huge") << QString(300'000, QLatin1Char('#')) << "256 KiB";
}

void TestRemoteSql::badMappings()
{
    QFETCH(const QString, toml);
    QFETCH(const QString, says);
    const auto mapping = parseRemoteMapping(toml.toStdString(), "map.toml");
    QVERIFY(!mapping);
    QVERIFY2(contains(mapping.error().toText(), says.toStdString()), mapping.error().toText().c_str());
}

void TestRemoteSql::namesAndConstantsAreQuoted()
{
    QCOMPARE(quotedIdentifier("a\"b; DROP TABLE x"), std::string("\"a\"\"b; DROP TABLE x\""));
    QCOMPARE(quotedLiteral("it's"), std::string("'it''s'"));
    QCOMPARE(quotedLiteral("a\\'b"), std::string("E'a\\\\''b'"));
    const PushdownQuery query{"SELECT \"$1\", '$2', $1::text, $12::text, $2::text", {"x", "$1"}};
    QCOMPARE(query.shown(), std::string("SELECT \"$1\", '$2', 'x'::text, $12::text, '$1'::text"));
}

void TestRemoteSql::histogramText()
{
    const RemoteTable store = table();
    const auto query = PushdownSql(store).histogram(selection(), 1000);
    QVERIFY(query);
    const std::string expected = R"(SELECT "shard",
  ("duration_us"::int8 * 1000) >= 0 AS known,
  ((floor(ln(((("duration_us"::int8 * 1000) & 9223372036854775807) | 64)::float8 + 0.5::float8) / 0.6931471805599453::float8)::int4 - 6) * 64 + ((("duration_us"::int8 * 1000) & 9223372036854775807) >> (floor(ln(((("duration_us"::int8 * 1000) & 9223372036854775807) | 64)::float8 + 0.5::float8) / 0.6931471805599453::float8)::int4 - 6))) AS bucket,
  count(*) AS n,
  count(*) FILTER (WHERE "status_code" IN ($3::text, $4::text, $5::text, $6::text)) AS errors
FROM "telemetry"."spans"
WHERE "start_time" >= $1::timestamptz
  AND "start_time" < $2::timestamptz
GROUP BY 1, 2, 3
LIMIT 1000)";
    QCOMPARE(query->text, expected);
    QCOMPARE(query->parameters.front(), std::string("2026-03-02 12:00:00Z"));
    QCOMPARE(query->parameters.size(), std::size_t(6));
}

void TestRemoteSql::everyQueryStatesTheRangeFirst()
{
    const RemoteTable store = table();
    const PushdownSql sql(store);
    const RemoteSelection chosen = selection("service=api");
    const RemoteKey key{RemoteKey::Kind::Attribute, "region"};
    const std::vector<Result<PushdownQuery>> queries{sql.histogram(chosen, 10), sql.groups(chosen, key, 10),
        sql.groupHistograms(chosen, key, {std::string("\"r1\""), std::nullopt}, 10),
        sql.cohort(chosen, key, 1000, 10), sql.heat(chosen, 10, 10), sql.parts(chosen, 10, 20, 1, 10),
        sql.slowest(chosen, 10), sql.spansOf({"t1"}, chosen.range, 10), sql.sampledTraces(chosen, 10),
        sql.attributeSample(chosen, 10)};
    for (const auto &query : queries) {
        QVERIFY2(query, query ? "" : query.error().toText().c_str());
        QVERIFY2(contains(query->text, "\nWHERE \"start_time\" >= $"), query->text.c_str());
        QVERIFY2(contains(query->text, "\nLIMIT "), query->text.c_str());
        // Aggregates are grouped by the shard key, or postgres_fdw sends rows.
        if (contains(query->text, "count(*)"))
            QVERIFY2(query->text.starts_with("SELECT \"shard\",") && contains(query->text, "\nGROUP BY 1, 2"),
                query->text.c_str());
        // A text constant of its own would keep postgres_fdw from sending the expression.
        QVERIFY2(!contains(query->text, "->>"), query->text.c_str());
    }
    // Without a range nothing is asked.
    QVERIFY(!sql.histogram({}, 10));
}

void TestRemoteSql::filtersBecomeConditions()
{
    const RemoteTable store = table();
    const auto shown = [&](const char *filter) {
        const auto query = PushdownSql(store).slowest(selection(filter), 10);
        return query ? query->shown() : query.error().toText();
    };
    QVERIFY(contains(shown("service=api"), "AND \"service_name\" = 'api'::text"));
    QVERIFY(contains(shown("operation~^GET"), "AND \"operation\" ~ '^GET'::text"));
    QVERIFY(contains(shown("-service=api"),
        "AND (NOT (\"service_name\" = 'api'::text) OR \"service_name\" IS NULL)"));
    QVERIFY(contains(shown("service!=api"), "(NOT (\"service_name\" = 'api'::text)"));
    QVERIFY(contains(shown("Check'out"),
        "strpos(lower(\"operation\"), 'check''out'::text) > 0 OR strpos(lower(\"service_name\")"));
    QVERIFY(contains(shown("duration>=5ms"), "(\"duration_us\"::int8 * 1000) >= '5000000'::int8"));
    QVERIFY(contains(shown("status=error"), "AND \"status_code\" IN ('ERROR'::text"));
    RemoteSelection chosen = selection();
    chosen.attributes = {{"tenant", "t1"}, {"region", "r1"}, {"n", "3"}};
    chosen.durations = {1'500, kUnknownNanos};
    chosen.rootsOnly = true;
    const auto query = PushdownSql(store).slowest(chosen, 10);
    QVERIFY(query);
    const std::string text = query->shown();
    QVERIFY(contains(text, "AND \"tenant\" = 't1'::text"));
    QVERIFY(contains(text, "AND \"attributes\" @> '{\"region\": \"r1\"}'::jsonb"));
    QVERIFY(contains(text, "OR \"attributes\" @> '{\"n\": 3}'::jsonb)"));
    // In the column's own unit, rounded up: an index on it serves.
    QVERIFY2(contains(text, "AND \"duration_us\" >= '2'::int8\n"), text.c_str());
    QVERIFY(
        contains(text, "AND (\"parent_span_id\" IS NULL OR \"parent_span_id\" IN ('', '0000000000000000'))"));
}

void TestRemoteSql::whatCannotBeAskedIsRefused()
{
    RemoteTable store = table();
    const PushdownSql sql(store);
    for (const char *filter : {"self>5ms", "trace=3", "http=500", "status=ok"}) {
        const auto query = sql.histogram(selection(filter), 10);
        QVERIFY2(!query && contains(query.error().toText(), "cannot be asked"), filter);
    }
    store.mapping.service.clear();
    QVERIFY(!sql.histogram(selection("service=api"), 10));
    QVERIFY(!sql.groups(selection(), {RemoteKey::Kind::Service, {}}, 10));
    store.mapping.attributes.clear();
    QVERIFY(!sql.cohort(selection(), {RemoteKey::Kind::Attribute, "region"}, 5, 10));
    store.mapping.trace.clear();
    QVERIFY(!sql.slowest(selection(), 10));
    store.mapping = table().mapping;
    store.mapping.durationUnit = RemoteUnit::Interval;
    QVERIFY(!store.check());
    store.mapping.durationUnit = RemoteUnit::Micros;
    store.mapping.start = "gone";
    QVERIFY(!store.check());
}

void TestRemoteSql::timesOfOtherKinds()
{
    RemoteTable store = table();
    store.columns["start_ms"] = {"start_ms", "bigint", "pg_catalog", "int8"};
    store.columns["end_ms"] = {"end_ms", "bigint", "pg_catalog", "int8"};
    store.columns["end_time"] = {"end_time", "timestamptz", "pg_catalog", "timestamptz"};
    store.mapping.duration.clear();
    store.mapping.end = "end_time";
    QVERIFY(store.check());
    QCOMPARE(PushdownSql(store).durationSql(),
        std::string("(round(date_part('epoch', (\"end_time\" - \"start_time\")) * 1000000)::int8 * 1000)"));
    store.mapping.start = "start_ms";
    QVERIFY(!store.check()); // the end is of another kind
    store.mapping.end = "end_ms";
    store.mapping.startUnit = RemoteUnit::Millis;
    QVERIFY(store.check());
    QCOMPARE(PushdownSql(store).durationSql(), std::string("((\"end_ms\" - \"start_ms\") * 1000000)"));
    RemoteSelection chosen = selection();
    chosen.range.begin += 1; // the next whole millisecond is the first in range
    const auto query = PushdownSql(store).histogram(chosen, 10);
    QVERIFY(query);
    QVERIFY2(contains(query->shown(),
                 "\"start_ms\" >= '1772452800001'::int8\n  AND \"start_ms\" < '1772456400000'::int8"),
        query->shown().c_str());
    QCOMPARE(*PushdownSql::readTime("1772452800001", RemoteUnit::Millis), kStart + kNanosPerMilli);
    QCOMPARE(*PushdownSql::readTime("2026-03-02 12:00:00.000001+00", RemoteUnit::Timestamp), kStart + 1000);
    QCOMPARE(*PushdownSql::readTime("2026-03-02 12:00:00", RemoteUnit::Timestamp), kStart);
    QVERIFY(!PushdownSql::readTime("infinity", RemoteUnit::Timestamp));
}

void TestRemoteSql::bucketsAreThoseOfTheHistogram()
{
    // Every edge and its neighbours, whichever way the logarithm errs.
    for (int bucket = 0; bucket < LogLinearHistogram::kBuckets; ++bucket) {
        const Nanos edge = LogLinearHistogram::lowerBound(bucket);
        for (const Nanos value : {edge - 1, edge, edge + 1}) {
            if (value < 0)
                continue;
            for (const double direction : {-1e9, 1e9})
                QCOMPARE(bucketByLogarithm(value, direction), LogLinearHistogram::bucketOf(value));
        }
    }
}

void TestRemoteSql::shardsAddUp()
{
    const RemoteTable store = table();
    const auto folded = foldHistogram(
        answer({"shard", "known", "bucket", "n", "errors"},
            {{"1", "t", "5", "10", "1"}, {"2", "t", "5", "20", "0"}, {"2", "t", "70", "5", "2"},
                {"3", std::nullopt, std::nullopt, "4", "1"}, {"3", "f", "9", "2", "0"}}),
        store, 100);
    QVERIFY(folded);
    QCOMPARE(folded->count(), std::int64_t(35));
    QCOMPARE(folded->buckets.count(5), std::int64_t(30));
    QCOMPARE(folded->unknown, std::int64_t(6));
    QCOMPARE(folded->errors, std::int64_t(4));
    QCOMPARE(folded->shards, std::size_t(3));
    QCOMPARE(folded->percentiles[0].rank, std::int64_t(18));
    QCOMPARE(folded->percentiles[0].exact, std::optional<Nanos>(5)); // a bucket of one value
    QVERIFY(!folded->percentiles[3].exact || folded->percentiles[3].high - folded->percentiles[3].low == 1);
    QVERIFY(folded->percentiles[3].tooFewSamples);
    const auto empty = foldHistogram(answer({"shard", "known", "bucket", "n", "errors"}, {}), store, 100);
    QVERIFY(empty && empty->percentiles[0].rank == 0);
    QCOMPARE(percentileText(empty->percentiles[0]), std::string("unknown"));
}

void TestRemoteSql::percentileBoundsHoldTheValue()
{
    std::mt19937_64 random(20260302);
    for (int round = 0; round < 300; ++round) {
        std::vector<Nanos> values;
        LogLinearHistogram whole;
        std::array<LogLinearHistogram, 3> shards;
        const auto n = std::uniform_int_distribution<int>(1, 3000)(random);
        for (int i = 0; i < n; ++i) {
            const double power = std::uniform_real_distribution<double>(0, 40)(random);
            values.push_back(Nanos(std::exp2(round % 3 == 0 ? std::floor(power) : power)));
            shards[std::size_t(i % 3)].add(values.back());
        }
        for (const auto &shard : shards)
            whole.merge(shard);
        std::sort(values.begin(), values.end());
        for (const analysis::Quantile q : kRemoteQuantiles) {
            const RemotePercentile found = percentileBounds(whole, q);
            const Nanos exact = values[std::size_t((std::int64_t(n) * q.num + q.den - 1) / q.den - 1)];
            QVERIFY(found.low <= exact && exact < found.high);
            QVERIFY(double(found.high - found.low) <= std::max(1.0, double(exact) / 64));
            if (found.exact)
                QCOMPARE(*found.exact, exact);
        }
    }
}

void TestRemoteSql::groupsAddUp()
{
    const RemoteTable store = table();
    const RemoteKey key{RemoteKey::Kind::Attribute, "region"};
    auto groups = foldGroups(
        answer({"shard", "value", "known", "n", "errors", "total", "least", "greatest"},
            {{"1", "\"eu \\\"w\\\"\"", "t", "3", "1", "300", "50", "150"},
                {"2", "\"eu \\\"w\\\"\"", "t", "2", "0", "9223372036854775808", "10", "90"},
                {"2", "5", "t", "1", "0", "7", "7", "7"},
                {"3", std::nullopt, std::nullopt, "4", "2", std::nullopt, std::nullopt, std::nullopt}}),
        store, key, 2, 100);
    QVERIFY(groups);
    QCOMPARE(groups->groups.size(), std::size_t(2));
    QCOMPARE(groups->others, std::size_t(1));
    QCOMPARE(groups->otherSpans, std::int64_t(4));
    QCOMPARE(groups->groups[0].name, std::string("eu \"w\""));
    QCOMPARE(groups->groups[0].count, std::int64_t(5));
    QCOMPARE(groups->groups[0].least, Nanos(10));
    QCOMPARE(groups->groups[0].greatest, Nanos(150));
    QCOMPARE(groups->groups[1].name, std::string("5"));
    QVERIFY(
        foldGroupHistograms(answer({"shard", "value", "bucket", "n"}, {{"1", "5", "7", "1"}}), *groups, 100));
    QCOMPARE(groups->groups[1].percentiles[0].exact, std::optional<Nanos>(7));
    QCOMPARE(groups->groups[0].percentiles[0].rank, std::int64_t(0));
}

void TestRemoteSql::cohortMatchesItsDefinition()
{
    const RemoteTable store = table();
    const RemoteKey key{RemoteKey::Kind::Attribute, "tenant"};
    auto traits
        = foldCohort(answer({"shard", "value", "slow", "n"},
                         {{
                              "1",
                              "a",
                              "t",
                              "40",
                          },
                             {"2", "a", "t", "40"}, {"1", "a", "f", "120"}, {"1", "b", "t", "20"},
                             {"2", "b", "f", "880"}, {"2", "c", "f", "3"}, {"3", std::nullopt, "f", "97"}}),
            store, key, 100);
    QVERIFY(traits);
    QCOMPARE(traits->slow, std::int64_t(100));
    QCOMPARE(traits->all, std::int64_t(1200));
    const RemoteCohort cohort = rankTraits({{key, *traits}}, 777);
    QCOMPARE(cohort.tested, std::int64_t(2)); // c is too rare
    QCOMPARE(cohort.differences.size(), std::size_t(1)); // b is less frequent among the slow
    const analysis::CohortDifference &a = cohort.differences.front();
    QCOMPARE(a.value, std::string("a"));
    QCOMPARE(a.coverage, 0.8);
    QCOMPARE(*a.lift, 0.8 / (200.0 / 1200.0));
    const auto expected = analysis::twoProportions({120, 1100}, {80, 100});
    QCOMPARE(a.p, expected->p);
    QCOMPARE(a.adjustedP, std::min(1.0, expected->p * 2));
    QVERIFY(a.isDifferent);
    RemoteTraits few = *traits;
    few.slow = 19;
    QVERIFY(rankTraits({{key, few}}, 777).tooFew);
    QVERIFY(foldCohort(answer({"value", "slow", "n"}, {{"a", "t", "1"}, {"b", "t", "1"}}), store, key, 2)
                ->tooMany);
}

void TestRemoteSql::oddAnswersAreErrors()
{
    const RemoteTable store = table();
    const std::vector<std::string> names{"shard", "known", "bucket", "n", "errors"};
    QVERIFY(!foldHistogram(answer(names, {{"1", "t", "3712", "1", "0"}}), store, 100));
    QVERIFY(!foldHistogram(answer(names, {{"1", "t", "-1", "1", "0"}}), store, 100));
    QVERIFY(!foldHistogram(answer(names, {{"1", "t", "1", "-1", "0"}}), store, 100));
    QVERIFY(!foldHistogram(answer(names, {{"1", "t", "x", "1", "0"}}), store, 100));
    const auto much
        = foldHistogram(answer(names, {{"1", "t", "1", "1", "0"}, {"2", "t", "1", "1", "0"}}), store, 2);
    QVERIFY(!much && much.error().code == ErrorCode::LimitExceeded);
    QVERIFY(!foldHeat(answer({"shard", "bin", "bucket", "n", "errors"}, {{"1", "11", "3", "1", "0"}}),
        {0, 100}, 10, 100));
}

void TestRemoteSql::plansAreRead()
{
    const PushdownPlan pushed
        = readPushdownPlan(" Append\n   ->  Foreign Scan\n         Output: shard\n"
                           "         Relations: Aggregate on (telemetry.spans_1 spans)\n"
                           "   ->  Foreign Scan\n         Relations: Aggregate on (x)\n");
    QCOMPARE(pushed.foreignScans, 2);
    QCOMPARE(pushed.aggregatedScans, 2);
    QVERIFY(!pushed.sendsRows());
    QVERIFY(readPushdownPlan("HashAggregate\n  ->  Foreign Scan on telemetry.spans_1 spans\n").sendsRows());
    QVERIFY(!readPushdownPlan("HashAggregate\n  ->  Seq Scan on public.spans\n").sendsRows());
}

void TestRemoteSql::storesAreRemembered()
{
    const auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    RemoteMapping mapping = table().mapping;
    const auto saved = saveStore(**workspace, "host=db user=observer", mapping);
    QVERIFY2(saved, saved ? "" : saved.error().toText().c_str());
    mapping.table = "other";
    QVERIFY(saveStore(**workspace, "host=db2", mapping)); // the same name: replaced
    QVERIFY(!saveStore(**workspace, "host=db password=secret", mapping));
    auto stores = savedStores(**workspace);
    QVERIFY(stores && stores->size() == 1);
    QCOMPARE(stores->front().conninfo, std::string("host=db2"));
    QVERIFY(stores->front().mapping == mapping);
    QVERIFY(forgetStore(**workspace, mapping.name));
    QVERIFY(savedStores(**workspace)->empty());
}

// analysis::timeBins() makes every bin as wide as the first, rounded up; the last one ends with the range.
void TestRemoteSql::binsAreThoseOfTheLocalHeatMap()
{
    const TimeRange range{kStart, kStart + 1'000'000'007};
    for (const int bins : {1, 7, 60, 120}) {
        const Nanos width = (range.length() + bins - 1) / bins;
        for (int bin = 0; bin <= bins; ++bin)
            QCOMPARE(binEdge(range, bins, bin), std::min(range.end, range.begin + width * bin));
    }
    QCOMPARE(binEdge({5, 8}, 10, 2), Nanos(7)); // more bins than nanoseconds
    QCOMPARE(binEdge({5, 8}, 10, 9), Nanos(8));
    const TimeRange most{0, std::numeric_limits<Nanos>::max()};
    QCOMPARE(binEdge(most, 120, 120), most.end);
    QVERIFY(binEdge(most, 120, 119) < most.end && binEdge(most, 120, 119) > binEdge(most, 120, 118));
}

QTEST_APPLESS_MAIN(TestRemoteSql)
#include "tst_remotesql.moc"
