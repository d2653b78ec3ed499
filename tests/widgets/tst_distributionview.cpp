// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/distributiongroups.h"
#include "items/distributionmodel.h"
#include "session/session.h"
#include "widgets/base/theme.h"
#include "widgets/charts/plotcanvas.h"
#include "widgets/charts/plotdatamodel.h"
#include "widgets/charts/plotview.h"
#include "widgets/distribution/distributionview.h"
#include "widgets/distribution/grouptable.h"
#include "widgets/distribution/heatmapcanvas.h"
#include "widgets/distribution/histogramcanvas.h"
#include "widgets/distribution/overtimepanel.h"
#include "widgets/distribution/percentilecurve.h"

#include "../items/distributionspans.h"

#include <QAbstractItemModelTester>
#include <QAccessible>
#include <QComboBox>
#include <QItemSelectionModel>
#include <QLabel>
#include <QPushButton>
#include <QSet>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include <cmath>

using namespace tailscope;
using namespace tailscope::widgets;

namespace {

struct Fixture
{
    std::unique_ptr<session::Session> session;
    std::unique_ptr<DistributionView> view;

    Fixture()
    {
        auto workspace = store::Workspace::temporary();
        if (!workspace)
            qFatal("%s", workspace.error().toText().c_str());
        session = std::make_unique<session::Session>(std::move(*workspace));
        view = std::make_unique<DistributionView>(session.get());
        view->resize(1000, 700);
        view->show();
    }
    void load(const std::vector<test::HandSpan> &spans)
    {
        const auto columns = test::columnsOf(spans, test::kShopOperations);
        session->context()->setColumns(columns, nullptr);
        session->context()->setFullRange(columns->range);
        QTRY_VERIFY(view->isReady());
    }
    session::SessionContext *context() const { return session->context(); }
};

int distinctColors(const QWidget &widget)
{
    const QImage image = const_cast<QWidget &>(widget).grab().toImage().convertToFormat(QImage::Format_RGB32);
    QSet<QRgb> colors;
    for (int y = 0; y < image.height(); y += 2) {
        for (int x = 0; x < image.width(); x += 2)
            colors.insert(image.pixel(x, y));
    }
    return int(colors.size());
}

void drag(QWidget *widget, const QPoint &from, const QPoint &to)
{
    QTest::mousePress(widget, Qt::LeftButton, {}, from);
    const auto move = [widget](const QPoint &place) {
        QMouseEvent event(QEvent::MouseMove, QPointF(place), widget->mapToGlobal(QPointF(place)),
            Qt::NoButton, Qt::LeftButton, {});
        QCoreApplication::sendEvent(widget, &event);
    };
    move((from + to) / 2);
    move(to);
    QTest::mouseRelease(widget, Qt::LeftButton, {}, to);
}

bool overlap(const QVector<StackedLabel> &labels)
{
    for (int i = 0; i < labels.size(); ++i) {
        for (int k = 0; k < i; ++k) {
            const StackedLabel &a = labels[i], &b = labels[k];
            if (a.row >= 0 && a.row == b.row && a.left < b.left + b.width && b.left < a.left + a.width)
                return true;
        }
    }
    return false;
}

} // namespace

class TestDistributionView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void emptyStates();
    void figuresAreWritten();
    void barsAreExact_data();
    void barsAreExact();
    void marksNeverOverlap_data();
    void marksNeverOverlap();
    void dragNarrows();
    void keyboardNarrows();
    void selfTimeNarrowsSelf();
    void dragOverTime();
    void keyboardOverTime();
    void groupsDrawOverlays();
    void groupFilterAndExclude();
    void curveGoesThroughFigures();
    void gapsAreGaps();
    void runsKeepSpikes();
    void plotData();
    void plotKeyboard();
    void paintsLightAndDark();
    void stateSurvives();
    void sqlAndNames();
    void smallAndLargeFonts();
};

void TestDistributionView::initTestCase()
{
    QStandardPaths::setTestModeEnabled(true);
    applyColorScheme(ColorScheme::Light);
}

