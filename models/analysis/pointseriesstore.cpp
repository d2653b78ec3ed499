// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/pointseries.h"
#include "analysis/rowinsert.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace tailscope::analysis {

namespace {

constexpr std::size_t kMostRows = 5'000; ///< of a kind
constexpr Nanos kNearEvent = 300 * kNanosPerSecond; ///< FT-15
constexpr std::size_t kMostDrivers = 40; ///< read for one flat line
constexpr std::size_t kMostFlat = 2'000; ///< flat lines that drivers are looked for

struct One
{
    const SeriesName *name = nullptr;
    SeriesFindings found;
    std::string text; ///< SeriesName::text(), of those with a row
    // of a ceiling
    std::optional<Ceiling> ceiling;
    const SeriesName *driver = nullptr;
};

struct All
{
    std::vector<SeriesName> names;
    SeriesSurroundings around;
    PointScan scan;
    std::vector<One> series;
    std::vector<const SeriesName *> demand;
    std::vector<const One *> changes, shapes, ceilings, baselines, departures;
    std::vector<std::tuple<std::string, std::size_t, std::size_t>> kept; ///< what, found, kept
};

std::string_view measureName(const SeriesFindings &found)
{
    return found.measure == Measure::Rate ? "rate" : "value";
}

// Demand beside a series: of its service and instance first, then of its source.
std::vector<const SeriesName *> driversOf(const SeriesName &name, const std::vector<const SeriesName *> &all)
{
    std::vector<std::pair<int, const SeriesName *>> found;
    for (const SeriesName *other : all) {
        if (other->id == name.id || !name.isBeside(*other))
            continue;
        const bool isSame = !name.service.empty() && name.service == other->service;
        found.emplace_back(isSame ? 0 : other->sourceId == name.sourceId ? 1 : 2, other);
    }
    std::stable_sort(found.begin(), found.end(),
        [](const auto &a, const auto &b) { return a.first < b.first; });
    std::vector<const SeriesName *> out;
    for (std::size_t i = 0; i < std::min(found.size(), kMostDrivers); ++i)
        out.push_back(found[i].second);
    return out;
}

// A flat line becomes a ceiling when demand grew meanwhile; with demand that did not, it is nothing.
Result<void> findDriver(store::Database &reader, const All &all, One &one)
{
    bool anyDriver = false;
    double best = 0;
    for (const SeriesName *driver : driversOf(*one.name, all.demand)) {
        Result<SeriesValues> values = readValues(reader, driver->id);
        if (!values)
            return tl::unexpected(std::move(values.error()));
        const Judged of = judged(*driver, std::move(*values));
        const auto grown = growth(of.values, one.found.flatRange);
        if (!grown)
            continue;
        anyDriver = true;
        const double factor = grown->second / std::max(grown->first, 1e-9);
        if (!(grown->second >= 1.2 * grown->first && grown->second > 0) || factor <= best)
            continue;
        best = factor;
        one.driver = driver;
        one.ceiling = one.found.flat;
        one.ceiling->driver = Ceiling::Driver::Rose;
        std::tie(one.ceiling->driverBefore, one.ceiling->driverAfter) = *grown;
        one.ceiling->confidence = one.ceiling->match == Ceiling::Match::Limit ? 0.95
            : one.ceiling->match == Ceiling::Match::BelowReserved             ? 0.9
                                                                              : 0.6;
    }
    // Nothing says how demand went: told as flat where it is at a limit that somebody set.
    if (!one.ceiling && !anyDriver && !one.found.isConstant && one.found.flat->match != Ceiling::Match::Round)
        one.ceiling = one.found.flat;
    return {};
}

template<typename Score>
void keep(All &all, std::vector<const One *> &rows, const char *what, Score score)
{
    const std::size_t found = rows.size();
    std::stable_sort(rows.begin(), rows.end(),
        [&](const One *a, const One *b) { return score(*a) > score(*b); });
    rows.resize(std::min(rows.size(), kMostRows));
    all.kept.emplace_back(what, found, rows.size());
}

double stepOf(const One &one)
{
    const PettittResult &change = *one.found.change;
    const double scale = std::max({std::abs(change.before), std::abs(change.after), 1e-300});
    return std::abs(change.after - change.before) / scale - change.p;
}

Result<void> choose(store::Database &reader, All &all, const Progress &progress)
{
    for (const SeriesName &name : all.names) {
        if (isDemand(name))
            all.demand.push_back(&name);
    }
    std::vector<One *> flat;
    for (One &one : all.series) {
        const SeriesFindings &found = one.found;
        if (found.change)
            all.changes.push_back(&one);
        if (found.shape)
            all.shapes.push_back(&one);
        if (found.flat)
            flat.push_back(&one);
        if (found.baseline && !found.baseline->isLearning)
            all.baselines.push_back(&one);
        if (found.baseline && !found.baseline->departures.empty())
            all.departures.push_back(&one);
    }
    // Each asks for up to 40 other series: those at a limit that somebody set first.
    std::stable_sort(flat.begin(), flat.end(), [](const One *a, const One *b) {
        const auto rank = [](const One *one) {
            return std::pair(one->found.flat->match == Ceiling::Match::Round, one->found.isConstant);
        };
        return rank(a) < rank(b);
    });
    for (std::size_t i = 0; i < std::min(flat.size(), kMostFlat) && !progress.isCancelled(); ++i) {
        TS_TRY(findDriver(reader, all, *flat[i]));
        if (flat[i]->ceiling)
            all.ceilings.push_back(flat[i]);
    }
    all.kept.emplace_back("flat", flat.size(), std::min(flat.size(), kMostFlat));
    keep(all, all.changes, "change_point", stepOf);
    keep(all, all.shapes, "tail_shape",
        [](const One &one) { return double(one.found.shape->excursions.size()); });
    keep(all, all.ceilings, "ceiling", [](const One &one) { return one.ceiling->confidence; });
    keep(all, all.departures, "series_departure", [](const One &one) {
        const auto &list = one.found.baseline->departures;
        return double(list.back().last - list.back().first);
    });
    keep(all, all.baselines, "baseline",
        [](const One &one) { return double(one.found.baseline->departures.size()); });
    for (const auto *list : {&all.changes, &all.shapes, &all.ceilings, &all.departures, &all.baselines}) {
        for (const One *one : *list)
            const_cast<One *>(one)->text = one->name->text();
    }
    return {};
}

/// Writes what was found; old rows of other makers stay.
class Writer
{
public:
    Writer(store::Database &writer, std::int64_t runId, const All &all)
        : m_writer(writer)
        , m_runId(runId)
        , m_all(all)
    {}
    Result<void> write()
    {
        for (const char *table : {"change_point", "periodicity", "tail_shape", "ceiling", "baseline"})
            TS_TRY(m_writer.execute("DELETE FROM " + std::string(table) + " WHERE series_id IS NOT NULL"));
        TS_TRY(stats());
        TS_TRY(changes());
        TS_TRY(shapes());
        TS_TRY(ceilings());
        TS_TRY(baselines());
        TS_TRY(departures());
        return kept();
    }

private:
    Result<void> stats();
    Result<void> changes();
    Result<void> shapes();
    Result<void> ceilings();
    Result<void> baselines();
    Result<void> departures();
    Result<void> kept();
    RowInsert &head(RowInsert &row, const One &one) const
    {
        return row.add(m_runId)
            .add(one.name->id)
            .add(std::string_view("series"))
            .add(std::string_view(one.text));
    }
    std::int64_t nearestEvent(Nanos at) const
    {
        const auto &events = m_all.around.events;
        const auto after = std::lower_bound(events.begin(), events.end(), std::pair(at, std::int64_t(0)));
        std::int64_t best = 0;
        Nanos distance = kNearEvent + 1;
        for (auto it = after == events.begin() ? after : std::prev(after); it != events.end() && it <= after;
             ++it) {
            const Nanos apart = it->first > at ? saturatingSub(it->first, at) : saturatingSub(at, it->first);
            if (apart < distance) {
                distance = apart;
                best = it->second;
            }
        }
        return best;
    }

