// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The picture of the timeline: layout, painting, mouse, keyboard.
#include "tests/widgets/timelinefixture.h"

using namespace tailscope;
using namespace tailscope::widgets;
using namespace tailscope::tests;

class TestTimelineCanvas : public QObject, private TimelineFixture
{
    Q_OBJECT

private Q_SLOTS:
    void init() { open(); }
    void cleanup() { close(); }

    void layoutFindsRows()
    {
        items::TimelineRows rows;
        for (int i = 0; i < 1000; ++i) {
            items::TimelineRow row;
            row.kind = i % 2 == 0 ? items::TimelineRow::Kind::Track : items::TimelineRow::Kind::Series;
            row.laneCount = 4;
            row.shownLanes = 3;
            rows.rows.push_back(row);
        }
        rows.pinned.push_back(rows.rows[0]);
        TimelineMetrics metrics;
        TimelineLayout layout;
        layout.build(rows, metrics, 40, 400);
        const int track = 2 * metrics.padding + 3 * metrics.lane + metrics.more;
        QCOMPARE(layout.contentHeight(), 500 * (track + metrics.series));
        QCOMPARE(layout.pinnedHeight(), track);
        QCOMPARE(layout.rowAt(39, 0), std::nullopt);
        QCOMPARE(layout.rowAt(40, 0), (TimelineRowRef{true, 0}));
        QCOMPARE(layout.rowAt(layout.scrollTop(), 0), (TimelineRowRef{false, 0}));
        QCOMPARE(layout.rowAt(layout.scrollTop(), track), (TimelineRowRef{false, 1}));
        for (const int scroll : {0, 777, layout.maxScroll()}) {
            const auto [first, last] = layout.visible(scroll);
            QVERIFY(first < last && last - first < 20);
            QVERIFY(layout.yOf({false, first}, scroll) <= layout.scrollTop());
            QVERIFY(layout.yOf({false, last - 1}, scroll) < 440);
        }
        QCOMPARE(layout.laneAt({false, 0}, metrics.padding + metrics.lane), std::optional<std::uint32_t>(1));
        QCOMPARE(layout.laneAt({false, 0}, 0), std::nullopt);
        QCOMPARE(layout.laneAt({false, 0}, track - 2), std::nullopt);
        const int scroll = layout.scrollShowing({false, 900}, 0, 20, 0);
        QVERIFY(layout.yOf({false, 900}, scroll) + 20 <= 440);
        layout.build({}, metrics, 40, 10);
        QCOMPARE(layout.contentHeight(), 0);
        QCOMPARE(layout.maxScroll(), 0);
    }

    void arrowsAreDrawnOverTheRows()
    {
        showShop();
        const auto image = [this] { return canvas()->grab().toImage(); };
        const QImage before = image();
        const std::uint32_t query = rowNamed(*m_columns, "query"), send = rowNamed(*m_columns, "send");
        canvas()->setArrows({{query, send, true}});
        const QImage with = image();
        QVERIFY(with != before);
        // Nothing is painted over the column of titles.
        const QRect titles(0, 0, canvas()->frame().headerWidth, canvas()->height());
        QCOMPARE(with.copy(titles), before.copy(titles));
        canvas()->setArrows({{query, 4'000'000, true}, {4'000'001, send, false}}); // rows that are not there
        QCOMPARE(image(), before);
    }

