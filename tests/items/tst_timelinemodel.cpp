// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/timelinemodel.h"

#include "analysis/analyses.h"
#include "items/timelinemodelsearch.h"
#include "store/bulkwriter.h"
#include "tests/items/spanfixture.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QSignalSpy>
#include <QTest>

using namespace tailscope;
using namespace tailscope::items;
using Kind = TimelineRow::Kind;

namespace {

QStringList titles(const std::vector<TimelineRow> &rows)
{
    QStringList list;
    for (const TimelineRow &row : rows)
        list << QString(row.indent * 2, QLatin1Char(' ')) + row.title;
    return list;
}

store::SourceRecord source(std::int64_t id, const char *path, const char *clock)
{
    store::SourceRecord record;
    record.id = id;
    record.path = path;
    record.clock = clock;
    record.offsetMethod = "none";
    return record;
}

SeriesInfo series(qint64 id, const char *metric, const char *service)
{
    SeriesInfo info;
    info.id = id;
    info.sourceId = 1;
    info.metric = QString::fromLatin1(metric);
    info.service = QString::fromLatin1(service);
    return info;
}

QRegularExpression expression(const char *pattern)
{
    return QRegularExpression(QString::fromLatin1(pattern));
}

std::unique_ptr<store::Workspace> temporaryWorkspace()
{
    auto workspace = store::Workspace::temporary();
    return workspace ? std::move(*workspace) : nullptr;
}

} // namespace

class TestTimelineModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sortsNumbersAsNumbers()
    {
        QVERIFY(naturalLess(QStringLiteral("worker 2"), QStringLiteral("worker 10")));
        QVERIFY(!naturalLess(QStringLiteral("worker 10"), QStringLiteral("worker 2")));
        QVERIFY(naturalLess(QStringLiteral("A"), QStringLiteral("b")));
        QVERIFY(naturalLess(QStringLiteral("a1"), QStringLiteral("a01"))
            != naturalLess(QStringLiteral("a01"), QStringLiteral("a1")));
        QVERIFY(!naturalLess(QStringLiteral("x"), QStringLiteral("x")));
        QVERIFY(naturalLess(QString(), QStringLiteral("x")));
    }

    void groupsTracksByProcess()
    {
        tests::SpanFixture fixture;
        const std::uint32_t w10 = fixture.track("app", "worker 10");
        const std::uint32_t w2 = fixture.track("app", "worker 2");
        const std::uint32_t alone = fixture.track("gc", "collector");
        const std::uint32_t empty = fixture.track("app", "nothing");
        Q_UNUSED(empty);
        fixture.span(w10, 0, "x", 0, 10);
        fixture.span(w10, 1, "y", 0, 5);
        fixture.span(w2, 0, "x", 0, 10);
        fixture.span(alone, 0, "x", 0, 100);
        const auto columns = fixture.build();
        TimelineInput input;
        input.columns = columns.get();
        const TimelineRows rows = buildTimelineRows(input, {});
        QCOMPARE(titles(rows.rows),
            (QStringList{QStringLiteral("app"), QStringLiteral("  worker 2"), QStringLiteral("  worker 10"),
                QString::fromStdString(columns->tracks[alone].title())}));
        QCOMPARE(rows.rows[0].kind, Kind::Group);
        QCOMPARE(rows.rows[0].members.size(), std::size_t(2));
        QCOMPARE(rows.rows[2].laneCount, 2u);
        QVERIFY(rows.rows[2].isCollapsible);
        QVERIFY(!rows.rows[1].isCollapsible);

        TimelineChoices busy;
        busy.sort = TrackSort::Busy;
        const std::vector<TrackFigures> figures = countTrackFigures(*columns, {});
        input.figures = &figures;
        QCOMPARE(buildTimelineRows(input, busy).rows.front().track, alone);
    }

    void sortIndexWins()
    {
        tests::SpanFixture fixture;
        const std::uint32_t a = fixture.track("app", "a");
        const std::uint32_t b = fixture.track("app", "b");
        fixture.setSort(a, 0, 5);
        fixture.setSort(b, 0, 1);
        fixture.span(a, 0, "x", 0, 1);
        fixture.span(b, 0, "x", 0, 1);
        const auto columns = fixture.build();
        TimelineInput input;
        input.columns = columns.get();
        QCOMPARE(buildTimelineRows(input, {}).rows[1].track, b);
        TimelineChoices byName;
        byName.sort = TrackSort::Name;
        QCOMPARE(buildTimelineRows(input, byName).rows[1].track, a);
    }

    void severalSourcesGetHeaders()
    {
        tests::SpanFixture fixture;
        const std::uint32_t a = fixture.track("", "", "shop", "i1", 1);
        const std::uint32_t b = fixture.track("", "", "bank", "i1", 2);
        fixture.span(a, 0, "x", 0, 1);
        fixture.span(b, 0, "x", 0, 1);
        const auto columns = fixture.build();
        TimelineInput input;
        input.columns = columns.get();
        input.sources = {source(1, "/tmp/one.json", "utc"), source(2, "two.json", "utc")};
        const TimelineRows rows = buildTimelineRows(input, {});
        QCOMPARE(rows.rows.size(), std::size_t(4));
        QCOMPARE(rows.rows[0].title, QStringLiteral("one.json"));
        QCOMPARE(rows.rows[0].kind, Kind::Source);
        TimelineChoices closed;
        closed.collapsed.insert(rows.rows[0].key);
        QCOMPARE(buildTimelineRows(input, closed).rows.size(), std::size_t(3));
    }

    void seriesStandBesideTheirService()
    {
        tests::SpanFixture fixture;
        const std::uint32_t a = fixture.track("", "", "shop", "i1");
        fixture.span(a, 0, "x", 0, 1);
        const auto columns = fixture.build();
        std::vector<SeriesInfo> list{series(1, "cpu", "shop"), series(2, "disk", "elsewhere")};
        list.push_back(series(3, "heap", ""));
        list.back().trackId = columns->tracks[a].id;
        TimelineInput input;
        input.columns = columns.get();
        input.series = &list;
        const TimelineRows rows = buildTimelineRows(input, {});
        QCOMPARE(titles(rows.rows),
            (QStringList{QStringLiteral("shop"), QStringLiteral("  i1"), QStringLiteral("  cpu"),
                QStringLiteral("  heap"), QStringLiteral("elsewhere"), QStringLiteral("  disk")}));
        TimelineChoices without;
        without.showSeries = false;
        QCOMPARE(buildTimelineRows(input, without).rows.size(), std::size_t(1));
        for (qint64 id = 10; id < 40; ++id)
            list.push_back(series(id, "many", "shop"));
        const TimelineRows many = buildTimelineRows(input, {});
        QVERIFY(many.rows[2].isSeriesHeader);
        QVERIFY(many.rows[2].isCollapsed);
        QCOMPARE(many.rows[2].count, 32);
    }

    void pinsAndHides()
    {
        tests::SpanFixture fixture;
        const std::uint32_t a = fixture.track("app", "a");
        const std::uint32_t b = fixture.track("app", "b");
        fixture.span(a, 0, "x", 0, 1);
        fixture.span(b, 0, "x", 0, 1);
        const auto columns = fixture.build();
        TimelineInput input;
        input.columns = columns.get();
        TimelineChoices choices;
        choices.pinned.insert(QStringLiteral("track/101"));
        choices.hidden.insert(QStringLiteral("track/100"));
        const TimelineRows rows = buildTimelineRows(input, choices);
        QCOMPARE(rows.pinned.size(), std::size_t(1));
        QCOMPARE(rows.pinned[0].title, QStringLiteral("app / b"));
        QCOMPARE(rows.hidden, 1);
        QCOMPARE(rows.rows.size(), std::size_t(1));
        QCOMPARE(rows.rows[0].members, (std::vector<std::uint32_t>{b}));
    }

    void deepTracksBeginShort()
    {
        tests::SpanFixture fixture;
        const std::uint32_t a = fixture.track("app", "a");
        for (std::uint16_t lane = 0; lane < 200; ++lane)
            fixture.span(a, lane, "x", 0, 10);
        const auto columns = fixture.build();
        TimelineInput input;
        input.columns = columns.get();
        QCOMPARE(buildTimelineRows(input, {}).rows[0].shownLanes, kLanesAtFirst);
        TimelineChoices all;
        all.expanded.insert(QStringLiteral("track/100"));
        QCOMPARE(buildTimelineRows(input, all).rows[0].shownLanes, 200u);
    }

    void overviewStandsInForSpans()
    {
        analysis::OverviewPyramid overview;
        overview.range = {0, 100};
        overview.tracks.resize(2);
        overview.tracks[0] = {5, "b", 1, {1.0F}, {1}};
        overview.tracks[1] = {6, "a", 2, {1.0F}, {1}};
        TimelineInput input;
        input.overview = &overview;
        TimelineChoices byName;
        byName.sort = TrackSort::Name;
        const TimelineRows rows = buildTimelineRows(input, byName);
        QCOMPARE(titles(rows.rows), (QStringList{QStringLiteral("a"), QStringLiteral("b")}));
        QCOMPARE(rows.rows[0].kind, Kind::Density);
    }

    void movesUnalignedClocks()
    {
        tests::SpanFixture fixture;
        const std::uint32_t utc = fixture.track("a", "", "", "", 1);
        const std::uint32_t relative = fixture.track("b", "", "", "", 2);
        fixture.span(utc, 0, "x", 1'000'000'000'000, 500);
        fixture.span(relative, 0, "x", 7, 100);
        const auto columns = fixture.build();
        const ClockShifts shifts
            = clockShifts(columns.get(), {source(1, "a", "utc"), source(2, "b", "relative")}, {}, {});
        QCOMPARE(shifts.unaligned, (std::vector<std::int64_t>{2}));
        QCOMPARE(shifts.tracks[relative], Nanos(1'000'000'000'000 - 7));
        QCOMPARE(shifts.tracks[utc], Nanos(0));
        QCOMPARE(shifts.sources, (std::map<std::int64_t, Nanos>{{2, Nanos(1'000'000'000'000 - 7)}}));
        QCOMPARE(shifts.range, (TimeRange{1'000'000'000'000, 1'000'000'000'500}));
        const ClockShifts aligned
            = clockShifts(columns.get(), {source(1, "a", "utc"), source(2, "b", "utc")}, {}, {});
        QVERIFY(aligned.tracks.empty());
        QVERIFY(aligned.unaligned.empty());
        const ClockShifts bothRelative
            = clockShifts(columns.get(), {source(1, "a", "relative"), source(2, "b", "relative")}, {}, {});
        QCOMPARE(bothRelative.unaligned, (std::vector<std::int64_t>{2}));
    }

    void singleRelativeSourceStays()
    {
        tests::SpanFixture fixture;
        fixture.span(fixture.track("a", ""), 0, "x", 10, 5);
        const ClockShifts shifts = clockShifts(fixture.build().get(), {source(1, "a", "relative")}, {}, {});
        QVERIFY(shifts.tracks.empty());
        QVERIFY(shifts.unaligned.empty());
        QCOMPARE(shifts.range, (TimeRange{10, 15}));
    }

    void findsSpans();
    void keepsChoices();
    void revealsTracks();
    void readsSeries();
    void bucketsOfLongSeriesAgree();
    void movesUnalignedSeries();
};

