// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timelineview.h"

#include "store/bulkwriter.h"
#include "tests/items/spanfixture.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/searchbar.h"
#include "widgets/timeline/timelinecanvas.h"
#include "widgets/timeline/timelinenoteeditor.h"
#include "widgets/timeline/timelineseries.h"

#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>

#include <ctime>

using namespace tailscope;
using namespace tailscope::widgets;

namespace {

constexpr Nanos kMs = 1'000'000;

std::unique_ptr<session::Session> newSession()
{
    auto workspace = store::Workspace::temporary();
    return workspace ? std::make_unique<session::Session>(std::move(*workspace)) : nullptr;
}

/// Two threads of one process and a service; one error, one span without end.
std::shared_ptr<const analysis::SpanColumns> shopSpans()
{
    tests::SpanFixture fixture;
    const std::uint32_t main = fixture.track("app", "main");
    const std::uint32_t worker = fixture.track("app", "worker");
    const std::uint32_t shop = fixture.track("", "", "shop", "i1");
    const int root = fixture.span(main, 0, "handle", 0, 100 * kMs);
    fixture.span(main, 1, "query", 10 * kMs, 30 * kMs, root);
    fixture.span(main, 1, "render", 50 * kMs, 40 * kMs, root);
    fixture.span(main, 0, "idle", 200 * kMs, 100 * kMs);
    fixture.span(worker, 0, "send", 20 * kMs, 60 * kMs, -1, SpanStatus::Error);
    fixture.span(worker, 0, "hang", 250 * kMs, kUnknownNanos);
    fixture.span(shop, 0, "GET /", 0, 300 * kMs);
    return fixture.build();
}

void give(session::Session &session, std::shared_ptr<const analysis::SpanColumns> columns)
{
    session.context()->setFullRange(columns->range);
    session.context()->setColumns(columns, analysis::LanePyramid::build(columns, {}));
}

int colours(const QImage &image)
{
    QSet<QRgb> seen;
    for (int y = 0; y < image.height(); y += 2) {
        for (int x = 0; x < image.width(); x += 2)
            seen.insert(image.pixel(x, y));
    }
    return int(seen.size());
}

QString resultText(const SearchBar *bar)
{
    for (const QLabel *label : bar->findChildren<QLabel *>()) {
        if (!label->text().isEmpty())
            return label->text();
    }
    return {};
}

/// Processor time of this thread: what a frame costs, however busy the machine is.
double threadMilliseconds()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) * 1e3 + double(time.tv_nsec) / 1e6;
}

std::uint32_t rowNamed(const analysis::SpanColumns &columns, const char *operation)
{
    for (std::uint32_t row = 0; row < columns.size(); ++row) {
        if (columns.operations[columns.operation[row]] == operation)
            return row;
    }
    return analysis::kNoRow;
}

} // namespace