    void tilesAgreeWithOneQuery()
    {
        const auto columns = tests::manySpans(1, 2000);
        const auto pyramid = analysis::LanePyramid::build(columns, {});
        TimelineTiles tiles;
        tiles.setPyramid(pyramid);
        const int level = TimelineTiles::levelFor(3'000'000);
        QCOMPARE(TimelineTiles::stepOf(level), Nanos(1) << 22);
        QCOMPARE(TimelineTiles::levelFor(0.5), 0);
        QCOMPARE(TimelineTiles::levelFor(1024), 10);
        QCOMPARE(TimelineTiles::levelFor(1025), 11);
        QVERIFY(TimelineTiles::levelFor(1e30) <= 54);
        std::vector<analysis::LaneItem> whole;
        pyramid->query(0, columns->range, TimelineTiles::stepOf(level), nullptr, whole);
        const auto [first, last] = TimelineTiles::tilesOf(columns->range, level);
        std::uint64_t spans = 0;
        for (auto tile = first; tile <= last; ++tile) {
            for (const auto &item : tiles.items(0, level, tile, false)) {
                if (tile == first || item.begin >= TimelineTiles::beginOf(tile, level))
                    spans += item.count;
            }
        }
        QCOMPARE(spans, std::uint64_t(2000));
        QCOMPARE(TimelineTiles::tilesOf({-1, 1}, 0), (std::pair<std::int64_t, std::int64_t>(-1, 0)));
        // A bitmap of other columns is not taken.
        tiles.setEmphasis(std::make_shared<analysis::SpanBitmap>(5));
        QVERIFY(!tiles.hasEmphasis());
    }

    void seriesTexts()
    {
        QCOMPARE(seriesValueText(12.5, QStringLiteral("ms")), QStringLiteral("12.5 ms"));
        QCOMPARE(seriesValueText(3, QString()), QStringLiteral("3"));
        QCOMPARE(seriesValueText(0.12345, QStringLiteral("1")), QStringLiteral("0.123"));
        QVERIFY(!seriesValueText(std::numeric_limits<double>::infinity(), QString()).isEmpty());
        QCOMPARE(seriesAxis(10, 100), std::pair(0.0, 100.0));
        QCOMPARE(seriesAxis(1000, 1001), std::pair(1000.0, 1001.0));
        QCOMPARE(seriesAxis(0, 0), std::pair(0.0, 1.0));
        const auto [low, high] = seriesAxis(std::nan(""), 5);
        QVERIFY(high > low);
    }

    void markersDoNotOverlap()
    {
        QList<session::Marker> markers;
        for (int i = 0; i < 200; ++i)
            markers.append(
                {i, i * kMs, std::nullopt, i % 7 == 0 ? QStringLiteral("alert") : QStringLiteral("cron"), {},
                    QStringLiteral("marker number %1").arg(i), {}});
        const TimeScale scale({0, 200 * kMs}, 100, 800);
        const QRect band(100, 20, 800, 18);
        const auto places = placeMarkers(markers, scale, band, m_view->fontMetrics());
        QCOMPARE(places.size(), std::size_t(200));
        QList<QRect> labels;
        for (const MarkerPlace &place : places) {
            if (!place.label.isEmpty())
                labels << place.label;
        }
        QVERIFY(labels.size() > 3);
        for (qsizetype i = 0; i < labels.size(); ++i) {
            QVERIFY(band.contains(labels[i]));
            for (qsizetype j = i + 1; j < labels.size(); ++j)
                QVERIFY(!labels[i].intersects(labels[j]));
        }
        QCOMPARE(markerAt(places, band, labels[0].center()) >= 0, true);
        QCOMPARE(markerAt(places, band, QPoint(100, 400)), -1);
    }

    void paintsTracks()
    {
        showShop();
        QVERIFY(colours(canvas()->grab().toImage()) > 8);
        QCOMPARE(m_view->model()->rows().rows.size(), std::size_t(4));
        m_view->model()->setAllCollapsed(true);
        QVERIFY(colours(canvas()->grab().toImage()) > 4);
    }

    void clickSelectsAndDoubleClickZooms()
    {
        showShop();
        const QPoint query = canvas()->spanRect(rowNamed(*m_columns, "query")).center();
        QTest::mouseClick(canvas(), Qt::LeftButton, {}, query);
        QCOMPARE(m_session->context()->selection().kind, session::Selection::Kind::Span);
        QCOMPARE(m_session->context()->selection().id, m_columns->id(rowNamed(*m_columns, "query")));
        QTest::mouseDClick(canvas(), Qt::LeftButton, {}, query);
        QVERIFY(canvas()->window().length() < 40 * kMs);
        QVERIFY(canvas()->window().begin <= 10 * kMs && canvas()->window().end >= 40 * kMs);
        QTest::keyClick(canvas(), Qt::Key_Backspace);
        QVERIFY(canvas()->window().length() > 250 * kMs);
    }

