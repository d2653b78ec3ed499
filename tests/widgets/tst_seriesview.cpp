// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The explorer of series: list, lanes, what was found, what moved, by keyboard alone, and fast with a million
// points.
#include "items/seriesmodel.h"
#include "store/bulkwriter.h"
#include "tests/widgets/viewtest.h"
#include "widgets/series/seriescanvas.h"
#include "widgets/series/seriesview.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QTabWidget>
#include <QTableView>
#include <QTreeView>

#include <algorithm>
#include <cmath>
#include <functional>

using namespace tailscope;
using namespace tailscope::widgets;

namespace {

constexpr Nanos kStart = 1'700'006'400 * kNanosPerSecond;
constexpr Nanos kMinute = 60 * kNanosPerSecond;

struct Series
{
    const char *metric, *instance, *unit;
    int n;
    Nanos step;
    std::function<double(int)> value;
    SeriesKind kind = SeriesKind::Gauge;
};

std::unique_ptr<session::Session> open(const std::vector<Series> &all, bool withLimit = true)
{
    auto workspace = store::Workspace::temporary();
    auto writer = store::BulkWriter::create(**workspace, {"metrics.txt", "test", std::nullopt}, {});
    SourceInfo info;
    info.clock = ClockKind::Utc;
    (*writer)->setSource(info);
    for (const Series &each : all) {
        SeriesRow row;
        row.metric = row.foreignName = each.metric;
        row.service = "shop";
        row.instance = each.instance;
        row.unit = each.unit;
        row.kind = each.kind;
        const SeriesRef series = (*writer)->series(row);
        for (int i = 0; i < each.n; ++i)
            (*writer)->point(series, kStart + i * each.step, each.value(i));
    }
    if (withLimit) {
        const RecordField fields[]{{"subject_kind", std::string_view("server")},
            {"subject", std::string_view("db")}, {"key", std::string_view("max_connections")},
            {"value", std::string_view("200")}};
        (*writer)->record({RecordTable::Config, {}, {}, {}, {}, fields});
        for (const Nanos ms : {5, 200}) { // the shorter one is no marker
            const RecordField pause[]{{"ts_ns", kStart + 50 * kMinute}, {"duration_ns", ms * kNanosPerMilli},
                {"kind", std::string_view("full")}, {"instance", std::string_view("a")}};
            (*writer)->record({RecordTable::Pause, {}, {}, {}, {}, pause});
        }
        EventRow event;
        event.tsNs = kStart + 30 * kMinute;
        event.kind = "deploy";
        event.title = "v42";
        (*writer)->event(event);
    }
    const std::int64_t id = (*writer)->sourceId();
    if (const auto done = (*writer)->finish({}); !done)
        qFatal("%s", done.error().toText().c_str());
    writer->reset();
    if (const auto ready = session::refresh(**workspace, {id}, true, {}); !ready)
        qFatal("%s", ready.error().toText().c_str());
    auto session = std::make_unique<session::Session>(std::move(*workspace));
    QSignalSpy loaded(session.get(), &session::Session::loaded);
    session->reload();
    if (!loaded.wait(30'000))
        qFatal("the session did not load");
    return session;
}

std::unique_ptr<session::Session> sample()
{
    return open({
        {"db.connections.used", "", "", 90, kMinute, [](int i) { return i < 30 ? 6.0 * i : 200; }},
        {"http.requests", "", "", 90, kMinute, [](int i) { return 2000 + 150.0 * i; }},
        {"cache.misses", "", "", 90, kMinute, [](int i) { return (i < 30 ? 10 : 400) + i % 3; }},
        {"queue.depth", "", "", 90, kMinute, [](int i) { return i % 5; }},
        {"orders_total", "a", "", 90, kMinute, [](int i) { return 300.0 * i; }, SeriesKind::Counter},
        {"orders_total", "b", "", 90, kMinute, [](int i) { return i < 45 ? 600.0 * i : 600.0 * (i - 45); },
            SeriesKind::Counter},
    });
}

void choose(SeriesView &view, const char *metric)
{
    auto *model = view.list()->model();
    for (int row = 0; row < model->rowCount(); ++row) {
        const QModelIndex index = model->index(row, 0);
        if (!index.data().toString().startsWith(QLatin1String(metric)))
            continue;
        view.list()->selectionModel()->select(index,
            QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
        view.list()->setCurrentIndex(index);
    }
}

} // namespace

class TestSeriesView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void emptyStateSaysWhatToDo();
    void listAndSearch();
    void foundComesFirst();
    void countersAsRates();
    void combined();
    void whatMoved();
    void sharedRange();
    void gapsAreNotDrawn();
    void pausesAreMarkers();
    void byKeyboardAlone();
    void copyAndState();
    void namesAndSql();
    void aMillionPoints();
    void pictures();
};

void TestSeriesView::emptyStateSaysWhatToDo()
{
    const auto empty = tests::openSession();
    SeriesView view(empty.get(), nullptr);
    view.show();
    QTRY_VERIFY(view.isReady());
    QTRY_VERIFY(tests::labelText(view).contains(QLatin1String("Prometheus")));
    QSignalSpy commands(&view, &View::commandRequested);
    for (QPushButton *button : view.findChildren<QPushButton *>()) {
        if (button->isVisible())
            button->click();
    }
    QCOMPARE(commands.size(), 1);
}

void TestSeriesView::listAndSearch()
{
    const auto session = sample();
    SeriesView view(session.get(), nullptr);
    QAbstractItemModelTester tester(view.list()->model(),
        QAbstractItemModelTester::FailureReportingMode::QtTest);
    view.resize(1300, 800);
    view.show();
    QTRY_VERIFY(view.isReady());
    QTRY_COMPARE(view.list()->model()->rowCount(), 5);
    const QModelIndex orders = view.list()->model()->index(3, 0);
    QCOMPARE(orders.data().toString(), QStringLiteral("orders_total"));
    QCOMPARE(view.list()->model()->rowCount(orders), 2);
    // 600 a minute are 10 a second.
    const QModelIndex last = view.list()->model()->index(1, items::SeriesListModel::Last, orders);
    QCOMPARE(last.data().toString(), QStringLiteral("10 /s"));
    view.searchField()->setText(QStringLiteral("ceiling"));
    QCOMPARE(view.list()->model()->rowCount(), 1);
    QVERIFY(
        view.list()->model()->index(0, 0).data().toString().startsWith(QLatin1String("db.connections.used")));
    view.searchField()->setText(QStringLiteral("no such thing"));
    QCOMPARE(view.list()->model()->rowCount(), 0);
    view.searchField()->clear();
    QCOMPARE(view.list()->model()->rowCount(), 5);
}

void TestSeriesView::foundComesFirst()
{
    const auto session = sample();
    SeriesView view(session.get(), nullptr);
    view.resize(1300, 800);
    view.show();
    QTRY_VERIFY(view.isReady() && !view.model()->lanes().isEmpty());
    QVERIFY(view.foundTable()->model()->rowCount() >= 2);
    const QString first = view.foundTable()->model()->index(0, 3).data().toString();
    QVERIFY2(first.startsWith(QLatin1String("ceiling at 200 = max_connections of db, while ")),
        qPrintable(first));
    // Its lane is there at once, with the mark.
    const auto &lanes = view.model()->lanes();
    const auto lane = std::find_if(lanes.begin(), lanes.end(), [](const items::Lane &each) {
        return each.spec.title.startsWith(QLatin1String("db.connections.used"));
    });
    QVERIFY(lane != lanes.end());
    QVERIFY(!lane->found.isEmpty() && lane->found.first().value == 200);
}

void TestSeriesView::countersAsRates()
{
    const auto session = sample();
    SeriesView view(session.get(), nullptr);
    view.resize(1300, 800);
    view.show();
    QTRY_VERIFY(view.isReady());
    choose(view, "orders_total");
    view.combineBox()->setCurrentIndex(view.combineBox()->findData(QStringLiteral("each")));
    QTRY_VERIFY(view.isReady() && view.model()->lanes().size() == 2 && view.model()->lanes().last().high > 0);
    // 10 a second, the restart included.
    const items::Lane &restarted = view.model()->lanes().last();
    QVERIFY(restarted.isRate);
    QCOMPARE(restarted.high, 10.0);
    view.measureBox()->setCurrentIndex(1);
    QTRY_VERIFY(view.isReady() && view.model()->lanes().last().high == 600.0 * 44);
    view.measureBox()->setCurrentIndex(3);
    QTRY_VERIFY(view.isReady() && view.model()->lanes().last().high == 600.0);
}

void TestSeriesView::combined()
{
    const auto session = sample();
    SeriesView view(session.get(), nullptr);
    view.resize(1300, 800);
    view.show();
    QTRY_VERIFY(view.isReady());
    choose(view, "orders_total");
    QTRY_VERIFY(
        view.isReady() && view.model()->lanes().size() == 1 && view.model()->lanes()[0].curves.size() == 2);
    view.combineBox()->setCurrentIndex(view.combineBox()->findData(QStringLiteral("sum")));
    QTRY_VERIFY(view.isReady() && view.model()->lanes()[0].curves.size() == 1);
    QVERIFY(std::abs(view.model()->lanes()[0].high - 15) < 1e-9); // 5 and 10 a second
    // Many series: the five largest and the sum of the rest.
    std::vector<std::string> names;
    for (int i = 0; i < 9; ++i)
        names.push_back("i" + std::to_string(i));
    std::vector<Series> many;
    for (int i = 0; i < 9; ++i)
        many.push_back(
            {"pool.used", names[std::size_t(i)].c_str(), "", 20, kMinute, [i](int) { return i + 1.0; }});
    const auto wide = open(many, false);
    SeriesView other(wide.get(), nullptr);
    other.show();
    QTRY_VERIFY(other.isReady());
    choose(other, "pool.used");
    QTRY_VERIFY(other.isReady() && other.model()->lanes().size() == 1
        && other.model()->lanes()[0].curves.size() == 6);
    const items::LaneCurve &rest = other.model()->lanes()[0].curves.last();
    QCOMPARE(rest.name, QStringLiteral("4 others"));
    QCOMPARE(rest.last, 10.0); // 1 + 2 + 3 + 4
    QCOMPARE(other.model()->lanes()[0].curves.first().last, 9.0);
}

void TestSeriesView::whatMoved()
{
    const auto session = sample();
    SeriesView view(session.get(), nullptr);
    view.resize(1300, 800);
    view.show();
    QTRY_VERIFY(view.isReady());
    view.whatMoved(kStart + 30 * kMinute);
    QTRY_VERIFY(view.isReady() && view.movedTable()->model()->rowCount() > 0);
    QCOMPARE(view.tabs()->currentIndex(), 1);
    const auto cell
        = [&](int column) { return view.movedTable()->model()->index(0, column).data().toString(); };
    QCOMPARE(cell(0), QStringLiteral("cache.misses shop"));
    QCOMPARE(cell(1), QStringLiteral("moved"));
    QCOMPARE(view.model()->moved().rows.first().lagNs.value_or(-1), qint64(0));
    for (const items::MovedItem &item : view.model()->moved().rows)
        QVERIFY(item.subject != QLatin1String("queue.depth shop"));
    QCOMPARE(view.model()->moved().looked, qint64(6));
}

void TestSeriesView::sharedRange()
{
    const auto session = sample();
    SeriesView view(session.get(), nullptr);
    view.resize(1300, 800);
    view.show();
    QTRY_VERIFY(view.isReady() && !view.model()->lanes().isEmpty());
    const TimeRange range{kStart + 10 * kMinute, kStart + 20 * kMinute};
    session->context()->setRange(range);
    QTRY_COMPARE(view.canvas()->window(), range);
    // Dragging chooses a range for every view; a double click gives it up.
    QTRY_VERIFY(view.isReady());
    QWidget *pane = view.canvas()->viewport();
    QTest::mousePress(pane, Qt::LeftButton, {}, QPoint(200, 100));
    QTest::mouseMove(pane, QPoint(300, 100));
    QMouseEvent move(QEvent::MouseMove, QPointF(400, 100), pane->mapToGlobal(QPointF(400, 100)), Qt::NoButton,
        Qt::LeftButton, {});
    QApplication::sendEvent(pane, &move);
    QTest::mouseRelease(pane, Qt::LeftButton, {}, QPoint(400, 100));
    QVERIFY(session->context()->range() && session->context()->range()->length() < range.length());
    QTest::mouseDClick(pane, Qt::LeftButton, {}, QPoint(200, 100));
    QVERIFY(!session->context()->range());
}

void TestSeriesView::gapsAreNotDrawn()
{
    // Half an hour of samples, an hour without any, half an hour.
    const auto session = open({{"level", "", "", 120, kMinute,
                                  [](int i) { return i < 30 || i >= 90 ? 50 + i % 7 : std::nan(""); }}},
        false);
    SeriesView view(session.get(), nullptr);
    view.resize(1300, 800);
    view.show();
    QTRY_VERIFY(view.isReady() && !view.model()->lanes().isEmpty() && view.model()->lanes()[0].total > 0);
    QCOMPARE(view.model()->lanes()[0].low, 50.0); // a gap is not 0
    view.canvas()->setCursorTime(kStart + 60 * kMinute);
    QVERIFY2(view.canvas()->readout().contains(QLatin1String("no sample here")),
        qPrintable(view.canvas()->readout()));
    view.canvas()->setCursorTime(kStart + 10 * kMinute);
    QVERIFY2(view.canvas()->readout().endsWith(QLatin1String(": 53")), qPrintable(view.canvas()->readout()));
}

void TestSeriesView::pausesAreMarkers()
{
    const auto session = sample();
    const auto markers = session->markers();
    QCOMPARE(markers.size(), 2);
    QCOMPARE(markers[1].title, QStringLiteral("full 200 ms"));
    QVERIFY(markers[1].id < 0 && markers[1].endNs == kStart + 50 * kMinute + 200 * kNanosPerMilli);
}

void TestSeriesView::byKeyboardAlone()
{
    const auto session = sample();
    SeriesView view(session.get(), nullptr);
    view.resize(1300, 800);
    view.show();
    QTRY_VERIFY(view.isReady() && view.model()->lanes().size() >= 2);
    QCOMPARE(tests::nameless(view), QStringList());
    view.startSearch();
    view.canvas()->setFocus();
    QTest::keyClick(view.canvas(), Qt::Key_Down);
    QCOMPARE(view.canvas()->currentLane(), 1);
    QTest::keyClick(view.canvas(), Qt::Key_Home);
    QCOMPARE(view.canvas()->cursor().value_or(0), kStart);
    QTest::keyClick(view.canvas(), Qt::Key_Right);
    QCOMPARE(view.canvas()->cursor().value_or(0), kStart + kMinute);
    const QString second = view.model()->lanes()[1].spec.title;
    QTest::keyClick(view.canvas(), Qt::Key_P);
    QCOMPARE(view.model()->laneSpecs().first().title, second);
    QVERIFY(view.model()->laneSpecs().first().isPinned);
    QTest::keyClick(view.canvas(), Qt::Key_M);
    QTRY_VERIFY(view.isReady() && view.model()->movedAt() == kStart + kMinute);
    const TimeRange before = view.canvas()->window();
    QTest::keyClick(view.canvas(), Qt::Key_Plus);
    QVERIFY(view.canvas()->window().length() < before.length());
    QTest::keyClick(view.canvas(), Qt::Key_Escape);
    QTRY_COMPARE(view.canvas()->window(), before);
}

void TestSeriesView::copyAndState()
{
    const auto session = sample();
    SeriesView view(session.get(), nullptr);
    view.resize(1300, 800);
    view.show();
    QTRY_VERIFY(view.isReady());
    choose(view, "queue.depth");
    QTRY_VERIFY(view.isReady() && view.model()->lanes().size() == 1);
    view.model()->copyCsv(view.model()->lanes()[0].spec.ids);
    QTRY_VERIFY(QApplication::clipboard()->text().startsWith(QLatin1String("ts_ns,time,series,value\n")));
    QCOMPARE(QApplication::clipboard()->text().count(QLatin1Char('\n')), 91);
    QVERIFY(QApplication::clipboard()->text().contains(QLatin1String(",\"queue.depth shop\",4\n")));
    SeriesView again(session.get(), nullptr);
    again.restoreState(view.saveState());
    again.show();
    QTRY_VERIFY(again.isReady() && again.model()->lanes().size() == 1);
    QVERIFY(again.model()->lanes()[0].spec.title.startsWith(QLatin1String("queue.depth")));
}

void TestSeriesView::namesAndSql()
{
    const auto session = sample();
    SeriesView view(session.get(), nullptr);
    QVERIFY(!view.accessibleName().isEmpty());
    QCOMPARE(tests::sqlProblem(*session, view.showSql()), QString());
    view.show();
    QTRY_VERIFY(view.isReady() && !view.model()->lanes().isEmpty());
    QVERIFY(view.showSql().contains(QLatin1String("series_id IN")));
    QCOMPARE(tests::sqlProblem(*session, view.showSql()), QString());
}

// A lane of a million points costs what one of ten thousand costs: both are two points a pixel.
void TestSeriesView::aMillionPoints()
{
    const auto milliseconds = [](int points) {
        const auto session = open({{"level", "", "", points, kNanosPerSecond / 100,
                                      [](int i) { return 100 + 40 * std::sin(i * 0.001) + i % 17; }}},
            false);
        SeriesView view(session.get(), nullptr);
        view.resize(1600, 900);
        view.show();
        if (!QTest::qWaitFor(
                [&] {
                    return view.isReady() && !view.model()->lanes().isEmpty()
                        && view.model()->lanes()[0].total > 0;
                },
                60'000))
            qFatal("not ready");
        QImage image(view.canvas()->viewport()->size(), QImage::Format_RGB32);
        double best = 1e9;
        for (int round = 0; round < 5; ++round) {
            QElapsedTimer timer;
            timer.start();
            QPainter painter(&image);
            view.canvas()->paintAll(painter, image.size());
            painter.end();
            best = std::min(best, double(timer.nsecsElapsed()) / 1e6);
        }
        return best;
    };
    const double few = milliseconds(10'000), many = milliseconds(1'000'000);
    qInfo("redraw: %.2f ms with 10,000 points, %.2f ms with 1,000,000", few, many);
    QVERIFY2(many <= 90, qPrintable(QString::number(many))); // 30 ms on a quiet machine
    QVERIFY2(many <= 4 * few + 4, qPrintable(QStringLiteral("%1 %2").arg(few).arg(many)));
}

void TestSeriesView::pictures()
{
    const auto session = sample();
    QCOMPARE(tests::pictureProblem([&] { return std::make_unique<SeriesView>(session.get(), nullptr); }),
        QString());
}

QTEST_MAIN(TestSeriesView)
#include "tst_seriesview.moc"
