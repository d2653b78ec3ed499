// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/widgets/distributionfixture.h"

using namespace tailscope;
using namespace tailscope::widgets;
using tests::overlap;

class TestHistogram : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void barsAreExact_data();
    void barsAreExact();
    void marksNeverOverlap_data();
    void marksNeverOverlap();
    void selectionOutlivesAHigherCaption();
};

void TestHistogram::barsAreExact_data()
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

void TestHistogram::barsAreExact()
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

void TestHistogram::marksNeverOverlap_data() { barsAreExact_data(); }

void TestHistogram::marksNeverOverlap()
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

void TestHistogram::selectionOutlivesAHigherCaption()
{
    const auto columns = test::columnsOf(test::shopSpans(5'000), test::kShopOperations);
    HistogramCanvas canvas;
    canvas.resize(640, 300);
    canvas.show();
    canvas.setStats(std::make_shared<const analysis::DurationStats>(analysis::durationStats(*columns, {})),
        false);
    QTest::keyClick(&canvas, Qt::Key_Home);
    QTest::keyClick(&canvas, Qt::Key_Right, Qt::ShiftModifier);
    const auto chosen = canvas.selection();
    QVERIFY(chosen);
    canvas.resize(640, 280);
    QVERIFY(canvas.selection() == chosen);
    // Other bars: what was chosen would mean something else.
    canvas.resize(400, 280);
    QVERIFY(!canvas.selection());
}

QTEST_MAIN(TestHistogram)
#include "tst_histogram.moc"
