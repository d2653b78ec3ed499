// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// tailscope compare-recordings, as a shell would call it, and what its sides may be called.
#include "app/commands/recordingsides.h"
#include "session/ingest.h"
#include "store/bulkwriter.h"
#include "tests/session/fakerecording.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace tailscope;
using namespace tailscope::app;

namespace {

/// Before and after an index was made: "SELECT slow" takes 50 ms, then 1 ms; five calls a second of both.
/// Seven samples, ten seconds apart.
class OneRecording
{
public:
    OneRecording(const store::Workspace &workspace, const char *name, bool isAfter, Nanos begin)
        : m_isAfter(isAfter)
    {
        auto writer = store::BulkWriter::create(workspace, {name, "live", {}}, {});
        if (!writer)
            qFatal("%s", writer.error().toText().c_str());
        m_writer = std::move(*writer);
        SourceInfo info;
        info.kind = SourceKind::Recording;
        m_writer->setSource(info);
        const RecordField fields[]{{"kind", std::string_view("postgresql")},
            {"name", std::string_view("db1:5432/shop")}, {"host", std::string_view("db1")},
            {"port", std::int64_t(5432)}, {"dbname", std::string_view("shop")},
            {"system_identifier", std::string_view("7612")}, {"server_version_num", std::int64_t(150018)}};
        m_server = m_writer->record({RecordTable::Server, {}, {}, {}, {}, fields});
        SeriesRow row;
        row.kind = SeriesKind::Counter;
        row.instance = "db1:5432";
        row.labelsJson = "{}";
        row.metric = row.foreignName = "postgresql.commits";
        const SeriesRef commits = m_writer->series(row);
        for (int i = 0; i <= 6; ++i) {
            const Nanos ts = begin + i * 10 * kNanosPerSecond;
            m_writer->point(commits, ts, i * (isAfter ? 1000.0 : 500.0));
            sample(i, ts);
        }
        const RecordField setting[]{{"name", std::string_view("work_mem")},
            {"setting", std::string_view(isAfter ? "65536" : "4096")}, {"ts_ns", begin}};
        m_writer->record({RecordTable::Setting, m_server, {}, {}, {}, setting});
    }
    std::int64_t finish()
    {
        const auto finished = m_writer->finish({});
        if (!finished)
            qFatal("%s", finished.error().toText().c_str());
        return m_writer->sourceId();
    }

private:
    void statement(const char *sql, Nanos ts, std::int64_t calls, double meanMs)
    {
        const RecordField fields[]{{"statement_id", std::string_view(sql)}, {"ts_ns", ts}, {"calls", calls},
            {"total_ms", meanMs * double(calls)}, {"stddev_ms", meanMs / 5}, {"rows", calls}};
        m_writer->record({RecordTable::StatementSample, m_server, {}, {}, {}, fields});
    }
    void sample(std::int64_t i, Nanos ts)
    {
        if (m_isAfter) // numbers of statements are not the same in two workspaces
            statement("INSERT INTO audit VALUES ($1)", ts, 10 * i, 3);
        statement(m_isAfter ? "SELECT other FROM lines;" : "SELECT other FROM lines", ts, 1000 + 100 * i, 2);
        statement("SELECT slow FROM orders WHERE note = $1", ts, 100 + 50 * i, m_isAfter ? 1 : 50);
        for (std::int64_t pid = 0; pid < (m_isAfter ? 1 : 5); ++pid) {
            const RecordField session[]{{"ts_ns", ts}, {"pid", pid}, {"state", std::string_view("active")},
                {"backend_type", std::string_view("client backend")},
                {"wait_event_type", std::string_view("IO")},
                {"wait_event", std::string_view("DataFileRead")}};
            m_writer->record({RecordTable::SessionSample, m_server, {}, {}, {}, session});
        }
        const RecordField table[]{{"ts_ns", ts}, {"relid", std::int64_t(100)},
            {"schemaname", std::string_view("public")}, {"relname", std::string_view("orders")},
            {"seq_scan", std::int64_t(m_isAfter ? 30 : 5 * i)},
            {"idx_scan", std::int64_t(m_isAfter ? 5 * i : 0)},
            {"seq_tup_read", std::int64_t(m_isAfter ? 0 : 1000 * i)}, {"table_bytes", std::int64_t(8192)}};
        m_writer->record({RecordTable::TableSample, m_server, {}, {}, {}, table});
    }

