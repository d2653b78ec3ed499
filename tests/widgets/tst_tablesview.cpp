// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/tables/tablesview.h"

#include "items/celltext.h"
#include "items/objectsmodel.h"
#include "session/playback.h"
#include "tests/widgets/objectsfixture.h"
#include "tests/widgets/viewtest.h"
#include "widgets/base/celltableview.h"
#include "widgets/tables/objectpage.h"
#include "widgets/tables/vacuumpage.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QPushButton>
#include <QTabWidget>

using namespace tailscope;
using namespace tailscope::widgets;
using items::ObjectsModel;

class TestTablesView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void emptyStateSaysWhatToDo();
    void tablesInTheRange();
    void momentOfThePlayback();
    void indexes();
    void vacuum();
    void settings();
    void versionsThatLackColumns();
    void followsTheSelection();
    void twentyThousandTables();
    void settingsInWords();
    void manyChangesOfASetting();
    void sameNameInTwoDatabases();
    void commandsOfOldTimes();
    void keyboardAndNames();
    void pictures();

private:
    void open();
    /// Text of a cell by the title of its column.
    static QString cell(const QAbstractItemModel *model, int row, const char *title);
    static int rowOf(const QAbstractItemModel *model, const QString &text);

    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<TablesView> m_view;
};

void TestTablesView::open()
{
    m_view.reset();
    m_session = tests::shopSession();
    m_view = std::make_unique<TablesView>(m_session.get());
    m_view->resize(1400, 900);
    m_view->show();
    m_view->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(m_view.get()));
    QTRY_VERIFY(m_view->isReady());
    m_view->setFocus();
}

QString TestTablesView::cell(const QAbstractItemModel *model, int row, const char *title)
{
    for (int column = 0; column < model->columnCount(); ++column) {
        if (model->headerData(column, Qt::Horizontal).toString() == QLatin1String(title))
            return model->index(row, column).data().toString();
    }
    return QStringLiteral("no such column");
}

int TestTablesView::rowOf(const QAbstractItemModel *model, const QString &text)
{
    for (int row = 0; row < model->rowCount(); ++row) {
        if (model->index(row, 0).data().toString().contains(text))
            return row;
    }
    return -1;
}

void TestTablesView::emptyStateSaysWhatToDo()
{
    const auto empty = tests::openSession();
    TablesView view(empty.get());
    view.show();
    QTRY_VERIFY(view.isReady());
    QTRY_VERIFY(tests::labelText(view).contains(QStringLiteral("tailscope catalog-sql")));
    QSignalSpy commands(&view, &View::commandRequested);
    for (QPushButton *button : view.findChildren<QPushButton *>()) {
        if (button->isVisible())
            button->click();
    }
    QCOMPARE(commands.size(), 1);
    QCOMPARE(tests::sqlProblem(*empty, view.showSql()), QString());
}

void TestTablesView::tablesInTheRange()
{
    open();
    const auto *tables = m_view->tablePage()->table()->model();
    QTRY_COMPARE(tables->rowCount(), 2);
    QAbstractItemModelTester tester(m_view->model()->tables());
    const int orders = rowOf(tables, QStringLiteral("public.orders"));
    QVERIFY(orders >= 0);
    // 3 scans and 90 index scans in 30 s; 100,000 rows each; 45 of 60 updates stayed on their page.
    QCOMPARE(cell(tables, orders, "Seq. Scans"), QStringLiteral("0.1/s"));
    QCOMPARE(cell(tables, orders, "Index Scans"), QStringLiteral("3/s"));
    QCOMPARE(cell(tables, orders, "Index Use"), QStringLiteral("97 %"));
    QCOMPARE(cell(tables, orders, "Rows/Scan"), QStringLiteral("100,000"));
    QCOMPARE(cell(tables, orders, "HOT"), QStringLiteral("75 %"));
    QCOMPARE(cell(tables, orders, "Hit Ratio"), QStringLiteral("90 %"));
    // Its own scale factor: 50 + 0.1 x 100,000 = 10,050; 11,000 are dead.
    QCOMPARE(cell(tables, orders, "Vacuum Due"), QStringLiteral("109 %"));
    QCOMPARE(cell(tables, orders, "Dead"), QStringLiteral("11,000"));
    QVERIFY(cell(tables, orders, "Bloat").startsWith(QStringLiteral("about 12.8 MiB")));
    QVERIFY2(m_view->tablePage()->detailsText().contains(
                 QStringLiteral("10,050 dead rows = 50 + 0.1 x 100,000 rows")),
        qPrintable(m_view->tablePage()->detailsText()));
    const int lines = rowOf(tables, QStringLiteral("public.lines"));
    QCOMPARE(cell(tables, lines, "Rows"), QStringLiteral("never counted"));
    QCOMPARE(cell(tables, lines, "Seq. Scans"),
        QStringLiteral("0/s")); // unchanged, not stored again: 0, not unknown
    QCOMPARE(cell(tables, lines, "Updated"), QStringLiteral("–"));
    // All since the reset.
    m_view->totalsBox()->click();
    QCOMPARE(cell(tables, rowOf(tables, QStringLiteral("orders")), "Seq. Scans"), QStringLiteral("13"));
    QCOMPARE(cell(tables, rowOf(tables, QStringLiteral("orders")), "Hit Ratio"), QStringLiteral("99 %"));
    m_view->searchEdit()->setText(QStringLiteral("lin"));
    QCOMPARE(tables->rowCount(), 1);
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
    const QString csv = items::cells::csv(*tables);
    QCOMPARE(csv.count(QLatin1Char('\n')), 2);
    QVERIFY2(csv.contains(QStringLiteral("public.lines · primary,"))
            || csv.contains(QStringLiteral("public.lines,")),
        qPrintable(csv));
}

