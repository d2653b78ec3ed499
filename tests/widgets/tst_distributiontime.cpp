// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The distribution over time, the percentile curve, and the plots that both draw with.
#include "tests/widgets/distributionfixture.h"

using namespace tailscope;
using namespace tailscope::widgets;
using tests::drag;
using tests::Fixture;

class TestDistributionTime : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void dragOverTime();
    void keyboardOverTime();
    void curveGoesThroughFigures();
    void gapsAreGaps();
    void runsKeepSpikes();
    void plotData();
    void plotKeyboard();
};

void TestDistributionTime::initTestCase()
{
    QStandardPaths::setTestModeEnabled(true);
    applyColorScheme(ColorScheme::Light);
}

void TestDistributionTime::dragOverTime()
{
    Fixture f;
    f.load(test::shopSpans(5'000));
    f.view->tabs()->setCurrentIndex(DistributionView::OverTimeTab);
    QTRY_VERIFY(f.view->isReady());
    HeatMapCanvas *heat = f.view->overTime()->heatMap();
    const QRect area = heat->heatRect();
    // Also across: durations are selected only where that was asked for (RemoteHeatPage).
    drag(heat, {area.left() + area.width() / 4, area.center().y()},
        {area.left() + area.width() / 2, area.top() + 5});
    QVERIFY(f.context()->range().has_value());
    QVERIFY(!heat->selectedDurations());
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

void TestDistributionTime::keyboardOverTime()
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

void TestDistributionTime::curveGoesThroughFigures()
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

void TestDistributionTime::gapsAreGaps()
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

void TestDistributionTime::runsKeepSpikes()
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

void TestDistributionTime::plotData()
{
    Fixture f;
    f.load(test::shopSpans(3'000));
    f.view->tabs()->setCurrentIndex(DistributionView::OverTimeTab);
    QTRY_VERIFY(f.view->isReady());
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

void TestDistributionTime::plotKeyboard()
{
    Fixture f;
    f.load(test::shopSpans(3'000));
    f.view->tabs()->setCurrentIndex(DistributionView::OverTimeTab);
    QTRY_VERIFY(f.view->isReady());
    PlotCanvas *canvas = f.view->overTime()->ratio()->canvas();
    const auto bins = f.view->model()->bins();
    QTest::keyClick(canvas, Qt::Key_Right);
    QTest::keyClick(canvas, Qt::Key_Right);
    QCOMPARE(*canvas->cursorX(), double(bins->binNs + bins->binNs / 2));
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

QTEST_MAIN(TestDistributionTime)
#include "tst_distributiontime.moc"
