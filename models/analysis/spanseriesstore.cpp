// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/rowinsert.h"
#include "analysis/spanseries.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace tailscope::analysis {

namespace {

constexpr Nanos kMinute = 60 * kNanosPerSecond;
constexpr Nanos kNearEvent = 5 * kMinute; ///< FT-15
constexpr double kSignificant = 0.05;

struct OnsetRow
{
    const SpanSeries *series = nullptr;
    std::string_view metric;
    Onset onset;
    std::int64_t ordinal = 0;
    double marginBins = std::nan("");
    double rateBefore = 0, rateAfter = 0;
};

struct Found
{
    SpanSeriesSet set;
    std::vector<OnsetRow> onsets;
    std::vector<std::pair<const SpanSeries *, PettittResult>> changes;
    std::vector<std::pair<const SpanSeries *, TailShape>> shapes;
    std::vector<std::pair<Nanos, std::int64_t>> events; // time, id
};

double rate(const SpanSeriesSet &set, const SpanSeries &series, std::size_t from, std::size_t to)
{
    double n = 0;
    for (std::size_t i = from; i < to; ++i)
        n += double(series.count[i]);
    return to > from ? n / (double(to - from) * double(set.width) / 1e9) : std::nan("");
}

// Places by bin; those of one bin and its neighbour cannot be told apart and share a place.
void order(std::vector<OnsetRow>::iterator from, std::vector<OnsetRow>::iterator to)
{
    std::stable_sort(from, to,
        [](const OnsetRow &a, const OnsetRow &b) { return a.onset.bin < b.onset.bin; });
    for (auto at = from; at != to; ++at) {
        const bool isTie = at != from && at->onset.bin - std::prev(at)->onset.bin <= 1;
        at->ordinal = isTie ? std::prev(at)->ordinal : at - from + 1;
        const auto later
            = std::find_if(at, to, [at](const OnsetRow &o) { return o.onset.bin > at->onset.bin; });
        if (later != to)
            at->marginBins = double(later->onset.bin - at->onset.bin);
    }
}

void findOnsets(Found &found)
{
    using Values = std::vector<double> SpanSeries::*;
    struct Metric
    {
        Values values;
        std::string_view name; // empty: tailMetric
        bool forServices, forOperations;
        OnsetOptions options;
    };
    const Metric metrics[] = {
        {&SpanSeries::self, "self_p50_ns", true, false, {}},
        {&SpanSeries::p50, "p50_ns", true, true, {}},
        {&SpanSeries::tail, "", true, true, {}},
        {&SpanSeries::errors, "error_share", true, true, {3, 0.05, 3}},
    };
    for (const Metric &metric : metrics) {
        for (const bool isService : {true, false}) {
            if (!(isService ? metric.forServices : metric.forOperations))
                continue;
            const auto begin = std::ptrdiff_t(found.onsets.size());
            for (const SpanSeries &series : found.set.series) {
                if (series.isService != isService)
                    continue;
                const std::optional<Onset> onset = firstChange(series.*metric.values, metric.options);
                if (!onset)
                    continue;
                OnsetRow row{&series, metric.name.empty() ? series.tailMetric : metric.name, *onset};
                row.rateBefore = rate(found.set, series, 0, onset->bin);
                row.rateAfter
                    = rate(found.set, series, onset->bin, std::min(found.set.bins, onset->bin + 10));
                found.onsets.push_back(row);
            }
            order(found.onsets.begin() + begin, found.onsets.end());
        }
    }
}

void findShapes(Found &found)
{
    const auto plateau = std::size_t((3 * kMinute + found.set.width - 1) / found.set.width);
    for (const SpanSeries &series : found.set.series) {
        if (series.isService)
            continue;
        const std::optional<PettittResult> change = pettitt(series.tail);
        if (change && change->t > 0 && change->p <= kSignificant && !isDrift(series.tail, *change))
            found.changes.emplace_back(&series, *change);
        if (const std::optional<TailShape> shape = tailShape(series.tail, plateau))
            found.shapes.emplace_back(&series, *shape);
    }
}

Result<void> readEvents(store::Database &reader, Found &found)
{
    Result<store::Statement> events = reader.prepare(
        "SELECT ts_ns, id FROM event WHERE ts_ns IS NOT NULL ORDER BY ts_ns, id LIMIT 100000");
    if (!events)
        return tl::unexpected(std::move(events.error()));
    for (;;) {
        const Result<bool> row = events->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return {};
        found.events.emplace_back(events->integer(0), events->integer(1));
    }
}

std::string_view knownPeriod(Nanos period)
{
    const std::pair<Nanos, std::string_view> known[]
        = {{kMinute, "minute"}, {5 * kMinute, "checkpoint_timeout"}, {15 * kMinute, "quarter of an hour"},
            {60 * kMinute, "hour"}, {1440 * kMinute, "day"}};
    for (const auto &[length, name] : known) {
        if (std::abs(double(period) / double(length) - 1) <= 0.1)
            return name;
    }
    return {};
}

class Writer
{
public:
    Writer(store::Database &writer, std::int64_t runId, const Found &found)
        : m_writer(writer)
        , m_runId(runId)
        , m_found(found)
        , m_set(found.set)
    {}

