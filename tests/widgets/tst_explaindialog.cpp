// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Asking a server for a plan: what is asked, what is refused, where the plan
// lands.
#include "items/explainrequestmodel.h"
#include "tests/items/sessionfixture.h"
#include "tests/widgets/viewtest.h"
#include "widgets/sessions/explaindialog.h"

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QLineEdit>
#include <QPushButton>
#include <QThread>

#include <atomic>

using namespace tailscope;
using namespace tailscope::widgets;
using items::ExplainOrder;
using items::ExplainReply;
using items::ExplainRequestModel;
using items::IndexReply;

namespace {

constexpr const char *kPlan =
    R"([{"Plan": {"Node Type": "Seq Scan", "Relation Name": "orders", "Startup Cost": 0.00,
  "Total Cost": 35.50, "Plan Rows": 10, "Plan Width": 4}}])";

live::Target server()
{
    live::Target target;
    target.conninfo = "host=db port=5432 dbname=bench user=app";
    target.label = "primary";
    return target;
}

qint64 anyStatement(const session::Session &session)
{
    return tests::value(session, "SELECT id FROM statement WHERE text LIKE 'SELECT sum%'").toLongLong();
}

} // namespace

class TestExplainDialog : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void withoutAServer();
    void thePlanIsImported();
    void analyzeNeedsConsent();
    void refusalsHaveATextToRun();
    void cancel();
    void indexes();
};

void TestExplainDialog::withoutAServer()
{
    const auto session = tests::recordedMinute();
    ExplainDialog dialog(session.get());
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    dialog.setStatement(anyStatement(*session), QStringLiteral("bench"), QStringLiteral("app"));
    dialog.show();
    QTRY_VERIFY(dialog.model()->order().sql.startsWith(QLatin1String("SELECT sum")));
    QVERIFY(!dialog.explainButton()->isEnabled());
    QVERIFY(dialog.messageLabel()->text().contains(QLatin1String("Attach")));
    dialog.copyButton()->click();
    QCOMPARE(QApplication::clipboard()->text(),
        QStringLiteral("EXPLAIN (FORMAT JSON) SELECT sum(n) FROM orders"));
    const QStringList nameless = tests::nameless(dialog);
    QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(QLatin1Char('\n'))));
}