void TestDistributionView::emptyStates()
{
    Fixture f;
    QVERIFY(f.view->isReady());
    QVERIFY(!f.view->tabs()->isVisible());
    QSignalSpy commands(f.view.get(), &View::commandRequested);
    const auto buttons = f.view->findChildren<QPushButton *>();
    for (QPushButton *button : buttons) {
        if (button->isVisible())
            button->click();
    }
    QCOMPARE(commands.size(), 1);
    QCOMPARE(commands.at(0).at(0).toString(), QStringLiteral("open"));
    f.load(test::shopSpans(300));
    QVERIFY(f.view->tabs()->isVisible());
    f.context()->setFilterText(QStringLiteral("operation=nothing"));
    QTRY_VERIFY(f.view->isReady() && !f.view->tabs()->isVisible());
    for (QPushButton *button : buttons) {
        if (button->isVisible())
            button->click();
    }
    QVERIFY(f.context()->filterText().isEmpty());
    QTRY_VERIFY(f.view->isReady() && f.view->tabs()->isVisible());
    f.load({{100, kUnknownNanos}, {200, kUnknownNanos}});
    QVERIFY(!f.view->tabs()->isVisible());
    QVERIFY(f.view->basisText().contains(QStringLiteral("2 of unknown duration")));
}

void TestDistributionView::figuresAreWritten()
{
    // The known answer of the product's definition: 99 x 2 ms and one of 150 ms.
    std::vector<test::HandSpan> spans;
    for (int i = 0; i < 100; ++i)
        spans.push_back({i * kNanosPerSecond, i == 57 ? 150 * kNanosPerMilli : 2 * kNanosPerMilli});
    spans.push_back({5, kUnknownNanos});
    spans[3].status = SpanStatus::Error;
    Fixture f;
    f.load(spans);
    const QString figures = f.view->figuresText();
    QVERIFY2(figures.contains(QStringLiteral("P99 2 ms")), qPrintable(figures));
    QVERIFY2(figures.contains(QStringLiteral("P99.9 150 ms (n too small)")), qPrintable(figures));
    QVERIFY2(figures.contains(QStringLiteral("mean 3.48 ms")), qPrintable(figures));
    const QString basis = f.view->basisText();
    QVERIFY2(basis.contains(QStringLiteral("nearest rank, n = 100")), qPrintable(basis));
    QVERIFY2(basis.contains(QStringLiteral("1 of unknown duration")), qPrintable(basis));
    QVERIFY2(basis.contains(QStringLiteral("1 errors (0.99 %)")), qPrintable(basis));
    // Equal figures share one mark.
    const auto &marks = f.view->histogram()->marks();
    QCOMPARE(marks.size(), 3);
    QVERIFY(marks[0].label.startsWith(QStringLiteral("P50–P99 2 ms")));
    QVERIFY(!marks[0].weak && marks[1].isMean && marks[2].weak);
}