    store::Database &m_writer;
    std::int64_t m_runId;
    const All &m_all;
};

Result<void> Writer::stats()
{
    RowInsert row;
    TS_TRY(row.replace(m_writer, "series_stat",
        "run_id, series_id, range_start_ns, range_end_ns, n, first_ts_ns, last_ts_ns, min, max, mean, p50, "
        "p95,"
        " p99, last, slope_per_s, gaps, measure"));
    for (const One &one : m_all.series) {
        const SeriesFindings &found = one.found;
        if (found.n == 0)
            continue;
        row.add(m_runId).add(one.name->id).null().null().add(found.n).add(found.first).add(found.last);
        row.add(found.min).add(found.max).add(found.mean).add(found.p50).add(found.p95).add(found.p99);
        row.add(found.lastValue).add(found.slope).add(std::int64_t(found.gaps)).add(measureName(found));
        TS_TRY(row.run());
    }
    return {};
}

Result<void> Writer::changes()
{
    RowInsert row;
    TS_TRY(row.prepare(m_writer, "change_point",
        "run_id, series_id, subject_kind, subject, ts_ns, n, k, p_value, median_before, median_after, "
        "event_id,"
        " metric, bin_ns, bin_n"));
    for (const One *one : m_all.changes) {
        const PettittResult &change = *one->found.change;
        head(row, *one).add(one->found.changeAt).add(std::int64_t(change.n)).add(change.k).add(change.p);
        row.add(change.before).add(change.after);
        if (const std::int64_t event = nearestEvent(one->found.changeAt))
            row.add(event);
        else
            row.null();
        row.add(measureName(one->found)).add(one->found.changeBin).add(one->found.binN);
        TS_TRY(row.run());
    }
    return {};
}

Result<void> Writer::shapes()
{
    constexpr std::string_view names[]{"periodic", "plateau", "sporadic", "unknown"};
    RowInsert row, period;
    TS_TRY(row.prepare(m_writer, "tail_shape",
        "run_id, series_id, subject_kind, subject, kind, start_ns, end_ns, excursions, period_ns, p50_ns, "
        "p99_ns,"
        " ratio, metric, bin_ns, bin_n"));
    TS_TRY(period.prepare(m_writer, "periodicity",
        "run_id, series_id, subject_kind, subject, period_ns, strength, excursions, matches, metric, bin_ns, "
        "bin_n"));
    for (const One *one : m_all.shapes) {
        const TailShape &shape = *one->found.shape;
        const RegularSeries &bins = one->found.peaks;
        const auto length = Nanos(std::llround(shape.period * double(bins.width)));
        const auto n = std::int64_t(shape.excursions.size());
        const auto seconds = one->found.measure == Measure::Value ? one->name->seconds() : std::nullopt;
        head(row, *one).add(names[std::size_t(shape.kind)]).add(bins.timeOf(shape.excursions.front().first));
        row.add(bins.timeOf(shape.excursions.back().last + 1)).add(n);
        row.nanos(shape.period > 0 ? length : kUnknownNanos);
        row.nanos(seconds ? Nanos(shape.median * *seconds * 1e9) : kUnknownNanos);
        row.nanos(seconds ? Nanos(one->found.max * *seconds * 1e9) : kUnknownNanos);
        row.add(shape.median > 0 ? one->found.max / shape.median : std::nan(""));
        row.add(measureName(one->found)).add(bins.width).add(one->found.binN);
        TS_TRY(row.run());
        if (shape.kind != TailShape::Kind::Periodic)
            continue;
        head(period, *one).add(length).add(shape.strength).add(n);
        period.textOrNull(nameOfPeriod(m_all.around.periods, length)).add(measureName(one->found));
        period.add(bins.width).add(one->found.binN);
        TS_TRY(period.run());
    }
    return {};
}

Result<void> Writer::ceilings()
{
    RowInsert row;
    TS_TRY(row.prepare(m_writer, "ceiling",
        "run_id, series_id, subject_kind, subject, value, start_ns, end_ns, samples, setting, limit_value,"
        " confidence, verdict, unit, driver_id, driver, driver_before, driver_after"));
    for (const One *one : m_all.ceilings) {
        const Ceiling &ceiling = *one->ceiling;
        head(row, *one).add(ceiling.value).add(one->found.flatRange.begin).add(one->found.flatRange.end);
        row.add(std::int64_t(ceiling.last - ceiling.first + 1)).textOrNull(ceiling.setting);
        row.add(ceiling.limit.value_or(std::nan(""))).add(ceiling.confidence);
        row.add(std::string_view(ceiling.isCertain() ? "ceiling" : "flat")).textOrNull(one->name->unit);
        const std::string driver = one->driver ? one->driver->text() : std::string();
        if (one->driver)
            row.add(one->driver->id)
                .add(std::string_view(driver))
                .add(ceiling.driverBefore)
                .add(ceiling.driverAfter);
        else
            row.null().null().null().null();
        TS_TRY(row.run());
    }
    return {};
}

Result<void> Writer::baselines()
{
    RowInsert row;
    TS_TRY(row.prepare(m_writer, "baseline",
        "run_id, series_id, subject_kind, subject, metric, hour, value, n, start_ns, end_ns"));
    for (const One *one : m_all.baselines) {
        for (std::size_t hour = 0; hour < 24; ++hour) {
            const Baseline::Hour &of = one->found.baseline->hours[hour];
            if (std::isnan(of.value))
                continue;
            head(row, *one).add(measureName(one->found)).add(std::int64_t(hour)).add(of.value);
            row.add(std::int64_t(of.days)).add(one->found.first).add(one->found.last);
            TS_TRY(row.run());
        }
    }
    return {};
}

Result<void> Writer::departures()
{
    constexpr std::string_view kinds[]{"low", "zero", "high"};
    RowInsert row;
    TS_TRY(row.replace(m_writer, "series_departure",
        "run_id, series_id, subject, metric, kind, start_ns, end_ns, expected, value, share, is_open, hours, "
        "bin_ns"));
    for (const One *one : m_all.departures) {
        const RegularSeries &bins = one->found.usual;
        const auto &list = one->found.baseline->departures;
        // The last hundred of a series that leaves its baseline each day.
        for (std::size_t i = list.size() > 100 ? list.size() - 100 : 0; i < list.size(); ++i) {
            const Departure &out = list[i];
            row.add(m_runId).add(one->name->id).add(std::string_view(one->text)).add(measureName(one->found));
            row.add(kinds[std::size_t(out.kind)]).add(bins.timeOf(out.first)).add(bins.timeOf(out.last + 1));
            row.add(out.expected).add(out.value);
            row.add(out.expected > 0 ? out.value / out.expected : std::nan(""));
            row.add(std::int64_t(out.isOpen ? 1 : 0));
            row.add(double(out.last + 1 - out.first) * double(bins.width) / 3.6e12).add(bins.width);
            TS_TRY(row.run());
        }
    }
    return {};
}

Result<void> Writer::kept()
{
    RowInsert row;
    TS_TRY(row.replace(m_writer, "series_kept", "run_id, what, found, kept"));
    const auto add = [&](std::string_view what, std::size_t found, std::size_t kept) {
        row.add(m_runId).add(what).add(std::int64_t(found)).add(std::int64_t(kept));
        return row.run();
    };
    TS_TRY(add("series", m_all.scan.series + m_all.scan.leftOut, m_all.scan.series));
    for (const auto &[what, found, kept] : m_all.kept)
        TS_TRY(add(what, found, kept));
    return {};
}

} // namespace

