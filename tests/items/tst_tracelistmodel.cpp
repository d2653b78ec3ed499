// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/tracelistmodel.h"

#include "tests/items/otlptraces.h"
#include "tests/widgets/viewtest.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>

#include <algorithm>

using namespace tailscope;
using namespace tailscope::items;

namespace {

constexpr Nanos kMs = 1'000'000;

tests::Files threeTraces()
{
    return tests::otlpTraces(
        {{1, "a1", "", "web", "GET /cart", 0, 100}, {1, "a2", "a1", "db", "SELECT cart", 10, 30},
            {2, "b1", "", "web", "POST /pay", 500, 900}, {2, "b2", "b1", "pay", "charge", 520, 200, true},
            {2, "b3", "b2", "bank", "transfer", 530, 150}, {3, "c1", "", "job", "clean up", 2000, 20}});
}

} // namespace

class TestTraceListModel : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void figures();
    void anySpanLetsItsTracePass();
    void ordersAndSearches_data();
    void ordersAndSearches();
    void keysComeLater();
    void criticalTimes();
    void scatterCountsEverything();
    void sqlAgrees();
    void nothingWithoutTraceIds();
    void keyLookup();
    void millionTraces();

private:
    void open(const tests::Files &files);
    QString operations() const;
    std::unique_ptr<session::Session> m_session;
    TraceListModel *m_model = nullptr;
};

void TestTraceListModel::open(const tests::Files &files)
{
    m_session = tests::openSession(files);
    m_model = TraceListModel::of(m_session.get());
    QCOMPARE(TraceListModel::of(m_session.get()), m_model);
    m_model->setActive(this, true);
    QTRY_VERIFY(!m_model->isBusy());
}

QString TestTraceListModel::operations() const
{
    QStringList names;
    for (int row = 0; row < m_model->rowCount(); ++row)
        names << m_model->index(row, TraceListModel::Operation).data().toString();
    return names.join(QLatin1Char('|'));
}

