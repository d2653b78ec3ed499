// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/indexquery.h"

#include "base/text.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace tailscope::items {

namespace {

using analysis::IndexRemark;
using analysis::ServerGroups;
using Key = std::tuple<std::size_t, std::string, std::string, std::string>; // server, database, schema, index

std::vector<int> numbersOf(std::string_view text)
{
    std::vector<int> out;
    for (const std::string_view part : split(text, ' ')) {
        if (const auto number = parseInt64(part))
            out.push_back(int(*number));
    }
    return out;
}

struct Reading
{
    IndexItem item;
    bool hasCatalog = false;
    std::optional<std::int64_t> before;
    std::optional<Nanos> beforeNs, seenNs;
};

class IndexReader
{
public:
    IndexReader(store::Database &reader, const ServerGroups &groups, const ObjectRequest &request)
        : m_reader(reader)
        , m_groups(groups)
        , m_request(request)
    {}
    Result<void> catalog();
    Result<void> samples(const Progress &progress);
    Result<void> keys();
    Result<IndexList> finish();

private:
    Key keyOf(const store::Statement &row) const;
    bool isWanted(std::size_t group) const
    {
        return m_request.server.empty() || m_groups[group].label == m_request.server;
    }
    void watchElsewhere();
    void review(IndexList &out);

    store::Database &m_reader;
    const ServerGroups &m_groups;
    const ObjectRequest &m_request;
    std::map<Key, Reading> m_indexes;
    std::map<std::tuple<std::size_t, std::string, std::string, std::string, std::string>,
        analysis::ForeignKeyFacts>
        m_keys; ///< by server, database, schema, table, constraint
    std::map<std::tuple<std::size_t, std::string, std::string, int>, std::string> m_columns;
    std::map<std::size_t, Nanos> m_last;
    /// Tables on which an index is being built, as regclass prints them: with the schema, quoted.
    std::set<std::pair<std::size_t, std::string>> m_building;
};

/// Columns 0 to 3: server, database, schema, index.
Key IndexReader::keyOf(const store::Statement &row) const
{
    const std::size_t group = m_groups.of(row.integer(0));
    return {group, row.isNull(1) ? m_groups[group].dbname : std::string(row.text(1)),
        std::string(row.text(2)), std::string(row.text(3))};
}

Result<void> IndexReader::catalog()
{
    Result<store::Statement> rows = m_reader.prepare(
        "SELECT ifnull(server_id, 0), dbname, schemaname, indexrelname, relname, indexrelid, amname, "
        "indisunique,"
        " indisprimary, indisvalid, indkey, indnkeyatts, indpred, indexdef, index_bytes, constraint_name"
        " FROM db_index WHERE indexrelname IS NOT NULL");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    for (;;) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return {};
        const Key key = keyOf(*rows);
        Reading &one = m_indexes[key];
        one.hasCatalog = true;
        IndexItem &item = one.item;
        std::tie(item.server, item.dbname, item.facts.schema, item.facts.name) = key;
        analysis::IndexFacts &facts = item.facts;
        facts.table = rows->text(4);
        item.oid = rows->integer(5);
        facts.method = rows->text(6);
        facts.isUnique = rows->integer(7) != 0;
        facts.isPrimary = rows->integer(8) != 0;
        facts.isValid = rows->isNull(9) || rows->integer(9) != 0;
        facts.keys = numbersOf(rows->text(10));
        const std::size_t columns = facts.keys.size();
        if (!rows->isNull(11) && rows->integer(11) >= 0 && std::size_t(rows->integer(11)) < columns)
            facts.keys.resize(std::size_t(rows->integer(11)));
        facts.included = int(columns - facts.keys.size());
        facts.predicate = rows->text(12);
        facts.definition = rows->text(13);
        facts.bytes = rows->optionalInteger(14);
        facts.constraint = rows->text(15);
    }
}

