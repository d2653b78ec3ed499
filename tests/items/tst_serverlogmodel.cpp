// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The models of server logs, deadlocks and waits for locks.
#include "items/lockmodel.h"
#include "items/serverlogmodel.h"
#include "tests/items/logrecords.h"

#include <QAbstractItemModelTester>

using namespace tailscope;
using namespace tailscope::items;
using tests::kLogStart;
using tests::LogRecords;

class TestServerLogModel : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void conditionsAreParameters();
    void patternsAndCounts();
    void filtersNarrow();
    void linesComeByPages();
    void wholeRecord();
    void deadlocksByPair();
    void reportsOfOneWait();
    void cellsSort();
};

namespace {

std::unique_ptr<session::Session> sample()
{
    LogRecords log;
    tests::fillLog(log);
    return log.open();
}

QString cellText(const QAbstractItemModel &model, int row, int column)
{
    return model.index(row, column).data().toString();
}

} // namespace

void TestServerLogModel::conditionsAreParameters()
{
    LogFilter filter;
    filter.kind = "it's";
    filter.search = QStringLiteral("O'Brien?1");
    filter.range = TimeRange{5, 9};
    const LogCondition condition = logCondition(filter);
    QVERIFY(condition.text.find("it's") == std::string::npos
        && condition.text.find("Brien") == std::string::npos);
    QVERIFY(QString::fromStdString(condition.literal())
                .contains(QLatin1String("e.kind = 'it''s' AND e.ts_ns >= 5 AND e.ts_ns < 9")));
    QVERIFY(QString::fromStdString(condition.literal()).contains(QLatin1String("'o''brien?1'")));
    QCOMPARE(logCondition({}).text, std::string("1"));
}

void TestServerLogModel::patternsAndCounts()
{
    auto session = sample();
    ServerLogModel model(session.get());
    QAbstractItemModelTester patterns(model.patterns(),
        QAbstractItemModelTester::FailureReportingMode::Fatal);
    QAbstractItemModelTester lines(model.lines(), QAbstractItemModelTester::FailureReportingMode::Fatal);
    QVERIFY(!model.overview());
    model.setActive(true);
    QTRY_VERIFY(model.overview() && !model.isBusy());
    const auto overview = model.overview();
    QCOMPARE(overview->all, 60); // 12 + 40 + 3 + 4 + 1
    QCOMPARE(overview->lines, 60);
    QCOMPARE(overview->patterns.size(), std::size_t(5));
    QCOMPARE(cellText(*model.patterns(), 0, LogPatternTable::Pattern),
        QStringLiteral("relation \"?\" does not exist"));
    QCOMPARE(cellText(*model.patterns(), 0, LogPatternTable::Lines), QStringLiteral("40"));
    QCOMPARE(cellText(*model.patterns(), 1, LogPatternTable::Kind), QStringLiteral("slow statement"));
    double sum = 0; // by hand
    for (int i = 0; i < 12; ++i)
        sum += 100.5 + i;
    QCOMPARE(overview->patterns[1].totalMs, sum);
    QCOMPARE(overview->patterns[1].longestMs, 111.5);
    QVERIFY(std::isnan(overview->patterns[0].totalMs));
    std::int64_t binned = 0;
    for (const LogHistogram::Class &each : overview->histogram.classes) {
        std::int64_t total = 0;
        for (const std::int64_t n : each.counts)
            total += n;
        QCOMPARE(total, each.total);
        binned += total;
    }
    QCOMPARE(binned, 60);
    QCOMPARE(overview->histogram.classes.front().name, std::string("error"));
    model.patterns()->sort(LogPatternTable::TotalTime, Qt::DescendingOrder);
    QCOMPARE(cellText(*model.patterns(), 0, LogPatternTable::Kind), QStringLiteral("slow statement"));
    QVERIFY(model.patterns()->toText({0}).endsWith(QLatin1String("\t1272\t111.5")));
}