void TestTraceListModel::figures()
{
    open(threeTraces());
    const QAbstractItemModelTester tester(m_model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(m_model->rowCount(), 3);
    const auto table = m_model->table();
    QCOMPARE(table->all, 3);
    // The slowest first.
    const std::size_t pay = m_model->entryAt(0);
    QCOMPARE(table->duration[pay], 900 * kMs);
    QCOMPARE(table->spans[pay], 3U);
    QCOMPARE(table->services[pay], 3U);
    QCOMPARE(table->errors[pay], 1U);
    QCOMPARE(QString::fromStdString(std::string(table->service(pay))), QStringLiteral("web"));
    QCOMPARE(m_model->index(0, TraceListModel::Duration).data(TraceListModel::BarRole).toDouble(), 1.0);
    QCOMPARE(m_model->index(0, TraceListModel::Errors).data(TraceListModel::LevelRole).toInt(), 2);
    QCOMPARE(m_model->slowest().value_or(0), m_model->idAt(0));
    QCOMPARE(m_model->rowOfId(m_model->idAt(2)).value_or(-1), 2);
    QVERIFY(!m_model->rowOfId(-5));
}

void TestTraceListModel::anySpanLetsItsTracePass()
{
    open(threeTraces());
    m_session->context()->setFilterText(QStringLiteral("service=bank"));
    QTRY_COMPARE(operations(), QStringLiteral("POST /pay"));
    // Its figures stay those of all its spans.
    QCOMPARE(m_model->table()->spans[m_model->entryAt(0)], 3U);
    m_session->context()->setFilterText({});
    QTRY_COMPARE(m_model->rowCount(), 3);
    const Nanos begin = m_session->context()->fullRange().begin;
    // Only the two later spans of POST /pay start in here.
    m_session->context()->setRange(TimeRange{begin + 510 * kMs, begin + 600 * kMs});
    QTRY_COMPARE(operations(), QStringLiteral("POST /pay"));
}

void TestTraceListModel::ordersAndSearches_data()
{
    QTest::addColumn<int>("column");
    QTest::addColumn<bool>("descending");
    QTest::addColumn<QString>("search");
    QTest::addColumn<QString>("expected");
    const auto row
        = [](const char *name, int column, bool descending, const char *search, const char *expected) {
              QTest::newRow(name) << column << descending << QString::fromLatin1(search)
                                  << QString::fromLatin1(expected);
          };
    row("start", TraceListModel::Start, false, "", "GET /cart|POST /pay|clean up");
    row("shortest", TraceListModel::Duration, false, "", "clean up|GET /cart|POST /pay");
    row("name", TraceListModel::Operation, true, "", "clean up|POST /pay|GET /cart");
    row("service, ties by start", TraceListModel::Service, true, "", "GET /cart|POST /pay|clean up");
    row("spans", TraceListModel::Spans, true, "", "POST /pay|GET /cart|clean up");
    row("errors", TraceListModel::Errors, true, "", "POST /pay|GET /cart|clean up");
    row("text of a child", TraceListModel::Duration, true, "select C", "GET /cart");
    row("service of a child", TraceListModel::Duration, true, "bank", "POST /pay");
    row("trace id", TraceListModel::Duration, true, "00000000003", "clean up");
    row("nothing", TraceListModel::Duration, true, "no such thing", "");
}

void TestTraceListModel::ordersAndSearches()
{
    QFETCH(int, column);
    QFETCH(bool, descending);
    QFETCH(QString, search);
    QFETCH(QString, expected);
    open(threeTraces());
    m_model->setSearch(search);
    m_model->sort(column, descending ? Qt::DescendingOrder : Qt::AscendingOrder);
    QTRY_COMPARE(operations(), expected);
    QCOMPARE(tests::sqlProblem(*m_session, m_model->sql()), QString());
}

void TestTraceListModel::keysComeLater()
{
    open(threeTraces());
    const QModelIndex key = m_model->index(0, TraceListModel::Key);
    QTRY_COMPARE(key.data().toString(), QStringLiteral("00000000000000000000000000000002"));
    const QStringList lines = m_model->toText({0}).split(QLatin1Char('\n'));
    QCOMPARE(lines.size(), 2);
    QVERIFY(lines.at(1).contains(QStringLiteral("\t900000000\tweb\tPOST /pay\t3\t3\t1\t")));
}

void TestTraceListModel::criticalTimes()
{
    open(threeTraces());
    auto writer = m_session->workspace().connectWriter();
    QVERIFY(writer);
    QVERIFY(writer->execute("DELETE FROM trace_time;"));
    QVERIFY(writer->execute("INSERT INTO trace_time (run_id, trace_id, wait_ns, network_ns) "
                            "SELECT 1, id, 7000000, NULL FROM trace WHERE operation = 'POST /pay';"));
    Q_EMIT m_session->loaded();
    QTRY_VERIFY(!m_model->isBusy());
    QCOMPARE(m_model->index(0, TraceListModel::Wait).data().toString(), QStringLiteral("7 ms"));
    // Unknown is not 0, and stays last in either order.
    QCOMPARE(m_model->index(0, TraceListModel::Network).data().toString(), QStringLiteral("–"));
    QCOMPARE(m_model->index(1, TraceListModel::Wait).data().toString(), QStringLiteral("–"));
    m_model->sort(TraceListModel::Wait, Qt::AscendingOrder);
    QTRY_VERIFY(!m_model->isBusy());
    QVERIFY(operations().startsWith(QLatin1String("POST /pay|")));
}

void TestTraceListModel::scatterCountsEverything()
{
    open(tests::orderTraces(400));
    m_model->setScatterSize(50, 20);
    QTRY_VERIFY(!m_model->isBusy() && m_model->scatter());
    const auto scatter = m_model->scatter();
    std::uint32_t count = 0, errors = 0;
    for (const TraceScatter::Cell &cell : scatter->cells) {
        count += cell.count;
        errors += cell.errors;
    }
    QCOMPARE(count, 400U);
    QCOMPARE(errors, 100U);
    const auto table = m_model->table();
    const std::uint32_t last = m_model->entryAt(399);
    const TraceScatter::Cell &cell
        = scatter->at(scatter->columnOf(table->start[last]), scatter->rowOf(table->duration[last]));
    QVERIFY(cell.count > 0);
    QVERIFY(scatter->startOf(scatter->columnOf(table->start[last])) <= table->start[last]);
    QVERIFY(scatter->durationOf(scatter->rowOf(table->duration[last])) <= table->duration[last]);
}

void TestTraceListModel::sqlAgrees()
{
    open(threeTraces());
    m_session->context()->setFilterText(QStringLiteral("service=web"));
    QTRY_COMPARE(m_model->rowCount(), 2);
    const QString sql = m_model->sql();
    QCOMPARE(tests::sqlProblem(*m_session, sql), QString());
    const QByteArray first
        = "SELECT operation || duration_ns || services FROM (" + sql.chopped(1).toUtf8() + ") LIMIT 1";
    QCOMPARE(tests::value(*m_session, first.constData()), QStringLiteral("POST /pay9000000003"));
}

void TestTraceListModel::nothingWithoutTraceIds()
{
    open({{QStringLiteral("chrome.json"),
        R"([{"name":"a","ph":"X","ts":1,"dur":5,"pid":1,"tid":1},{"name":"b","ph":"X","ts":2,"dur":1,"pid":1,"tid":1}])"}});
    QCOMPARE(m_model->rowCount(), 0);
    QVERIFY(m_model->table());
    QCOMPARE(m_model->table()->all, 0);
    QCOMPARE(m_model->table()->loose, 2);
    QVERIFY(!m_model->slowest());
}

void TestTraceListModel::keyLookup()
{
    open(threeTraces());
    const auto id = [this](const char *key) {
        return traceIdOfKey(m_session->workspace(), QString::fromLatin1(key)).value_or(std::nullopt);
    };
    QCOMPARE(id("00000000000000000000000000000002").value_or(-1), m_model->idAt(0));
    QVERIFY(!id("0000"));
    QVERIFY(!id(""));
    QVERIFY(!id("%"));
}

void TestTraceListModel::millionTraces()
{
    constexpr std::uint32_t kTraces = 1'000'000;
    auto columns = std::make_shared<analysis::SpanColumns>();
    columns->operations = {"GET /", "SELECT"};
    columns->tracks.resize(2);
    columns->tracks[0].service = "web";
    columns->tracks[1].service = "db";
    for (std::uint32_t row = 0; row < 2 * kTraces; ++row) {
        const bool isChild = row >= kTraces;
        const std::uint32_t trace = row % kTraces;
        columns->start.push_back(Nanos(trace) * 1000 + isChild);
        columns->duration.push_back(isChild ? 10 : 1000 + Nanos(trace) * 7919 % 1'000'003);
        columns->operation.push_back(isChild);
        columns->track.push_back(isChild);
        columns->trace.push_back(trace);
        columns->parent.push_back(isChild ? trace : analysis::kNoRow);
        columns->status.push_back(trace % 1000 == 0 ? 2 : 1);
    }
    for (std::uint32_t t = 0; t < kTraces; ++t)
        columns->traceIds.push_back(std::int64_t(t) + 1);
    const auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    QElapsedTimer clock;
    clock.start();
    const auto table = TraceTable::build(columns, {}, **workspace, {});
    QVERIFY(table && *table);
    const qint64 built = clock.restart();
    const auto listing = listTraces(**table, {}, **workspace, {});
    QVERIFY(listing && *listing);
    const qint64 ordered = clock.restart();
    const TraceScatter scatter = TraceScatter::build(**table, (*listing)->listed, 300, 60);
    qInfo("1,000,000 traces: table %lld ms, order %lld ms, picture %lld ms", static_cast<long long>(built),
        static_cast<long long>(ordered), static_cast<long long>(clock.elapsed()));
    QCOMPARE((*listing)->listed.size(), std::size_t(kTraces));
    const TraceTable &all = **table;
    QVERIFY(std::is_sorted((*listing)->listed.begin(), (*listing)->listed.end(),
        [&](std::uint32_t a, std::uint32_t b) { return all.duration[a] > all.duration[b]; }));
    QCOMPARE(all.duration[(*listing)->slowest.at(0)], all.longest);
    std::vector<Nanos> durations = all.duration;
    std::sort(durations.begin(), durations.end());
    QCOMPARE(all.duration[(*listing)->middle.at(0)], durations[kTraces / 2]);
    QCOMPARE(all.services[5], 2U);
    std::uint64_t count = 0;
    for (const TraceScatter::Cell &cell : scatter.cells)
        count += cell.count;
    QCOMPARE(count, std::uint64_t(kTraces));
}

QTEST_MAIN(TestTraceListModel)
#include "tst_tracelistmodel.moc"