    bool m_isAfter;
    std::unique_ptr<store::BulkWriter> m_writer;
    RecordRef m_server{};
};

QJsonObject rowWith(const QJsonArray &rows, const char *key, const char *value)
{
    for (const QJsonValue &row : rows) {
        if (row.toObject()[QLatin1String(key)].toString().startsWith(QLatin1String(value)))
            return row.toObject();
    }
    return {};
}

} // namespace

class TestCompareRecordings : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void wrongUsage_data();
    void wrongUsage();
    void nothingRecorded();
    void figuresAsText();
    void figuresAsJson();
    void twoWorkspaces();
    void rangesAndDoubts();
    void sidesByName();

private:
    struct Outcome
    {
        int code = -1;
        QByteArray out, err;
    };
    Outcome run(const QStringList &arguments);
    QJsonObject json(const QStringList &arguments);
    QString path(const char *name) const { return m_folder.filePath(QLatin1String(name)); }
    /// recordings: 1 before, 2 after, 3 both.
    void make(const QString &file, int recordings);

    QTemporaryDir m_folder;
};

void TestCompareRecordings::make(const QString &file, int recordings)
{
    auto workspace = store::Workspace::open(QFile::encodeName(file).toStdString());
    if (!workspace)
        qFatal("%s", workspace.error().toText().c_str());
    std::vector<std::int64_t> ids;
    if (recordings & 1)
        ids.push_back(OneRecording(**workspace, "before", false, tests::kRecordStart).finish());
    if (recordings & 2)
        ids.push_back(
            OneRecording(**workspace, "after", true, tests::kRecordStart + 3600 * kNanosPerSecond).finish());
    if (auto ready = session::refresh(**workspace, ids, false, {}); !ready)
        qFatal("%s", ready.error().toText().c_str());
}

TestCompareRecordings::Outcome TestCompareRecordings::run(const QStringList &arguments)
{
    QProcess process;
    process.start(QStringLiteral(TS_BINARY_DIR "/tailscope"),
        QStringList{QStringLiteral("compare-recordings")} + arguments);
    if (!process.waitForFinished(60'000))
        return {};
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
        process.readAllStandardOutput(), process.readAllStandardError()};
}

QJsonObject TestCompareRecordings::json(const QStringList &arguments)
{
    const Outcome outcome = run(arguments + QStringList{QStringLiteral("--json")});
    if (outcome.code != 0)
        qWarning("%d %s", outcome.code, outcome.err.constData());
    return QJsonDocument::fromJson(outcome.out).object();
}

void TestCompareRecordings::initTestCase()
{
    QVERIFY(QFile::exists(QStringLiteral(TS_BINARY_DIR "/tailscope")));
    qputenv("HOME", m_folder.path().toLocal8Bit());
    make(path("both.tailscope"), 3);
    make(path("before.tailscope"), 1);
    make(path("after.tailscope"), 2);
    make(path("none.tailscope"), 0);
}

void TestCompareRecordings::wrongUsage_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("said");
    const QString both = path("both.tailscope"), one = path("before.tailscope");
    const auto text = [](const char *word) { return QString::fromLatin1(word); };
    const auto add = [&](const char *name, const QStringList &arguments, const char *said) {
        QTest::newRow(name) << arguments << QByteArray(said);
    };
    add("nothing", {}, "an argument is missing");
    add("three", {both, one, one}, "too many arguments");
    add("the same twice", {both, both}, "name it once");
    add("option", {both, text("--c"), text("1")}, "Usage: tailscope compare-recordings");
    add("what", {both, text("--what"), text("traces")}, "headline, statements, waits, tables, settings");
    add("what nothing", {both, text("--what"), text(",")}, "--what needs some of");
    add("format", {both, text("--format"), text("csv")}, "Known: text, json");
    add("limit", {both, text("--limit"), text("0")}, "--limit is a number");
    add("empty side", {both, text("--a"), QString()}, "--a needs a recording or a range");
    add("unknown side", {both, text("--a"), text("7")}, "Known: 1 \"before\" 2026-03-02");
    add("same sides", {both, text("--a"), text("1"), text("--b"), text("before")}, "both sides are the same");
    add("no neighbour", {both, text("--a"), text("after")}, "no recording comes after A");
    add("only one", {one, text("--b"), text("1")}, "no recording comes before B");
    add("range backwards", {both, text("--a"), text("20..10")}, "END after BEGIN");
    add("range elsewhere", {both, text("--a"), text("10..20")}, "lies in no recording");
}