void TestTimelineModel::movesUnalignedSeries()
{
    auto workspace = temporaryWorkspace();
    constexpr Nanos utc = 1'700'000'000'000'000'000;
    for (const bool isUtc : {true, false}) {
        auto writer = store::BulkWriter::create(*workspace,
            {isUtc ? "utc.csv" : "own.csv", "test", std::nullopt}, {});
        SourceInfo info;
        info.clock = isUtc ? ClockKind::Utc : ClockKind::Relative;
        (*writer)->setSource(info);
        SeriesRow row;
        row.metric = row.foreignName = isUtc ? "a" : "b";
        row.kind = SeriesKind::Gauge;
        const SeriesRef ref = (*writer)->series(row);
        (*writer)->point(ref, isUtc ? utc : 5, 1);
        (*writer)->point(ref, isUtc ? utc + 1000 : 500, 1);
        store::BulkWriter::Ending ending;
        QVERIFY((*writer)->finish(ending));
    }
    session::Session session(std::move(workspace));
    TimelineModel model(&session);
    session.reload();
    QTRY_VERIFY(!session.isLoading() && !model.isBusy());
    // Drawn from the begin of the others, and said to be so.
    QTRY_COMPARE(model.unalignedSources(), QStringList{QStringLiteral("own.csv")});
    QVERIFY(model.leftOutSources().isEmpty());
    QCOMPARE(model.range(), (TimeRange{utc, utc + 1001}));
    int found = 0;
    for (const TimelineRow &row : model.rows().rows) {
        if (row.kind != TimelineRow::Kind::Series)
            continue;
        ++found;
        QCOMPARE(row.shift, row.title == QStringLiteral("b") ? utc - 5 : 0);
    }
    QCOMPARE(found, 2);
}