    void rulerDragSelectsARange()
    {
        showShop();
        const TimelineFrame &frame = canvas()->frame();
        const QPoint from(frame.headerWidth + 100, 8);
        const QPoint to(frame.headerWidth + 300, 8);
        QTest::mousePress(canvas(), Qt::LeftButton, {}, from);
        QTest::mouseMove(canvas(), (from + to) / 2);
        QTest::mouseMove(canvas(), to);
        QVERIFY(canvas()->draggedRange());
        QTest::mouseRelease(canvas(), Qt::LeftButton, {}, to);
        const auto range = m_session->context()->range();
        QVERIFY(range);
        const auto near = [&](Nanos t, int x) { return std::abs(frame.scale().toX(t) - x) < 1.5; };
        QVERIFY(near(range->begin, from.x()) && near(range->end, to.x()));
        QTest::mouseClick(canvas(), Qt::LeftButton, {}, from);
        QVERIFY(!m_session->context()->range());
    }

    void shiftDragSelectsAndDragPans()
    {
        showShop();
        canvas()->zoomBy(0.25);
        const TimeRange before = canvas()->window();
        const QPoint from(500, 300);
        const QPoint to(420, 300);
        drag(from, to, {});
        QVERIFY(!m_session->context()->range());
        QVERIFY(canvas()->window().begin > before.begin);
        QCOMPARE(canvas()->window().length(), before.length());
        drag(from, to, Qt::ShiftModifier);
        QVERIFY(m_session->context()->range());
    }

    void walksByKeyboard()
    {
        showShop();
        canvas()->setFocus();
        QTest::keyClick(canvas(), Qt::Key_Right);
        QCOMPARE(selectedName(), QStringLiteral("handle"));
        QTest::keyClick(canvas(), Qt::Key_Period);
        QCOMPARE(selectedName(), QStringLiteral("idle"));
        QTest::keyClick(canvas(), Qt::Key_Comma);
        QTest::keyClick(canvas(), Qt::Key_Down);
        QCOMPARE(selectedName(), QStringLiteral("query"));
        QTest::keyClick(canvas(), Qt::Key_Right);
        QCOMPARE(selectedName(), QStringLiteral("render"));
        QTest::keyClick(canvas(), Qt::Key_Right);
        QCOMPARE(selectedName(), QStringLiteral("render"));
        QTest::keyClick(canvas(), Qt::Key_Up);
        QCOMPARE(selectedName(), QStringLiteral("handle"));
        const Nanos length = canvas()->window().length();
        QTest::keyClick(canvas(), Qt::Key_W);
        QVERIFY(canvas()->window().length() < length);
        const Nanos begin = canvas()->window().begin;
        QTest::keyClick(canvas(), Qt::Key_D);
        QVERIFY(canvas()->window().begin > begin);
        QTest::keyClick(canvas(), Qt::Key_A);
        QTest::keyClick(canvas(), Qt::Key_S);
        QTest::keyClick(canvas(), Qt::Key_F);
        QVERIFY(canvas()->window().length() < 120 * kMs);
        QTest::keyClick(canvas(), Qt::Key_F);
        QVERIFY(canvas()->window().length() > 300 * kMs);
        QTest::keyClick(canvas(), Qt::Key_Escape);
        QCOMPARE(m_session->context()->selection().kind, session::Selection::Kind::None);
    }

