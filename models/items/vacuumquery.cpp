// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/vacuumquery.h"

#include "analysis/attributecolumns.h"
#include "base/text.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <tuple>

namespace tailscope::items {

namespace {

using analysis::ServerGroups;

constexpr Nanos kStale = 30 * kNanosPerSecond; ///< a command that was not seen for so long has ended
/// Of old times of a recording the last row of each minute is left.
constexpr Nanos kThinnedStale = 90 * kNanosPerSecond;
/// Holders are asked for every ten seconds; of old times the last row of each minute is left.
constexpr Nanos kHolderStale = 75 * kNanosPerSecond;
constexpr std::size_t kMaxAges = 1000;

struct Reader
{
    store::Database &reader;
    const ServerGroups &groups;
    const ObjectRequest &request;

    bool isWanted(std::size_t group) const
    {
        return request.server.empty() || groups[group].label == request.server;
    }
    /// Calls take(statement, group) for every row of a query whose first column is the server and whose ?1 is
    /// the moment.
    template<typename Take>
    Result<void> each(const char *sql, const Progress &progress, Take &&take) const
    {
        Result<store::Statement> rows = reader.prepare(sql);
        if (!rows)
            return tl::unexpected(std::move(rows.error()));
        rows->bind(0, request.moment);
        for (std::int64_t n = 0;; ++n) {
            const Result<bool> row = rows->step();
            if (!row)
                return tl::unexpected(row.error());
            if (!*row)
                return {};
            if (n % 65536 == 0 && progress.isCancelled())
                return fail(ErrorCode::Cancelled, "vacuum", "cancelled");
            const std::size_t group = groups.of(rows->integer(0));
            if (isWanted(group))
                take(*rows, group);
        }
    }
};

std::optional<std::int64_t> memberOf(std::string_view extra, std::string_view name)
{
    analysis::JsonMembers members(extra);
    std::string_view key, value;
    while (members.next(key, value)) {
        if (key == name)
            return parseInt64(value);
    }
    return std::nullopt;
}

/// Until when the samples of each source were thinned.
Result<std::map<std::int64_t, Nanos>> readThinned(store::Database &reader)
{
    Result<store::Statement> rows
        = reader.prepare("SELECT k.source_id, k.rolled_until_ns + s.offset_ns FROM recording_retention AS k"
                         " JOIN source_raw AS s ON s.id = k.source_id WHERE k.rolled_until_ns IS NOT NULL");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    std::map<std::int64_t, Nanos> out;
    for (;;) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return out;
        out[rows->integer(0)] = rows->integer(1);
    }
}

Result<void> readProgress(const Reader &in, VacuumState &out, const Progress &progress)
{
    const auto thinned = readThinned(in.reader);
    if (!thinned)
        return tl::unexpected(thinned.error());
    const auto staleOf = [&](std::int64_t server, Nanos ts) {
        const auto found = thinned->find(in.groups.sourceOf(server));
        return found != thinned->end() && ts < found->second ? kThinnedStale : kStale;
    };
    struct Reading
    {
        ProgressItem item;
        Nanos staleNs = kStale; ///< how long its newest row holds
        Nanos phaseNs = 0; ///< first sample of the phase
        std::optional<double> phaseDone;
    };
    std::map<std::tuple<std::size_t, std::int64_t, std::string>, Reading> running;
    std::map<std::size_t, Nanos> newest; // of any sample that a server would have had it in
    TS_TRY(
        in.each("SELECT ifnull(server_id, 0), pid, command, dbname, relname, phase, done, total, ts_ns, extra"
                " FROM progress_sample WHERE ts_ns <= ?1 ORDER BY ts_ns",
            progress, [&](const store::Statement &row, std::size_t group) {
                Reading &one = running[{group, row.integer(1), std::string(row.text(2))}];
                ProgressItem &item = one.item;
                const Nanos ts = row.integer(8);
                const std::string phase(row.text(5)), relation(row.text(4));
                // Another table, or a pause: a new command of the same process.
                if (item.tsNs == 0 || ts - item.tsNs > one.staleNs || relation != item.relation) {
                    one = {};
                    item.sinceNs = ts;
                }
                if (item.tsNs == 0 || phase != item.phase) {
                    one.phaseNs = ts;
                    one.phaseDone = row.optionalReal(6);
                }
                one.staleNs = staleOf(row.integer(0), ts);
                item.server = group;
                item.pid = row.integer(1);
                item.command = row.text(2);
                item.dbname = row.text(3);
                item.relation = relation;
                item.phase = phase;
                item.done = row.optionalReal(6);
                item.total = row.optionalReal(7);
                item.tsNs = ts;
                item.extra = row.text(9);
                newest[group] = std::max(newest[group], ts);
                item.perSecond.reset();
                item.remainingSeconds.reset();
                if (item.done && one.phaseDone && ts > one.phaseNs && *item.done > *one.phaseDone)
                    item.perSecond = (*item.done - *one.phaseDone) * 1e9 / double(ts - one.phaseNs);
                if (item.perSecond && item.total && *item.total >= *item.done)
                    item.remainingSeconds = (*item.total - *item.done) / *item.perSecond;
            }));
    for (auto &[key, one] : running) {
        // Without a moment the newest sample is the end of what is known.
        const Nanos now = in.request.moment == std::numeric_limits<Nanos>::max() ? newest[one.item.server]
                                                                                 : in.request.moment;
        if (saturatingSub(now, one.item.tsNs) > one.staleNs)
            continue;
        if (one.item.command == "vacuum")
            one.item.indexVacuums = memberOf(one.item.extra, "index_vacuum_count");
        out.progress.push_back(std::move(one.item));
    }
    out.any = out.any || !running.empty();
    return {};
}

Result<void> readHolders(const Reader &in, VacuumState &out, const Progress &progress)
{
    std::map<std::size_t, Nanos> newest;
    using Holders = std::map<std::size_t, std::vector<HolderItem>>; // by server, of its newest sample
    Holders all;
    const auto keep = [](Holders &kept, Nanos &last, HolderItem &&item) {
        if (item.tsNs < last)
            return;
        if (item.tsNs > last)
            kept[item.server].clear();
        last = item.tsNs;
        kept[item.server].push_back(std::move(item));
    };
    TS_TRY(in.each(
        "SELECT ifnull(server_id, 0), kind, name, pid, db, user, xmin_age, xid_age, since_ns, detail, ts_ns"
        " FROM xmin_holder WHERE ts_ns <= ?1",
        progress, [&](const store::Statement &row, std::size_t group) {
            HolderItem item;
            item.server = group;
            item.kind = row.text(1);
            item.name = row.text(2);
            item.pid = row.optionalInteger(3);
            item.db = row.text(4);
            item.user = row.text(5);
            item.xminAge = row.optionalInteger(6);
            item.xidAge = row.optionalInteger(7);
            item.sinceNs = row.optionalInteger(8);
            item.detail = row.text(9);
            item.tsNs = row.integer(10);
            keep(all, newest.try_emplace(group, kUnknownNanos).first->second, std::move(item));
        }));
    // What files of pg_stat_activity tell, where nobody asked for holders.
    std::map<std::size_t, Nanos> sessions;
    Holders fromSessions;
    TS_TRY(in.each("SELECT ifnull(server_id, 0), application, pid, db, user, backend_xmin, xid_age, "
                   "xact_start_ns, state, ts_ns"
                   " FROM session_sample WHERE ts_ns <= ?1 AND backend_xmin IS NOT NULL",
        progress, [&](const store::Statement &row, std::size_t group) {
            if (newest.count(group) > 0)
                return;
            HolderItem item;
            item.server = group;
            item.kind = "session";
            item.name = row.text(1);
            item.pid = row.optionalInteger(2);
            item.db = row.text(3);
            item.user = row.text(4);
            item.xminAge = row.optionalInteger(5);
            item.xidAge = row.optionalInteger(6);
            item.sinceNs = row.optionalInteger(7);
            item.detail = row.text(8);
            item.tsNs = row.integer(9);
            keep(fromSessions, sessions.try_emplace(group, kUnknownNanos).first->second, std::move(item));
        }));
    for (auto *kept : {&all, &fromSessions}) {
        for (auto &[group, items] : *kept) {
            // A sample of a recording without any holder leaves no row: the one before it is over.
            const bool isOver = in.request.moment != std::numeric_limits<Nanos>::max()
                && in.groups.isRecording(in.groups[group].ids.back())
                && saturatingSub(in.request.moment, items.front().tsNs) > kHolderStale;
            if (!isOver)
                std::move(items.begin(), items.end(), std::back_inserter(out.holders));
        }
    }
    std::stable_sort(out.holders.begin(), out.holders.end(), [](const HolderItem &a, const HolderItem &b) {
        return std::max(a.xminAge.value_or(-1), a.xidAge.value_or(-1))
            > std::max(b.xminAge.value_or(-1), b.xidAge.value_or(-1));
    });
    out.knowsHolders = !newest.empty();
    out.any = out.any || !newest.empty() || !sessions.empty();
    return {};
}

/// Ages of databases from their series, of tables from what is newest of each.
Result<void> readAges(const Reader &in, const std::vector<Settings> &settings, VacuumState &out,
    const Progress &progress)
{
    const auto limitOf = [&](std::size_t group) {
        const auto found = settings[group].find("autovacuum_freeze_max_age");
        const auto value = found == settings[group].end() ? std::nullopt : parseDouble(found->second);
        return value && *value > 0 ? *value : 200e6;
    };
    std::map<std::pair<std::size_t, std::string>, AgeItem> databases;
    TS_TRY(in.each(
        "SELECT v.id, coalesce(json_extract(s.labels, '$.database'), json_extract(s.labels, '$.datname')), "
        "s.metric, p.value, s.service, s.instance FROM series AS s"
        " JOIN point AS p ON p.series_id = s.id JOIN server AS v ON v.source_id = s.source_id"
        " WHERE s.metric IN ('postgresql.datfrozenxid_age', 'postgresql.datminmxid_age') AND p.ts_ns <= ?1"
        " AND (v.name IS NULL OR s.service IS NULL OR s.service IN (v.name, ''))"
        // Several servers, and poolers, are in one recording. An address may come with its network.
        " AND coalesce(v.kind, 'postgresql') = 'postgresql' AND (v.host IS NULL"
        " OR coalesce(s.instance, '') = '' OR s.instance = v.host || coalesce(':' || v.port, '')"
        " OR s.instance LIKE v.host || '/%')"
        " ORDER BY p.ts_ns",
        progress, [&](const store::Statement &row, std::size_t group) {
            AgeItem &item = databases[{group, std::string(row.text(1))}];
            item.server = group;
            item.database = row.text(1);
            item.freezeMaxAge = limitOf(group);
            (row.text(2) == "postgresql.datfrozenxid_age" ? item.xidAge : item.multixactAge)
                = std::int64_t(row.real(3));
        }));
    std::map<std::tuple<std::size_t, std::string, std::string>, AgeItem> tables;
    const auto takeTable = [&](const store::Statement &row, std::size_t group) {
        const std::string schema(row.text(2)), name(row.text(3));
        const std::string database = row.isNull(1) ? in.groups[group].dbname : std::string(row.text(1));
        AgeItem &item = tables[{group, database, schema.empty() ? name : schema + "." + name}];
        item.server = group;
        item.database = database;
        item.table = schema.empty() ? name : schema + "." + name;
        item.freezeMaxAge = limitOf(group);
        if (!row.isNull(4))
            item.xidAge = row.integer(4);
        if (const auto age = memberOf(row.text(5), "relminmxid_age"))
            item.multixactAge = age;
    };
    // The catalog first: samples are newer.
    TS_TRY(in.each(
        "SELECT ifnull(server_id, 0), dbname, schemaname, relname, relfrozenxid_age, NULL FROM db_table"
        " WHERE relfrozenxid_age IS NOT NULL AND ?1 IS NOT NULL",
        progress, takeTable));
    TS_TRY(in.each(
        "SELECT ifnull(server_id, 0), dbname, schemaname, relname, relfrozenxid_age, extra FROM table_sample"
        " WHERE relfrozenxid_age IS NOT NULL AND (ts_ns IS NULL OR ts_ns <= ?1) ORDER BY ts_ns",
        progress, takeTable));
    std::vector<AgeItem> list;
    list.reserve(tables.size());
    for (auto &[key, item] : tables)
        list.push_back(std::move(item));
    std::stable_sort(list.begin(), list.end(),
        [](const AgeItem &a, const AgeItem &b) { return a.xidAge.value_or(-1) > b.xidAge.value_or(-1); });
    if (list.size() > kMaxAges)
        list.resize(kMaxAges);
    for (auto &[key, item] : databases)
        out.ages.push_back(std::move(item));
    std::stable_sort(out.ages.begin(), out.ages.end(),
        [](const AgeItem &a, const AgeItem &b) { return a.xidAge.value_or(-1) > b.xidAge.value_or(-1); });
    for (AgeItem &item : list)
        out.ages.push_back(std::move(item));
    out.any = out.any || !out.ages.empty();
    return {};
}

} // namespace

Result<VacuumState> readVacuum(const store::Workspace &workspace, const ObjectRequest &request,
    const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    reader->setCancel(progress.cancel);
    const Result<ServerGroups> groups = ServerGroups::load(*reader);
    if (!groups)
        return tl::unexpected(groups.error());
    const auto settings = readSettings(*reader, *groups, request.moment);
    if (!settings)
        return tl::unexpected(settings.error());
    const Reader in{*reader, *groups, request};
    VacuumState out;
    TS_TRY(readProgress(in, out, progress));
    TS_TRY(readHolders(in, out, progress));
    TS_TRY(readAges(in, *settings, out, progress));
    out.servers = groups->all();
    return out;
}

} // namespace tailscope::items