void TestDistributionView::barsAreExact_data()
{
    QTest::addColumn<std::vector<test::HandSpan>>("spans");
    const auto of = [](const std::vector<Nanos> &durations) {
        std::vector<test::HandSpan> spans;
        for (const Nanos duration : durations)
            spans.push_back({Nanos(spans.size()), duration});
        return spans;
    };
    QTest::newRow("one") << of({5'000'000});
    QTest::newRow("zero") << of({0});
    QTest::newRow("zeros and ones") << of({0, 0, 1, 1, 1, 2});
    QTest::newRow("equal") << of(std::vector<Nanos>(1000, 123'456'789));
    QTest::newRow("extremes") << of({0, 1, 63, 64, 65, 1'000'000, std::numeric_limits<Nanos>::max()});
    QTest::newRow("many") << test::shopSpans(20'000);
    QTest::newRow("outlier") << [] {
        auto spans = test::shopSpans(5'000);
        spans[10].duration = 3'600 * kNanosPerSecond;
        return spans;
    }();
}

void TestDistributionView::barsAreExact()
{
    QFETCH(std::vector<test::HandSpan>, spans);
    const auto columns = test::columnsOf(spans, test::kShopOperations);
    const auto stats = std::make_shared<const analysis::DurationStats>(analysis::durationStats(*columns, {}));
    HistogramCanvas canvas;
    for (const QSize size : {QSize(220, 130), QSize(640, 300), QSize(1800, 800)}) {
        canvas.resize(size);
        for (const bool logarithmic : {true, false}) {
            canvas.setLogarithmic(logarithmic);
            canvas.setStats(stats, false);
            const auto &bars = canvas.histogramLayout().bars;
            QVERIFY(!bars.empty());
            std::int64_t sum = 0;
            for (std::size_t i = 0; i < bars.size(); ++i) {
                std::int64_t expected = 0;
                for (const test::HandSpan &span : spans) {
                    const bool last = bars[i].high == std::numeric_limits<Nanos>::max();
                    expected
                        += span.duration >= bars[i].low && (span.duration < bars[i].high || last) ? 1 : 0;
                }
                QCOMPARE(bars[i].count, expected);
                QVERIFY(bars[i].low < bars[i].high);
                if (i > 0)
                    QCOMPARE(bars[i].low, bars[i - 1].high);
                const QRectF rect = canvas.barRect(i);
                QVERIFY(rect.left() >= canvas.plotRect().left() - 1
                    && rect.right() <= canvas.plotRect().right() + 2);
                QVERIFY(rect.top() >= canvas.plotRect().top() - 1);
                QVERIFY(bars[i].count == 0 || rect.height() >= 1);
                sum += bars[i].count;
            }
            QCOMPARE(sum, stats->count);
        }
    }
}

void TestDistributionView::marksNeverOverlap_data() { barsAreExact_data(); }

void TestDistributionView::marksNeverOverlap()
{
    QFETCH(std::vector<test::HandSpan>, spans);
    const auto columns = test::columnsOf(spans, test::kShopOperations);
    const auto stats = std::make_shared<const analysis::DurationStats>(analysis::durationStats(*columns, {}));
    HistogramCanvas canvas;
    for (int width = 220; width < 1900; width += 120) {
        canvas.resize(width, 160 + width / 4);
        for (const bool logarithmic : {true, false}) {
            canvas.setLogarithmic(logarithmic);
            canvas.setStats(stats, false);
            const auto &labels = canvas.markLabels();
            QCOMPARE(labels.size(), canvas.marks().size());
            QVERIFY(!overlap(labels));
            for (const StackedLabel &label : labels) {
                QVERIFY(label.row < 0 || (label.left >= 0 && label.left + label.width <= width));
                QVERIFY(label.x >= canvas.plotRect().left() - 1 && label.x <= canvas.plotRect().right() + 2);
            }
        }
    }
}

void TestDistributionView::dragNarrows()
{
    Fixture f;
    f.load(test::shopSpans(5'000));
    HistogramCanvas *histogram = f.view->histogram();
    const auto &bars = histogram->histogramLayout().bars;
    QVERIFY(bars.size() > 12);
    const std::size_t first = bars.size() / 3, last = bars.size() / 2;
    const Nanos low = bars[first].low, high = bars[last].high;
    std::int64_t expected = 0;
    for (std::size_t i = first; i <= last; ++i)
        expected += bars[i].count;
    const int y = histogram->plotRect().center().y();
    drag(histogram, {int(histogram->barRect(first).center().x()), y},
        {int(histogram->barRect(last).center().x()), y});
    const auto &terms = f.context()->filter().terms;
    QCOMPARE(terms.size(), std::size_t(2));
    QVERIFY(terms[0].field == analysis::FilterTerm::Field::Duration
        && terms[0].op == analysis::FilterTerm::Op::GreaterEqual);
    QVERIFY(terms[1].field == analysis::FilterTerm::Field::Duration
        && terms[1].op == analysis::FilterTerm::Op::Less);
    QCOMPARE(terms[0].number, low);
    QCOMPARE(terms[1].number, high);
    QTRY_VERIFY(f.view->isReady());
    QCOMPARE(f.view->model()->stats()->count, expected);
    QTest::mouseDClick(histogram, Qt::LeftButton, {}, histogram->plotRect().center());
    QVERIFY(f.context()->filterText().isEmpty());
    QTRY_VERIFY(f.view->isReady());
    QVERIFY(f.view->model()->stats()->count > expected);
    // A click without movement selects nothing.
    QTest::mouseClick(histogram, Qt::LeftButton, {}, histogram->plotRect().center());
    QVERIFY(f.context()->filterText().isEmpty());
}

void TestDistributionView::keyboardNarrows()
{
    Fixture f;
    f.load(test::shopSpans(5'000));
    HistogramCanvas *histogram = f.view->histogram();
    QTest::keyClick(histogram, Qt::Key_Home);
    QCOMPARE(histogram->cursorBar(), 0);
    QTest::keyClick(histogram, Qt::Key_Right);
    QTest::keyClick(histogram, Qt::Key_Right);
    QCOMPARE(histogram->cursorBar(), 2);
    QVERIFY(!histogram->accessibleValue().isEmpty());
    QTest::keyClick(histogram, Qt::Key_Right, Qt::ShiftModifier);
    QTest::keyClick(histogram, Qt::Key_Right, Qt::ShiftModifier);
    const auto bars = histogram->histogramLayout().bars;
    QVERIFY(histogram->selection() == std::pair(bars[2].low, bars[4].high));
    // The figures of the part follow.
    QTRY_VERIFY(f.view->figuresText().startsWith(QStringLiteral("Selected")));
    QTest::keyClick(histogram, Qt::Key_Escape);
    QVERIFY(!histogram->selection());
    QVERIFY(!f.view->figuresText().startsWith(QStringLiteral("Selected")));
    QTest::keyClick(histogram, Qt::Key_Left, Qt::ShiftModifier);
    QTest::keyClick(histogram, Qt::Key_Return);
    QCOMPARE(f.context()->filter().terms.at(0).number, bars[3].low);
    QCOMPARE(f.context()->filter().terms.at(1).number, bars[4].high);
    QTRY_VERIFY(f.view->isReady());
    QTest::keyClick(histogram, Qt::Key_Backspace);
    QVERIFY(f.context()->filterText().isEmpty());
    // Up and Down walk the figures.
    QTRY_VERIFY(f.view->isReady());
    QTest::keyClick(histogram, Qt::Key_Down);
    QVERIFY(histogram->accessibleValue().startsWith(QStringLiteral("P50")));
    QVERIFY(histogram->accessibleValue().contains(QStringLiteral("95 % interval")));
}

void TestDistributionView::selfTimeNarrowsSelf()
{
    Fixture f;
    f.load(test::shopSpans(2'000));
    f.view->viewActions().first()->trigger();
    QTRY_VERIFY(f.view->isReady() && f.view->model()->statsAreSelf());
    QTest::keyClick(f.view->histogram(), Qt::Key_End);
    QTest::keyClick(f.view->histogram(), Qt::Key_Return);
    QVERIFY2(f.context()->filterText().startsWith(QStringLiteral("self>=")),
        qPrintable(f.context()->filterText()));
    QVERIFY(f.view->basisText().contains(QStringLiteral("self time")));
}

void TestDistributionView::dragOverTime()
{
    Fixture f;
    f.load(test::shopSpans(5'000));
    f.view->tabs()->setCurrentIndex(DistributionView::OverTimeTab);
    QTRY_VERIFY(f.view->isReady());
    HeatMapCanvas *heat = f.view->overTime()->heatMap();
    const QRect area = heat->heatRect();
    drag(heat, {area.left() + area.width() / 4, area.center().y()},
        {area.left() + area.width() / 2, area.center().y()});
    QVERIFY(f.context()->range().has_value());
    const TimeRange all = f.context()->fullRange(), chosen = *f.context()->range();
    QVERIFY(std::abs(double(chosen.begin - all.begin) / double(all.length()) - 0.25) < 0.02);
    QVERIFY(std::abs(double(chosen.end - all.begin) / double(all.length()) - 0.50) < 0.02);
    QTRY_VERIFY(f.view->isReady());
    QTest::mouseDClick(heat, Qt::LeftButton, {}, heat->heatRect().center());
    QVERIFY(!f.context()->range());
    QTRY_VERIFY(f.view->isReady());
    // The same in the lines below.
    PlotCanvas *lines = f.view->overTime()->percentiles()->canvas();
    const QRect plot = lines->plotRect();
    drag(lines->viewport(), {plot.left() + plot.width() / 2, plot.center().y()},
        {plot.right() + 30, plot.center().y()});
    QVERIFY(f.context()->range().has_value());
    QVERIFY(f.context()->range()->end >= all.end);
    // One axis: the three plots begin and end at the same pixel.
    QCOMPARE(plot.left(), heat->heatRect().left());
    QCOMPARE(plot.right(), heat->heatRect().right());
}

void TestDistributionView::keyboardOverTime()
{
    Fixture f;
    f.load(test::shopSpans(5'000));
    f.view->tabs()->setCurrentIndex(DistributionView::OverTimeTab);
    QTRY_VERIFY(f.view->isReady());
    HeatMapCanvas *heat = f.view->overTime()->heatMap();
    QTest::keyClick(heat, Qt::Key_Home);
    QTest::keyClick(heat, Qt::Key_Right);
    QCOMPARE(heat->cursorBin(), 1);
    QTest::keyClick(heat, Qt::Key_Up);
    QVERIFY(heat->accessibleValue().contains(QStringLiteral("spans")));
    QVERIFY(f.view->overTime()->percentiles()->canvas()->cursorX().has_value());
    QTest::keyClick(heat, Qt::Key_Right, Qt::ShiftModifier);
    QTest::keyClick(heat, Qt::Key_Return);
    const auto bins = f.view->model()->bins();
    QVERIFY(f.context()->range()
        == (TimeRange{bins->range.begin + bins->binNs, bins->range.begin + 3 * bins->binNs}));
}

void TestDistributionView::groupsDrawOverlays()
{
    Fixture f;
    f.load(test::shopSpans(3'000));
    QTableView *table = f.view->groupTable()->table();
    const auto *groups = f.view->groupTable()->groups();
    QCOMPARE(groups->rowCount(), 3);
    table->selectRow(0);
    QCOMPARE(f.view->groupTable()->chosen().size(), 1);
    QCOMPARE(f.view->model()->overlays().size(), std::size_t(1));
    const QString name = groups->name(0);
    QVERIFY(f.view->histogram()->toText().section(QLatin1Char('\n'), 0, 0).endsWith(groups->title(0)));
    // The choice and its colour survive sorting and recomputing.
    table->sortByColumn(0, Qt::AscendingOrder);
    f.context()->setRange(
        TimeRange{f.context()->fullRange().begin, f.context()->fullRange().end - kNanosPerSecond});
    QTRY_VERIFY(f.view->isReady());
    QCOMPARE(f.view->groupTable()->chosen(), QStringList(name));
    QCOMPARE(groups->index(groups->rowOfName(name), 0).data(items::DistributionGroups::OverlayRole).toInt(),
        0);
    table->selectAll();
    QCOMPARE(f.view->groupTable()->chosen().first(), name);
    QCOMPARE(f.view->model()->overlays().size(), std::size_t(3));
    f.view->groupTable()->setGroupBy(analysis::GroupBy::Service);
    QTRY_VERIFY(f.view->isReady());
    QCOMPARE(groups->rowCount(), 2);
    QVERIFY(f.view->model()->overlays().empty());
}

void TestDistributionView::groupFilterAndExclude()
{
    Fixture f;
    f.load(test::shopSpans(3'000));
    GroupTable *table = f.view->groupTable();
    Q_EMIT table->excludeRequested(table->groups()->excludeTerms(0));
    QTRY_VERIFY(f.view->isReady());
    QCOMPARE(table->groups()->rowCount(), 2);
    Q_EMIT table->excludeRequested(table->groups()->excludeTerms(0));
    QTRY_VERIFY(f.view->isReady());
    QCOMPARE(table->groups()->rowCount(), 1);
    f.context()->setFilterText({});
    QTRY_VERIFY(f.view->isReady());
    const QString name = table->groups()->name(1);
    table->table()->setFocus();
    table->table()->setCurrentIndex(table->groups()->index(1, 0));
    QTest::keyClick(table->table(), Qt::Key_Return);
    QTRY_VERIFY(f.view->isReady());
    QCOMPARE(table->groups()->rowCount(), 1);
    QCOMPARE(table->groups()->name(0), name);
}

void TestDistributionView::curveGoesThroughFigures()
{
    const auto columns = test::columnsOf(test::shopSpans(20'000), test::kShopOperations);
    const analysis::DurationStats stats = analysis::durationStats(*columns, {});
    const PlotContent curve = percentileCurve(stats, false, true, {});
    const PlotSeries &line = curve.series.front();
    for (std::size_t i = 1; i < line.x.size(); ++i) {
        QVERIFY(line.x[i] >= line.x[i - 1]);
        QVERIFY(line.y[i] >= line.y[i - 1]);
    }
    for (const auto &figure : stats.figures) {
        const double q = double(figure.q.num) / double(figure.q.den);
        bool found = false;
        for (std::size_t i = 0; i < line.x.size(); ++i)
            found = found || (line.x[i] == q && line.y[i] == double(figure.value));
        QVERIFY(found);
    }
    QCOMPARE(curve.marks.size(), 5);
    QCOMPARE(line.y.back(), double(stats.max));
    // One span: a flat line that says that it knows nothing more.
    const auto one = test::columnsOf({{0, 5'000}}, test::kShopOperations);
    const PlotContent flat = percentileCurve(analysis::durationStats(*one, {}), false, true, {});
    QVERIFY(!flat.series.empty());
    QCOMPARE(flat.series.front().y.front(), 5'000.0);
}

void TestDistributionView::gapsAreGaps()
{
    PlotSeries series;
    series.x = {0, 1, 2, 3, 4, 5, 6, 7};
    series.y = {1, 2, std::nan(""), 3, std::nan(""), 4, 5, 6};
    PlotAxis axis;
    PlotScale x(axis, nullptr), y(axis, nullptr);
    x.fit(0, 7);
    y.fit(0, 6);
    PlotRuns runs = plotRuns(series, x, y, 700);
    QCOMPARE(runs.runs.size(), std::size_t(2));
    QCOMPARE(runs.dots.size(), std::size_t(1));
    QCOMPARE(runs.dots[0].place.x(), 3.0);
    series.maxGap = 0.5;
    runs = plotRuns(series, x, y, 700);
    QCOMPARE(runs.runs.size(), std::size_t(0));
    QCOMPARE(runs.dots.size(), std::size_t(6));
    series.maxGap = 10;
    series.weak = {0, 0, 0, 0, 0, 0, 1, 0};
    runs = plotRuns(series, x, y, 700);
    QCOMPARE(runs.runs.size(), std::size_t(2)); // 0-1 and the weak one 5-6-7
    QVERIFY(!runs.runs[0].weak && runs.runs[1].weak);
    QCOMPARE(runs.runs[1].points.size(), 3);
    QVERIFY(plotRuns({}, x, y, 700).runs.empty());
}

void TestDistributionView::runsKeepSpikes()
{
    PlotSeries series;
    for (int i = 0; i < 1'000'000; ++i) {
        series.x.push_back(i);
        series.y.push_back(i == 654'321 ? 1e6 : i == 123'456 ? -5 : i % 7);
    }
    PlotAxis axis;
    PlotScale x(axis, nullptr), y(axis, nullptr);
    x.fit(0, 1e6);
    y.fit(0, 1e6);
    QElapsedTimer clock;
    clock.start();
    const PlotRuns runs = plotRuns(series, x, y, 1'000);
    QVERIFY2(clock.elapsed() < 500, qPrintable(QString::number(clock.elapsed())));
    QCOMPARE(runs.runs.size(), std::size_t(1));
    QVERIFY(runs.runs[0].points.size() <= 2'010);
    double low = 0, high = 0;
    for (const QPointF &point : runs.runs[0].points) {
        low = std::min(low, point.y());
        high = std::max(high, point.y());
    }
    QCOMPARE(low, -5.0);
    QCOMPARE(high, 1e6);
}

void TestDistributionView::plotData()
{
    Fixture f;
    f.load(test::shopSpans(3'000));
    PlotView *plot = f.view->overTime()->percentiles();
    PlotDataModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setContent(plot->content(), f.context());
    const auto bins = f.view->model()->bins();
    QCOMPARE(model.rowCount(), int(bins->bins.size()));
    QCOMPARE(model.columnCount(), 4);
    const QStringList lines = plot->dataText().split(QLatin1Char('\n'));
    QCOMPARE(lines.size(), int(bins->bins.size()) + 1);
    QCOMPARE(lines.at(1).split(QLatin1Char('\t')).at(0),
        QString::number(bins->range.begin + bins->binNs / 2));
    for (std::size_t i = 0; i < bins->bins.size(); ++i) {
        const QString cell = lines.at(int(i) + 1).split(QLatin1Char('\t')).at(3);
        QCOMPARE(cell, bins->bins[i].p99 == kUnknownNanos ? QString() : QString::number(bins->bins[i].p99));
    }
    plot->showData(true);
    QVERIFY(plot->isShowingData());
    plot->showData(false);
    QVERIFY(!plot->isShowingData());
    QTemporaryDir folder;
    for (const char *name : {"a.png", "a.svg"}) {
        const QString path = folder.filePath(QString::fromLatin1(name));
        QCOMPARE(plot->exportPicture(path), QString());
        QVERIFY(QFileInfo(path).size() > 2'000);
    }
    QVERIFY(!plot->exportPicture(folder.filePath(QStringLiteral("none/a.png"))).isEmpty());
}

void TestDistributionView::plotKeyboard()
{
    Fixture f;
    f.load(test::shopSpans(3'000));
    f.view->tabs()->setCurrentIndex(DistributionView::OverTimeTab);
    QTRY_VERIFY(f.view->isReady());
    PlotCanvas *canvas = f.view->overTime()->ratio()->canvas();
    const auto bins = f.view->model()->bins();
    QTest::keyClick(canvas, Qt::Key_Right);
    QTest::keyClick(canvas, Qt::Key_Right);
    QCOMPARE(*canvas->cursorX(), 1.5 * double(bins->binNs));
    QVERIFY(canvas->accessibleValue().contains(QStringLiteral("P99 / P50")));
    QTest::keyClick(canvas, Qt::Key_End, Qt::ShiftModifier);
    QVERIFY(canvas->selection().has_value());
    QTest::keyClick(canvas, Qt::Key_Escape);
    QVERIFY(!canvas->selection());
    QVERIFY(!f.context()->range());
    QTest::keyClick(canvas, Qt::Key_Left, Qt::ShiftModifier);
    QTest::keyClick(canvas, Qt::Key_Return);
    QVERIFY(f.context()->range().has_value());
}

void TestDistributionView::paintsLightAndDark()
{
    for (const ColorScheme scheme : {ColorScheme::Light, ColorScheme::Dark}) {
        applyColorScheme(scheme);
        Fixture f;
        f.load(test::shopSpans(3'000));
        for (const int tab : {0, 1, 2}) {
            f.view->tabs()->setCurrentIndex(tab);
            QTRY_VERIFY(f.view->isReady());
            QVERIFY(distinctColors(*f.view) > 20);
            const QImage picture = f.view->tabs()->currentWidget()->grab().toImage();
            // The margin of each picture is the background of the palette, also inside the chart.
            const QColor corner = picture.pixelColor(2, picture.height() / 3);
            QCOMPARE(corner.lightness() < 128, scheme == ColorScheme::Dark);
        }
    }
    applyColorScheme(ColorScheme::Light);
    Fixture f;
    f.load(test::shopSpans(1'000));
    f.view->tabs()->setCurrentIndex(DistributionView::CurveTab);
    QTRY_VERIFY(f.view->isReady());
    PlotCanvas *canvas = f.view->curve()->canvas();
    const QImage light = canvas->grab().toImage();
    applyColorScheme(ColorScheme::Dark);
    QCoreApplication::processEvents();
    const QImage dark = canvas->grab().toImage();
    QVERIFY(light.pixelColor(3, 60).lightness() > 128 && dark.pixelColor(3, 60).lightness() < 128);
    applyColorScheme(ColorScheme::Light);
}

void TestDistributionView::stateSurvives()
{
    QJsonObject state;
    {
        Fixture f;
        f.load(test::shopSpans(300));
        for (QAction *action : f.view->viewActions()) {
            if (action->isCheckable())
                action->toggle();
        }
        f.view->groupTable()->setGroupBy(analysis::GroupBy::Status);
        f.view->tabs()->setCurrentIndex(DistributionView::CurveTab);
        state = f.view->saveState();
    }
    Fixture f;
    f.view->restoreState(state);
    QCOMPARE(f.view->saveState().value(QStringLiteral("groupBy")), state.value(QStringLiteral("groupBy")));
    QVERIFY(f.view->model()->isSelfTime());
    QVERIFY(!f.view->histogram()->isLogarithmic() && f.view->histogram()->isSquareRoot()
        && f.view->histogram()->hasIntervals());
    QCOMPARE(f.view->tabs()->currentIndex(), int(DistributionView::CurveTab));
    // Nonsense changes nothing.
    f.view->restoreState({{QStringLiteral("tab"), 99}, {QStringLiteral("groupBy"), -7},
        {QStringLiteral("split"), QStringLiteral("x")}});
    QCOMPARE(f.view->tabs()->currentIndex(), int(DistributionView::CurveTab));
}

void TestDistributionView::sqlAndNames()
{
    Fixture f;
    f.load(test::shopSpans(300));
    f.context()->setFilterText(QStringLiteral("duration>=1ms"));
    QTRY_VERIFY(f.view->isReady());
    auto database = f.session->workspace().connectReader();
    QVERIFY(database.has_value());
    for (const int tab : {0, 1, 2}) {
        f.view->tabs()->setCurrentIndex(tab);
        QTRY_VERIFY(f.view->isReady());
        const QString sql = f.view->showSql();
        QVERIFY2(sql.contains(QStringLiteral("duration_ns >= 1000000")), qPrintable(sql));
        QVERIFY2(database->prepare(sql.toStdString()).has_value(), qPrintable(sql));
        const auto widgets = f.view->findChildren<QWidget *>();
        for (QWidget *widget : widgets) {
            if (!widget->isVisible() || !(widget->focusPolicy() & Qt::TabFocus)
                || widget->objectName() == QLatin1String("qt_tabwidget_tabbar"))
                continue;
            const QAccessibleInterface *face = QAccessible::queryAccessibleInterface(widget);
            QVERIFY2(!face->text(QAccessible::Name).isEmpty() || widget->focusProxy(),
                qPrintable(QString::fromLatin1(widget->metaObject()->className())));
        }
    }
}

void TestDistributionView::smallAndLargeFonts()
{
    Fixture f;
    f.load(test::shopSpans(3'000));
    QVERIFY2(f.view->minimumSizeHint().width() <= 700 && f.view->minimumSizeHint().height() <= 450,
        qPrintable(QStringLiteral("%1 x %2")
                       .arg(f.view->minimumSizeHint().width())
                       .arg(f.view->minimumSizeHint().height())));
    QFont font = f.view->font();
    font.setPointSize(14);
    f.view->setFont(font);
    f.view->resize(700, 450);
    for (const int tab : {0, 1, 2}) {
        f.view->tabs()->setCurrentIndex(tab);
        QTRY_VERIFY(f.view->isReady());
        QVERIFY(distinctColors(*f.view) > 20);
    }
    QVERIFY(!overlap(f.view->histogram()->markLabels()));
}

QTEST_MAIN(TestDistributionView)
#include "tst_distributionview.moc"