Result<void> IndexReader::samples(const Progress &progress)
{
    Result<store::Statement> rows = m_reader.prepare(
        "SELECT ifnull(server_id, 0), dbname, schemaname, indexrelname, relname, indexrelid, ts_ns, idx_scan,"
        " idx_tup_read, idx_tup_fetch, idx_blks_read, idx_blks_hit, index_bytes, last_idx_scan_ns"
        " FROM index_sample WHERE indexrelname IS NOT NULL AND (ts_ns IS NULL OR ts_ns <= ?1) ORDER BY "
        "ts_ns");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    rows->bind(0, m_request.moment);
    const auto take = [&](auto &value, auto newer) {
        if (newer)
            value = newer;
    };
    for (std::int64_t n = 0;; ++n) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return {};
        if (n % 65536 == 0 && progress.isCancelled())
            return fail(ErrorCode::Cancelled, "indexes", "cancelled");
        const Key key = keyOf(*rows);
        Reading &one = m_indexes[key];
        IndexItem &item = one.item;
        std::tie(item.server, item.dbname, item.facts.schema, item.facts.name) = key;
        if (!rows->isNull(4))
            item.facts.table = rows->text(4);
        if (!rows->isNull(5))
            item.oid = rows->integer(5);
        const auto ts = rows->optionalInteger(6), scans = rows->optionalInteger(7);
        const bool isBefore = ts && *ts <= m_request.range.begin;
        if (scans && (isBefore || !one.before)) {
            one.before = scans;
            take(one.beforeNs, ts);
        }
        if (scans && !item.watchedSinceNs)
            item.watchedSinceNs = ts;
        take(item.facts.scans, scans);
        take(item.tuplesRead, rows->optionalInteger(8));
        take(item.tuplesFetched, rows->optionalInteger(9));
        take(item.blocksRead, rows->optionalInteger(10));
        take(item.blocksHit, rows->optionalInteger(11));
        take(item.facts.bytes, rows->optionalInteger(12));
        take(item.lastScanNs, rows->optionalInteger(13));
        if (ts) {
            one.seenNs = ts;
            m_last[item.server] = *ts;
        }
    }
}

Result<void> IndexReader::keys()
{
    Result<store::Statement> columns = m_reader.prepare(
        "SELECT ifnull(server_id, 0), schemaname, relname, attnum, attname FROM db_column WHERE attnum > 0");
    Result<store::Statement> rows
        = m_reader.prepare("SELECT ifnull(server_id, 0), dbname, schemaname, relname, conname, conkey, "
                           "constraintdef FROM db_constraint"
                           " WHERE contype = 'f' AND relname IS NOT NULL");
    Result<store::Statement> building = m_reader.prepare(
        "SELECT ifnull(server_id, 0), relname, max(ts_ns) FROM progress_sample WHERE command = 'create_index'"
        " AND relname IS NOT NULL AND ts_ns <= ?1 GROUP BY 1, 2");
    for (auto *query : {&columns, &rows, &building}) {
        if (!*query)
            return tl::unexpected(query->error());
    }
    building->bind(0, m_request.moment);
    for (;;) {
        const Result<bool> row = columns->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        m_columns[{m_groups.of(columns->integer(0)), std::string(columns->text(1)),
            std::string(columns->text(2)), int(columns->integer(3))}]
            = columns->text(4);
    }
    for (;;) {
        const Result<bool> row = building->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        // Without a moment the newest sample is the end of what is known.
        const std::size_t group = m_groups.of(building->integer(0));
        const auto last = m_last.find(group);
        const Nanos now = std::min(m_request.moment, last == m_last.end() ? m_request.moment : last->second);
        if (building->integer(2) >= saturatingSub(now, 60 * kNanosPerSecond))
            m_building.insert({group, std::string(building->text(1))});
    }
    for (;;) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return {};
        const Key key = keyOf(*rows);
        analysis::ForeignKeyFacts facts;
        facts.schema = std::get<2>(key);
        facts.table = std::get<3>(key);
        facts.name = rows->text(4);
        facts.keys = numbersOf(rows->text(5));
        facts.definition = rows->text(6);
        for (const int number : facts.keys) {
            const auto found = m_columns.find({std::get<0>(key), facts.schema, facts.table, number});
            if (found != m_columns.end())
                facts.columns.push_back(found->second);
        }
        m_keys[{std::get<0>(key), std::get<1>(key), facts.schema, facts.table, facts.name}]
            = std::move(facts);
    }
}

/// Scans on the other servers of the same cluster: a standby counts its own.
void IndexReader::watchElsewhere()
{
    for (auto &[key, one] : m_indexes) {
        const std::string &system = m_groups[one.item.server].systemIdentifier;
        one.item.serversWatched = one.item.facts.scans ? 1 : 0;
        for (std::size_t other = 0; !system.empty() && other < m_groups.all().size(); ++other) {
            if (other == one.item.server || m_groups[other].systemIdentifier != system)
                continue;
            const auto found = m_indexes.find({other, std::get<1>(key), std::get<2>(key), std::get<3>(key)});
            if (found == m_indexes.end() || !found->second.item.facts.scans)
                continue;
            ++one.item.serversWatched;
            one.item.facts.scansElsewhere
                = one.item.facts.scansElsewhere.value_or(0) + *found->second.item.facts.scans;
        }
    }
}

