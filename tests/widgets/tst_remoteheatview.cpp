// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The view of remote stores with a server that answers as it is told: the heat map page, and where a fetch
// leads.
#include "analysis/histogram.h"
#include "items/remotemodel.h"
#include "tests/live/fakeserver.h"
#include "tests/widgets/viewtest.h"
#include "widgets/base/celltableview.h"
#include "widgets/charts/heatmapcanvas.h"
#include "widgets/remote/remoteheatpage.h"
#include "widgets/remote/remoteview.h"

#include <QLineEdit>
#include <QPushButton>
#include <QTabWidget>

#include <algorithm>
#include <atomic>

using namespace tailscope;
using namespace tailscope::widgets;
using analysis::LogLinearHistogram;

namespace {

const QString kMapping
    = QStringLiteral("name = \"shop\"\ntable = \"spans\"\nstart = \"start_time\"\n"
                     "duration = \"duration_ns\"\nservice = \"service_name\"\ntrace = \"trace_id\"\n");
const QString kRange = QStringLiteral("2026-03-02T12:00:00Z..2026-03-02T12:02:00Z");
constexpr Nanos kStart = 1'772'452'800'000'000'000; // 2026-03-02 12:00:00 UTC

bool has(const std::string &sql, const char *what) { return sql.find(what) != std::string::npos; }

std::string bucket(Nanos duration) { return std::to_string(LogLinearHistogram::bucketOf(duration)); }

/// Two minutes of spans of 1 ms, 10 ms and 100 ms, in the bins of one second that 120 bins have.
struct Store
{
    Store()
        : server(FakeServer::Manner::Postgres)
    {
        server.onQuery = [this](const std::string &sql) { return answer(sql); };
    }

    std::optional<FakeServer::Answer> answer(const std::string &sql)
    {
        if (has(sql, "version()"))
            return {{{"version"}, {{"PostgreSQL 15.4"}}}};
        if (has(sql, "information_schema.columns"))
            return {{{"column_name", "data_type", "udt_schema", "udt_name"},
                {{"start_time", "timestamp with time zone", "pg_catalog", "timestamptz"},
                    {"duration_ns", "bigint", "pg_catalog", "int8"},
                    {"service_name", "text", "pg_catalog", "text"},
                    {"trace_id", "text", "pg_catalog", "text"}}}};
        if (has(sql, "EXPLAIN"))
            return {{{"QUERY PLAN"}, {{"HashAggregate"}}}};
        if (has(sql, "width_bucket")) {
            ++heats;
            return heat();
        }
        if (has(sql, "AS value"))
            return {{{"value", "known", "bucket", "n", "errors", "total", "least", "greatest"}, {}}};
        if (has(sql, "AS known"))
            return histogram();
        if (has(sql, "AS trace") && has(sql, "ORDER BY"))
            return {{{"trace", "start", "duration", "service", "operation", "failed"},
                {{"aa", "2026-03-02 12:01:00+00", "100000000", "api", "GET", "f"},
                    {"bb", "2026-03-02 12:01:01+00", "90000000", "api", "GET", "f"}}}};
        if (has(sql, "AS trace")) {
            FakeServer::Answer out{{"trace", "start", "duration", "service", "failed"}, {}};
            out.rows.push_back({"aa", "2026-03-02 12:01:00+00", "100000000", "api", "f"});
            if (fetchesBoth)
                out.rows.push_back({"bb", "2026-03-02 12:01:01+00", "90000000", "api", "f"});
            return out;
        }
        return std::nullopt;
    }

    FakeServer::Answer histogram() const
    {
        FakeServer::Answer out{{"known", "bucket", "n", "errors"}, {}};
        if (!isEmpty) {
            out.rows.push_back({"t", bucket(kNanosPerMilli), "12", "1"});
            out.rows.push_back({"t", bucket(10 * kNanosPerMilli), "5000000000", "0"});
            out.rows.push_back({"t", bucket(100 * kNanosPerMilli), "3", "3"});
        }
        return out;
    }

