// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/findings/rulesettingsview.h"

#include "items/rulesettingsmodel.h"
#include "tests/widgets/viewtest.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/findings/findingtarget.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QCheckBox>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>
#include <QTemporaryDir>

using namespace tailscope;
using namespace tailscope::widgets;
using items::RuleSettingsModel;

class TestRuleSettingsView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void listsWhatBecameOfThem();
    void thresholdsByKeyboard();
    void muteAndReset();
    void searchAndCopy();
    void badFilesAreTold();
    void findingsOfLogsLeadToTheirViews();
    void namesAndSql();
    void pictures();

private:
    void open();
    int rowOf(const char *id) const;
    void choose(const char *id);
    QString cell(const char *id, int column) const;

    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_rules;
    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<RuleSettingsView> m_view;
};

void TestRuleSettingsView::init()
{
    m_view.reset();
    m_folder = std::make_unique<QTemporaryDir>();
    m_rules = std::filesystem::path(m_folder->path().toStdString()) / "rules";
}

void TestRuleSettingsView::open()
{
    m_view.reset();
    if (!m_session)
        m_session = tests::openSession(tests::plan("a"));
    m_view = std::make_unique<RuleSettingsView>(m_session.get(), nullptr,
        new RuleSettingsModel(m_session.get(), nullptr, m_rules));
    m_view->resize(1300, 700);
    m_view->show();
    QTRY_VERIFY(m_view->isReady() && m_view->ruleTable()->model()->rowCount() > 50);
}

int TestRuleSettingsView::rowOf(const char *id) const
{
    for (int row = 0; row < m_view->ruleTable()->model()->rowCount(); ++row) {
        if (m_view->ruleTable()->model()->index(row, RuleSettingsModel::Id).data().toString()
            == QLatin1String(id))
            return row;
    }
    return -1;
}

void TestRuleSettingsView::choose(const char *id) { m_view->ruleTable()->selectRow(rowOf(id)); }

QString TestRuleSettingsView::cell(const char *id, int column) const
{
    return m_view->ruleTable()->model()->index(rowOf(id), column).data().toString();
}

void TestRuleSettingsView::listsWhatBecameOfThem()
{
    open();
    QAbstractItemModelTester rules(m_view->model()->rules(),
        QAbstractItemModelTester::FailureReportingMode::Fatal);
    QCOMPARE(cell("plan-seq-scan-selective", RuleSettingsModel::State), QStringLiteral("ran"));
    QCOMPARE(cell("plan-seq-scan-selective", RuleSettingsModel::Findings), QStringLiteral("1"));
    QCOMPARE(cell("trace-cold-start", RuleSettingsModel::State),
        QStringLiteral("not evaluated: needs traces"));
    QCOMPARE(cell("trace-cold-start", RuleSettingsModel::Findings), QString());
    choose("plan-deep-offset");
    QCOMPARE(m_view->thresholdTable()->model()->rowCount(), 3);
    QVERIFY(!m_view->resetButton()->isEnabled() && m_view->copyButton()->isEnabled());
}