void TestCompareRecordings::wrongUsage()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, said);
    const Outcome outcome = run(arguments);
    QCOMPARE(outcome.code, 2);
    QVERIFY2(outcome.err.startsWith("tailscope compare-recordings: "), outcome.err);
    QVERIFY2(outcome.err.contains(said), outcome.err);
    QVERIFY(outcome.out.isEmpty());
}

void TestCompareRecordings::nothingRecorded()
{
    Outcome outcome = run({path("none.tailscope")});
    QCOMPARE(outcome.code, 3);
    QVERIFY2(outcome.err.contains("tailscope record"), outcome.err);
    outcome = run({path("absent.tailscope")});
    QVERIFY(outcome.code == 3 || outcome.code == 5);
    QVERIFY(!QFile::exists(path("absent.tailscope")));
}

void TestCompareRecordings::figuresAsText()
{
    const Outcome outcome = run({path("both.tailscope")});
    QVERIFY2(outcome.code == 0, outcome.err);
    const QByteArray &out = outcome.out;
    QVERIFY2(out.startsWith("A  before (source 1), 60 s from 2026-03-02 11:00:00Z\n"), out);
    QVERIFY2(out.contains("B  after (source 2)"), out);
    QVERIFY2(out.contains("   7 samples of statements over 60 s, db1:5432/shop\n"), out);
    QVERIFY2(out.contains("doubt: A: 7 samples of sessions: waits are rough\n"), out);
    // 5 calls a second of 50 ms became as many of 1 ms: first, as nothing else gained or lost more.
    const auto at = out.indexOf("-245 ms/s");
    QVERIFY2(at > 0 && at < out.indexOf("only in B")
            && out.indexOf("only in B") < out.indexOf("SELECT other"),
        out);
    QVERIFY2(out.contains("0.02×  faster"), out);
    QVERIFY2(out.contains("IO: DataFileRead"), out);
    QVERIFY2(out.contains("public.orders"), out);
    QVERIFY2(out.contains("work_mem"), out);

    const Outcome cut = run({path("both.tailscope"), QStringLiteral("--what"), QStringLiteral("statements"),
        QStringLiteral("--limit"), QStringLiteral("1")});
    QVERIFY2(cut.out.contains("-245 ms/s") && cut.out.contains("and 2 more\n"), cut.out);
    QVERIFY2(!cut.out.contains("work_mem") && !cut.out.contains("only in B"), cut.out);
}