void TestTablesView::momentOfThePlayback()
{
    open();
    m_session->playback()->setRecorded({tests::kObjectsBegin, tests::kObjectsBegin + 30 * kNanosPerSecond});
    m_session->playback()->hold(tests::kObjectsBegin + 12 * kNanosPerSecond);
    const auto *tables = m_view->tablePage()->table()->model();
    QTRY_COMPARE(cell(tables, rowOf(tables, QStringLiteral("orders")), "Dead"), QStringLiteral("7,000"));
    m_session->playback()->follow();
    QTRY_COMPARE(cell(tables, rowOf(tables, QStringLiteral("orders")), "Dead"), QStringLiteral("11,000"));
    // The chosen row stays chosen when the rows are new.
    QTest::mouseClick(m_view->tablePage()->table()->viewport(), Qt::LeftButton, {},
        m_view->tablePage()->table()->visualRect(tables->index(1, 0)).center());
    const QString chosen = m_view->tablePage()->table()->currentIndex().siblingAtColumn(0).data().toString();
    m_session->playback()->hold(tests::kObjectsBegin + 21 * kNanosPerSecond);
    QTRY_COMPARE(cell(tables, rowOf(tables, QStringLiteral("orders")), "Dead"), QStringLiteral("9,000"));
    QCOMPARE(m_view->tablePage()->table()->currentIndex().siblingAtColumn(0).data().toString(), chosen);
    // A chosen range goes before: its end.
    m_session->context()->setRange(
        TimeRange{tests::kObjectsBegin, tests::kObjectsBegin + 5 * kNanosPerSecond});
    QTRY_COMPARE(cell(tables, rowOf(tables, QStringLiteral("orders")), "Dead"), QStringLiteral("5,000"));
}

void TestTablesView::indexes()
{
    open();
    QTest::keyClick(m_view.get(), Qt::Key_2);
    const auto *indexes = m_view->indexPage()->table()->model();
    // The primary's three and its foreign key, the standby's one.
    QTRY_COMPARE(indexes->rowCount(), 5);
    QCOMPARE(m_view->serverBox()->count(), 3);
    m_view->serverBox()->setCurrentIndex(1);
    Q_EMIT m_view->serverBox()->activated(1);
    QTRY_COMPARE(indexes->rowCount(), 4);
    const int note = rowOf(indexes, QStringLiteral("orders_note")),
              note2 = rowOf(indexes, QStringLiteral("orders_note2"));
    const int first = indexes->index(note, 0).data().toString().endsWith(QLatin1Char('2'))
        ? rowOf(indexes, QStringLiteral("public.orders_note"))
        : note;
    for (int row = 0; row < indexes->rowCount(); ++row) {
        const QString name = indexes->index(row, 0).data().toString();
        const QString remarks = cell(indexes, row, "Remarks");
        if (name == QLatin1String("public.orders_note"))
            QVERIFY2(remarks.contains(QStringLiteral("unused here, read on a standby")), qPrintable(remarks));
        if (name == QLatin1String("public.orders_note2"))
            QVERIFY2(remarks.contains(QStringLiteral("the same as orders_note")), qPrintable(remarks));
        if (name == QLatin1String("public.orders_customer_fkey"))
            QVERIFY2(remarks.contains(QStringLiteral("no index begins with")), qPrintable(remarks));
        if (name == QLatin1String("public.orders_pkey"))
            QVERIFY(remarks.isEmpty());
    }
    QVERIFY(first >= 0 && note2 >= 0);
    QCOMPARE(cell(indexes, note2, "Last Scan"), QStringLiteral("not on this version"));
    // The texts to run elsewhere.
    m_view->indexPage()->table()->selectRow(rowOf(indexes, QStringLiteral("fkey")));
    QPushButton *create = nullptr;
    for (QPushButton *button : m_view->indexPage()->findChildren<QPushButton *>()) {
        if (button->text().contains(QStringLiteral("CREATE INDEX")))
            create = button;
    }
    QVERIFY(create);
    create->click();
    QCOMPARE(QApplication::clipboard()->text(),
        QStringLiteral("CREATE INDEX CONCURRENTLY ON public.orders (customer_id);"));
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
}

