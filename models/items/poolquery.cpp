// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/poolquery.h"

#include <algorithm>

namespace tailscope::items {

namespace {

constexpr const char *kPools = R"(
SELECT v.* FROM pool_verdict AS v JOIN (
  SELECT kind, pool, min(CASE verdict WHEN 'exhausted' THEN 0 WHEN 'saturated' THEN 1 WHEN 'near_limit' THEN 2
    WHEN 'unknown' THEN 3 WHEN 'healthy' THEN 4 ELSE 5 END) AS place FROM pool_verdict GROUP BY kind, pool) AS w
  ON w.kind = v.kind AND w.pool = v.pool
ORDER BY w.place, v.kind, v.pool, v.instance IS NOT NULL, length(v.instance), v.instance LIMIT 5000)";
constexpr const char *kFleets
    = "SELECT f.*, s.path FROM pool_fleet AS f LEFT JOIN source AS s ON s.id = f.source_id"
      " ORDER BY f.source_id, f.server, f.pool IS NOT NULL, f.demand DESC LIMIT 2000";
constexpr const char *kCeilings = "SELECT * FROM pool_ceiling ORDER BY pool, instance, what LIMIT 20000";

Result<std::vector<FigureRow>> rowsOf(store::Database &reader, const char *sql)
{
    Result<store::Statement> query = reader.prepare(sql);
    if (!query)
        return fail(query.error());
    std::vector<FigureRow> rows;
    for (;;) {
        const Result<bool> more = query->step();
        if (!more)
            return fail(more.error());
        if (!*more)
            return rows;
        FigureRow row;
        for (int i = 0; i < query->columnCount(); ++i) {
            const std::string name(query->columnName(i));
            if (query->isNull(i))
                continue;
            if (query->type(i) == store::ColumnType::Text)
                row.texts.emplace(name, query->text(i));
            else if (name.ends_with("_ns"))
                row.times.emplace(name, query->integer(i));
            else
                row.numbers.emplace(name, query->real(i));
        }
        rows.push_back(std::move(row));
    }
}

} // namespace

std::string FigureRow::text(std::string_view column) const
{
    const auto found = texts.find(column);
    return found == texts.end() ? std::string() : found->second;
}

double FigureRow::number(std::string_view column) const
{
    const auto found = numbers.find(column);
    return found == numbers.end() ? std::numeric_limits<double>::quiet_NaN() : found->second;
}

std::optional<Nanos> FigureRow::time(std::string_view column) const
{
    const auto found = times.find(column);
    return found == times.end() ? std::nullopt : std::optional(found->second);
}

Result<PoolOverview> poolOverview(const store::Workspace &workspace)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    PoolOverview overview;
    const std::pair<std::vector<FigureRow> PoolOverview::*, const char *> parts[]{{&PoolOverview::pools,
                                                                                      kPools},
        {&PoolOverview::fleets, kFleets}, {&PoolOverview::ceilings, kCeilings}};
    for (const auto &[part, sql] : parts) {
        Result<std::vector<FigureRow>> rows = rowsOf(*reader, sql);
        if (!rows)
            return fail(rows.error());
        overview.*part = std::move(*rows);
    }
    return overview;
}

Result<PoolPicture> poolPicture(const store::Workspace &workspace, const std::string &kind,
    const std::string &pool, const std::optional<std::string> &instance, const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    const Result<std::vector<analysis::PoolSeries>> all = analysis::readPools(*reader, progress);
    if (!all)
        return fail(all.error());
    std::vector<const analysis::PoolSeries *> group;
    PoolPicture picture;
    for (const analysis::PoolSeries &series : *all) {
        if (series.kind != kind || series.pool != pool || (instance && series.instance != *instance))
            continue;
        group.push_back(&series);
        picture.gapNs = std::max(picture.gapNs, analysis::gapOf(analysis::sampleStep(series)));
    }
    picture.bins = analysis::binsOf(group);
    return picture;
}

} // namespace tailscope::items