void TestCompareRecordings::figuresAsJson()
{
    const QJsonObject all = json({path("both.tailscope")});
    const QJsonObject a = all[QStringLiteral("a")].toObject();
    QCOMPARE(a[QStringLiteral("source")].toInt(), 1);
    QCOMPARE(a[QStringLiteral("begin_ns")].toInteger(), tests::kRecordStart);
    QCOMPARE(a[QStringLiteral("statement_seconds")].toDouble(), 60.0);
    QCOMPARE(a[QStringLiteral("servers")].toArray().at(0)[QStringLiteral("samples")].toInt(), 7);
    const QJsonObject commits = rowWith(all[QStringLiteral("headline")].toArray(), "figure", "Commits");
    QCOMPARE(commits[QStringLiteral("server")].toString(), QStringLiteral("db1:5432"));
    QCOMPARE(commits[QStringLiteral("a")].toDouble(), 50.0);
    QCOMPARE(commits[QStringLiteral("ratio")].toDouble(), 2.0);
    const QJsonArray statements = all[QStringLiteral("statements")].toArray();
    QCOMPARE(statements.size(), 3);
    const QJsonObject slow = statements.at(0).toObject();
    QCOMPARE(slow[QStringLiteral("text")].toString(),
        QStringLiteral("SELECT slow FROM orders WHERE note = $1"));
    QCOMPARE(slow[QStringLiteral("gained_ms_per_s")].toDouble(), -245.0);
    QCOMPARE(slow[QStringLiteral("mean")].toString(), QStringLiteral("faster"));
    QCOMPARE(slow[QStringLiteral("rate")].toString(), QStringLiteral("no sure change"));
    QCOMPARE(slow[QStringLiteral("a")][QStringLiteral("calls")].toInt(), 300);
    QVERIFY(slow[QStringLiteral("mean_p")].toDouble() < 0.01);
    const QJsonObject fresh = rowWith(statements, "text", "INSERT");
    QVERIFY(fresh[QStringLiteral("a")].isNull() && !fresh[QStringLiteral("b")].isNull());
    QCOMPARE(fresh[QStringLiteral("mean")].toString(), QStringLiteral("only in B"));
    const QJsonObject wait = all[QStringLiteral("waits")].toArray().at(0).toObject();
    QCOMPARE(wait[QStringLiteral("a")].toDouble(), 5.0);
    QCOMPARE(wait[QStringLiteral("difference")].toDouble(), -4.0);
    QVERIFY(wait[QStringLiteral("sure")].toBool());
    const QJsonObject table = all[QStringLiteral("tables")].toArray().at(0).toObject();
    QCOMPARE(table[QStringLiteral("a")][QStringLiteral("seq_scans_per_s")].toDouble(), 0.5);
    QCOMPARE(table[QStringLiteral("b")][QStringLiteral("index_scans_per_s")].toDouble(), 0.5);
    QCOMPARE(table[QStringLiteral("b")][QStringLiteral("rows_read_per_s")].toDouble(), 0.0);
    const QJsonObject setting = all[QStringLiteral("settings")].toArray().at(0).toObject();
    QCOMPARE(setting[QStringLiteral("b")].toString(), QStringLiteral("65536"));

    const QJsonObject cut = json({path("both.tailscope"), QStringLiteral("--what"),
        QStringLiteral("waits,statements"), QStringLiteral("--limit"), QStringLiteral("2")});
    QCOMPARE(cut[QStringLiteral("statements")].toArray().size(), 2);
    QCOMPARE(cut[QStringLiteral("counts")][QStringLiteral("statements")].toInt(), 3);
    QVERIFY(!cut.contains(QStringLiteral("headline")) && cut.contains(QStringLiteral("waits")));
}

void TestCompareRecordings::twoWorkspaces()
{
    const QJsonObject one = json({path("both.tailscope")});
    const QJsonObject two = json({path("before.tailscope"), path("after.tailscope")});
    QVERIFY(two[QStringLiteral("b")][QStringLiteral("name")].toString().endsWith(
        QStringLiteral("after.tailscope")));
    for (const char *part : {"headline", "waits", "tables", "settings", "doubts", "counts"})
        QCOMPARE(two[QLatin1String(part)], one[QLatin1String(part)]);
    const auto plain = [](const QJsonObject &from) {
        QJsonArray rows;
        for (const QJsonValue &row : from[QStringLiteral("statements")].toArray()) {
            QJsonObject object = row.toObject();
            object.remove(QStringLiteral("statement_id")); // the one of the first workspace
            rows << object;
        }
        return rows;
    };
    QCOMPARE(plain(two), plain(one));
    const QJsonArray rows = two[QStringLiteral("statements")].toArray();
    QVERIFY(rows.at(0)[QStringLiteral("statement_id")].toInt() > 0);
    QVERIFY(rowWith(rows, "text", "INSERT").value(QStringLiteral("statement_id")).isNull()); // only in B
    const QJsonObject back = json({path("after.tailscope"), path("before.tailscope"), QStringLiteral("--a"),
        QStringLiteral("after"), QStringLiteral("--what"), QStringLiteral("statements")});
    QCOMPARE(back[QStringLiteral("statements")][0][QStringLiteral("gained_ms_per_s")].toDouble(), 245.0);
    QCOMPARE(run({path("before.tailscope"), path("after.tailscope"), QStringLiteral("--a"),
                     QStringLiteral("after")})
                 .code,
        2); // A is in the first
    QCOMPARE(run({path("before.tailscope"), path("none.tailscope")}).code, 3);
}

