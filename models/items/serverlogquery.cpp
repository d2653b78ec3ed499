// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/serverlogquery.h"

#include "base/text.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>

namespace tailscope::items {

namespace {

constexpr std::int64_t kMaxPatterns = 5'000;
constexpr std::int64_t kMaxLines = 2'000'000;
constexpr int kBins = 240;
constexpr std::size_t kMaxClasses = 8;
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

Result<store::Statement> prepare(store::Database &reader, const std::string &sql,
    const LogCondition &condition)
{
    Result<store::Statement> query = reader.prepare(sql);
    if (!query)
        return query;
    int index = 0;
    for (const LogValue &value : condition.values) {
        if (const auto *number = std::get_if<std::int64_t>(&value))
            query->bind(index++, *number);
        else
            query->bind(index++, std::string_view(std::get<std::string>(value)));
    }
    return query;
}

Result<void> eachRow(store::Statement &query, const Progress &progress,
    const std::function<void(store::Statement &)> &take)
{
    for (std::int64_t rows = 0;; ++rows) {
        const Result<bool> row = query.step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return {};
        if (rows % 1024 == 0 && progress.isCancelled())
            return fail(ErrorCode::Cancelled, "server log", "cancelled");
        take(query);
    }
}

Result<void> readPatterns(store::Database &reader, const LogCondition &condition, const Progress &progress,
    LogOverview &overview)
{
    auto query = prepare(reader,
        "SELECT coalesce(e.kind, ''), coalesce(e.severity, ''), coalesce(e.sqlstate, ''),"
        " coalesce(e.pattern, substr(e.message, 1, 200), ''), count(*), min(e.ts_ns), max(e.ts_ns), "
        "sum(e.duration_ms),"
        " max(e.duration_ms) FROM log_entry AS e WHERE "
            + condition.text + " GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 1, 2, 4 LIMIT "
            + std::to_string(kMaxPatterns + 1),
        condition);
    if (!query)
        return fail(query.error());
    return eachRow(*query, progress, [&](store::Statement &row) {
        if (overview.patterns.size() == std::size_t(kMaxPatterns)) {
            overview.cut = true;
            return;
        }
        LogPattern p{std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)),
            std::string(row.text(3)), row.integer(4), row.optionalInteger(5), row.optionalInteger(6),
            row.real(7), row.real(8)};
        overview.patterns.push_back(std::move(p));
    });
}

Result<void> readCounts(store::Database &reader, const LogCondition &condition, const char *column,
    const Progress &progress, std::vector<std::pair<std::string, std::int64_t>> &counts)
{
    auto query = prepare(reader,
        "SELECT e." + std::string(column) + ", count(*) FROM log_entry AS e WHERE " + condition.text
            + " AND e." + column + " IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50",
        condition);
    if (!query)
        return fail(query.error());
    return eachRow(*query, progress,
        [&](store::Statement &row) { counts.emplace_back(std::string(row.text(0)), row.integer(1)); });
}

Result<void> readHistogram(store::Database &reader, const LogFilter &filter, const LogCondition &condition,
    const Progress &progress, LogOverview &overview)
{
    LogHistogram &histogram = overview.histogram;
    auto bounds = prepare(reader,
        "SELECT min(e.ts_ns), max(e.ts_ns), count(*), count(e.ts_ns) FROM log_entry AS e WHERE "
            + condition.text,
        condition);
    if (!bounds)
        return fail(bounds.error());
    const Result<bool> row = bounds->step();
    if (!row)
        return fail(row.error());
    overview.lines = bounds->integer(2);
    histogram.without = bounds->integer(2) - bounds->integer(3);
    if (bounds->integer(3) == 0)
        return {};
    histogram.range = filter.range.value_or(TimeRange{bounds->integer(0), bounds->integer(1) + 1});
    const Nanos low = histogram.range.begin,
                width = std::max<Nanos>(1, (histogram.range.end - low + kBins - 1) / kBins);
    auto query = prepare(reader,
        "SELECT (e.ts_ns - " + std::to_string(low) + ") / " + std::to_string(width)
            + ", coalesce(e.kind, ''), count(*) FROM log_entry AS e WHERE " + condition.text
            + " AND e.ts_ns IS NOT NULL GROUP BY 1, 2",
        condition);
    if (!query)
        return fail(query.error());
    std::map<std::string, LogHistogram::Class> classes;
    TS_TRY(eachRow(*query, progress, [&](store::Statement &bin) {
        LogHistogram::Class &entry = classes[std::string(bin.text(1))];
        entry.counts.resize(kBins);
        const std::int64_t at = std::clamp<std::int64_t>(bin.integer(0), 0, kBins - 1);
        entry.counts[std::size_t(at)] += bin.integer(2);
        entry.total += bin.integer(2);
    }));
    for (auto &[name, entry] : classes) {
        entry.name = name;
        histogram.classes.push_back(std::move(entry));
    }
    std::stable_sort(histogram.classes.begin(), histogram.classes.end(),
        [](const auto &a, const auto &b) { return a.total > b.total; });
    while (histogram.classes.size() > kMaxClasses) {
        // The rare kinds as one.
        LogHistogram::Class last = std::move(histogram.classes.back());
        histogram.classes.pop_back();
        LogHistogram::Class &rest = histogram.classes.back();
        rest.name = "others";
        rest.total += last.total;
        for (std::size_t i = 0; i < rest.counts.size(); ++i)
            rest.counts[i] += last.counts[i];
    }
    return {};
}

} // namespace