    FakeServer::Answer heat() const
    {
        if (isBroken)
            return {{"bin", "bucket", "n", "errors"}, {{"1", "-1", "7", "1"}}};
        return {{"bin", "bucket", "n", "errors"},
            {{"1", bucket(kNanosPerMilli), "7", "1"}, {"60", bucket(kNanosPerMilli), "5", "0"},
                {"60", bucket(100 * kNanosPerMilli), "3", "3"},
                {"120", bucket(10 * kNanosPerMilli), "5000000000", "0"}}};
    }

    std::atomic<int> heats{0};
    std::atomic<bool> isBroken{false}, isEmpty{false}, fetchesBoth{false};
    FakeServer server; ///< last: its threads use the others
};

struct Fixture
{
    Fixture()
        : session(tests::openSession())
        , view(std::make_unique<RemoteView>(session.get(), nullptr))
        , opened(view.get(), &View::openViewRequested)
    {
        view->resize(1400, 900);
        view->show();
    }
    ~Fixture() { view.reset(); }

    /// The store is defined and asked; the page of groups is shown.
    QString ask()
    {
        const QString error
            = view->model()->define(QString::fromStdString(store.server.conninfo()), {}, kMapping);
        if (!error.isEmpty())
            return error;
        if (!QTest::qWaitFor([this] { return !view->model()->stores().empty() && view->isReady(); }))
            return QStringLiteral("no store");
        view->rangeEdit()->setText(kRange);
        view->filterEdit()->setText(QStringLiteral("service=api"));
        view->askButton()->click();
        return wait();
    }
    QString wait()
    {
        if (!QTest::qWaitFor([this] { return view->isReady(); }, 20'000))
            return QStringLiteral("still busy");
        return view->model()->errorText();
    }
    void showHeat() { view->tabs()->setCurrentWidget(view->heatPage()); }
    HeatMapCanvas *canvas() const { return view->heatPage()->canvas(); }

    /// A drag over the canvas in shares of the heat map, from the lower left.
    void drag(double x1, double y1, double x2, double y2)
    {
        const QRect area = canvas()->heatRect();
        const auto at = [&](double x, double y) {
            return QPoint(area.left() + int(x * area.width()), area.bottom() - int(y * area.height()));
        };
        QTest::mousePress(canvas(), Qt::LeftButton, {}, at(x1, y1));
        for (const double share : {0.5, 1.0}) {
            const QPoint place = at(x1 + (x2 - x1) * share, y1 + (y2 - y1) * share);
            QMouseEvent move(QEvent::MouseMove, place, canvas()->mapToGlobal(place), Qt::NoButton,
                Qt::LeftButton, {});
            QCoreApplication::sendEvent(canvas(), &move);
        }
        QTest::mouseRelease(canvas(), Qt::LeftButton, {}, at(x2, y2));
    }

    Store store;
    std::unique_ptr<session::Session> session;
    std::unique_ptr<RemoteView> view;
    QSignalSpy opened;
};

} // namespace

class TestRemoteHeatView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void askedWhenShown();
    void tooltipsAreExact();
    void aDragBecomesTheQuestion();
    void sidewaysIsTimeOnly();
    void byKeyboardAlone();
    void notAskedAgainByItself();
    void emptyStates();
    void oneTraceGoesToTheWaterfall();
    void severalTracesGoToTheList();
};

void TestRemoteHeatView::askedWhenShown()
{
    Fixture f;
    QCOMPARE(f.ask(), QString());
    QVERIFY(f.view->model()->answer().histogram);
    QCOMPARE(int(f.store.heats), 0); // one more query over all rows: not before somebody looks
    f.showHeat();
    QCOMPARE(f.wait(), QString());
    QVERIFY(f.canvas()->isVisible());
    QCOMPARE(int(f.store.heats), 1);
    QVERIFY(f.canvas()->toText().contains(QLatin1String("\t5000000000\t")));
    QVERIFY(f.view->showSql().contains(QLatin1String("width_bucket")));
    QCOMPARE(tests::sqlProblem(*f.session, f.view->showSql().section(QLatin1Char(';'), 0, 0)), QString());
    f.view->tabs()->setCurrentIndex(0);
    f.showHeat();
    QCOMPARE(f.wait(), QString());
    QCOMPARE(int(f.store.heats), 1);
    // Another question while it is shown.
    f.view->askButton()->click();
    QCOMPARE(f.wait(), QString());
    QCOMPARE(int(f.store.heats), 2);
    QVERIFY(!f.view->model()->answer().traces.empty()); // after the others, not in their place
}

void TestRemoteHeatView::tooltipsAreExact()
{
    Fixture f;
    QCOMPARE(f.ask(), QString());
    f.showHeat();
    QCOMPARE(f.wait(), QString());
    QTest::keyClick(f.canvas(), Qt::Key_End);
    for (int i = 0; i < 60; ++i)
        QTest::keyClick(f.canvas(), Qt::Key_Up);
    QStringList texts;
    for (int i = 0; i < 60; ++i) {
        texts << f.canvas()->accessibleValue();
        QTest::keyClick(f.canvas(), Qt::Key_Down);
    }
    QVERIFY2(texts.first().contains(QLatin1String("2026-03-02 12:01:59")), qPrintable(texts.first()));
    QVERIFY(texts.first().contains(QLatin1String("5,000,000,000 spans, 0 errors")));
    QVERIFY(std::any_of(texts.cbegin(), texts.cend(),
        [](const QString &text) { return text.endsWith(QLatin1String(": 5,000,000,000 spans")); }));
}

void TestRemoteHeatView::aDragBecomesTheQuestion()
{
    Fixture f;
    QCOMPARE(f.ask(), QString());
    f.showHeat();
    QCOMPARE(f.wait(), QString());
    const auto heat = f.view->model()->answer().heat;
    QVERIFY(heat);
    // The 60th second, the upper third.
    f.drag(59.3 / 120, 0.98, 59.6 / 120, 0.7);
    QCOMPARE(f.view->rangeEdit()->text(), QStringLiteral("2026-03-02 12:00:59Z..2026-03-02 12:01:00Z"));
    QCOMPARE(f.wait(), QString());
    const live::RemoteSelection &asked = f.view->model()->answer().selection;
    QVERIFY(asked.range == (TimeRange{kStart + 59 * kNanosPerSecond, kStart + 60 * kNanosPerSecond}));
    QCOMPARE(asked.filter.terms.size(), std::size_t(3));
    QVERIFY(f.view->filterEdit()->text().startsWith(QLatin1String("service=api duration>=")));
    // Bounds of rows: what was counted is what is asked for.
    QVERIFY(std::count(heat->edges.begin(), heat->edges.end(), asked.filter.terms[1].number) == 1);
    QVERIFY(asked.filter.terms[1].number > 10 * kNanosPerMilli
        && asked.filter.terms[1].number <= 100 * kNanosPerMilli);
    QCOMPARE(asked.filter.terms[2].number, heat->edges.back());
    QCOMPARE(int(f.store.heats), 2); // the page is still shown
    // Back to what was asked before.
    QTest::mouseDClick(f.canvas(), Qt::LeftButton, {}, f.canvas()->heatRect().center());
    QCOMPARE(f.view->rangeEdit()->text(), kRange);
    QCOMPARE(f.view->filterEdit()->text(), QStringLiteral("service=api"));
    QCOMPARE(f.wait(), QString());
    QTest::keyClick(f.canvas(), Qt::Key_Backspace);
    QVERIFY(f.view->isReady()); // nothing before that
}

void TestRemoteHeatView::sidewaysIsTimeOnly()
{
    Fixture f;
    QCOMPARE(f.ask(), QString());
    f.showHeat();
    QCOMPARE(f.wait(), QString());
    f.drag(30.5 / 120, 0.5, 59.5 / 120, 0.5);
    QCOMPARE(f.view->rangeEdit()->text(), QStringLiteral("2026-03-02 12:00:30Z..2026-03-02 12:01:00Z"));
    QCOMPARE(f.view->filterEdit()->text(), QStringLiteral("service=api"));
    QCOMPARE(f.wait(), QString());
}

void TestRemoteHeatView::byKeyboardAlone()
{
    Fixture f;
    QCOMPARE(f.ask(), QString());
    f.showHeat();
    QCOMPARE(f.wait(), QString());
    QCOMPARE(tests::nameless(*f.view), QStringList());
    HeatMapCanvas *canvas = f.canvas();
    QTest::keyClick(canvas, Qt::Key_Home);
    QTest::keyClick(canvas, Qt::Key_Right);
    QTest::keyClick(canvas, Qt::Key_Right, Qt::ShiftModifier);
    QVERIFY(!canvas->selectedDurations());
    for (int i = 0; i < 3; ++i)
        QTest::keyClick(canvas, Qt::Key_Up, Qt::ShiftModifier);
    const auto durations = canvas->selectedDurations();
    QVERIFY(durations && durations->first > 0 && durations->second > durations->first);
    QTest::keyClick(canvas, Qt::Key_Return);
    QCOMPARE(f.view->rangeEdit()->text(), QStringLiteral("2026-03-02 12:00:01Z..2026-03-02 12:00:03Z"));
    QVERIFY(f.view->filterEdit()->text().contains(QLatin1String("duration<")));
    QCOMPARE(f.wait(), QString());
}

void TestRemoteHeatView::notAskedAgainByItself()
{
    Fixture f;
    f.store.isBroken = true;
    QCOMPARE(f.ask(), QString());
    f.showHeat();
    QVERIFY(!f.wait().isEmpty());
    QCOMPARE(int(f.store.heats), 1);
    QVERIFY(f.view->model()->answer().histogram); // the rest stays
    f.view->tabs()->setCurrentIndex(0);
    f.showHeat();
    QVERIFY(f.view->isReady());
    QCOMPARE(int(f.store.heats), 1);
    f.store.isBroken = false;
    for (QPushButton *button : f.view->heatPage()->findChildren<QPushButton *>()) {
        if (button->isVisible())
            button->click();
    }
    QCOMPARE(f.wait(), QString());
    QCOMPARE(int(f.store.heats), 2);
    QVERIFY(f.canvas()->isVisible());
    // Cancelled before anything came: the page waits to be told.
    f.view->tabs()->setCurrentIndex(0);
    f.view->askButton()->click();
    f.view->model()->cancel();
    f.showHeat();
    QCOMPARE(f.wait(), QString());
    QCOMPARE(int(f.store.heats), 2);
}

void TestRemoteHeatView::emptyStates()
{
    Fixture f;
    QCOMPARE(f.view->model()->define(QString::fromStdString(f.store.server.conninfo()), {}, kMapping),
        QString());
    QTRY_VERIFY(!f.view->model()->stores().empty() && f.view->isReady());
    f.showHeat();
    QVERIFY(tests::labelText(*f.view->heatPage()).contains(QLatin1String("then Ask")));
    f.store.isEmpty = true;
    QCOMPARE(f.ask(), QString());
    QVERIFY(!f.canvas()->isVisible());
    QVERIFY(tests::labelText(*f.view->heatPage()).contains(QLatin1String("has a duration")));
    QCOMPARE(int(f.store.heats), 0);
}

void TestRemoteHeatView::oneTraceGoesToTheWaterfall()
{
    Fixture f;
    QCOMPARE(f.ask(), QString());
    for (auto *table : f.view->findChildren<CellTableView *>()) {
        if (table->accessibleName() == QLatin1String("Slowest traces"))
            table->selectRow(0);
    }
    f.view->fetchButton()->click();
    QTRY_COMPARE(f.opened.size(), 1);
    QCOMPARE(f.opened.first().first().toString(), QStringLiteral("waterfall"));
    const session::Selection chosen = f.session->context()->selection();
    QCOMPARE(chosen.kind, session::Selection::Kind::Trace);
    QCOMPARE(QString::number(chosen.id),
        tests::value(*f.session, "SELECT id FROM trace WHERE trace_key = 'aa'"));
    QTRY_VERIFY(f.view->isReady());
}

void TestRemoteHeatView::severalTracesGoToTheList()
{
    Fixture f;
    f.store.fetchesBoth = true;
    QCOMPARE(f.ask(), QString());
    f.view->fetchButton()->click(); // all that are listed
    QTRY_COMPARE(f.opened.size(), 1);
    QCOMPARE(f.opened.first().first().toString(), QStringLiteral("traces"));
    QCOMPARE(f.session->context()->selection().kind, session::Selection::Kind::None);
    QTRY_VERIFY(f.view->isReady());
}

QTEST_MAIN(TestRemoteHeatView)
#include "tst_remoteheatview.moc"