void TestExplainDialog::thePlanIsImported()
{
    const auto session = tests::recordedMinute();
    ExplainDialog dialog(session.get());
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    ExplainOrder seen;
    dialog.model()->setAsking(
        [&seen](const live::Target &target, const ExplainOrder &order,
            const Progress &) -> Result<ExplainReply> {
            seen = order;
            ExplainReply reply;
            reply.plan = target.label == "primary" ? QString::fromLatin1(kPlan) : QString();
            return reply;
        },
        {});
    dialog.model()->setTargets({server()});
    dialog.setStatement(anyStatement(*session), {}, {});
    dialog.show();
    QTRY_VERIFY(dialog.explainButton()->isEnabled());
    QSignalSpy ready(&dialog, &ExplainDialog::planReady);
    dialog.explainButton()->click();
    QTRY_COMPARE_WITH_TIMEOUT(ready.size(), 1, 20'000);
    QVERIFY(!seen.isAnalyze);
    QCOMPARE(seen.sql, QStringLiteral("SELECT sum(n) FROM orders"));
    QCOMPARE(session->context()->selection().kind, session::Selection::Kind::Plan);
    QCOMPARE(tests::value(*session, "SELECT relation FROM plan_node"), QStringLiteral("orders"));
}

void TestExplainDialog::analyzeNeedsConsent()
{
    const auto session = tests::recordedMinute();
    ExplainDialog dialog(session.get());
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    int executed = 0;
    dialog.model()->setAsking(
        [&executed](const live::Target &, const ExplainOrder &order,
            const Progress &) -> Result<ExplainReply> {
            ExplainReply reply;
            if (order.isAnalyze && !order.hasConsent) {
                reply.needsConsent = true;
                reply.warnings << QStringLiteral("It calls f().");
            } else {
                executed += order.isAnalyze ? 1 : 0;
                reply.plan = QString::fromLatin1(kPlan);
            }
            return reply;
        },
        {});
    dialog.model()->setTargets({server()});
    dialog.setStatement(anyStatement(*session), {}, {});
    dialog.show();
    QTRY_VERIFY(dialog.explainButton()->isEnabled());
    dialog.analyzeBox()->setChecked(true);
    dialog.explainButton()->click();
    QTRY_VERIFY(dialog.messageLabel()->text().contains(QLatin1String("It calls f().")));
    QVERIFY(dialog.consentBox()->isVisible() && !dialog.explainButton()->isEnabled());
    QCOMPARE(executed, 0);
    dialog.consentBox()->setChecked(true);
    QVERIFY(dialog.explainButton()->isEnabled());
    QSignalSpy ready(&dialog, &ExplainDialog::planReady);
    dialog.explainButton()->click();
    QTRY_COMPARE_WITH_TIMEOUT(ready.size(), 1, 20'000);
    QCOMPARE(executed, 1);
}

void TestExplainDialog::refusalsHaveATextToRun()
{
    const auto session = tests::recordedMinute();
    ExplainDialog dialog(session.get());
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    dialog.model()->setAsking(
        [](const live::Target &, const ExplainOrder &, const Progress &) -> Result<ExplainReply> {
            ExplainReply reply;
            reply.refusal = QStringLiteral("It changes rows.");
            reply.textToRun = QStringLiteral("BEGIN; EXPLAIN ...");
            return reply;
        },
        {});
    dialog.model()->setTargets({server()});
    dialog.setStatement(anyStatement(*session), {}, {});
    dialog.show();
    QTRY_VERIFY(dialog.explainButton()->isEnabled());
    dialog.explainButton()->click();
    QTRY_COMPARE(dialog.messageLabel()->text(), QStringLiteral("It changes rows."));
    dialog.copyButton()->click();
    QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("BEGIN; EXPLAIN ..."));
}

void TestExplainDialog::cancel()
{
    const auto session = tests::recordedMinute();
    ExplainDialog dialog(session.get());
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    std::atomic<bool> wasCancelled = false;
    dialog.model()->setAsking(
        [&wasCancelled](const live::Target &, const ExplainOrder &,
            const Progress &progress) -> Result<ExplainReply> {
            for (int i = 0; i < 2'000 && !progress.isCancelled(); ++i)
                QThread::msleep(5);
            wasCancelled = progress.isCancelled();
            return fail(ErrorCode::Cancelled, "explain", "cancelled");
        },
        {});
    dialog.model()->setTargets({server()});
    dialog.setStatement(anyStatement(*session), {}, {});
    dialog.show();
    QTRY_VERIFY(dialog.explainButton()->isEnabled());
    dialog.explainButton()->click();
    QVERIFY(dialog.model()->isRunning());
    dialog.model()->cancel();
    QTRY_VERIFY(wasCancelled);
    QTRY_VERIFY(dialog.explainButton()->isEnabled());
    QVERIFY(dialog.messageLabel()->text().contains(QLatin1String("Cancelled")));
}

void TestExplainDialog::indexes()
{
    const auto session = tests::recordedMinute();
    ExplainDialog dialog(session.get());
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    QString tried;
    dialog.model()->setAsking({},
        [&tried](const live::Target &, const ExplainOrder &, const QString &create,
            const Progress &) -> Result<IndexReply> {
            tried = create;
            return IndexReply{100.0, 8.5, true, {}};
        });
    dialog.model()->setTargets({server()});
    dialog.setStatement(anyStatement(*session), {}, {});
    dialog.show();
    QTRY_VERIFY(dialog.explainButton()->isEnabled());
    QVERIFY(!dialog.tryButton()->isEnabled());
    dialog.indexEdit()->setText(QStringLiteral("CREATE INDEX ON orders (n)"));
    dialog.tryButton()->click();
    QTRY_VERIFY(tests::labelText(dialog).contains(QLatin1String("Cost 100.00 before, 8.50 with it")));
    QCOMPARE(tried, QStringLiteral("CREATE INDEX ON orders (n)"));
}

QTEST_MAIN(TestExplainDialog)
#include "tst_explaindialog.moc"