void TestServerLogModel::filtersNarrow()
{
    auto session = sample();
    ServerLogModel model(session.get());
    model.setActive(true);
    QTRY_VERIFY(model.overview() && !model.isBusy());
    const auto count = [&] {
        [&] { QTRY_VERIFY(!model.isBusy()); }();
        return model.overview()->lines;
    };
    model.setKind("checkpoint");
    QCOMPARE(count(), 3);
    model.setKind({});
    model.setSeverity("ERROR");
    QCOMPARE(count(), 44);
    model.setSeverity({});
    model.setSearch(QStringLiteral("ORDERS"));
    QCOMPARE(count(), 5); // by the texts of their statements: four slow ones and the wait
    model.setSearch({});
    session->context()->setRange(
        TimeRange{kLogStart + 300 * kNanosPerSecond, kLogStart + 310 * kNanosPerSecond});
    QCOMPARE(count(), 11); // ten errors and the slow statement of minute five
    session->context()->setRange(std::nullopt);
    QCOMPARE(count(), 60);
    model.choosePattern(model.overview()->patterns[0]);
    QTRY_COMPARE(model.lines()->rowCount(), 40);
    QVERIFY(model.lines()->sql().contains(QLatin1String("'relation \"?\" does not exist'")));
    auto reader = session->workspace().connectReader();
    QVERIFY(reader);
    for (const QString &sql : {model.lines()->sql(), model.sql()})
        QVERIFY2(reader->prepare(sql.toStdString()), qPrintable(sql));
}

void TestServerLogModel::linesComeByPages()
{
    LogRecords log;
    for (int i = 0; i < 3000; ++i)
        log.line(i, "slow_statement", "LOG", "line " + std::to_string(i), "line ?", (i * 37) % 3000);
    auto session = log.open();
    ServerLogModel model(session.get());
    model.setActive(true);
    QTRY_COMPARE(model.lines()->rowCount(), 3000);
    LogLineTable &lines = *model.lines();
    QCOMPARE(cellText(lines, 0, LogLineTable::Time), QStringLiteral("…"));
    QTRY_COMPARE(cellText(lines, 0, LogLineTable::Message), QStringLiteral("line 2999")); // newest first
    QTRY_COMPARE(cellText(lines, 2999, LogLineTable::Message), QStringLiteral("line 0"));
    lines.sort(LogLineTable::Duration, Qt::DescendingOrder);
    QTRY_COMPARE(cellText(lines, 0, LogLineTable::Duration), QStringLiteral("3 s"));
    QVERIFY(lines.index(0, LogLineTable::Duration)
                .data(Qt::ToolTipRole)
                .toString()
                .startsWith(QLatin1String("2999")));
    QTRY_VERIFY(cellText(lines, 2999, LogLineTable::Duration).startsWith(QLatin1Char('0')));
    QVERIFY(lines.index(2999, LogLineTable::Time)
                .data(Qt::ToolTipRole)
                .toString()
                .contains(QLatin1String("+02:00 in the log")));
}

void TestServerLogModel::wholeRecord()
{
    auto session = sample();
    ServerLogModel model(session.get());
    QSignalSpy changed(&model, &ServerLogModel::recordChanged);
    model.chooseLine(1);
    QVERIFY(changed.wait());
    const auto field = [&](const char *name) {
        for (const auto &[key, value] : model.record()) {
            if (key == name)
                return value;
        }
        return std::string("(none)");
    };
    QCOMPARE(field("kind"), std::string("slow_statement"));
    QCOMPARE(field("statement"), std::string("SELECT * FROM orders WHERE id = 7"));
    QCOMPARE(field("file"), std::string("postgresql.log"));
    QCOMPARE(field("detail"), std::string("(none)"));
    model.chooseLine(0);
    QVERIFY(model.record().empty());
}

