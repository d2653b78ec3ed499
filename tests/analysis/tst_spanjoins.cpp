// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What belongs together over several sources.
#include "analysis/analyses.h"
#include "analysis/joinscan.h"
#include "analysis/spanjoins.h"
#include "store/bulkwriter.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::analysis;

namespace {

const std::string kTrace = "5b8efff798038103d269b633813fc60c";
const std::string kTraceParent = "traceparent='00-" + kTrace + "-00000000000000b2-01'";

std::string rowsOf(const store::Workspace &workspace, std::string_view sql)
{
    auto database = workspace.connectReader();
    if (!database)
        return database.error().toText();
    auto query = database->prepare(sql);
    if (!query)
        return query.error().toText();
    std::string out;
    for (;;) {
        const auto row = query->step();
        if (!row)
            return row.error().toText();
        if (!*row)
            return out;
        out += out.empty() ? "" : "\n";
        for (int i = 0; i < query->columnCount(); ++i)
            out += (i > 0 ? "|" : "")
                + (query->isNull(i) ? std::string("NULL") : std::string(query->text(i)));
    }
}

/// One source under way.
class Source
{
public:
    Source(store::Workspace &workspace, const std::string &path, SourceKind kind)
        : m_workspace(workspace)
    {
        auto created = store::BulkWriter::create(workspace, {path, "otlp-json", {}}, {});
        if (!created)
            qFatal("%s", created.error().toText().c_str());
        m_writer = std::move(*created);
        m_writer->setSource({kind, ClockKind::Utc, "UTC"});
        TrackRow track;
        track.service = path;
        track.shape = TrackRow::Shape::Linked;
        m_track = m_writer->track(track);
    }
    void span(std::uint64_t key, std::uint64_t parent, const std::string &operation,
        AttributeList attributes = {})
    {
        SpanRow row;
        row.track = m_track;
        row.trace = m_writer->trace(kTrace);
        row.key = {SpanKey::Kind::Hex64, key, {}};
        if (parent != 0)
            row.parentKey = {SpanKey::Kind::Hex64, parent, {}};
        row.operation = operation;
        row.startNs = static_cast<Nanos>(key) * 1000;
        row.durationNs = 500'000;
        row.attributes = attributes;
        m_writer->span(row);
    }
    store::BulkWriter &writer() { return *m_writer; }
    std::int64_t finish()
    {
        const std::int64_t id = m_writer->sourceId();
        if (const auto done = m_writer->finish({}); !done)
            qFatal("%s", done.error().toText().c_str());
        m_writer.reset();
        if (const auto ready = makeReady(m_workspace, id, {}); !ready)
            qFatal("%s", ready.error().toText().c_str());
        return id;
    }

private:
    store::Workspace &m_workspace;
    std::unique_ptr<store::BulkWriter> m_writer;
    TrackRef m_track = TrackRef::None;
};

void refresh(store::Workspace &workspace)
{
    const auto keys = JoinKeys::builtin();
    QVERIFY(keys);
    const auto done = refreshSpanJoins(workspace, *keys, {});
    QVERIFY2(done, done ? "" : done.error().toText().c_str());
}

Attribute text(std::string_view key, std::string_view value)
{
    return {key, AttributeType::Text, value, 0, 0};
}

} // namespace

class TestSpanJoins : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void traceParents_data();
    void traceParents();
    void sqlComments();
    void jsonMembers();
    void keys();
    void logsByTrace();
    void plansByTraceParent();
    void byRequestAndQueryId();
    void traceOverTwoSources();
    void againOnlyWhenSomethingChanged();
    void nothingToJoin();
};

void TestSpanJoins::traceParents_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("span"); // empty: none
    const QByteArray parent = QByteArray::fromStdString("00-" + kTrace + "-00000000000000b2-01");
    QTest::newRow("sqlcommenter") << "SELECT 1 /*traceparent='" + parent + "'*/"
                                  << QByteArray("00000000000000b2");
    QTest::newRow("escaped") << "/*traceparent=%27" + parent + "%27*/" << QByteArray("00000000000000b2");
    QTest::newRow("json") << "{\"traceparent\":\"" + parent + "\"}" << QByteArray("00000000000000b2");
    QTest::newRow("bare") << "traceparent=" + parent << QByteArray("00000000000000b2");
    QTest::newRow("second one") << "traceparent=? traceparent: " + parent << QByteArray("00000000000000b2");
    QTest::newRow("cut") << "traceparent='" + parent.left(50) << QByteArray();
    QTest::newRow("no hex") << "traceparent='" + QByteArray(parent).replace("5b8e", "zzzz") << QByteArray();
    QTest::newRow("zero span") << "traceparent='" + QByteArray(parent).replace("b2-", "00-") << QByteArray();
    QTest::newRow("none") << QByteArray("SELECT traceparent FROM t") << QByteArray();
}