void TestTablesView::vacuum()
{
    open();
    QTest::keyClick(m_view.get(), Qt::Key_3);
    const auto *progress = m_view->vacuumPage()->progress()->model();
    QTRY_COMPARE(progress->rowCount(), 1);
    QCOMPARE(cell(progress, 0, "Done"), QStringLiteral("30 %"));
    QCOMPARE(cell(progress, 0, "Rate"), QStringLiteral("100 blocks/s")); // 3,000 in 30 s
    QVERIFY2(cell(progress, 0, "Remaining").startsWith(QStringLiteral("1 min"))
            || cell(progress, 0, "Remaining").startsWith(QStringLiteral("70")),
        qPrintable(cell(progress, 0, "Remaining")));
    QVERIFY(cell(progress, 0, "Remarks").contains(QStringLiteral("maintenance_work_mem")));
    // The newest holders only, the oldest first.
    const auto *holders = m_view->vacuumPage()->holders()->model();
    QCOMPARE(holders->rowCount(), 2);
    QCOMPARE(cell(holders, 0, "Age"), QStringLiteral("2,000,003"));
    QVERIFY(cell(holders, 0, "What to Do").contains(QStringLiteral("idle_in_transaction_session_timeout")));
    m_view->vacuumPage()->holders()->selectRow(1);
    QPushButton *rollback = nullptr;
    for (QPushButton *button : m_view->vacuumPage()->findChildren<QPushButton *>()) {
        if (button->text().contains(QStringLiteral("ROLLBACK PREPARED")))
            rollback = button;
    }
    QVERIFY(rollback);
    rollback->click();
    QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("ROLLBACK PREPARED 'order''s';"));
    const auto *ages = m_view->vacuumPage()->ages()->model();
    QCOMPARE(ages->rowCount(), 1);
    QCOMPARE(cell(ages, 0, "To Forced Vacuum"), QStringLiteral("125 %"));
    QCOMPARE(cell(ages, 0, "To the End"), QStringLiteral("12 %"));
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
}

void TestTablesView::settings()
{
    open();
    QTest::keyClick(m_view.get(), Qt::Key_4);
    const auto *settings = m_view->settingPage()->table()->model();
    QTRY_COMPARE(settings->rowCount(), 5);
    QCOMPARE(settings->index(0, 0).data().toString(), QStringLiteral("shared_buffers"));
    QCOMPARE(cell(settings, 0, "Value"), QStringLiteral("128 MiB"));
    QCOMPARE(cell(settings, 0, "From"), QStringLiteral("default"));
    const int memory = rowOf(settings, QStringLiteral("work_mem"));
    QCOMPARE(cell(settings, memory, "Value"), QStringLiteral("64 MiB"));
    QVERIFY(cell(settings, memory, "Remarks").contains(QStringLiteral("waits for a restart")));
    QVERIFY(cell(settings, memory, "Remarks").contains(QStringLiteral("4096 -> 65536")));
    // Those nobody looks at first come last, and are found.
    QCOMPARE(settings->index(4, 0).data().toString(), QStringLiteral("some_other_thing"));
    m_view->searchEdit()->setText(QStringLiteral("other"));
    QCOMPARE(settings->rowCount(), 1);
}

void TestTablesView::versionsThatLackColumns()
{
    open();
    const auto *tables = m_view->tablePage()->table()->model();
    QTRY_COMPARE(tables->rowCount(), 2);
    QCOMPARE(cell(tables, rowOf(tables, QStringLiteral("orders")), "New Page"),
        QStringLiteral("not on this version"));
}