void TestRuleSettingsView::thresholdsByKeyboard()
{
    open();
    choose("plan-seq-scan-selective");
    QTableView *table = m_view->thresholdTable();
    const int rows = table->model()->rowCount();
    QVERIFY(rows > 0);
    table->setFocus();
    table->setCurrentIndex(table->model()->index(0, RuleSettingsModel::Value));
    const QString name = table->model()->index(0, RuleSettingsModel::Name).data().toString();
    QTest::keyClick(table, Qt::Key_F2);
    auto *edit = table->findChild<QWidget *>(QStringLiteral("qt_spinbox_lineedit"));
    QWidget *editor = edit ? edit : QApplication::focusWidget();
    QVERIFY(editor && editor != table);
    QTest::keyClick(editor, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(editor, QStringLiteral("123456"));
    QTest::keyClick(editor, Qt::Key_Return);
    QTRY_VERIFY(
        m_view->isReady() && cell("plan-seq-scan-selective", RuleSettingsModel::Changed).contains(name));
    std::vector<Error> errors;
    const auto saved = advisor::loadRuleOverrides(advisor::ruleOverrideFile(m_rules), errors);
    QCOMPARE(saved.at("plan-seq-scan-selective").thresholds.at(name.toStdString()), 123456.0);
    QVERIFY(m_view->findChild<ElidedLabel *>()->text().contains(QLatin1String("1 changed by you")));
    m_view->model()->resetThreshold(name.toStdString());
    QTRY_VERIFY(m_view->isReady() && cell("plan-seq-scan-selective", RuleSettingsModel::Changed).isEmpty());
    QVERIFY(!std::filesystem::exists(advisor::ruleOverrideFile(m_rules)));
}

void TestRuleSettingsView::muteAndReset()
{
    open();
    choose("plan-seq-scan-selective");
    QVERIFY(tests::value(*m_session, "SELECT count(*) FROM finding WHERE rule_id = 'plan-seq-scan-selective'")
        == QLatin1String("1"));
    QTest::keyClick(m_view->muteBox(), Qt::Key_Space);
    QTRY_VERIFY(m_view->isReady()
        && cell("plan-seq-scan-selective", RuleSettingsModel::State) == QLatin1String("muted"));
    QCOMPARE(tests::value(*m_session,
                 "SELECT count(*) FROM finding WHERE rule_id = 'plan-seq-scan-selective'"),
        QStringLiteral("0"));
    QVERIFY(m_view->resetButton()->isEnabled());
    m_view->resetButton()->click();
    QTRY_VERIFY(m_view->isReady()
        && cell("plan-seq-scan-selective", RuleSettingsModel::State) == QLatin1String("ran"));
    QCOMPARE(tests::value(*m_session,
                 "SELECT count(*) FROM finding WHERE rule_id = 'plan-seq-scan-selective'"),
        QStringLiteral("1"));
}

void TestRuleSettingsView::searchAndCopy()
{
    open();
    m_view->startSearch();
    auto *edit = m_view->findChild<QLineEdit *>();
    QVERIFY(edit && edit->isVisible());
    QTest::keyClicks(edit, QStringLiteral("deep-offset"));
    QTRY_COMPARE(m_view->ruleTable()->model()->rowCount(), 1);
    m_view->ruleTable()->selectRow(0);
    QSignalSpy copied(m_view->model(), &RuleSettingsModel::copied);
    m_view->copyButton()->click();
    QVERIFY(copied.wait());
    QVERIFY(copied.first().first().toString().endsWith(QLatin1String("rules/plans/deepoffset.sql")));
    QTRY_VERIFY(m_view->isReady()
        && cell("plan-deep-offset", RuleSettingsModel::Changed) == QLatin1String("your rule"));
    QTRY_VERIFY(!m_view->copyButton()->isEnabled());
    QTest::keyClick(edit, Qt::Key_Escape);
    QTRY_VERIFY(m_view->ruleTable()->model()->rowCount() > 50);
}

void TestRuleSettingsView::badFilesAreTold()
{
    QFile file(QString::fromStdString(advisor::ruleOverrideFile(m_rules).string()));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("[plan-unheard-of]\nmuted = true\n");
    file.close();
    open();
    QVERIFY(tests::labelText(*m_view).contains(QLatin1String("there is no rule 'plan-unheard-of'")));
}

void TestRuleSettingsView::findingsOfLogsLeadToTheirViews()
{
    const auto deadlocks = findingTargets({QStringLiteral("table"), QStringLiteral("orders"),
        QStringLiteral(R"({"peak_per_min":200,"log_id":4})"), Nanos(5), Nanos(9)});
    QCOMPARE(deadlocks[0].view, QStringLiteral("locks"));
    QCOMPARE(deadlocks[0].range, std::optional(TimeRange{5, 10}));
    QCOMPARE(deadlocks[1].view, QStringLiteral("serverlog"));
    const auto files = findingTargets({QStringLiteral("server"), QStringLiteral("log"),
        QStringLiteral(R"({"log_id":4})"), Nanos(5), Nanos(5)});
    QCOMPARE(files[0].view, QStringLiteral("serverlog"));
    QCOMPARE(files[0].range, std::optional(TimeRange{5, 6}));
}

void TestRuleSettingsView::namesAndSql()
{
    open();
    const QStringList nameless = tests::nameless(*m_view);
    QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(QLatin1Char('\n'))));
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
    QCOMPARE(m_view->commandLine(), QStringLiteral("tailscope rules --format json"));
}

void TestRuleSettingsView::pictures()
{
    open();
    QCOMPARE(tests::pictureProblem([&] {
        return std::make_unique<RuleSettingsView>(m_session.get(), nullptr,
            new RuleSettingsModel(m_session.get(), nullptr, m_rules));
    }),
        QString());
}

QTEST_MAIN(TestRuleSettingsView)
#include "tst_rulesettingsview.moc"