void TestSpanJoins::traceParents()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, span);
    const auto found = traceParentIn(text.toStdString());
    QCOMPARE(found ? found->spanId : std::string(), span.toStdString());
    if (found)
        QCOMPARE(found->traceId, kTrace);
}

void TestSpanJoins::sqlComments()
{
    std::string pairs;
    eachSqlComment(
        "SELECT '/*a=''no''*/' FROM t /* route='%2Fpolls', request_id='r\\'1' */ WHERE b = 2 /*c='d'",
        [&](std::string_view key, const std::string &value) {
            pairs += std::string(key) + '=' + value + ';';
        });
    QCOMPARE(pairs, std::string("route=/polls;request_id=r\\'1;c=d;"));
}

void TestSpanJoins::jsonMembers()
{
    std::string pairs;
    eachJsonMember(
        " {\"a\":\"x\",\"n\":12 ,\"o\":{\"a\":\"inner\"},\"l\":[\"b\",1],\"e\":\"q\\\"\",\"t\":true}",
        [&](std::string_view key, std::string_view value) {
            pairs += std::string(key) + '=' + std::string(value) + ';';
        });
    QCOMPARE(pairs, std::string("a=x;n=12;t=true;"));
    for (const char *odd : {"", "{", "\"", "{\"a", "}}}{\"a\":\"b", "[1,2]", "{\"a\":\"\\"})
        eachJsonMember(odd, [](std::string_view, std::string_view) {});
}

void TestSpanJoins::keys()
{
    auto keys = JoinKeys::builtin();
    QVERIFY2(keys, keys ? "" : keys.error().toText().c_str());
    QCOMPARE(int(keys->groupOf("X-Request-ID")), int(JoinKeys::Group::Request));
    QCOMPARE(int(keys->groupOf("http.request.header.x_request_id")), int(JoinKeys::Group::Request));
    QCOMPARE(int(keys->groupOf("db.query_id")), int(JoinKeys::Group::Query));
    QCOMPARE(int(keys->groupOf("my.order")), int(JoinKeys::Group::None));
    QVERIFY(keys->add("request = [\"my-order\"]", "joins.toml"));
    QCOMPARE(int(keys->groupOf("my.order")), int(JoinKeys::Group::Request));
    for (const char *bad : {"request = 5", "other = []", "request = [1]", "request = [", "\xFF"}) {
        const auto added = keys->add(bad, "joins.toml");
        QVERIFY(!added);
        QCOMPARE(added.error().subject, std::string("joins.toml"));
    }
}

void TestSpanJoins::logsByTrace()
{
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    Source traces(**workspace, "api", SourceKind::Trace);
    traces.span(0xa1, 0, "GET /");
    traces.span(0xb2, 0xa1, "SELECT");
    traces.finish();
    Source logs(**workspace, "log", SourceKind::Log);
    LogRow row;
    row.traceKey = kTrace;
    row.spanKey = {SpanKey::Kind::Hex64, 0xb2, {}};
    row.message = "in the query";
    logs.writer().logEntry(row);
    row.spanKey = {};
    row.message = "somewhere in the request";
    logs.writer().logEntry(row);
    row.traceKey = "ffffffffffffffffffffffffffffffff";
    row.message = "in no trace that is here";
    logs.writer().logEntry(row);
    row.traceKey = {};
    const std::string parent = "took long " + kTraceParent;
    row.message = parent;
    logs.writer().logEntry(row);
    logs.finish();
    refresh(**workspace);
    QCOMPARE(rowsOf(**workspace,
                 "SELECT s.operation, j.kind, j.target_kind, l.id, j.key FROM span_join AS j JOIN span AS s "
                 "ON s.id ="
                 " j.span_id JOIN log_entry AS l ON l.id = j.target_id ORDER BY l.id"),
        "SELECT|trace_id|log|1|trace_id=" + kTrace + "\nGET /|trace_id|log|2|trace_id=" + kTrace
            + "\nSELECT|traceparent|log|4|traceparent=" + kTrace + "-00000000000000b2");
}

void TestSpanJoins::plansByTraceParent()
{
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    Source plans(**workspace, "plans", SourceKind::Plan);
    PlanRow plan{};
    const std::string query = "SELECT * FROM stock /*" + kTraceParent + "*/";
    plan.engine = "postgresql";
    plan.queryText = query;
    plans.writer().plan(plan);
    plan.queryText = "SELECT 1";
    plans.writer().plan(plan);
    plans.finish();
    Source traces(**workspace, "api", SourceKind::Trace);
    traces.span(0xa1, 0, "GET /");
    traces.span(0xb2, 0xa1, "SELECT");
    traces.finish();
    refresh(**workspace);
    QCOMPARE(rowsOf(**workspace,
                 "SELECT s.operation, j.kind, j.target_kind, j.target_id FROM span_join AS j JOIN span"
                 " AS s ON s.id = j.span_id"),
        std::string("SELECT|traceparent|plan|1"));
}