void TestTablesView::followsTheSelection()
{
    open();
    m_session->context()->setSelection(
        {session::Selection::Kind::Index, 103, QStringLiteral("public.orders_note2")});
    QTRY_COMPARE(m_view->pages()->currentIndex(), 1);
    QTRY_VERIFY(m_view->indexPage()->detailsText().contains(QStringLiteral("public.orders_note2")));
    m_session->context()->setSelection(
        {session::Selection::Kind::Table, 200, QStringLiteral("public.lines")});
    QTRY_COMPARE(m_view->pages()->currentIndex(), 0);
    QTRY_VERIFY(m_view->tablePage()->detailsText().contains(QStringLiteral("public.lines")));
    // The other way round.
    const auto *tables = m_view->tablePage()->table()->model();
    m_view->tablePage()->table()->selectRow(rowOf(tables, QStringLiteral("orders")));
    QCOMPARE(m_session->context()->selection().text, QStringLiteral("public.orders"));
    TablesView again(m_session.get());
    again.restoreState(m_view->saveState());
    QCOMPARE(again.pages()->currentIndex(), 0);
}

void TestTablesView::twentyThousandTables()
{
    m_view.reset();
    auto workspace = tests::objectsWorkspace();
    tests::Recorded source(*workspace);
    const RecordRef server = source.server("big", 5432);
    for (std::int64_t i = 0; i < 20'000; ++i) {
        const std::string name = "t_" + std::to_string(i);
        source.add(RecordTable::TableSample, server,
            {{"ts_ns", tests::kObjectsBegin}, {"relid", i + 1}, {"schemaname", std::string_view("public")},
                {"relname", std::string_view(name)}, {"seq_scan", i}, {"n_live_tup", i},
                {"n_dead_tup", i / 7}, {"table_bytes", i * 8192}});
    }
    source.finish();
    m_session = tests::loadedSession(std::move(workspace));
    TablesView view(m_session.get());
    view.resize(1400, 900);
    QElapsedTimer timer;
    timer.start();
    view.show();
    QTRY_COMPARE_WITH_TIMEOUT(view.tablePage()->table()->model()->rowCount(), 20'000, 20'000);
    const qint64 shown = timer.restart();
    view.tablePage()->table()->sortByColumn(6, Qt::DescendingOrder);
    view.searchEdit()->setText(QStringLiteral("t_1999"));
    QCOMPARE(view.tablePage()->table()->model()->rowCount(), 11);
    const qint64 searched = timer.elapsed();
    qInfo("20,000 tables: shown after %lld ms, sorted and searched in %lld ms", shown, searched);
    QVERIFY2(shown < 6000 && searched < 3000, "too slow");
}

void TestTablesView::settingsInWords()
{
    using items::settingWords;
    QCOMPARE(QString::fromStdString(settingWords("16384", "8kB")), QStringLiteral("128 MiB"));
    QCOMPARE(QString::fromStdString(settingWords("300", "s")), QStringLiteral("5 min"));
    QCOMPARE(QString::fromStdString(settingWords("200", "ms")), QStringLiteral("200 ms"));
    QCOMPARE(QString::fromStdString(settingWords("1440", "min")), QStringLiteral("24 h"));
    QVERIFY(
        settingWords("-1", "kB").empty() && settingWords("0", "s").empty() && settingWords("on", "").empty());
}

/// The newest changes are kept, not the first.
void TestTablesView::manyChangesOfASetting()
{
    auto workspace = tests::objectsWorkspace();
    tests::Recorded source(*workspace);
    const RecordRef server = source.server("primary", 5432);
    for (std::int64_t i = 0; i <= 60; ++i) {
        const std::string value = std::to_string(4096 + i);
        source.add(RecordTable::Setting, server,
            {{"name", std::string_view("work_mem")}, {"setting", std::string_view(value)},
                {"unit", std::string_view("kB")}, {"ts_ns", tests::kObjectsBegin + i * kNanosPerSecond}});
    }
    source.finish();
    items::ObjectRequest request;
    request.moment = tests::kObjectsBegin + 3600 * kNanosPerSecond;
    const auto list = items::readSettingList(*workspace, request, {});
    QVERIFY(list && list->settings.size() == 1);
    QVERIFY(list->settings[0].changes.back().ends_with("4155 -> 4156"));
    QVERIFY(list->settings[0].changes.size() <= 50);
}

