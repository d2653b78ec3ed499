// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The models behind tables and trees, each under Qt's own checks, filled and emptied.
#include "items/detailsmodel.h"
#include "items/planmodel.h"
#include "items/querymodel.h"
#include "tests/widgets/viewtest.h"

#include <QAbstractItemModelTester>

using namespace tailscope;
using Kind = session::Selection::Kind;
using Mode = QAbstractItemModelTester::FailureReportingMode;

class TestTableModels : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void queryModel();
    void detailsModel();
    void detailsOverSources();
    void planModel();
    void timesOfColumns();
};

void TestTableModels::queryModel()
{
    const auto session = tests::openSession(tests::orderTraces(3));
    items::QueryModel model(session.get());
    QAbstractItemModelTester tester(&model, Mode::QtTest);
    QSignalSpy finished(&model, &items::QueryModel::finished);
    model.setQuery(QStringLiteral("SELECT id, operation, start_ns, NULL AS missing FROM span WHERE id > ?1"),
        {qlonglong(0)});
    QVERIFY(finished.wait(10'000));
    QCOMPARE(model.error(), QString());
    QCOMPARE(model.rowCount(), 6);
    QCOMPARE(model.columnCount(), 4);
    model.sort(1, Qt::DescendingOrder);
    QCOMPARE(model.value(0, 1).toString(), QStringLiteral("SELECT stock"));
    // Unknown is a dash, and a point in time stays a number that can go into the next query.
    QCOMPARE(model.index(0, 3).data().toString(), QStringLiteral("–"));
    QCOMPARE(model.index(0, 2).data().toString(), model.value(0, 2).toString());
    QVERIFY(model.toText(QLatin1Char(',')).startsWith(QStringLiteral("id,operation,start_ns,missing\n")));
    model.setQuery(QStringLiteral("SELECT * FROM no_such_view"));
    QVERIFY(finished.wait(10'000));
    QVERIFY(!model.error().isEmpty());
    QCOMPARE(model.rowCount(), 0);
    model.clear();
    QVERIFY(model.error().isEmpty());
}

void TestTableModels::detailsModel()
{
    const auto session = tests::openSession(tests::orderTraces(2) + tests::plan("a"));
    items::DetailsModel model(session.get());
    QAbstractItemModelTester tester(&model, Mode::QtTest);
    QSignalSpy loaded(&model, &items::DetailsModel::loaded);
    const auto select = [&](Kind kind, const char *sql, const QString &text = {}) {
        const qint64 id = sql ? tests::value(*session, sql).toLongLong() : 0;
        session->context()->setSelection({kind, id, text});
        return loaded.wait(10'000);
    };
    QVERIFY(select(Kind::Span, "SELECT min(id) FROM span"));
    QVERIFY(model.rowCount() >= 2);
    QVERIFY(model.rowCount(model.index(0, 0)) > 5);
    QVERIFY(select(Kind::PlanNode, "SELECT min(id) FROM plan_node"));
    QVERIFY(model.rowCount() >= 1);
    QVERIFY(select(Kind::Operation, nullptr, QStringLiteral("POST /order")));
    QCOMPARE(model.title(), QStringLiteral("Operation POST /order"));
    QCOMPARE(tests::sqlProblem(*session, model.sql()), QString());
    QVERIFY(select(Kind::Trace, "SELECT min(id) FROM trace"));
    QVERIFY(model.rowCount(model.index(0, 0)) > 5);
    QVERIFY(select(Kind::Finding, "SELECT min(id) FROM finding"));
    QVERIFY(model.rowCount() >= 1);
    QVERIFY(model.toText().contains(QLatin1Char('\t')));
    session->context()->setLocalTime(true);
    session->context()->setSelection({});
    QVERIFY(loaded.wait(10'000));
    QCOMPARE(model.rowCount(), 0);
}

/// A span shows the lines of a log from another file that were written in it, and the span that called it.
void TestTableModels::detailsOverSources()
{
    const auto spans = [](const char *service, const char *id, const char *parent, const char *name) {
        return QByteArray(
                   "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":"
                   "{\"stringValue\":\"")
            + service
            + "\"}}]},\"scopeSpans\":[{\"spans\":[{\"traceId\":\"5b8efff798038103d269b633813fc60c\","
              "\"spanId\":\""
            + id + "\",\"parentSpanId\":\"" + parent + "\",\"name\":\"" + name
            + "\",\"startTimeUnixNano\":\"1000\",\"endTimeUnixNano\":\"2000\"}]}]}]}\n";
    };
    const QByteArray logs
        = "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\":\"1500\","
          "\"traceId\":\"5b8efff798038103d269b633813fc60c\",\"spanId\":\"00000000000000b2\","
          "\"severityNumber\":17,\"body\":{\"stringValue\":\"no stock\"}}]}]}]}\n";
    const auto session
        = tests::openSession({{QStringLiteral("a.json"), spans("front", "00000000000000a1", "", "GET /")},
            {QStringLiteral("b.json"), spans("back", "00000000000000b2", "00000000000000a1", "handle")},
            {QStringLiteral("log.json"), logs}});
    items::DetailsModel model(session.get());
    QSignalSpy loaded(&model, &items::DetailsModel::loaded);
    const auto textOf = [&](const char *operation) {
        session->context()->setSelection(
            {Kind::Span, tests::value(*session, operation).toLongLong(), QString()});
        return loaded.wait(10'000) ? model.toText() : QString();
    };
    const QString handle = textOf("SELECT id FROM span WHERE operation = 'handle'");
    QVERIFY2(handle.contains(QLatin1String("no stock")), qPrintable(handle));
    QVERIFY2(handle.contains(QLatin1String("front GET /")), qPrintable(handle));
    const QString caller = textOf("SELECT id FROM span WHERE operation = 'GET /'");
    QVERIFY2(caller.contains(QLatin1String("back handle")), qPrintable(caller));
}

void TestTableModels::planModel()
{
    const auto session = tests::openSession(tests::plan("a") + tests::plan("b"));
    items::PlanModel model(session.get());
    QAbstractItemModelTester tester(&model, Mode::QtTest);
    QSignalSpy loaded(&model, &items::PlanModel::planLoaded);
    QVERIFY(loaded.wait(10'000));
    QCOMPARE(model.plans().size(), 2);
    QCOMPARE(model.currentPlan(), model.plans().first().id);
    QVERIFY(model.rowCount() == 1 && model.slowest().isValid());
    const std::size_t nodes = model.nodes().size();
    QCOMPARE(model.toText().count(QLatin1Char('\n')), qsizetype(nodes));
    const qint64 other
        = tests::value(*session, "SELECT max(id) FROM plan_node WHERE plan_id = (SELECT max(id) FROM plan)")
              .toLongLong();
    model.setPlanOfNode(other);
    QVERIFY(loaded.wait(10'000));
    QCOMPARE(model.currentPlan(), model.plans().last().id);
    QVERIFY(model.indexOfNode(other).isValid());
    // A later order wins over a look-up under way.
    model.setPlanOfNode(tests::value(*session, "SELECT min(id) FROM plan_node").toLongLong());
    model.setCurrentPlan(model.plans().last().id);
    QTRY_VERIFY(!model.isRunning());
    QCOMPARE(model.currentPlan(), model.plans().last().id);
    model.setCurrentPlan(0);
    QVERIFY(loaded.wait(10'000));
    QCOMPARE(model.rowCount(), 0);
}

void TestTableModels::timesOfColumns()
{
    for (const char *column : {"ts_ns", "start_ns", "end_ns", "captured_at_ns", "xact_start_ns"})
        QVERIFY2(items::isTimeColumn(QString::fromLatin1(column)), column);
    for (const char *column : {"duration_ns", "self_ns", "gap_ns", "offset_ns", "p99_ns", "start"})
        QVERIFY2(!items::isTimeColumn(QString::fromLatin1(column)), column);
    const auto session = tests::openSession();
    const Nanos ns = 1'700'000'000'000'000'000;
    const QVariant cell = QVariant::fromValue<qlonglong>(ns);
    const QString start = QStringLiteral("start_ns");
    QCOMPARE(items::displayText(start, cell), QString::number(ns));
    QCOMPARE(items::displayText(start, cell, session->context()), session->context()->timeText(ns));
    // When a file was imported is a wall-clock time even where the spans have none.
    session->context()->setAbsoluteTime(false);
    QVERIFY(items::displayText(start, cell, session->context()).startsWith(QLatin1Char('+')));
    QCOMPARE(items::displayText(QStringLiteral("imported_at_ns"), cell, session->context()),
        QStringLiteral("2023-11-14 22:13:20 UTC"));
}

QTEST_MAIN(TestTableModels)
#include "tst_tablemodels.moc"
