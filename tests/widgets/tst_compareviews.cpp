// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Slow against the rest, and two sets beside each other: pictures, keyboard, empty states, what they say.
#include "items/cohortmodel.h"
#include "items/cohorttable.h"
#include "items/comparemodel.h"
#include "tests/widgets/viewtest.h"
#include "widgets/charts/plotview.h"
#include "widgets/compare/cohortsview.h"
#include "widgets/compare/compareview.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QListWidget>
#include <QPushButton>
#include <QStandardPaths>
#include <QTableView>
#include <QTemporaryDir>

using namespace tailscope;
using namespace tailscope::tests;
using widgets::CohortsView;
using widgets::CompareView;

namespace {

/// Requests of 10 ms, one every second; of each hundred two take `slowMs` (both of tenant t-9) from
/// `slowFrom` on.
Files requests(int n, int slowFrom = 0, int slowMs = 400)
{
    QByteArray lines;
    const auto text = [](const char *key, const QByteArray &value) {
        return QByteArray("{\"key\":\"") + key + "\",\"value\":{\"stringValue\":\"" + value + "\"}}";
    };
    for (int i = 0; i < n; ++i) {
        const bool slow = i >= slowFrom && i % 50 == 0;
        const qint64 start = 1'772'445'600'000'000'000 + qint64(i) * 1'000'000'000;
        const qint64 length = (slow ? slowMs : 10 + i % 4) * 1'000'000LL;
        lines += "{\"resourceSpans\":[{\"resource\":{\"attributes\":[" + text("service.name", "shop")
            + "]},\"scopeSpans\":[{\"spans\":[{\"traceId\":\""
            + QByteArray::number(i + 1).rightJustified(32, '0') + "\",\"spanId\":\""
            + QByteArray::number(i + 1).rightJustified(16, '0')
            + "\",\"name\":\"GET /cart\",\"kind\":2,\"startTimeUnixNano\":\"" + QByteArray::number(start)
            + "\",\"endTimeUnixNano\":\"" + QByteArray::number(start + length) + "\",\"attributes\":["
            + text("tenant",
                slow        ? "t-9"
                    : i % 2 ? "t-1"
                            : "t-2")
            + "]}]}]}]}\n";
    }
    return {{QStringLiteral("shop.jsonl"), lines}};
}

template<typename V>
std::unique_ptr<V> show(session::Session *session)
{
    auto view = std::make_unique<V>(session);
    view->resize(900, 600);
    view->show();
    if (!QTest::qWaitFor([&] { return view->isReady(); }, 20'000))
        qFatal("not ready");
    return view;
}

QPushButton *visibleButton(const QWidget &view)
{
    for (QPushButton *button : view.findChildren<QPushButton *>()) {
        if (button->isVisible())
            return button;
    }
    return nullptr;
}

} // namespace

class TestCompareViews : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cohortsNameTheTrait();
    void cohortsByKeyboard();
    void cohortsEmptyStates();
    void cohortQuestionIsShared();
    void comparesTwoTimes();
    void comparesWithAFile();
    void compareEmptyStates();
    void pictures();
};

void TestCompareViews::initTestCase()
{
    QStandardPaths::setTestModeEnabled(true);
    widgets::applyColorScheme(widgets::ColorScheme::Light);
}

void TestCompareViews::cohortsNameTheTrait()
{
    const auto session = openSession(requests(2'000));
    const auto view = show<CohortsView>(session.get());
    QAbstractItemModelTester tester(view->rows(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    QVERIFY2(view->answerText().startsWith(
                 QStringLiteral("100 % of the slow requests have tenant = t-9; of all, 2 %")),
        qPrintable(view->answerText()));
    QVERIFY2(view->setsText().startsWith(QStringLiteral("Slow: 40 of 2,000 requests")),
        qPrintable(view->setsText()));
    QCOMPARE(view->rows()->index(0, items::CohortTable::What).data().toString(),
        QStringLiteral("tenant = t-9"));
    QCOMPARE(view->rows()->index(0, items::CohortTable::Lift).data().toString(), QStringLiteral("×50"));
    QCOMPARE(view->examples()->count(), 5);
    QCOMPARE(nameless(*view), QStringList());
    // The SQL gives the same counts.
    QCOMPARE(sqlProblem(*session, view->showSql()), QString());
    const QByteArray counts
        = QStringLiteral("SELECT slow_n || '/' || slow_total || ' ' || all_n || '/' || all_total "
                         "FROM (%1) WHERE key = 'tenant'")
              .arg(view->showSql())
              .toUtf8();
    QCOMPARE(value(*session, counts.constData()), QStringLiteral("40/40 40/2000"));
    // With a filter and a range the two still agree.
    session->context()->setRange(TimeRange{1'772'445'600'000'000'000, 1'772'447'100'000'000'000});
    session->context()->setFilterText(QStringLiteral("service=shop"));
    QTRY_VERIFY(view->isReady() && view->model()->content()->sets.requests == 1'500);
    QCOMPARE(sqlProblem(*session, view->showSql()), QString());
    const int few = view->rows()->rowCount();
    view->rows()->setShowAll(true);
    QVERIFY(view->rows()->rowCount() >= few);
}

void TestCompareViews::cohortsByKeyboard()
{
    const auto session = openSession(requests(2'000));
    const auto view = show<CohortsView>(session.get());
    QSignalSpy opened(view.get(), &widgets::View::openViewRequested);
    view->examples()->setFocus();
    QTest::keyClick(view->examples(), Qt::Key_Down);
    QTest::keyClick(view->examples(), Qt::Key_Return);
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened.at(0).at(0).toString(), QStringLiteral("waterfall"));
    QCOMPARE(session->context()->selection().kind, session::Selection::Kind::Trace);
    QCOMPARE(value(*session,
                 QByteArray("SELECT duration_ns / 1000000 FROM trace WHERE id = ")
                     + QByteArray::number(session->context()->selection().id)),
        QStringLiteral("400"));
    // Another share by the box.
    view->slowBox()->setFocus();
    QTest::keyClick(view->slowBox(), Qt::Key_Down);
    QCOMPARE(session->context()->cohort().percentile, analysis::kP95);
    QTRY_VERIFY(view->isReady() && view->model()->content()->cohort.percentile == analysis::kP95);
}

void TestCompareViews::cohortsEmptyStates()
{
    const auto nothing = openSession();
    const auto bare = show<CohortsView>(nothing.get());
    QVERIFY(labelText(*bare).contains(QStringLiteral("No Spans Yet")));
    QSignalSpy commands(bare.get(), &widgets::View::commandRequested);
    visibleButton(*bare)->click();
    QCOMPARE(commands.size(), 1);

    const auto few = openSession(requests(300));
    const auto view = show<CohortsView>(few.get());
    QVERIFY2(labelText(*view).contains(QStringLiteral("Too Few to Compare")), qPrintable(labelText(*view)));
    visibleButton(*view)->click();
    QVERIFY(few->context()->cohort().everySpan);
    few->context()->setFilterText(QStringLiteral("operation=nothing"));
    QTRY_VERIFY(view->isReady() && labelText(*view).contains(QStringLiteral("No Request Passes")));
}

void TestCompareViews::cohortQuestionIsShared()
{
    const auto session = openSession(requests(2'000, 1'000));
    const auto view = show<CohortsView>(session.get());
    session::Cohort cohort;
    cohort.slow = session::Cohort::Slow::Durations;
    cohort.low = 12'000'000;
    cohort.high = 13'000'000;
    session->context()->setCohort(cohort);
    QTRY_VERIFY(view->isReady() && view->model()->content()->sets.slowTo == 12'000'000);
    QVERIFY(view->slowBox()->currentText().contains(QStringLiteral("12 ms")));
    // Against the time before the range.
    session->context()->setCohort({});
    session->context()->setRange(TimeRange{1'772'446'600'000'000'000, 1'772'447'600'000'000'000});
    QTRY_VERIFY(view->restBox()->findText(QStringLiteral("Time Before the Range")) >= 0);
    const int entry = view->restBox()->findText(QStringLiteral("Time Before the Range"));
    view->restBox()->setCurrentIndex(entry);
    Q_EMIT view->restBox()->activated(entry);
    QVERIFY(session->context()->baseline().has_value());
    QTRY_VERIFY(view->isReady() && view->model()->content()->cohort.rest == session::Cohort::Rest::Baseline);
    QCOMPARE(view->model()->content()->sets.rest.size(), std::size_t(1'000));
    QVERIFY(view->setsText().contains(QStringLiteral("the baseline")));
}

void TestCompareViews::comparesTwoTimes()
{
    const auto session = openSession(requests(4'000, 2'000));
    const Nanos begin = 1'772'445'600'000'000'000, half = begin + 2'000'000'000'000;
    session->context()->setRange(TimeRange{half, half + 2'000'000'000'000});
    const auto view = show<CompareView>(session.get());
    QVERIFY(labelText(*view).contains(QStringLiteral("What Shall It Be Compared With?")));
    visibleButton(*view)->click();
    QTRY_VERIFY(view->isReady() && view->model()->content());
    QVERIFY2(view->verdictText().startsWith(
                 QStringLiteral("Worse: 1 of 1 operation, first shop: GET /cart, P99 13 ms → 400 ms")),
        qPrintable(view->verdictText()));
    QVERIFY(view->setsText().contains(QStringLiteral("2,000 spans")));
    QAbstractItemModelTester tester(view->table()->model(),
        QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(view->curves()->content().series.size(), std::size_t(2));
    QVERIFY(view->markdown().contains(QStringLiteral("| shop: GET /cart | 2,000 | 2,000 |")));
    QCOMPARE(sqlProblem(*session, view->showSql()), QString());
    QCOMPARE(value(*session,
                 QStringLiteral("SELECT group_concat(p99_ns / 1000000) FROM (%1)")
                     .arg(view->showSql())
                     .toUtf8()
                     .constData()),
        QStringLiteral("13,400"));
    QCOMPARE(nameless(*view), QStringList());
    view->table()->setFocus();
    QTest::keyClick(view->table(), Qt::Key_Return);
    QVERIFY(session->context()->filterText().contains(QStringLiteral("operation=\"GET /cart\"")));
    session->context()->undo();
    session->context()->undo();
    QTRY_VERIFY(view->isReady());
}

void TestCompareViews::comparesWithAFile()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("before.jsonl"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(requests(2'000, 2'000).first().second);
    file.close();
    const auto session = openSession(requests(2'000));
    const auto view = show<CompareView>(session.get());
    view->model()->setExternalFile(path);
    QTRY_VERIFY_WITH_TIMEOUT(view->isReady() && view->model()->content(), 20'000);
    QVERIFY2(view->verdictText().startsWith(QStringLiteral("Worse: 1 of 1")),
        qPrintable(view->verdictText()));
    QVERIFY(view->setsText().contains(QStringLiteral("before.jsonl")));
    view->model()->setExternalFile(folder.filePath(QStringLiteral("absent.jsonl")));
    QTRY_VERIFY_WITH_TIMEOUT(view->isReady() && labelText(*view).contains(QStringLiteral("absent.jsonl")),
        20'000);
}

void TestCompareViews::compareEmptyStates()
{
    const auto nothing = openSession();
    const auto bare = show<CompareView>(nothing.get());
    QVERIFY(labelText(*bare).contains(QStringLiteral("No Spans Yet")));
    const auto session = openSession(requests(300));
    session->context()->setBaseline(session::Baseline{std::nullopt, QStringLiteral("operation=other"), 0});
    const auto view = show<CompareView>(session.get());
    QVERIFY2(labelText(*view).contains(QStringLiteral("Nothing in Common")), qPrintable(labelText(*view)));
}

void TestCompareViews::pictures()
{
    const auto session = openSession(requests(2'000, 1'000));
    session->context()->setBaseline(
        session::Baseline{TimeRange{1'772'445'600'000'000'000, 1'772'446'600'000'000'000}, {}, 0});
    QCOMPARE(pictureProblem([&] { return std::make_unique<CohortsView>(session.get()); }), QString());
    QCOMPARE(pictureProblem([&] { return std::make_unique<CompareView>(session.get()); }), QString());
}

QTEST_MAIN(TestCompareViews)
#include "tst_compareviews.moc"