/// The chosen one is found again by its database, not by its name alone.
void TestTablesView::sameNameInTwoDatabases()
{
    m_view.reset();
    auto workspace = tests::objectsWorkspace();
    tests::Recorded source(*workspace);
    const RecordRef server = source.server("primary", 5432);
    for (const char *database : {"crm", "shop"})
        source.add(RecordTable::TableSample, server,
            {{"ts_ns", tests::kObjectsBegin}, {"relid", std::int64_t(100)},
                {"dbname", std::string_view(database)}, {"schemaname", std::string_view("public")},
                {"relname", std::string_view("orders")}, {"table_bytes", std::int64_t(8192)}});
    source.finish();
    m_session = tests::loadedSession(std::move(workspace));
    TablesView view(m_session.get());
    view.show();
    const CellTableView *table = view.tablePage()->table();
    QTRY_COMPARE(table->model()->rowCount(), 2);
    const auto chosen
        = [&] { return table->currentIndex().siblingAtColumn(0).data(Qt::ToolTipRole).toString(); };
    for (int row = 0; row < 2; ++row) {
        view.tablePage()->table()->selectRow(row);
        const QString before = chosen();
        QVERIFY(before.contains(QLatin1String("orders")));
        view.tablePage()->refresh();
        QCOMPARE(table->currentIndex().row(), row);
        QCOMPARE(chosen(), before);
    }
}

/// Where samples were thinned one row a minute is left: it is one command that runs, not one after the other.
void TestTablesView::commandsOfOldTimes()
{
    auto workspace = tests::objectsWorkspace();
    tests::Recorded source(*workspace);
    const RecordRef server = source.server("primary", 5432);
    for (std::int64_t i = 0; i <= 2; ++i)
        source.add(RecordTable::ProgressSample, server,
            {{"ts_ns", tests::kObjectsBegin + i * 60 * kNanosPerSecond},
                {"command", std::string_view("vacuum")}, {"pid", std::int64_t(77)},
                {"relname", std::string_view("orders")}, {"phase", std::string_view("scanning heap")},
                {"done", 600.0 * double(i)}, {"total", 10'000.0}});
    const std::int64_t id = source.finish();
    items::ObjectRequest request;
    request.moment = tests::kObjectsBegin + 110 * kNanosPerSecond;
    const auto before = items::readVacuum(*workspace, request, {});
    QVERIFY(before && before->progress.empty()); // not seen for 50 s
    auto writer = workspace->connectWriter();
    QVERIFY(writer
        && writer->execute(
            "INSERT INTO recording_retention (source_id, rolled_until_ns, rows_removed) VALUES ("
            + std::to_string(id) + ", " + std::to_string(tests::kObjectsBegin + 180 * kNanosPerSecond)
            + ", 0)"));
    const auto state = items::readVacuum(*workspace, request, {});
    QVERIFY(state && state->progress.size() == 1);
    QCOMPARE(state->progress[0].sinceNs, tests::kObjectsBegin);
    QCOMPARE(state->progress[0].perSecond.value_or(0), 10.0);
    request.moment = tests::kObjectsBegin + 300 * kNanosPerSecond;
    const auto after = items::readVacuum(*workspace, request, {});
    QVERIFY(after && after->progress.empty());
}

void TestTablesView::keyboardAndNames()
{
    open();
    for (int page = 0; page < 4; ++page) {
        QTest::keyClick(m_view.get(), Qt::Key(Qt::Key_1 + page));
        QTRY_VERIFY(m_view->isReady());
        QCOMPARE(m_view->pages()->currentIndex(), page);
        QCOMPARE(tests::nameless(*m_view), QStringList());
    }
    // Digits typed into the search stay there.
    m_view->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(m_view.get()));
    m_view->startSearch();
    QTest::keyClicks(m_view->searchEdit(), QStringLiteral("12"));
    QCOMPARE(m_view->searchEdit()->text(), QStringLiteral("12"));
    QCOMPARE(m_view->pages()->currentIndex(), 3);
}

void TestTablesView::pictures()
{
    m_view.reset();
    m_session = tests::openSession();
    QCOMPARE(tests::pictureProblem([this] { return std::make_unique<TablesView>(m_session.get()); }),
        QString());
    m_session = tests::shopSession();
    for (int page = 0; page < 4; ++page) {
        QCOMPARE(tests::pictureProblem([&] {
            auto view = std::make_unique<TablesView>(m_session.get());
            view->restoreState({{QStringLiteral("page"), page}});
            return view;
        }),
            QString());
    }
}

QTEST_MAIN(TestTablesView)
#include "tst_tablesview.moc"