void TestSpanJoins::byRequestAndQueryId()
{
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    Source traces(**workspace, "api", SourceKind::Trace);
    const Attribute header[] = {text("http.request.header.x-request-id", "r-1"), text("other", "r-2")};
    traces.span(0xa1, 0, "GET /", header);
    const Attribute query = {"db.query_id", AttributeType::Integer, {}, -77, 0};
    traces.span(0xb2, 0xa1, "SELECT", {&query, 1});
    // More values than a shared set takes: they lie in the spans' own JSON.
    for (std::uint64_t i = 0; i < 1000; ++i) {
        const std::string id = "many-" + std::to_string(i);
        const Attribute own = text("request_id", id);
        traces.span(0x1000 + i, 0xa1, "child", {&own, 1});
    }
    traces.finish();
    Source logs(**workspace, "log", SourceKind::Log);
    LogRow row;
    for (const char *value : {"r-1", "r-2", "many-900", "none"}) {
        const Attribute id = text("request_id", value);
        row.attributes = {&id, 1};
        logs.writer().logEntry(row);
    }
    row.attributes = {};
    row.queryId = -77;
    logs.writer().logEntry(row);
    logs.finish();
    Source plans(**workspace, "plans", SourceKind::Plan);
    PlanRow plan{};
    plan.queryText = "SELECT 1 /*request_id='r-1'*/";
    plan.extraJson = R"({"Query Identifier":-77})";
    plans.writer().plan(plan);
    plans.finish();
    refresh(**workspace);
    QCOMPARE(rowsOf(**workspace,
                 "SELECT s.operation, j.kind, j.target_kind, j.target_id, j.key FROM span_join AS j JOIN "
                 "span AS s ON"
                 " s.id = j.span_id ORDER BY s.id, j.kind, j.target_kind"),
        std::string("GET /|request_id|log|1|http.request.header.x-request-id=r-1\n"
                    "GET /|request_id|plan|1|http.request.header.x-request-id=r-1\n"
                    "SELECT|query_id|log|5|db.query_id=-77\nSELECT|query_id|plan|1|db.query_id=-77\n"
                    "child|request_id|log|3|request_id=many-900"));
}

void TestSpanJoins::traceOverTwoSources()
{
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    Source front(**workspace, "front", SourceKind::Trace);
    front.span(0xa1, 0, "GET /");
    front.span(0xb2, 0xa1, "call back");
    front.finish();
    Source back(**workspace, "back", SourceKind::Trace);
    back.span(0xc3, 0xb2, "handle");
    back.span(0xd4, 0xc3, "SELECT");
    back.span(0xe5, 0x99, "nobody's child");
    const std::int64_t id = back.finish();
    refresh(**workspace);
    QCOMPARE(rowsOf(**workspace,
                 "SELECT s.operation, p.operation, j.kind, j.target_kind FROM span_join AS j JOIN span"
                 " AS s ON s.id = j.span_id JOIN span AS p ON p.id = j.target_id"),
        std::string("handle|call back|trace_id|span"));
    QCOMPARE(rowsOf(**workspace,
                 "SELECT trace_key, sources, trace_count, trace_id, start_ns, duration_ns, span_count,"
                 " error_count FROM trace_joined"),
        kTrace + "|2|2|1|161000|568000|5|0");
    QCOMPARE(rowsOf(**workspace, "SELECT count(*) FROM trace"), std::string("2"));
    // Without the other source there is nothing to join.
    QVERIFY((*workspace)->removeSource(id, {}));
    refresh(**workspace);
    QCOMPARE(rowsOf(**workspace, "SELECT count(*) FROM span_join"), std::string("0"));
    QCOMPARE(rowsOf(**workspace, "SELECT sources, span_count FROM trace_joined"), std::string("1|2"));
}

void TestSpanJoins::againOnlyWhenSomethingChanged()
{
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    Source traces(**workspace, "api", SourceKind::Trace);
    traces.span(0xa1, 0, "GET /");
    traces.finish();
    refresh(**workspace);
    const std::string before = rowsOf(**workspace, "SELECT id FROM analysis_run WHERE kind = 'span_join'");
    QVERIFY(!before.empty());
    refresh(**workspace);
    QCOMPARE(rowsOf(**workspace, "SELECT id FROM analysis_run WHERE kind = 'span_join'"), before);
    Source logs(**workspace, "log", SourceKind::Log);
    LogRow row;
    row.traceKey = kTrace;
    logs.writer().logEntry(row);
    logs.finish();
    refresh(**workspace);
    QCOMPARE(rowsOf(**workspace, "SELECT count(*) FROM span_join"), std::string("1"));
}

void TestSpanJoins::nothingToJoin()
{
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    refresh(**workspace);
    QCOMPARE(rowsOf(**workspace, "SELECT count(*) FROM span_join"), std::string("0"));
    QCOMPARE(rowsOf(**workspace, "SELECT count(*) FROM trace_joined"), std::string("0"));
}

QTEST_GUILESS_MAIN(TestSpanJoins)
#include "tst_spanjoins.moc"