std::string LogCondition::literal() const
{
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] != '?') {
            out += text[at++];
            continue;
        }
        std::size_t end = at + 1, number = 0;
        while (end < text.size() && text[end] >= '0' && text[end] <= '9')
            number = number * 10 + std::size_t(text[end++] - '0');
        if (number == 0 || number > values.size()) {
            out += text[at++];
            continue;
        }
        const LogValue &value = values[number - 1];
        if (const auto *integer = std::get_if<std::int64_t>(&value)) {
            out += std::to_string(*integer);
        } else {
            out += '\'';
            for (const char c : std::get<std::string>(value))
                out += c == '\'' ? std::string("''") : std::string(1, c);
            out += '\'';
        }
        at = end;
    }
    return out;
}

LogCondition logCondition(const LogFilter &filter)
{
    LogCondition condition;
    const auto mark = [&](LogValue value) {
        condition.values.push_back(std::move(value));
        return "?" + std::to_string(condition.values.size());
    };
    const auto equal = [&](const char *column, const std::string &value) {
        condition.text += value.empty() ? std::string(" AND e.") + column + " IS NULL"
                                        : std::string(" AND e.") + column + " = " + mark(value);
    };
    if (!filter.kind.empty())
        equal("kind", filter.kind);
    if (!filter.severity.empty())
        equal("severity", filter.severity);
    if (filter.range) {
        condition.text += " AND e.ts_ns >= " + mark(filter.range->begin);
        condition.text += " AND e.ts_ns < " + mark(filter.range->end);
    }
    if (!filter.search.isEmpty()) {
        const std::string part = mark(filter.search.toLower().toStdString());
        condition.text += " AND (instr(lower(e.message), " + part + ") OR instr(lower(e.detail), " + part
            + ") OR instr(lower(e.user), " + part + ") OR instr(lower(e.application), " + part
            + ") OR e.statement_id IN (SELECT s.id FROM statement AS s WHERE instr(lower(s.text), " + part
            + ")))";
    }
    if (filter.pattern) {
        equal("kind", filter.pattern->kind);
        equal("severity", filter.pattern->severity);
        equal("sqlstate", filter.pattern->sqlstate);
        condition.text
            += " AND coalesce(e.pattern, substr(e.message, 1, 200), '') = " + mark(filter.pattern->pattern);
    }
    if (condition.text.starts_with("1 AND "))
        condition.text.erase(0, 6);
    return condition;
}

Result<LogOverview> logOverview(const store::Workspace &workspace, const LogFilter &filter,
    const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    LogOverview overview;
    const Result<std::optional<std::int64_t>> all = reader->integer("SELECT count(*) FROM log_entry");
    if (!all)
        return fail(all.error());
    overview.all = all->value_or(0);
    if (overview.all == 0)
        return overview;
    const LogCondition condition = logCondition(filter);
    LogFilter inRange;
    inRange.range = filter.range;
    const LogCondition ranged = logCondition(inRange);
    TS_TRY(readCounts(*reader, ranged, "kind", progress, overview.kinds));
    TS_TRY(readCounts(*reader, ranged, "severity", progress, overview.severities));
    TS_TRY(readPatterns(*reader, condition, progress, overview));
    TS_TRY(readHistogram(*reader, filter, condition, progress, overview));
    return overview;
}

