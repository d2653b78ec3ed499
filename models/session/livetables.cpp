// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/livetables.h"

#include "session/sessiontables.h"

#include <algorithm>
#include <array>

namespace tailscope::session {

namespace {

QString toQString(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

/// Sources that are replayed: recordings, and snapshots of catalog views taken by hand.
constexpr std::string_view kReplayed = "s.kind IN ('recording', 'catalog') AND s.clock = 'utc'";

Result<std::optional<Nanos>> time(store::Database &database, const std::string &sql)
{
    auto value = database.integer(sql);
    if (!value)
        return tl::unexpected(value.error());
    return *value;
}

void extend(TimeRange &range, const std::optional<Nanos> &first, const std::optional<Nanos> &last)
{
    if (!first || !last)
        return;
    if (range.isEmpty())
        range = {*first, std::max(*last, saturatingAdd(*first, 1))};
    else
        range = {std::min(range.begin, *first), std::max(range.end, *last)};
}

/// By the index on time from either end, so that a long recording costs no more than a short one.
Result<void> extendBySamples(store::Database &database, TimeRange &range)
{
    static constexpr std::array<std::string_view, 3> kTables{"session_sample_raw", "replica_sample_raw",
        "pool_sample_raw"};
    for (const std::string_view table : kTables) {
        const std::string sql = "SELECT r.ts_ns + s.offset_ns FROM " + std::string(table)
            + " AS r CROSS JOIN source AS s ON s.id = r.source_id WHERE r.ts_ns IS NOT NULL AND "
            + std::string(kReplayed) + " ORDER BY r.ts_ns";
        const auto first = time(database, sql + " LIMIT 1");
        if (!first)
            return tl::unexpected(first.error());
        const auto last = time(database, sql + " DESC LIMIT 1");
        if (!last)
            return tl::unexpected(last.error());
        extend(range, *first, *last);
    }
    return {};
}

Result<void> extendByPoints(store::Database &database, TimeRange &range)
{
    const auto index = database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'point_raw_series'");
    if (!index)
        return tl::unexpected(index.error());
    if (*index != std::optional<std::int64_t>(1))
        return {}; // made when a source is derived: before, every series would be a scan of all points
    const auto bound = [](const char *which) {
        return std::string("SELECT ") + which + "((SELECT " + which
            + "(p.ts_ns) FROM point_raw AS p WHERE p.series_id = r.id) + s.offset_ns) FROM series_raw AS r"
              " JOIN source AS s ON s.id = r.source_id WHERE "
            + std::string(kReplayed);
    };
    const auto first = time(database, bound("min"));
    if (!first)
        return tl::unexpected(first.error());
    const auto last = time(database, bound("max"));
    if (!last)
        return tl::unexpected(last.error());
    extend(range, *first, *last);
    return {};
}

} // namespace

Result<TimeRange> recordedRange(const store::Workspace &workspace)
{
    auto database = workspace.connectReader();
    if (!database)
        return tl::unexpected(database.error());
    TimeRange range;
    const auto any = database->integer("SELECT count(*) FROM source AS s WHERE " + std::string(kReplayed));
    if (!any)
        return tl::unexpected(any.error());
    if (*any == std::optional<std::int64_t>(0))
        return range;
    TS_TRY(extendBySamples(*database, range));
    TS_TRY(extendByPoints(*database, range));
    return range;
}

Result<LiveTables> readLiveTables(const store::Workspace &workspace, std::int64_t sourceId, qint64 afterEvent,
    const QStringList &known)
{
    LiveTables tables;
    auto sources = workspace.sources();
    if (!sources)
        return tl::unexpected(sources.error());
    for (store::SourceRecord &source : *sources)
        tables.sources.append(std::move(source));
    auto database = workspace.connectReader();
    if (!database)
        return tl::unexpected(database.error());
    auto events = database->prepare("SELECT id, ts_ns, end_ns, kind, service, title, detail FROM event"
                                    " WHERE source_id = ?1 AND id > ?2 ORDER BY id LIMIT 10000");
    if (!events)
        return tl::unexpected(events.error());
    events->bind(0, sourceId);
    events->bind(1, std::int64_t(afterEvent));
    for (;;) {
        const auto row = events->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        Marker marker{events->integer(0), events->integer(1), std::nullopt, toQString(events->text(3)),
            toQString(events->text(4)), toQString(events->text(5)), toQString(events->text(6))};
        if (!events->isNull(2))
            marker.endNs = events->integer(2);
        tables.newMarkers.append(std::move(marker));
    }
    auto contents = readContents(*database, known);
    if (!contents)
        return tl::unexpected(contents.error());
    tables.newContents = std::move(*contents);
    return tables;
}

} // namespace tailscope::session