    Result<void> onsets()
    {
        RowInsert insert;
        TS_TRY(insert.replace(m_writer, "onset",
            "run_id, subject_kind, subject, service, metric, ts_ns, before, after, ratio, ordinal, "
            "margin_bins, n,"
            " bin_ns, rate_before, rate_after"));
        for (const OnsetRow &row : m_found.onsets) {
            insert.add(m_runId).add(std::string_view(row.series->isService ? "service" : "operation"));
            insert.add(std::string_view(row.series->subject)).textOrNull(row.series->service).add(row.metric);
            insert.add(timeOf(row.onset.bin)).add(row.onset.before).add(row.onset.after);
            insert.add(row.onset.before > 0 ? row.onset.after / row.onset.before : std::nan(""));
            insert.add(row.ordinal).add(row.marginBins).add(row.series->n).add(m_set.width);
            insert.add(row.rateBefore).add(row.rateAfter);
            TS_TRY(insert.run());
        }
        return {};
    }

    Result<void> changes()
    {
        RowInsert insert;
        TS_TRY(removeOld("change_point"));
        TS_TRY(insert.prepare(m_writer, "change_point",
            "run_id, subject_kind, subject, ts_ns, n, k, p_value, median_before, median_after, event_id, "
            "metric,"
            " bin_ns, bin_n"));
        for (const auto &[series, change] : m_found.changes) {
            const Nanos at = timeOf(change.t);
            insert.add(m_runId)
                .add(std::string_view("operation"))
                .add(std::string_view(series->subject))
                .add(at);
            insert.add(std::int64_t(change.n))
                .add(change.k)
                .add(change.p)
                .add(change.before)
                .add(change.after);
            const std::int64_t event = nearestEvent(at);
            if (event != 0)
                insert.add(event);
            else
                insert.null();
            insert.add(series->tailMetric).add(m_set.width).add(series->binN);
            TS_TRY(insert.run());
        }
        return {};
    }

    Result<void> shapes()
    {
        RowInsert shape, period;
        TS_TRY(removeOld("tail_shape"));
        TS_TRY(removeOld("periodicity"));
        TS_TRY(shape.prepare(m_writer, "tail_shape",
            "run_id, subject_kind, subject, kind, start_ns, end_ns, excursions, period_ns, p50_ns, p99_ns, "
            "ratio,"
            " metric, bin_ns, bin_n"));
        TS_TRY(period.prepare(m_writer, "periodicity",
            "run_id, subject_kind, subject, period_ns, strength, excursions, matches, metric, bin_ns, "
            "bin_n"));
        for (const auto &[series, found] : m_found.shapes) {
            TS_TRY(writeShape(shape, *series, found));
            if (found.kind != TailShape::Kind::Periodic)
                continue;
            const Nanos length = Nanos(std::llround(found.period * double(m_set.width)));
            period.add(m_runId)
                .add(std::string_view("operation"))
                .add(std::string_view(series->subject))
                .add(length);
            period.add(found.strength)
                .add(std::int64_t(found.excursions.size()))
                .textOrNull(knownPeriod(length));
            period.add(series->tailMetric).add(m_set.width).add(series->binN);
            TS_TRY(period.run());
        }
        return {};
    }

private:
    // Rows with a series are of imported points, another analysis.
    Result<void> removeOld(const char *table)
    {
        return m_writer.execute("DELETE FROM " + std::string(table) + " WHERE series_id IS NULL");
    }
    Nanos timeOf(std::size_t bin) const { return saturatingAdd(m_set.begin, Nanos(bin) * m_set.width); }

    std::int64_t nearestEvent(Nanos at) const
    {
        std::int64_t best = 0;
        Nanos distance = kNearEvent + 1;
        for (const auto &[time, id] : m_found.events) {
            const Nanos apart = time > at ? saturatingSub(time, at) : saturatingSub(at, time);
            if (apart < distance) {
                distance = apart;
                best = id;
            }
        }
        return best;
    }

    Result<void> writeShape(RowInsert &insert, const SpanSeries &series, const TailShape &shape)
    {
        constexpr std::string_view names[] = {"periodic", "plateau", "sporadic", "unknown"};
        double highest = 0;
        for (const TailShape::Excursion &e : shape.excursions) {
            for (std::size_t i = e.first; i <= e.last; ++i)
                highest = std::isnan(series.tail[i]) ? highest : std::max(highest, series.tail[i]);
        }
        insert.add(m_runId).add(std::string_view("operation")).add(std::string_view(series.subject));
        insert.add(names[std::size_t(shape.kind)]).add(timeOf(shape.excursions.front().first));
        insert.add(timeOf(shape.excursions.back().last + 1)).add(std::int64_t(shape.excursions.size()));
        if (shape.period > 0)
            insert.add(std::int64_t(std::llround(shape.period * double(m_set.width))));
        else
            insert.null();
        insert.add(std::int64_t(shape.median)).add(std::int64_t(highest));
        insert.add(shape.median > 0 ? highest / shape.median : std::nan(""));
        insert.add(series.tailMetric).add(m_set.width).add(series.binN);
        return insert.run();
    }

    store::Database &m_writer;
    std::int64_t m_runId;
    const Found &m_found;
    const SpanSeriesSet &m_set;
};

} // namespace

Result<WriteRows> computeSpanSeries(const TraceInput &input)
{
    auto found = std::make_shared<Found>(); // rows point into its set
    found->set = spanSeries(input.columns, input.rows, input.progress.cancel);
    if (found->set.bins > 0) {
        findOnsets(*found);
        findShapes(*found);
    }
    Result<store::Database> reader = input.workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    TS_TRY(readEvents(*reader, *found));
    return WriteRows([found](store::Database &writer, std::int64_t runId) -> Result<void> {
        Writer out(writer, runId, *found);
        TS_TRY(out.onsets());
        TS_TRY(out.changes());
        return out.shapes();
    });
}

} // namespace tailscope::analysis