void TestServerLogModel::deadlocksByPair()
{
    auto session = sample();
    LockModel model(session.get());
    for (CellTable *table : {model.pairs(), model.deadlocks(), model.processes(), model.waits()})
        new QAbstractItemModelTester(table, QAbstractItemModelTester::FailureReportingMode::Fatal, table);
    model.setActive(true);
    QTRY_VERIFY(model.overview() && !model.isBusy());
    QCOMPARE(model.pairs()->rowCount(), 2);
    QCOMPARE(cellText(*model.pairs(), 0, LockModel::PairCount), QStringLiteral("3"));
    QCOMPARE(cellText(*model.pairs(), 0, LockModel::PairRelations), QStringLiteral("orders"));
    QCOMPARE(model.deadlocks()->rowCount(), 4);
    QVERIFY(model.current());
    QCOMPARE(model.current()->processes.size(), std::size_t(3)); // the newest
    QVERIFY(model.current()->processes[0].cancelled && !model.current()->processes[1].cancelled);
    model.choosePair(0);
    QCOMPARE(model.deadlocks()->rowCount(), 3);
    QCOMPARE(model.processes()->rowCount(), 2);
    QCOMPARE(cellText(*model.processes(), 0, LockModel::ProcessPid), QStringLiteral("11 ✗"));
    QCOMPARE(model.timeOfPair(0).value_or(TimeRange{}).begin, kLogStart + 100 * kNanosPerSecond);
    QCOMPARE(model.timeOfPair(0).value_or(TimeRange{}).end, kLogStart + 220 * kNanosPerSecond + 1);
    const QString text = QString::fromStdString(model.current()->toText());
    QVERIFY(text.contains(QLatin1String(
        "Process 11 (cancelled) waits for ShareLock on transaction 771 [orders], held by process 12.")));
    QVERIFY(text.contains(QLatin1String("Process 12: UPDATE orders SET shipped = true WHERE id = 8")));
    session->context()->setRange(
        TimeRange{kLogStart + 490 * kNanosPerSecond, kLogStart + 501 * kNanosPerSecond});
    QTRY_COMPARE(model.deadlocks()->rowCount(), 1);
    auto reader = session->workspace().connectReader();
    QVERIFY(reader);
    for (const QString &sql : {model.sql(), model.waitSql()})
        QVERIFY2(reader->prepare(sql.toStdString()), qPrintable(sql));
}

void TestServerLogModel::reportsOfOneWait()
{
    auto session = sample();
    LockModel model(session.get());
    model.setActive(true);
    QTRY_VERIFY(model.overview() && !model.isBusy());
    QCOMPARE(model.waits()->rowCount(), 2);
    const LockWait &longest = model.overview()->waits[0];
    QCOMPARE(longest.waitedMs.value_or(0), 7000.3);
    QCOMPARE(longest.reports, 2);
    QVERIFY2(longest.statement.starts_with("UPDATE orders SET state"), longest.statement.c_str());
    QCOMPARE(model.overview()->waits[1].waitedMs.value_or(0), 2500.0);
}

void TestServerLogModel::cellsSort()
{
    CellTable table({{QStringLiteral("n"), {}, true}, {QStringLiteral("name"), {}, false}});
    const auto row = [](qint64 id, const QVariant &value, const char *name) {
        TableCell number, text;
        number.text = value.isValid() ? value.toString() : QStringLiteral("unknown");
        number.value = value;
        text.text = QString::fromLatin1(name);
        return TableRow{id, {number, text}};
    };
    table.setRows({row(1, 9.5, "b"), row(2, {}, "c"), row(3, 100.0, "a")});
    const auto ids = [&] {
        QString line;
        for (int i = 0; i < table.rowCount(); ++i)
            line += QString::number(table.idAt(i));
        return line;
    };
    table.sort(0, Qt::AscendingOrder);
    QCOMPARE(ids(), QStringLiteral("132")); // unknown is last either way
    table.sort(0, Qt::DescendingOrder);
    QCOMPARE(ids(), QStringLiteral("312"));
    const QPersistentModelIndex kept(table.index(0, 1));
    table.sort(1, Qt::AscendingOrder);
    QCOMPARE(ids(), QStringLiteral("312"));
    QCOMPARE(kept.data().toString(), QStringLiteral("a"));
    QCOMPARE(table.toText({0}), QStringLiteral("n\tname\n100\ta"));
}

QTEST_MAIN(TestServerLogModel)
#include "tst_serverlogmodel.moc"