/// Remarks of each database by itself.
void IndexReader::review(IndexList &out)
{
    std::map<std::pair<std::size_t, std::string>, std::vector<std::size_t>> databases;
    for (std::size_t i = 0; i < out.indexes.size(); ++i)
        databases[{out.indexes[i].server, out.indexes[i].dbname}].push_back(i);
    for (const auto &[database, places] : databases) {
        const std::string &system = m_groups[database.first].systemIdentifier;
        const auto isSibling = [&](const analysis::ServerGroup &group) {
            return !system.empty() && group.systemIdentifier == system;
        };
        const auto siblings = std::count_if(m_groups.all().begin(), m_groups.all().end(), isSibling);
        std::vector<analysis::IndexFacts> facts;
        std::vector<analysis::ForeignKeyFacts> keys;
        for (const std::size_t place : places)
            facts.push_back(out.indexes[place].facts);
        for (const auto &[key, one] : m_keys) {
            if (std::get<0>(key) == database.first && std::get<1>(key) == database.second)
                keys.push_back(one);
        }
        for (IndexRemark &remark : analysis::reviewIndexes(facts, keys, siblings > 1)) {
            if (remark.kind != IndexRemark::Kind::MissingForForeignKey) {
                out.indexes[places[remark.index]].remarks.push_back(std::move(remark));
                continue;
            }
            IndexItem missing;
            missing.server = database.first;
            missing.dbname = database.second;
            missing.isMissing = true;
            missing.key = keys[remark.index];
            missing.facts.schema = missing.key.schema;
            missing.facts.table = missing.key.table;
            missing.facts.name = missing.key.name;
            missing.remarks.push_back(std::move(remark));
            out.indexes.push_back(std::move(missing));
        }
    }
}

Result<IndexList> IndexReader::finish()
{
    watchElsewhere();
    const auto findings = readFindings(m_reader, "index");
    if (!findings)
        return tl::unexpected(findings.error());
    IndexList out;
    out.any = !m_indexes.empty();
    for (auto &[key, one] : m_indexes) {
        IndexItem &item = one.item;
        if (!isWanted(item.server))
            continue;
        if (one.before && item.facts.scans && one.beforeNs && one.seenNs) {
            // A counter that fell began anew.
            const bool fell = *item.facts.scans < *one.before;
            item.scansInRange = fell ? *item.facts.scans : *item.facts.scans - *one.before;
            Nanos begin = *one.beforeNs, end = *one.seenNs;
            if (m_groups.isRecording(m_groups[item.server].ids.back())) {
                begin = std::max(begin, m_request.range.begin);
                end = std::max(begin, m_last[item.server]);
            }
            item.seconds = double(end - begin) / 1e9;
        }
        item.facts.isBeingBuilt = m_building.count({item.server, item.facts.table}) > 0
            || m_building.count({item.server,
                   analysis::sqlName(item.facts.schema) + "." + analysis::sqlName(item.facts.table)})
                > 0;
        const std::string name
            = item.facts.schema.empty() ? item.facts.name : item.facts.schema + "." + item.facts.name;
        if (const auto found = findings->find(name); found != findings->end())
            item.findings = found->second;
        if (const auto version = m_groups[item.server].version)
            out.leastVersion = std::min(out.leastVersion.value_or(*version), *version);
        out.indexes.push_back(std::move(item));
    }
    review(out);
    out.servers = m_groups.all();
    std::stable_sort(out.indexes.begin(), out.indexes.end(), [](const IndexItem &a, const IndexItem &b) {
        if (a.remarks.empty() != b.remarks.empty())
            return !a.remarks.empty();
        return a.facts.bytes.value_or(-1) > b.facts.bytes.value_or(-1);
    });
    return out;
}

} // namespace

Result<IndexList> readIndexes(const store::Workspace &workspace, const ObjectRequest &request,
    const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    reader->setCancel(progress.cancel);
    const Result<ServerGroups> groups = ServerGroups::load(*reader);
    if (!groups)
        return tl::unexpected(groups.error());
    IndexReader indexes(*reader, *groups, request);
    TS_TRY(indexes.catalog());
    TS_TRY(indexes.samples(progress));
    TS_TRY(indexes.keys());
    return indexes.finish();
}

} // namespace tailscope::items
