// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Start, sources, import report, details and SQL console.
#include "items/samples.h"
#include "tests/widgets/viewtest.h"
#include "widgets/console/consoleview.h"
#include "widgets/console/sqledit.h"
#include "widgets/details/detailsview.h"
#include "widgets/start/importreportview.h"
#include "widgets/start/sourcesview.h"
#include "widgets/start/startview.h"

#include <QCommandLinkButton>
#include <QDialog>
#include <QPushButton>
#include <QStandardPaths>
#include <QTabWidget>
#include <QTableView>
#include <QTextBrowser>
#include <QTreeView>
#include <QTreeWidget>

using namespace tailscope;
using namespace tailscope::widgets;
using Kind = session::Selection::Kind;

class TestSideViews : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QStandardPaths::setTestModeEnabled(true); }
    void startOffersFilesPlanAndSamples();
    void startShowsTheWholeText();
    void sourcesListAndFollow();
    void sourcesEmpty();
    void reportCountsRejects();
    void reportEmpty();
    void detailsShowTimes();
    void detailsOfASeries();
    void detailsEmpty();
    void consoleRunsByKeyboard();
    void consoleSaysWhatIsWrong();
    void sqlNamesAndPictures_data();
    void sqlNamesAndPictures();

private:
    template<typename T>
    T *open(const tests::Files &files)
    {
        m_view.reset();
        m_session = tests::openSession(files);
        auto view = std::make_unique<T>(m_session.get(), nullptr);
        T *raw = view.get();
        m_view = std::move(view);
        m_view->resize(900, 700);
        m_view->show();
        // Tables filled by signals of a reload.
        m_session->reload();
        if (!QTest::qWaitFor([&] { return m_view->isReady() && m_session->jobs()->isIdle(); }, 20'000))
            qFatal("the view is not ready");
        return raw;
    }
    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<View> m_view;
};

void TestSideViews::startOffersFilesPlanAndSamples()
{
    open<StartView>({});
    QSignalSpy commands(m_view.get(), &View::commandRequested);
    QStringList done;
    for (auto *button : m_view->findChildren<QCommandLinkButton *>()) {
        if (!button->isEnabled())
            continue;
        QVERIFY(button->focusPolicy() & Qt::TabFocus);
        button->setFocus();
        QTest::keyClick(button, Qt::Key_Space);
    }
    for (const auto &command : commands)
        done << command.at(0).toString();
    QVERIFY(done.contains(QStringLiteral("open")) && done.contains(QStringLiteral("paste")));
    QCOMPARE(done.count(QStringLiteral("sample")), items::samples().size());
}

void TestSideViews::startShowsTheWholeText()
{
    open<StartView>({});
    int texts = 0;
    for (auto *button : m_view->findChildren<QPushButton *>()) {
        if (!button->accessibleName().startsWith(QStringLiteral("More about")))
            continue;
        QTest::keyClick(button, Qt::Key_Space);
        auto *dialog = m_view->findChild<QDialog *>();
        QVERIFY(dialog && dialog->isVisible());
        const QString text = dialog->findChild<QTextBrowser *>()->toPlainText();
        QVERIFY2(text.contains(QStringLiteral("Conclude:")), qPrintable(text));
        QVERIFY(!text.contains(QStringLiteral("SPDX")));
        QTest::keyClick(dialog, Qt::Key_Escape);
        QTRY_VERIFY(!m_view->findChild<QDialog *>());
        ++texts;
    }
    QCOMPARE(texts, int(items::samples().size()));
}

void TestSideViews::sourcesListAndFollow()
{
    open<SourcesView>(tests::orderTraces(4) + tests::poolSeries());
    auto *tree = m_view->findChild<QTreeWidget *>();
    QCOMPARE(tree->topLevelItemCount(), 2);
    QCOMPARE(tree->topLevelItem(0)->text(1), QStringLiteral("complete"));
    QVERIFY(tree->topLevelItem(1)->toolTip(0).contains(QStringLiteral("1 rows skipped")));
    tree->setFocus();
    tree->setCurrentItem(tree->topLevelItem(0));
    QCOMPARE(m_session->context()->selection().kind, Kind::Source);
    const qint64 first = m_session->context()->selection().id;
    QTest::keyClick(tree, Qt::Key_Down);
    QVERIFY(m_session->context()->selection().id != first);
    // Another view points at a source.
    m_session->context()->setSelection({Kind::Source, first, {}});
    QCOMPARE(tree->currentItem(), tree->topLevelItem(0));
    QVERIFY(m_view->commandLine().startsWith(QStringLiteral("tailscope sources ")));
}

void TestSideViews::sourcesEmpty()
{
    open<SourcesView>({});
    QVERIFY(tests::labelText(*m_view).contains(QStringLiteral("drop them")));
}

void TestSideViews::reportCountsRejects()
{
    open<ImportReportView>(tests::poolSeries());
    auto *tabs = m_view->findChild<QTabWidget *>();
    QTRY_COMPARE(tabs->tabText(1), QStringLiteral("Rejected Rows (1)"));
    QVERIFY2(tests::labelText(*m_view).contains(QStringLiteral("1 skipped")),
        qPrintable(tests::labelText(*m_view)));
    tabs->setCurrentIndex(1);
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
    auto *table = qobject_cast<QTableView *>(tabs->currentWidget());
    QVERIFY(table);
    QCOMPARE(table->model()->rowCount(), 1);
    for (QPushButton *button : m_view->findChildren<QPushButton *>())
        QVERIFY2(button->isEnabled(), qPrintable(button->text()));
}

void TestSideViews::reportEmpty()
{
    open<ImportReportView>({});
    QVERIFY(tests::labelText(*m_view).contains(QStringLiteral("Nothing imported yet")));
}

void TestSideViews::detailsShowTimes()
{
    open<DetailsView>(tests::orderTraces(1));
    const qint64 id
        = tests::value(*m_session, "SELECT id FROM span WHERE operation = 'SELECT stock'").toLongLong();
    m_session->context()->setSelection({Kind::Span, id, {}});
    const auto *model = m_view->findChild<QTreeView *>()->model();
    const auto cell = [&](const QString &name) -> QModelIndex {
        const QModelIndex section = model->index(0, 0);
        for (int row = 0; row < model->rowCount(section); ++row) {
            if (model->index(row, 0, section).data().toString() == name)
                return model->index(row, 1, section);
        }
        return {};
    };
    QTRY_VERIFY(cell(QStringLiteral("start_ns")).isValid());
    const QModelIndex start = cell(QStringLiteral("start_ns"));
    QCOMPARE(start.data().toString(), QStringLiteral("2023-11-14 22:13:20.010 UTC"));
    QVERIFY(start.data(Qt::ToolTipRole).toString().contains(QStringLiteral("1700000000010000000")));
    QCOMPARE(start.data(Qt::UserRole).toString(), QStringLiteral("1700000000010000000"));
    QCOMPARE(cell(QStringLiteral("duration_ns")).data().toString(), QStringLiteral("30 ms"));
    // The zone of the context, at once.
    m_session->context()->setLocalTime(true);
    QVERIFY(cell(QStringLiteral("start_ns")).data().toString() != QStringLiteral("1700000000010000000"));
    QCOMPARE(cell(QStringLiteral("start_ns")).data().toString(),
        m_session->context()->timeText(1'700'000'000'010'000'000));
}

void TestSideViews::detailsOfASeries()
{
    open<DetailsView>(tests::poolSeries());
    const qint64 id = tests::value(*m_session, "SELECT id FROM series").toLongLong();
    QVERIFY(id > 0);
    m_session->context()->setSelection({Kind::Series, id, {}});
    const auto *model = m_view->findChild<QTreeView *>()->model();
    QTRY_COMPARE(model->rowCount(), 2);
    QCOMPARE(model->index(1, 0).data().toString(), QStringLiteral("Points"));
    QCOMPARE(model->index(0, 1, model->index(1, 0)).data().toString(), QStringLiteral("3"));
}

void TestSideViews::detailsEmpty()
{
    open<DetailsView>({});
    QVERIFY(tests::labelText(*m_view).contains(QStringLiteral("Click a span")));
}

void TestSideViews::consoleRunsByKeyboard()
{
    open<ConsoleView>(tests::orderTraces(4));
    auto *edit = m_view->findChild<SqlEdit *>();
    edit->setFocus();
    edit->setPlainText(QStringLiteral("SELECT operation, count(*) AS n FROM span GROUP BY operation"));
    QTest::keyClick(edit, Qt::Key_Return, Qt::ControlModifier);
    QTRY_VERIFY(m_view->isReady());
    auto *table = m_view->findChild<QTableView *>();
    QCOMPARE(table->model()->rowCount(), 2);
    QVERIFY(tests::labelText(*m_view).contains(QStringLiteral("2 rows")));
    QVERIFY(m_view->commandLine().contains(QStringLiteral("tailscope query")));
    // Kept with the workspace.
    ConsoleView other(m_session.get(), nullptr);
    other.restoreState(m_view->saveState());
    QCOMPARE(other.showSql(), m_view->showSql());
}

void TestSideViews::consoleSaysWhatIsWrong()
{
    open<ConsoleView>({});
    m_view->setSql(QStringLiteral("SELECT nothing_like_it FROM span"));
    QTRY_VERIFY(m_view->isReady());
    QVERIFY(tests::labelText(*m_view).contains(QStringLiteral("nothing_like_it")));
    m_view->setSql(QStringLiteral("DELETE FROM source_raw"));
    QTRY_VERIFY(m_view->isReady());
    QVERIFY(!tests::labelText(*m_view).contains(QStringLiteral("rows in")));
}

void TestSideViews::sqlNamesAndPictures_data()
{
    QTest::addColumn<QString>("view");
    for (const char *view : {"start", "sources", "report", "details", "console"})
        QTest::newRow(view) << QString::fromLatin1(view);
}

void TestSideViews::sqlNamesAndPictures()
{
    QFETCH(QString, view);
    const auto make = [&]() -> std::unique_ptr<View> {
        if (view == QLatin1String("start"))
            return std::make_unique<StartView>(m_session.get(), nullptr);
        if (view == QLatin1String("sources"))
            return std::make_unique<SourcesView>(m_session.get(), nullptr);
        if (view == QLatin1String("report"))
            return std::make_unique<ImportReportView>(m_session.get(), nullptr);
        if (view == QLatin1String("details"))
            return std::make_unique<DetailsView>(m_session.get(), nullptr);
        auto console = std::make_unique<ConsoleView>(m_session.get(), nullptr);
        console->setSql(QStringLiteral("SELECT * FROM span"));
        return console;
    };
    m_view.reset();
    m_session = tests::openSession(tests::orderTraces(4) + tests::poolSeries());
    m_session->context()->setSelection({Kind::Source, 1, {}});
    m_view = make();
    m_view->resize(900, 700);
    m_view->show();
    QTRY_VERIFY(m_view->isReady());
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
    QCOMPARE(tests::nameless(*m_view), QStringList());
    QCOMPARE(tests::pictureProblem(make), QString());
}

QTEST_MAIN(TestSideViews)
#include "tst_sideviews.moc"
