// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/slostore.h"

#include "analysis/rowinsert.h"
#include "base/text.h"

#include <algorithm>
#include <limits>
#include <memory>

namespace tailscope::analysis {

namespace {

constexpr std::string_view kProperty = "slo.definition";

template<typename Take>
Result<void> eachRow(store::Statement &rows, const Progress &progress, Take &&take)
{
    for (std::int64_t n = 1;; ++n) {
        const Result<bool> row = rows.step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return {};
        take(rows);
        if (n % 65536 == 0 && progress.isCancelled())
            return fail(ErrorCode::Cancelled, "service levels", "cancelled");
    }
}

/// "503" and "5xx" give 503 and 500; 0 = no status.
std::uint16_t statusOf(std::string_view text)
{
    text = trimmed(text);
    if (text.size() != 3 || text[0] < '1' || text[0] > '5')
        return 0;
    std::string digits(text);
    for (std::size_t i = 1; i < 3; ++i) {
        if (digits[i] == 'x' || digits[i] == 'X')
            digits[i] = '0';
    }
    const auto number = parseInt64(digits);
    return number ? std::uint16_t(*number) : 0;
}

struct CounterSeries
{
    std::int64_t id = 0;
    std::string metric;
    RequestCounter counter;
};

/// Requests of servers before those of clients and proxies' upstreams; else the name decides.
int rankOf(std::string_view metric)
{
    const std::string lower = toLowerAscii(metric);
    const auto has = [&](std::string_view word) { return lower.find(word) != std::string::npos; };
    if (has("bucket") || has("_sum") || has("size") || has("bytes") || has("active"))
        return -1;
    int rank = 10;
    rank -= has("http") ? 3 : 0;
    rank -= has("server") ? 2 : 0;
    rank -= has("total") ? 2 : 0;
    rank += has("client") || has("upstream") || has("loadtest") ? 5 : 0;
    return rank;
}

} // namespace

Result<SloDefinition> readSloDefinition(const store::Workspace &workspace)
{
    const Result<std::optional<std::string>> own = workspace.property(kProperty);
    if (!own)
        return fail(own.error());
    if (*own && !(*own)->empty()) {
        SloDefinition definition = SloDefinition::fromText(**own);
        definition.isStated = true;
        return definition;
    }
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    Result<store::Statement> rows
        = reader->prepare("SELECT key, value FROM config WHERE subject_kind = 'slo' ORDER BY id LIMIT 100");
    if (!rows)
        return fail(rows.error());
    std::string text;
    TS_TRY(eachRow(*rows, {}, [&](const store::Statement &row) {
        text += std::string(row.text(0)) + "=" + std::string(row.text(1)) + "\n";
    }));
    return SloDefinition::fromText(text);
}

Result<void> storeSloDefinition(const store::Workspace &workspace, const SloDefinition *definition)
{
    TS_TRY(workspace.setProperty(kProperty, definition ? definition->toText() : std::string()));
    Result<store::Database> writer = workspace.connectWriter();
    if (!writer)
        return fail(writer.error());
    return writer->execute("INSERT INTO generation (table_family, n) VALUES ('slo', 1)"
                           " ON CONFLICT (table_family) DO UPDATE SET n = n + 1");
}

Result<SourceKinds> readSourceKinds(store::Database &reader)
{
    Result<store::Statement> rows = reader.prepare("SELECT id, kind FROM source");
    if (!rows)
        return fail(rows.error());
    SourceKinds kinds;
    TS_TRY(eachRow(*rows, {},
        [&](const store::Statement &row) { kinds[row.integer(0)] = std::string(row.text(1)); }));
    return kinds;
}

Result<std::vector<RequestCounter>> readRequestCounters(store::Database &reader, const Progress &progress)
{
    Result<store::Statement> rows = reader.prepare(
        "SELECT s.id, s.metric, s.service, s.kind, s.foreign_name,"
        " (SELECT j.value FROM json_each(s.labels) AS j WHERE j.key IN ('code', 'status', 'status_code',"
        "  'http_status', 'http.response.status_code', 'http.status_code', 'http_response_status_code',"
        "  'status_class', 'response_code') LIMIT 1),"
        " (SELECT j.value FROM json_each(s.labels) AS j WHERE j.key IN ('reason', 'cause', 'error', "
        "'error.type',"
        "  'error_type', 'exception') LIMIT 1),"
        " (SELECT j.value FROM json_each(s.labels) AS j WHERE j.key IN ('route', 'http.route', 'http_route',"
        "  'handler', 'path', 'uri', 'operation') LIMIT 1)"
        " FROM series AS s WHERE s.metric LIKE '%request%' AND s.kind <> 'histogram' AND json_valid(s.labels)"
        " ORDER BY s.id");
    if (!rows)
        return fail(rows.error());
    std::vector<CounterSeries> found;
    TS_TRY(eachRow(*rows, progress, [&](const store::Statement &row) {
        CounterSeries series;
        series.id = row.integer(0);
        series.metric = row.text(1);
        series.counter.status = statusOf(row.text(5));
        const std::string kind(row.text(3));
        const bool isTotal
            = std::string(row.text(4)).ends_with("_total") || series.metric.ends_with("_total");
        if (series.counter.status == 0 || rankOf(series.metric) < 0
            || !(kind == "counter" || kind == "delta" || isTotal))
            return;
        series.counter.isDelta = kind == "delta";
        series.counter.service = row.text(2);
        series.counter.reason = row.text(6);
        series.counter.operation = row.text(7);
        found.push_back(std::move(series));
    }));
    // Two metrics of the same requests must not be added up.
    const auto best
        = std::min_element(found.begin(), found.end(), [](const CounterSeries &a, const CounterSeries &b) {
              const int first = rankOf(a.metric), second = rankOf(b.metric);
              return first != second ? first < second : a.metric < b.metric;
          });
    std::vector<RequestCounter> counters;
    if (best == found.end())
        return counters;
    const std::string metric = best->metric;
    Result<store::Statement> points = reader.prepare(
        "SELECT ts_ns, value FROM point WHERE series_id = ?1 AND ts_ns IS NOT NULL ORDER BY ts_ns");
    if (!points)
        return fail(points.error());
    for (CounterSeries &series : found) {
        if (series.metric != metric)
            continue;
        points->reset();
        points->bind(0, series.id);
        TS_TRY(eachRow(*points, progress, [&](const store::Statement &row) {
            // A time told twice: the first stands.
            auto &known = series.counter.points;
            if (!row.isNull(1) && (known.empty() || known.back().ts != row.integer(0)))
                known.push_back({row.integer(0), row.real(1)});
        }));
        counters.push_back(std::move(series.counter));
    }
    return counters;
}

Result<std::vector<SloResult>> serviceLevels(const store::Workspace &workspace, const SpanColumns *columns,
    const std::optional<TimeRange> &range, const SloDefinition &definition, const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    const Result<SourceKinds> kinds = readSourceKinds(*reader);
    if (!kinds)
        return fail(kinds.error());
    std::vector<SloResult> results;
    if (columns && columns->size() > 0) {
        SpanSelection selection;
        selection.range = range;
        if (!definition.scope.empty()) {
            const Result<Filter> filter = parseFilter(definition.scope);
            if (!filter)
                return fail(filter.error());
            Result<std::shared_ptr<const SpanBitmap>> bitmap = evaluateFilter(*columns, *filter, progress);
            if (!bitmap)
                return fail(bitmap.error());
            selection.filter = std::move(*bitmap);
        }
        for (const SloOrigin origin : {SloOrigin::AccessLog, SloOrigin::Trace, SloOrigin::LoadTest})
            results.push_back(sloOfSpans(*columns, selection, *kinds, origin, definition, progress.cancel));
    }
    const Result<std::vector<RequestCounter>> counters = readRequestCounters(*reader, progress);
    if (!counters)
        return fail(counters.error());
    results.push_back(sloOfCounters(*counters, range, definition, progress.cancel));
    if (progress.isCancelled())
        return fail(ErrorCode::Cancelled, "service levels", "cancelled");
    std::erase_if(results, [](const SloResult &result) { return result.bins.empty(); });
    std::stable_sort(results.begin(), results.end(), [&](const SloResult &a, const SloResult &b) {
        const auto rank = [&](const SloResult &result) {
            return definition.origin == result.origin ? -1 : int(result.origin);
        };
        return rank(a) < rank(b);
    });
    return results;
}

namespace {

struct Levels
{
    SloDefinition definition;
    std::vector<SloResult> results;
};

Result<void> writeLevels(const Levels &levels, store::Database &writer, std::int64_t run)
{
    RowInsert insert;
    TS_TRY(insert.replace(writer, "slo_level",
        "run_id, origin, is_chosen, is_stated, subject_kind, subject, objective, limit_ms, window_days, "
        "first_ns,"
        " last_ns, valid, good, bad, slow, failed, limited, excluded, unknown, good_share, objective_share, "
        "allowed,"
        " left_over, spent, per_second, n, p50_ms, p95_ms, p99_ms, over_p99, is_weighted"));
    const SloDefinition &of = levels.definition;
    for (std::size_t i = 0; i < levels.results.size(); ++i) {
        const SloResult &result = levels.results[i];
        const auto row = [&](std::string_view kind, std::string_view name, const SliCounts &counts,
                             bool isAll) -> Result<void> {
            const ErrorBudget budget = errorBudget(counts.valid(), counts.bad(), of.objective);
            constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
            insert.add(run)
                .add(originId(result.origin))
                .add(std::int64_t(i == 0))
                .add(std::int64_t(of.isStated));
            insert.add(kind).textOrNull(name);
            const std::string objective = objectiveText(of.objective);
            insert.add(std::string_view(objective));
            insert.add(of.rule.limit == kUnknownNanos ? kUnknown : double(of.rule.limit) / 1e6);
            insert.add(std::int64_t(of.windowDays)).add(result.range.begin).add(result.range.end);
            insert.add(counts.valid()).add(counts.good).add(counts.bad()).add(counts.slow).add(counts.failed);
            insert.add(counts.limited).add(counts.excluded).add(counts.unknown);
            insert.add(counts.share().value_or(kUnknown))
                .add(double(of.objective.num) / double(of.objective.den));
            insert.add(budget.allowed.value()).add(budget.left.value()).add(budget.spent.value_or(kUnknown));
            insert.add(isAll ? result.perSecond() : kUnknown);
            const auto figure = [&](std::size_t which) {
                const Nanos value = isAll ? result.figures[which].value : kUnknownNanos;
                insert.add(value == kUnknownNanos ? kUnknown : double(value) / 1e6);
            };
            if (isAll && result.hasDurations)
                insert.add(result.timed);
            else
                insert.null();
            figure(0);
            figure(1);
            figure(2);
            if (isAll && result.hasDurations)
                insert.add(result.overFigure[2]);
            else
                insert.null();
            insert.add(std::int64_t(result.isWeighted));
            return insert.run();
        };
        TS_TRY(row("all", {}, result.total, true));
        for (const SloRow &operation : result.operations)
            TS_TRY(row("operation", operation.name, operation.counts, false));
    }
    return {};
}

Result<void> writeDays(const Levels &levels, store::Database &writer, std::int64_t run)
{
    RowInsert insert;
    TS_TRY(insert.replace(writer, "slo_day",
        "run_id, origin, is_chosen, day_ns, valid, good, bad, slow, failed, limited, excluded, good_share, "
        "allowed,"
        " left_over"));
    for (std::size_t i = 0; i < levels.results.size(); ++i) {
        const SloResult &result = levels.results[i];
        for (const SloRow &day : result.days) {
            const ErrorBudget budget
                = errorBudget(day.counts.valid(), day.counts.bad(), levels.definition.objective);
            insert.add(run).add(originId(result.origin)).add(std::int64_t(i == 0)).add(day.start);
            insert.add(day.counts.valid()).add(day.counts.good).add(day.counts.bad()).add(day.counts.slow);
            insert.add(day.counts.failed).add(day.counts.limited).add(day.counts.excluded);
            insert.add(day.counts.share().value_or(std::numeric_limits<double>::quiet_NaN()));
            insert.add(budget.allowed.value()).add(budget.left.value());
            TS_TRY(insert.run());
        }
    }
    return {};
}

Result<void> writeBurns(const Levels &levels, store::Database &writer, std::int64_t run)
{
    RowInsert insert;
    TS_TRY(insert.replace(writer, "slo_burn",
        "run_id, origin, is_chosen, long_s, short_s, threshold, worst, worst_at_ns, first_fired_ns, "
        "last_fired_ns,"
        " is_covered"));
    for (std::size_t i = 0; i < levels.results.size(); ++i) {
        const SloResult &result = levels.results[i];
        for (const BurnAlert &alert : kBurnAlerts) {
            const BurnHistory burn
                = burnHistory(result.bins, result.binNs, alert, levels.definition.objective);
            insert.add(run).add(originId(result.origin)).add(std::int64_t(i == 0));
            insert.add(alert.longWindow / kNanosPerSecond).add(alert.shortWindow / kNanosPerSecond);
            insert.add(alert.threshold.value());
            insert.add(burn.isCovered ? burn.worst : std::numeric_limits<double>::quiet_NaN());
            insert.nanos(burn.worstAt.value_or(kUnknownNanos)).nanos(burn.firstFired.value_or(kUnknownNanos));
            insert.nanos(burn.lastFired.value_or(kUnknownNanos)).add(std::int64_t(burn.isCovered));
            TS_TRY(insert.run());
        }
    }
    return {};
}

Result<void> writeCauses(const Levels &levels, store::Database &writer, std::int64_t run)
{
    RowInsert insert;
    TS_TRY(insert.replace(writer, "slo_cause",
        "run_id, origin, is_chosen, category, detail, failures, detail_failures, share, cumulative"));
    for (std::size_t i = 0; i < levels.results.size(); ++i) {
        for (const FailureCause &cause : levels.results[i].causes) {
            insert.add(run).add(originId(levels.results[i].origin)).add(std::int64_t(i == 0));
            insert.add(std::string_view(cause.category)).textOrNull(cause.detail);
            insert.add(cause.failures).add(cause.detailFailures).add(cause.share).add(cause.cumulative);
            TS_TRY(insert.run());
        }
    }
    return {};
}

} // namespace

Result<WriteRows> computeServiceLevels(const store::Workspace &workspace, const Progress &progress)
{
    auto levels = std::make_shared<Levels>();
    Result<SloDefinition> definition = readSloDefinition(workspace);
    if (!definition)
        return fail(definition.error());
    // A scope that cannot be read any more must not keep the workspace from opening.
    if (!definition->scope.empty() && !parseFilter(definition->scope))
        definition->scope.clear();
    levels->definition = std::move(*definition);
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    const Result<std::optional<std::int64_t>> hasRequests
        = reader->integer("SELECT EXISTS (SELECT 1 FROM trace_raw) OR EXISTS (SELECT 1 FROM source"
                          " WHERE kind IN ('access_log', 'load_test'))");
    if (!hasRequests)
        return fail(hasRequests.error());
    std::shared_ptr<const SpanColumns> columns;
    if (hasRequests->value_or(0) != 0) {
        Result<std::shared_ptr<const SpanColumns>> loaded = SpanColumns::load(workspace, progress);
        if (!loaded)
            return fail(loaded.error());
        columns = std::move(*loaded);
    }
    Result<std::vector<SloResult>> results
        = serviceLevels(workspace, columns.get(), std::nullopt, levels->definition, progress);
    if (!results)
        return fail(results.error());
    levels->results = std::move(*results);
    return WriteRows([levels](store::Database &writer, std::int64_t run) -> Result<void> {
        TS_TRY(writeLevels(*levels, writer, run));
        TS_TRY(writeDays(*levels, writer, run));
        TS_TRY(writeBurns(*levels, writer, run));
        return writeCauses(*levels, writer, run);
    });
}

} // namespace tailscope::analysis
