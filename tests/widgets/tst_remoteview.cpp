// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The view of remote stores without a server: empty, a store that is remembered, a server that is not there.
#include "items/remotemodel.h"
#include "tests/widgets/viewtest.h"
#include "widgets/remote/remotedialog.h"
#include "widgets/remote/remoteview.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTabWidget>

using namespace tailscope;
using namespace tailscope::widgets;

namespace {

const QString kMapping
    = QStringLiteral("name = \"shop\"\ntable = \"spans\"\nstart = \"start_time\"\n"
                     "duration = \"duration_ns\"\nservice = \"service_name\"\ntrace = \"trace_id\"\n"
                     "attribute_columns = [\"tenant\"]\nshard = [\"shard\"]\n");
// Nobody listens on port 1.
const QString kNobody = QStringLiteral("host=127.0.0.1 port=1 dbname=x user=x connect_timeout=2");

} // namespace

class TestRemoteView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void emptyStateSaysWhatToDo();
    void aStoreIsDefinedAndRemembered();
    void passwordsAreNotStored();
    void aServerThatIsNotThere();
    void ranges();
    void byKeyboardAlone();
    void pictures();
};

void TestRemoteView::emptyStateSaysWhatToDo()
{
    const auto session = tests::openSession();
    RemoteView view(session.get(), nullptr);
    view.resize(1200, 800);
    view.show();
    QTRY_VERIFY(view.isReady());
    QVERIFY(tests::labelText(view).contains(QLatin1String("No Remote Store")));
    QVERIFY(tests::labelText(view).contains(QLatin1String("postgres_fdw")));
    for (QPushButton *button : view.findChildren<QPushButton *>()) {
        if (button->isVisible())
            button->click();
    }
    auto *dialog = view.findChild<RemoteDialog *>();
    QVERIFY(dialog && dialog->isVisible());
    dialog->accept(); // nothing was filled in
    QVERIFY(dialog->isVisible());
    QVERIFY(!dialog->message().isEmpty());
    QCOMPARE(tests::sqlProblem(*session, view.showSql().section(QLatin1Char(';'), 0, 0)), QString());
    QVERIFY(view.commandLine().startsWith(QLatin1String("tailscope remote ")));
}

void TestRemoteView::aStoreIsDefinedAndRemembered()
{
    const auto session = tests::openSession();
    RemoteView view(session.get(), nullptr);
    view.show();
    QTRY_VERIFY(view.isReady());
    QVERIFY(!view.model()->define(kNobody, {}, QStringLiteral("table = 5")).isEmpty());
    QCOMPARE(view.model()->define(kNobody, {}, kMapping), QString());
    QTRY_COMPARE(view.storeBox()->count(), 1);
    QTRY_COMPARE(view.storeBox()->currentText(), QStringLiteral("shop"));
    QVERIFY(view.askButton()->isVisible());
    QCOMPARE(tests::value(*session, "SELECT name FROM remote_store"), QStringLiteral("shop"));
    // Another view of the same workspace offers it.
    RemoteView again(session.get(), nullptr);
    again.show();
    QTRY_COMPARE(again.storeBox()->count(), 1);
    QVERIFY(again.commandLine().contains(QLatin1String("histogram --store map.toml")));
    again.model()->forget(0);
    QTRY_COMPARE(again.storeBox()->count(), 0);
    QCOMPARE(tests::value(*session, "SELECT count(*) FROM remote_store"), QStringLiteral("0"));
}

void TestRemoteView::passwordsAreNotStored()
{
    const auto session = tests::openSession();
    RemoteView view(session.get(), nullptr);
    view.show();
    QTRY_VERIFY(view.isReady());
    QCOMPARE(view.model()->define(kNobody + QStringLiteral(" password=hidden1"), QStringLiteral("hidden2"),
                 kMapping),
        QString());
    QTRY_COMPARE(view.storeBox()->count(), 1);
    QCOMPARE(tests::value(*session,
                 "SELECT count(*) FROM remote_store WHERE target || mapping LIKE '%hidden%'"),
        QStringLiteral("0"));
}

void TestRemoteView::aServerThatIsNotThere()
{
    const auto session = tests::openSession();
    RemoteView view(session.get(), nullptr);
    view.resize(1200, 800);
    view.show();
    QCOMPARE(view.model()->define(kNobody, {}, kMapping), QString());
    QTRY_COMPARE(view.storeBox()->count(), 1);
    QTRY_VERIFY(view.isReady());
    view.askButton()->click();
    QTRY_VERIFY_WITH_TIMEOUT(!view.model()->errorText().isEmpty(), 15'000);
    QVERIFY(tests::labelText(view).contains(view.model()->errorText()));
    QVERIFY(view.isReady());
    QVERIFY(!view.model()->answer().histogram); // nothing is half told
    QVERIFY(view.askButton()->isEnabled() && !view.exactButton()->isEnabled()
        && !view.fetchButton()->isEnabled());
}

void TestRemoteView::ranges()
{
    std::optional<TimeRange> range;
    bool isAll = false;
    QVERIFY(items::parseRemoteRange(QStringLiteral(" "), range, isAll) && !range && !isAll);
    QVERIFY(items::parseRemoteRange(QStringLiteral("all"), range, isAll) && !range && isAll);
    QVERIFY(items::parseRemoteRange(QStringLiteral("5..9"), range, isAll) && range->begin == 5
        && range->end == 9);
    QVERIFY(
        items::parseRemoteRange(QStringLiteral("2026-03-02T12:00:00Z..2026-03-02T12:00:01Z"), range, isAll)
        && range->length() == kNanosPerSecond);
    QVERIFY(!items::parseRemoteRange(QStringLiteral("9..5"), range, isAll));
    QVERIFY(!items::parseRemoteRange(QStringLiteral("yesterday"), range, isAll));
}

void TestRemoteView::byKeyboardAlone()
{
    const auto session = tests::openSession();
    RemoteView view(session.get(), nullptr);
    view.resize(1200, 800);
    view.show();
    QCOMPARE(view.model()->define(kNobody, {}, kMapping), QString());
    QTRY_COMPARE(view.storeBox()->count(), 1);
    QTRY_VERIFY(view.isReady());
    QCOMPARE(tests::nameless(view), QStringList());
    view.rangeEdit()->setFocus();
    QTest::keyClicks(view.rangeEdit(), QStringLiteral("nonsense"));
    QTest::keyClick(view.rangeEdit(), Qt::Key_Return);
    QVERIFY(tests::labelText(view).contains(QLatin1String("BEGIN..END")));
    view.rangeEdit()->clear();
    QTest::keyClicks(view.filterEdit(), QStringLiteral("service=api"));
    QTest::keyClick(view.filterEdit(), Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(!view.model()->errorText().isEmpty(), 15'000);
    RemoteView restored(session.get(), nullptr);
    restored.restoreState(view.saveState());
    QCOMPARE(restored.filterEdit()->text(), QStringLiteral("service=api"));
}

void TestRemoteView::pictures()
{
    const auto empty = tests::openSession();
    QCOMPARE(tests::pictureProblem([&] { return std::make_unique<RemoteView>(empty.get(), nullptr); }),
        QString());
    const auto session = tests::openSession();
    {
        RemoteView view(session.get(), nullptr);
        view.show();
        QCOMPARE(view.model()->define(kNobody, {}, kMapping), QString());
        QTRY_COMPARE(view.storeBox()->count(), 1);
    }
    QCOMPARE(tests::pictureProblem([&] { return std::make_unique<RemoteView>(session.get(), nullptr); }),
        QString());
}

QTEST_MAIN(TestRemoteView)
#include "tst_remoteview.moc"