    void headersByKeyboard()
    {
        showShop();
        canvas()->setFocus();
        QTest::keyClick(canvas(), Qt::Key_Down, Qt::ControlModifier);
        QVERIFY(canvas()->focusedHeader());
        QTest::keyClick(canvas(), Qt::Key_Space);
        QVERIFY(m_view->model()->rows().rows[0].isCollapsed);
        QVERIFY2(canvas()->focusedHeader(), "the focus stays on the row");
        QTest::keyClick(canvas(), Qt::Key_Space);
        QTest::keyClick(canvas(), Qt::Key_Down, Qt::ControlModifier);
        QTest::keyClick(canvas(), Qt::Key_P);
        QCOMPARE(m_view->model()->rows().pinned.size(), std::size_t(1));
        QTest::keyClick(canvas(), Qt::Key_P);
        QVERIFY(m_view->model()->rows().pinned.empty());
        QTest::keyClick(canvas(), Qt::Key_Delete);
        QCOMPARE(m_view->model()->rows().hidden, 1);
    }

    void headerPartsByMouse()
    {
        showShop();
        const TimelineFrame &frame = canvas()->frame();
        const int y = frame.yOf({false, 0}) + 8;
        QTest::mouseClick(canvas(), Qt::LeftButton, {}, QPoint(8, y));
        QVERIFY(m_view->model()->rows().rows[0].isCollapsed);
        QTest::mouseClick(canvas(), Qt::LeftButton, {}, QPoint(8, y));
        const int track = canvas()->frame().yOf({false, 1}) + 8;
        QTest::mouseClick(canvas(), Qt::LeftButton, {}, QPoint(canvas()->frame().headerWidth - 9, track));
        QCOMPARE(m_view->model()->rows().pinned.size(), std::size_t(1));
    }

    void saysTheSelectedSpan()
    {
        showShop();
        canvas()->setFocus();
        QTest::keyClick(canvas(), Qt::Key_Right);
        QAccessibleInterface *interface = QAccessible::queryAccessibleInterface(canvas());
        QVERIFY(interface);
        QCOMPARE(interface->text(QAccessible::Name), QStringLiteral("Timeline"));
        const QString value = interface->text(QAccessible::Value);
        QVERIFY2(value.contains(QStringLiteral("handle")) && value.contains(QStringLiteral("100 ms")),
            qPrintable(value));
    }

    void survivesOddSizes()
    {
        showShop();
        for (const QSize size : {QSize(60, 40), QSize(500, 300), QSize(1920, 1080)}) {
            m_view->resize(size);
            QVERIFY(!m_view->grab().toImage().isNull());
        }
    }

    void pansAndZoomsQuickly()
    {
        const auto columns = tests::manySpans(64, 3907); // 1 million spans
        QVERIFY(columns->size() > 1'000'000);
        give(*m_session, columns);
        m_view->resize(1600, 900);
        QTest::qWait(20);
        TimelineCanvas *c = canvas();
        QImage target(c->size(), QImage::Format_RGB32);
        std::vector<double> times;
        const auto frame = [&] {
            const double begin = threadMilliseconds();
            c->render(&target);
            times.push_back(threadMilliseconds() - begin);
        };
        const TimeRange limits = c->limits();
        for (int i = 0; i < 40; ++i) {
            c->setWindow(zoomed(c->window(), c->window().begin + c->window().length() / 3, 0.85, limits),
                false);
            frame();
        }
        for (int i = 0; i < 60; ++i) {
            c->setWindow(panned(c->window(), 0.04, limits), false);
            frame();
        }
        for (int i = 0; i < 40; ++i) {
            c->setWindow(zoomed(c->window(), c->window().begin + c->window().length() / 2, 1 / 0.85, limits),
                false);
            c->setScrollPosition(i * 10);
            frame();
        }
        std::sort(times.begin(), times.end());
        qInfo("1,000,000 spans at %dx%d: median %.2f ms, 99th %.2f ms, longest %.2f ms", c->width(),
            c->height(), times[times.size() / 2], times[times.size() * 99 / 100], times.back());
        QVERIFY2(times[times.size() / 2] <= 3 * 8, "three times the budget of a frame");
    }
};

QTEST_MAIN(TestTimelineCanvas)
#include "tst_timelinecanvas.moc"