class TestTimelineView : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_session = newSession();
        QVERIFY(m_session);
        m_view = std::make_unique<TimelineView>(m_session.get());
        m_view->resize(1000, 500);
        m_view->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_view.get()));
    }
    void cleanup()
    {
        m_view.reset();
        m_session.reset();
    }

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

    void emptyStateSaysWhatToDo()
    {
        const auto labels = m_view->findChildren<QLabel *>();
        QVERIFY(std::any_of(labels.begin(), labels.end(),
            [](const QLabel *label) { return label->text().contains(QStringLiteral("Ctrl+O")); }));
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

    void followsTheSelectionOfOthers()
    {
        showShop();
        m_view->model()->setAllCollapsed(true);
        canvas()->setWindow({0, 5 * kMs}, false);
        const std::uint32_t render = rowNamed(*m_columns, "render");
        m_session->context()->setSelection(
            {session::Selection::Kind::Span, m_columns->id(render), QStringLiteral("render")});
        QTRY_COMPARE(canvas()->selectedRow(), render);
        QVERIFY(!canvas()->spanRect(render).isEmpty());
        m_session->context()->setRange(TimeRange{200 * kMs, 201 * kMs});
        QVERIFY(canvas()->window().length() < 10 * kMs);
        m_session->context()->setSelection({session::Selection::Kind::Span, 424242, {}});
        QTRY_VERIFY(canvas()->selectedRow() == analysis::kNoRow);
    }

    void filtersDimOrHide()
    {
        showShop();
        const QImage all = canvas()->grab().toImage();
        m_session->context()->setFilterText(QStringLiteral("operation=query"));
        QTRY_VERIFY(!m_session->context()->isFilterPending());
        const QImage dimmed = canvas()->grab().toImage();
        QVERIFY(all != dimmed);
        canvas()->setFilterDisplay(FilterDisplay::Hide);
        QVERIFY(canvas()->grab().toImage() != dimmed);
        const QPoint idle = canvas()->spanRect(rowNamed(*m_columns, "idle")).center();
        QVERIFY2(canvas()->hitTest(idle).item.row == analysis::kNoRow,
            "hidden spans are not under the pointer");
        const QPoint query = canvas()->spanRect(rowNamed(*m_columns, "query")).center();
        QCOMPARE(canvas()->hitTest(query).item.row, rowNamed(*m_columns, "query"));
    }

    void searchCountsAndWalks()
    {
        showShop();
        m_view->startSearch();
        auto *bar = m_view->findChild<SearchBar *>();
        auto *edit = bar->findChild<QLineEdit *>();
        QTest::keyClicks(edit, QStringLiteral("an"));
        QTRY_VERIFY2(resultText(bar).startsWith(QStringLiteral("2 spans")), qPrintable(resultText(bar)));
        QTest::keyClick(edit, Qt::Key_Return);
        QTRY_COMPARE(selectedName(), QStringLiteral("handle"));
        QTest::keyClick(edit, Qt::Key_Return);
        QTRY_COMPARE(selectedName(), QStringLiteral("hang"));
        QTest::keyClick(edit, Qt::Key_Escape);
        QTRY_VERIFY(m_view->isReady());
        QVERIFY(bar->isHidden());
    }

    void notesAreWrittenInPlace()
    {
        showShop();
        canvas()->setFocus();
        QTest::keyClick(canvas(), Qt::Key_Right);
        QTest::keyClick(canvas(), Qt::Key_M);
        auto *editor = m_view->findChild<TimelineNoteEditor *>();
        QVERIFY(editor->isVisible());
        QTest::keyClicks(editor, QStringLiteral("slow here"));
        QTest::keyClick(editor, Qt::Key_Return);
        QVERIFY(!editor->isVisible());
        QCOMPARE(m_session->notes().size(), 1);
        QCOMPARE(m_session->notes()[0].text, QStringLiteral("slow here"));
        QTest::keyClick(canvas(), Qt::Key_M);
        QTest::keyClicks(editor, QStringLiteral("dropped"));
        QTest::keyClick(editor, Qt::Key_Escape);
        QCOMPARE(m_session->notes().size(), 1);
        canvas()->grab();
        const TimelineFrame &frame = canvas()->frame();
        const int x = int(frame.scale().toX(m_session->notes()[0].tsNs));
        const TimelineHit hit
            = canvas()->hitTest(QPoint(std::max(x, frame.headerWidth) + 3, frame.layout.top() - 8));
        QCOMPARE(hit.area, TimelineHit::Area::Marker);
    }

    void menuActsOnTheSpan()
    {
        showShop();
        canvas()->setSelectedRow(rowNamed(*m_columns, "query"), true);
        trigger(QStringLiteral("Select Range of Span"));
        QCOMPARE(m_session->context()->range(), std::optional(TimeRange{10 * kMs, 40 * kMs}));
        trigger(QStringLiteral("Copy Details"));
        QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("duration_ns\t30000000")));
        trigger(QStringLiteral("Pin Track"));
        QCOMPARE(m_view->model()->rows().pinned.size(), std::size_t(1));
        trigger(QStringLiteral("Unpin Track"));
        QSignalSpy sql(m_view.get(), &View::sqlRequested);
        trigger(QStringLiteral("Show SQL"));
        QVERIFY(sql.takeFirst().at(0).toString().contains(QStringLiteral("FROM span")));
        trigger(QStringLiteral("Filter to Operation"));
        QVERIFY(m_session->context()->filterText().contains(QStringLiteral("query")));
        trigger(QStringLiteral("Hide Track"));
        QCOMPARE(m_view->model()->rows().hidden, 1);
        trigger(QStringLiteral("Show Hidden (1)"));
        QCOMPARE(m_view->model()->rows().hidden, 0);
    }

    void showSqlRuns()
    {
        showShop();
        auto database = m_session->workspace().connectReader();
        QVERIFY(database);
        m_session->context()->setFilterText(QStringLiteral("duration>1ms"));
        auto statement = database->prepare(m_view->showSql().toStdString());
        QVERIFY2(statement, statement ? "" : statement.error().toText().c_str());
        QVERIFY(statement->step());
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

    void saysWhichClocksAreNotAligned()
    {
        auto workspace = store::Workspace::temporary();
        QVERIFY(workspace);
        for (const char *path : {"first.json", "second.json"}) {
            auto writer = store::BulkWriter::create(**workspace, {path, "test", std::nullopt}, {});
            QVERIFY(writer);
            SourceInfo info;
            info.clock = ClockKind::Relative;
            (*writer)->setSource(info);
            QVERIFY((*writer)->finish({}));
        }
        m_view.reset();
        m_session = std::make_unique<session::Session>(std::move(*workspace));
        m_view = std::make_unique<TimelineView>(m_session.get());
        m_view->resize(1000, 500);
        m_view->show();
        m_session->reload();
        QTRY_COMPARE(m_session->sources().size(), 2);
        QTRY_VERIFY(m_view->isReady());
        tests::SpanFixture fixture;
        fixture.span(fixture.track("a", "", "", "", m_session->sources()[0].id), 0, "x", 1000 * kMs,
            50 * kMs);
        fixture.span(fixture.track("b", "", "", "", m_session->sources()[1].id), 0, "y", 5, 50 * kMs);
        m_columns = fixture.build();
        give(*m_session, m_columns);
        const auto labels = m_view->findChildren<ElidedLabel *>();
        QVERIFY(std::any_of(labels.begin(), labels.end(), [](const ElidedLabel *label) {
            return label->isVisible()
                && label->text().contains(QStringLiteral("second.json is relative: not aligned"));
        }));
        QCOMPARE(m_view->model()->range(), (TimeRange{1000 * kMs, 1050 * kMs}));
        const QRect moved = canvas()->spanRect(rowNamed(*m_columns, "y"));
        QVERIFY(!moved.isEmpty());
        QCOMPARE(moved.left(), canvas()->spanRect(rowNamed(*m_columns, "x")).left());
        QCOMPARE(canvas()->hitTest(moved.center()).item.row, rowNamed(*m_columns, "y"));
    }

    void remembersItsState()
    {
        showShop();
        canvas()->setWindow({10 * kMs, 20 * kMs}, false);
        m_view->model()->setPinned(QStringLiteral("track/100"), true);
        const QJsonObject state = m_view->saveState();
        TimelineView other(m_session.get());
        other.restoreState(state);
        QCOMPARE(other.canvas()->window(), (TimeRange{10 * kMs, 20 * kMs}));
        QCOMPARE(other.model()->rows().pinned.size(), std::size_t(1));
        other.restoreState(
            QJsonObject{{QStringLiteral("begin"), QStringLiteral("x")}, {QStringLiteral("header"), -5}});
    }

    void overviewComesBeforeTheSpans()
    {
        auto overview = std::make_shared<analysis::OverviewPyramid>();
        overview->range = {0, 300 * kMs};
        overview->tracks.push_back(
            {100, "main", 5, std::vector<float>(analysis::OverviewPyramid::kBins, 0.5F), {}});
        m_session->context()->setFullRange(overview->range);
        m_session->context()->setOverview(overview);
        QVERIFY(canvas()->isVisible());
        QCOMPARE(m_view->model()->rows().rows[0].kind, items::TimelineRow::Kind::Density);
        QVERIFY(colours(canvas()->grab().toImage()) > 4);
        showShop();
        QCOMPARE(m_view->model()->rows().rows[0].kind, items::TimelineRow::Kind::Group);
    }

    void exportsPictures()
    {
        showShop();
        QTemporaryDir folder;
        for (const char *name : {"timeline.png", "timeline.svg"}) {
            const QString path = folder.filePath(QString::fromLatin1(name));
            QCOMPARE(m_view->exportPicture(path), QString());
            QVERIFY(QFileInfo(path).size() > 1000);
        }
        QFile svg(folder.filePath(QStringLiteral("timeline.svg")));
        QVERIFY(svg.open(QIODevice::ReadOnly));
        QVERIFY(svg.readAll().contains("handle"));
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

private:
    TimelineCanvas *canvas() const { return m_view->canvas(); }
    void showShop()
    {
        m_columns = shopSpans();
        give(*m_session, m_columns);
        QTRY_VERIFY(m_view->isReady() && canvas()->isVisible());
    }
    QString selectedName() const
    {
        const std::uint32_t row = canvas()->selectedRow();
        return row < m_columns->size()
            ? QString::fromStdString(m_columns->operations[m_columns->operation[row]])
            : QString();
    }
    void drag(const QPoint &from, const QPoint &to, Qt::KeyboardModifiers modifiers)
    {
        QTest::mousePress(canvas(), Qt::LeftButton, modifiers, from);
        QTest::mouseMove(canvas(), (from + to) / 2);
        QTest::mouseMove(canvas(), to);
        QTest::mouseRelease(canvas(), Qt::LeftButton, modifiers, to);
    }
    void trigger(const QString &text)
    {
        Q_EMIT canvas()->menuRequested(m_view->mapToGlobal(QPoint(10, 10)));
        const auto menus = m_view->findChildren<QMenu *>();
        QVERIFY(!menus.isEmpty());
        QMenu *menu = menus.last();
        for (QAction *action : menu->actions()) {
            if (action->text().remove(QLatin1Char('&')) == text) {
                QVERIFY2(action->isEnabled(), qPrintable(text));
                action->trigger();
                delete menu;
                return;
            }
        }
        QFAIL(qPrintable(text));
    }

    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<TimelineView> m_view;
    std::shared_ptr<const analysis::SpanColumns> m_columns;
};

QTEST_MAIN(TestTimelineView)
#include "tst_timelineview.moc"