void TestCompareRecordings::rangesAndDoubts()
{
    // The halves of the only one.
    const QJsonObject halves = json({path("before.tailscope")});
    QCOMPARE(halves[QStringLiteral("a")][QStringLiteral("end_ns")].toInteger(),
        halves[QStringLiteral("b")][QStringLiteral("begin_ns")].toInteger());
    // UTC times, a part of a named one; they overlap.
    const QString early = QStringLiteral("2026-03-02T11:00:00Z..2026-03-02T11:00:31Z");
    const QJsonObject parts
        = json({path("before.tailscope"), QStringLiteral("--a"), early, QStringLiteral("--b"),
            QStringLiteral("before@2026-03-02T11:00:20Z..2026-03-02T11:01:00.000000001Z")});
    QCOMPARE(parts[QStringLiteral("a")][QStringLiteral("source")].toInt(), 1);
    QCOMPARE(parts[QStringLiteral("a")][QStringLiteral("statement_seconds")].toDouble(), 30.0);
    QCOMPARE(parts[QStringLiteral("b")][QStringLiteral("statement_seconds")].toDouble(), 40.0);
    QVERIFY(parts[QStringLiteral("doubts")].toArray().at(0).toString().contains(
        QStringLiteral("the sides overlap")));
    // A single sample of statements in it.
    const Outcome few = run({path("both.tailscope"), QStringLiteral("--a"),
        QStringLiteral("2026-03-02T11:00:00Z..2026-03-02T11:00:05Z"), QStringLiteral("--b"),
        QStringLiteral("2")});
    QVERIFY2(few.code == 0, few.err);
    QVERIFY2(few.out.contains("doubt: A: a single sample of statements of db1:5432/shop, left out\n"),
        few.out);
    QVERIFY2(few.out.contains("doubt: A: fewer than two samples of statements"), few.out);
}

void TestCompareRecordings::sidesByName()
{
    const std::vector<analysis::RecordingItem> recordings{{3, "/data/shop.jsonl", {100, 200}},
        {5, "load", {300, 400}}, {8, "load", {300, 500}}};
    const auto side = [&](const char *words) {
        return readSide(QStringLiteral("--a"), QString::fromLatin1(words), recordings);
    };
    QCOMPARE(side("3")->source, std::int64_t(3));
    QCOMPARE(side("shop.jsonl")->source, std::int64_t(3));
    QCOMPARE(side("/data/shop.jsonl")->source, std::int64_t(3));
    QCOMPARE(side("all")->source, std::int64_t(0));
    QCOMPARE(side("120..150")->source, std::int64_t(3));
    QCOMPARE(side("310..350")->source, std::int64_t(0)); // two sources of one time: both
    QCOMPARE(side("8@310..350")->source, std::int64_t(8));
    QCOMPARE(side("8@310..350")->range, (TimeRange{310, 350}));
    for (const char *wrong : {"4", "nobody", "3@310..350", "shop.jsonl@", "@1..2", "load@310..350"})
        QVERIFY2(!side(wrong) && side(wrong).error().code == ErrorCode::Usage, wrong);
    QVERIFY(side("load").error().detail.find("several") != std::string::npos);
    const auto both = readSides({}, QStringLiteral("5"), recordings);
    QVERIFY(both && both->isChosen);
    QCOMPARE(both->first.source, std::int64_t(3));
    QVERIFY(!readSides({}, {}, recordings)->isChosen);
}

QTEST_GUILESS_MAIN(TestCompareRecordings)
#include "tst_comparerecordings.moc"