void TestTimelineModel::findsSpans()
{
    tests::SpanFixture fixture;
    const std::uint32_t a = fixture.track("app", "a");
    const std::uint32_t b = fixture.track("app", "b");
    const int early = fixture.span(b, 0, "query", 5, 10);
    const int late = fixture.span(a, 0, "query", 50, 10);
    const int between = fixture.span(a, 0, "render", 20, 10);
    Q_UNUSED(early);
    Q_UNUSED(late);
    Q_UNUSED(between);
    const auto columns = fixture.build();
    const auto rowAt = [&](Nanos start) {
        return std::uint32_t(
            std::find(columns->start.begin(), columns->start.end(), start) - columns->start.begin());
    };
    const auto found = findSpans(*columns, expression("query"), nullptr, std::nullopt, {});
    QCOMPARE(found->count, std::int64_t(2));
    QCOMPARE(found->selfNs, 20.0);
    QCOMPARE(found->allSelfNs, 30.0);
    QCOMPARE(nextMatch(*columns, *found, analysis::kNoRow, 0, true), rowAt(5));
    QCOMPARE(nextMatch(*columns, *found, rowAt(5), 0, true), rowAt(50));
    QCOMPARE(nextMatch(*columns, *found, rowAt(50), 0, true), rowAt(5));
    QCOMPARE(nextMatch(*columns, *found, rowAt(5), 0, false), rowAt(50));
    QCOMPARE(nextMatch(*columns, *found, analysis::kNoRow, 30, false), rowAt(5));
    const auto onTrack = findSpans(*columns, expression("query"), nullptr, a, {});
    QCOMPARE(onTrack->count, std::int64_t(1));
    analysis::SpanBitmap none(columns->size());
    const auto nothing = findSpans(*columns, expression("query"), &none, std::nullopt, {});
    QCOMPARE(nothing->count, std::int64_t(0));
    QCOMPARE(nextMatch(*columns, *nothing, analysis::kNoRow, 0, true), analysis::kNoRow);
    QCOMPARE(rowsOfTrack(*columns, 99), (std::pair<std::uint32_t, std::uint32_t>(0, 0)));
}

void TestTimelineModel::keepsChoices()
{
    session::Session session(temporaryWorkspace());
    tests::SpanFixture fixture;
    for (const char *thread : {"a", "b"})
        fixture.span(fixture.track("app", thread), 0, "x", 0, 10);
    const auto columns = fixture.build();
    session.context()->setColumns(columns, analysis::LanePyramid::build(columns, {}));
    TimelineModel model(&session);
    QCOMPARE(model.rows().rows.size(), std::size_t(3));
    QSignalSpy changed(&model, &TimelineModel::rowsChanged);
    model.setCollapsed(QStringLiteral("group/1/app"), true);
    QCOMPARE(changed.count(), 1);
    QCOMPARE(model.rows().rows.size(), std::size_t(1));
    model.setPinned(QStringLiteral("track/100"), true);
    QCOMPARE(model.rows().pinned.size(), std::size_t(1));
    model.setSort(TrackSort::Busy);
    const QJsonObject state = model.saveChoices();
    TimelineModel other(&session);
    other.restoreChoices(state);
    QCOMPARE(other.rows().pinned.size(), std::size_t(1));
    QVERIFY(other.rows().rows[0].isCollapsed);
    QCOMPARE(other.sort(), TrackSort::Busy);
    other.restoreChoices(QJsonObject{{QStringLiteral("pinned"), 5}, {QStringLiteral("sort"), QJsonArray()}});
    QVERIFY(other.rows().pinned.empty());
    QTRY_VERIFY(!model.isBusy() && !other.isBusy());
    QVERIFY(model.figures(0));
    QCOMPARE(model.figures(0)->busyNs, Nanos(10));
    QVERIFY(!model.figures(77));
}

void TestTimelineModel::revealsTracks()
{
    session::Session session(temporaryWorkspace());
    tests::SpanFixture fixture;
    std::uint32_t deep = 0;
    for (const char *thread : {"a", "b"})
        deep = fixture.track("app", thread);
    fixture.span(0, 0, "x", 0, 10);
    for (std::uint16_t lane = 0; lane < 50; ++lane)
        fixture.span(deep, lane, "x", 0, 10);
    const auto columns = fixture.build();
    session.context()->setColumns(columns, analysis::LanePyramid::build(columns, {}));
    TimelineModel model(&session);
    model.setAllCollapsed(true);
    QCOMPARE(model.rows().rows.size(), std::size_t(1));
    model.setHidden(QStringLiteral("track/101"), true);
    model.reveal(deep, 40);
    const auto row = std::find_if(model.rows().rows.begin(), model.rows().rows.end(),
        [deep](const TimelineRow &r) { return r.kind == Kind::Track && r.track == deep; });
    QVERIFY(row != model.rows().rows.end());
    QCOMPARE(row->shownLanes, 50u);
    model.reveal(12345, 0);
}