Result<std::vector<std::int64_t>> logLineIds(const store::Workspace &workspace, const LogFilter &filter,
    LogOrder order, bool descending, const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    const LogCondition condition = logCondition(filter);
    const std::string column = order == LogOrder::Time ? "e.ts_ns" : "e.duration_ms";
    const std::string way = descending ? " DESC" : "";
    auto query = prepare(*reader,
        "SELECT e.id FROM log_entry AS e WHERE " + condition.text + " ORDER BY " + column + " IS NULL, "
            + column + way + ", e.id" + way + " LIMIT " + std::to_string(kMaxLines),
        condition);
    if (!query)
        return fail(query.error());
    std::vector<std::int64_t> ids;
    TS_TRY(eachRow(*query, progress, [&](store::Statement &row) { ids.push_back(row.integer(0)); }));
    return ids;
}

Result<std::vector<LogLine>> logLines(const store::Workspace &workspace, const std::vector<std::int64_t> &ids,
    const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    Result<store::Statement> query
        = reader->prepare("SELECT e.ts_ns, e.offset_seconds, e.pid, e.duration_ms, e.severity, e.user, e.db, "
                          "substr(e.message, 1, 500),"
                          " (SELECT substr(coalesce(s.normalized, s.text), 1, 500) FROM statement AS s WHERE "
                          "s.id = e.statement_id)"
                          " FROM log_entry AS e WHERE e.id = ?1");
    if (!query)
        return fail(query.error());
    std::vector<LogLine> lines;
    for (const std::int64_t id : ids) {
        if (progress.isCancelled())
            return fail(ErrorCode::Cancelled, "server log", "cancelled");
        query->reset();
        query->bind(0, id);
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        LogLine line;
        line.id = id;
        line.durationMs = kUnknown;
        if (*row) {
            line.ts = query->optionalInteger(0);
            line.offsetSeconds = std::int32_t(query->integer(1));
            line.pid = query->optionalInteger(2);
            line.durationMs = query->real(3);
            line.severity = query->text(4);
            line.user = query->text(5);
            line.db = query->text(6);
            line.message = query->text(7);
            line.statement = query->text(8);
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

Result<std::vector<std::pair<std::string, std::string>>> logRecord(const store::Workspace &workspace,
    std::int64_t id)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    std::vector<std::pair<std::string, std::string>> fields;
    Result<store::Statement> query = reader->prepare(
        "SELECT e.ts_ns, e.offset_seconds, e.severity, e.sqlstate, e.kind, e.pid, e.user, e.db AS database, "
        "e.application,"
        " e.client, e.service, e.instance, e.logger, e.duration_ms, e.message, e.detail, e.hint, e.context,"
        " (SELECT s.text FROM statement AS s WHERE s.id = e.statement_id) AS statement, e.statement_id, "
        "e.query_id,"
        " e.trace_key, e.span_key, (SELECT v.name FROM server AS v WHERE v.id = e.server_id) AS server,"
        " (SELECT c.path FROM source AS c WHERE c.id = e.source_id) AS file, e.id"
        " FROM log_entry AS e WHERE e.id = ?1");
    if (!query)
        return fail(query.error());
    query->bind(0, id);
    const Result<bool> row = query->step();
    if (!row)
        return fail(row.error());
    if (!*row)
        return fields;
    for (int i = 0; i < query->columnCount(); ++i) {
        if (!query->isNull(i))
            fields.emplace_back(std::string(query->columnName(i)), std::string(query->text(i)));
    }
    Result<store::Statement> attributes = reader->prepare(
        "SELECT key, value FROM log_attribute WHERE log_id = ?1 ORDER BY scope, key LIMIT 200");
    if (!attributes)
        return fail(attributes.error());
    attributes->bind(0, id);
    TS_TRY(eachRow(*attributes, {}, [&](store::Statement &item) {
        fields.emplace_back(std::string(item.text(0)), std::string(item.text(1)));
    }));
    return fields;
}

} // namespace tailscope::items
