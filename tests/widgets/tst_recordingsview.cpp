// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/recordings/recordingsview.h"

#include "items/recordingsquery.h"

#include "tests/widgets/objectsfixture.h"
#include "tests/widgets/viewtest.h"
#include "widgets/base/celltableview.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QTabWidget>

using namespace tailscope;
using namespace tailscope::widgets;
using items::RecordingsModel;

namespace {

/// Before and after an index was made: "SELECT slow" takes 50 ms, then 1 ms; as many calls.
std::unique_ptr<session::Session> beforeAndAfter(int recordings = 2)
{
    auto workspace = tests::objectsWorkspace();
    for (int recording = 0; recording < recordings; ++recording) {
        tests::Recorded source(*workspace);
        const RecordRef server = source.server("primary", 5432);
        const Nanos begin = tests::kObjectsBegin + recording * 3600 * kNanosPerSecond;
        for (int i = 0; i <= 6; ++i) {
            const Nanos ts = begin + i * 10 * kNanosPerSecond;
            const auto statement = [&](const char *sql, std::int64_t calls, double meanMs) {
                source.add(RecordTable::StatementSample, server,
                    {{"statement_id", std::string_view(sql)}, {"ts_ns", ts}, {"calls", calls},
                        {"total_ms", meanMs * double(calls)}, {"stddev_ms", meanMs / 5}, {"rows", calls}});
            };
            statement("SELECT slow FROM orders WHERE note = $1", 100 + 50 * i, recording == 0 ? 50 : 1);
            statement("SELECT other FROM lines", 1000 + 100 * i, 2);
            for (std::int64_t pid = 0; pid < (recording == 0 ? 5 : 1); ++pid)
                source.add(RecordTable::SessionSample, server,
                    {{"ts_ns", ts}, {"pid", pid}, {"state", std::string_view("active")},
                        {"backend_type", std::string_view("client backend")},
                        {"wait_event_type", std::string_view("IO")},
                        {"wait_event", std::string_view("DataFileRead")}});
            source.add(RecordTable::TableSample, server,
                {{"ts_ns", ts}, {"relid", std::int64_t(100)}, {"schemaname", std::string_view("public")},
                    {"relname", std::string_view("orders")},
                    {"seq_scan", std::int64_t(recording == 0 ? 5 * i : 30)},
                    {"idx_scan", std::int64_t(recording == 0 ? 0 : 5 * i)}});
        }
        source.add(RecordTable::Setting, server,
            {{"name", std::string_view("work_mem")},
                {"setting", std::string_view(recording == 0 ? "4096" : "65536")}, {"ts_ns", begin}});
        source.finish();
    }
    return tests::loadedSession(std::move(workspace));
}

QString cell(const QAbstractItemModel *model, int row, const char *title, int nth = 0)
{
    for (int column = 0; column < model->columnCount(); ++column) {
        if (model->headerData(column, Qt::Horizontal).toString() == QLatin1String(title) && nth-- == 0)
            return model->index(row, column).data().toString();
    }
    return QStringLiteral("no such column");
}

} // namespace

class TestRecordingsView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void emptyStateSaysWhatToDo();
    void beforeAndAfterAnIndex();
    void twoRangesOfOne();
    void recordingsThatOverlap();
    void keyboardAndNames();
    void pictures();
};

void TestRecordingsView::emptyStateSaysWhatToDo()
{
    const auto empty = tests::openSession();
    RecordingsView view(empty.get());
    view.show();
    QTRY_VERIFY(view.isReady());
    QTRY_VERIFY(tests::labelText(view).contains(QStringLiteral("tailscope record")));
}

void TestRecordingsView::beforeAndAfterAnIndex()
{
    const auto session = beforeAndAfter();
    RecordingsView view(session.get());
    view.resize(1500, 900);
    view.show();
    const auto *statements = view.table(RecordingsModel::Statements)->model();
    QTRY_COMPARE(statements->rowCount(), 2);
    QAbstractItemModelTester tester(view.model()->table(RecordingsModel::Statements));
    // What gained most is first: 5 calls a second of 50 ms became as many of 1 ms.
    QVERIFY(cell(statements, 0, "Statement").startsWith(QStringLiteral("SELECT slow")));
    QCOMPARE(cell(statements, 0, "Time Gained"), QStringLiteral("-245 ms/s"));
    QCOMPARE(cell(statements, 0, "Mean B / A"), QStringLiteral("0.02×"));
    QCOMPARE(cell(statements, 0, "Mean"), QStringLiteral("faster"));
    QCOMPARE(cell(statements, 0, "Calls"), QStringLiteral("no sure change"));
    QCOMPARE(cell(statements, 1, "Mean"), QStringLiteral("no sure change"));
    const auto *waits = view.table(RecordingsModel::Waits)->model();
    QCOMPARE(waits->rowCount(), 1);
    QCOMPARE(cell(waits, 0, "Sessions A"), QStringLiteral("5"));
    QCOMPARE(cell(waits, 0, "Verdict"), QStringLiteral("less"));
    const auto *tables = view.table(RecordingsModel::Tables)->model();
    QCOMPARE(tables->rowCount(), 1);
    QCOMPARE(cell(tables, 0, "Seq. Scans/s A"), QStringLiteral("0.5"));
    QCOMPARE(cell(tables, 0, "Seq. Scans/s B"),
        QStringLiteral("0")); // of its own samples, not since the first recording
    QCOMPARE(cell(tables, 0, "Index Scans/s B"), QStringLiteral("0.5"));
    const auto *settings = view.table(RecordingsModel::SettingsPage)->model();
    QCOMPARE(settings->rowCount(), 1);
    QCOMPARE(cell(settings, 0, "In B"), QStringLiteral("65536"));
    for (int page = 0; page < RecordingsModel::PageCount; ++page) {
        view.pages()->setCurrentIndex(page);
        QCOMPARE(tests::sqlProblem(*session, view.showSql()), QString());
    }
    // The other way round.
    view.swapButton()->click();
    QTRY_COMPARE(cell(statements, 0, "Mean"), QStringLiteral("slower"));
    view.searchEdit()->setText(QStringLiteral("other"));
    QCOMPARE(statements->rowCount(), 1);
}