void TestTimelineModel::readsSeries()
{
    auto workspace = temporaryWorkspace();
    QVERIFY(workspace);
    auto writer = store::BulkWriter::create(*workspace, {"made.csv", "test", std::nullopt}, {});
    QVERIFY(writer);
    std::vector<SeriesRef> refs;
    for (const char *metric : {"b.second", "a.first"}) {
        SeriesRow row;
        row.metric = metric;
        row.foreignName = metric;
        row.service = "shop";
        row.unit = "ms";
        row.labelsJson = R"({"core":"1"})";
        row.kind = SeriesKind::Gauge;
        refs.push_back((*writer)->series(row));
    }
    for (int i = 0; i < 1000; ++i)
        (*writer)->point(refs[0], Nanos(i) * 1'000'000, i == 500 ? 1e6 : double(i % 10));
    QVERIFY((*writer)->finish({}));
    const std::int64_t sourceId = (*writer)->sourceId();
    writer->reset();
    QVERIFY(analysis::makeReady(*workspace, sourceId, {}));
    session::Session session(std::move(workspace));
    SeriesData data(&session);
    QTRY_COMPARE(data.series().size(), std::size_t(2));
    QCOMPARE(data.series()[0].metric, QStringLiteral("a.first"));
    QCOMPARE(data.series()[1].metric, QStringLiteral("b.second"));
    QCOMPARE(data.series()[1].subtitle(), QStringLiteral("core=1"));
    QVERIFY2(data.sourceSpans().empty(), "one clock needs no ranges by source");
    const qint64 id = data.series()[1].id;
    const TimeRange window{0, 1'000'000'000};
    QSignalSpy changed(&data, &SeriesData::pictureChanged);
    QVERIFY(!data.picture(id, window, 1 << 23));
    QTRY_VERIFY(changed.count() > 0);
    const SeriesPicture *picture = data.picture(id, window, 1 << 23);
    QVERIFY(picture);
    QCOMPARE(picture->total, std::int64_t(1000));
    QCOMPARE(picture->high, 1e6);
    QVERIFY(picture->points.size() < 200);
    std::int64_t count = 0;
    double largest = 0;
    for (const auto &point : picture->points) {
        count += point.count;
        largest = std::max(largest, point.max);
    }
    QCOMPARE(count, std::int64_t(1000));
    QCOMPARE(largest, 1e6);
    QCOMPARE(data.picture(id, {1000, 500'000'000}, 1 << 23), picture);
    QCOMPARE(data.keptPoints(), std::size_t(1000));
    const qint64 empty = data.series()[0].id;
    data.picture(empty, window, 1 << 23);
    QTRY_VERIFY(data.picture(empty, window, 1 << 23));
    QCOMPARE(data.picture(empty, window, 1 << 23)->total, std::int64_t(0));
    QVERIFY(!data.info(999));
    data.picture(999, window, 1 << 23);
    QTRY_VERIFY(!data.isBusy());
}

void TestTimelineModel::bucketsOfLongSeriesAgree()
{
    auto workspace = temporaryWorkspace();
    auto writer = store::BulkWriter::create(*workspace, {"made.csv", "test", std::nullopt}, {});
    SeriesRow row;
    row.metric = row.foreignName = "m";
    row.kind = SeriesKind::Gauge;
    const SeriesRef ref = (*writer)->series(row);
    for (int i = 0; i < 5000; ++i)
        (*writer)->point(ref, Nanos(i) * 1000, double((i * 37) % 101));
    QVERIFY((*writer)->finish({}));
    writer->reset();
    const auto catalogue = readSeriesCatalogue(*workspace, {});
    QVERIFY(catalogue && catalogue->series.size() == 1);
    const qint64 id = catalogue->series.front().id;
    const auto points = readSeriesPoints(*workspace, id, {});
    QVERIFY(points && points->isRaw());
    QCOMPARE(points->total, std::int64_t(5000));
    const TimeRange window{1'000'000, 3'000'000};
    const auto buckets = readSeriesBuckets(*workspace, id, window, 10'000, {});
    QVERIFY(buckets);
    QCOMPARE(buckets->size(), std::size_t(200));
    std::int64_t count = 0;
    for (const auto &bucket : *buckets) {
        QVERIFY(bucket.min <= bucket.last && bucket.last <= bucket.max);
        count += bucket.count;
    }
    QCOMPARE(count, std::int64_t(2000));
    Progress cancelled;
    cancelled.cancel.cancel();
    QVERIFY(!readSeriesPoints(*workspace, id, cancelled));
    // A step of nothing must not make endless buckets.
    QVERIFY(readSeriesBuckets(*workspace, id, {0, std::numeric_limits<Nanos>::max()}, 0, {}));
}

QTEST_GUILESS_MAIN(TestTimelineModel)
#include "tst_timelinemodel.moc"