Result<WriteRows> computePointSeries(const store::Workspace &workspace, const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    reader->setCancel(progress.cancel);
    auto all = std::make_shared<All>(); // its rows point into it
    Result<std::vector<SeriesName>> names = readSeriesNames(*reader);
    if (!names)
        return tl::unexpected(std::move(names.error()));
    all->names = std::move(*names);
    if (!all->names.empty()) {
        Result<SeriesSurroundings> around = readSurroundings(*reader);
        if (!around)
            return tl::unexpected(std::move(around.error()));
        all->around = std::move(*around);
        all->series.reserve(all->names.size());
        Result<PointScan> scan
            = forEachSeries(*reader, all->names, progress, [&](const SeriesName &name, SeriesValues &values) {
                  One one;
                  one.name = &name;
                  one.found = judgeSeries(name, judged(name, std::move(values)), all->around);
                  // What has no row later must not stay in memory for 100,000 series.
                  if (!one.found.shape)
                      one.found.peaks = {};
                  else
                      one.found.peaks.values = std::vector<double>();
                  one.found.usual.values = std::vector<double>();
                  if (one.found.baseline)
                      one.found.baseline->expected = std::vector<double>();
                  all->series.push_back(std::move(one));
              });
        if (!scan)
            return tl::unexpected(std::move(scan.error()));
        all->scan = *scan;
        TS_TRY(choose(*reader, *all, progress));
    }
    return WriteRows([all](store::Database &writer, std::int64_t runId) -> Result<void> {
        return Writer(writer, runId, *all).write();
    });
}

} // namespace tailscope::analysis