void TestRecordingsView::twoRangesOfOne()
{
    const auto session = beforeAndAfter(1);
    RecordingsView view(session.get());
    view.show();
    const auto *statements = view.table(RecordingsModel::Statements)->model();
    QTRY_COMPARE(statements->rowCount(), 2);
    QVERIFY2(view.noteText().contains(QStringLiteral("halves")), qPrintable(view.noteText()));
    QVERIFY(!view.rangeButton(RecordingsModel::First)->isEnabled());
    const TimeRange range{tests::kObjectsBegin + 20 * kNanosPerSecond,
        tests::kObjectsBegin + 41 * kNanosPerSecond};
    session->context()->setRange(range);
    QVERIFY(view.rangeButton(RecordingsModel::First)->isEnabled());
    view.rangeButton(RecordingsModel::First)->click();
    QTRY_COMPARE(view.model()->side(RecordingsModel::First).range, range);
    QTRY_VERIFY(view.isReady());
    QCOMPARE(cell(statements, 0, "Calls"), QStringLiteral("no sure change"));
    QCOMPARE(cell(statements, 0, "Calls/s A").isEmpty(), false);
}

/// Two processes recorded one server at once: each side has its own rows; databases are told apart.
void TestRecordingsView::recordingsThatOverlap()
{
    const auto workspace = tests::objectsWorkspace();
    const TimeRange range{tests::kObjectsBegin, tests::kObjectsBegin + 61 * kNanosPerSecond};
    std::vector<analysis::RecordingItem> recordings;
    for (int recording = 0; recording < 2; ++recording) {
        tests::Recorded source(*workspace);
        const RecordRef server = source.server("primary", 5432);
        const auto table = [&](Nanos ts, const char *database, std::int64_t scans) {
            source.add(RecordTable::TableSample, server,
                {{"ts_ns", ts}, {"relid", std::int64_t(100)}, {"dbname", std::string_view(database)},
                    {"schemaname", std::string_view("public")}, {"relname", std::string_view("orders")},
                    {"seq_scan", scans}});
        };
        for (std::int64_t i = 0; i <= 6; ++i) {
            const Nanos ts = tests::kObjectsBegin + (i * 10 + recording) * kNanosPerSecond;
            table(ts, "shop", recording == 0 ? 1000 + 5 * i : 2000);
            if (recording == 0)
                table(ts, "crm", 100 * i);
        }
        recordings.push_back({source.finish(), "recording", range});
    }
    const auto both = items::compareRecordings(*workspace, recordings, {recordings[0].source, {}},
        {recordings[1].source, {}}, true, {});
    QVERIFY2(both.has_value(), both ? "" : both.error().toText().c_str());
    QCOMPARE(both->tables.size(), std::size_t(2));
    const auto scans = [](const std::optional<items::TableItem> &item) {
        return item ? item->growth.by[std::size_t(analysis::TableCounter::SeqScans)].value_or(-1) : -2;
    };
    for (const auto &[name, sides] : both->tables) {
        const bool isShop = name.find("shop") != std::string::npos;
        QCOMPARE(scans(sides.first), std::int64_t(isShop ? 30 : 600));
        QCOMPARE(scans(sides.second), std::int64_t(isShop ? 0 : -2));
    }
}

void TestRecordingsView::keyboardAndNames()
{
    const auto session = beforeAndAfter();
    RecordingsView view(session.get());
    view.resize(1400, 800);
    view.show();
    view.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&view));
    QTRY_VERIFY(view.isReady());
    view.setFocus();
    for (int page = 0; page < RecordingsModel::PageCount; ++page) {
        QTest::keyClick(&view, Qt::Key(Qt::Key_1 + page));
        QCOMPARE(view.pages()->currentIndex(), page);
        QCOMPARE(tests::nameless(view), QStringList());
    }
    RecordingsView again(session.get());
    again.restoreState(view.saveState());
    QCOMPARE(again.pages()->currentIndex(), int(RecordingsModel::SettingsPage));
}

void TestRecordingsView::pictures()
{
    for (const int recordings : {0, 2}) {
        const auto session = beforeAndAfter(recordings);
        QCOMPARE(tests::pictureProblem([&] { return std::make_unique<RecordingsView>(session.get()); }),
            QString());
    }
}

QTEST_MAIN(TestRecordingsView)
#include "tst_recordingsview.moc"
