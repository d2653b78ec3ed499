// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/callweights.h"

#include <algorithm>

namespace tailscope::store {

namespace {

constexpr std::size_t kRowsPerTransaction = 20'000;

Result<void> insertWeights(Database &database, const IdMap &nodes, const CallWeights &weights,
    const std::vector<double> &total, std::size_t begin, std::size_t end)
{
    Result<Statement> insert = database.prepare("INSERT OR REPLACE INTO call_node_calc"
                                                " (id, self_weight, total_weight, sample_count)"
                                                " VALUES (?1, ?2, ?3, ?4)");
    if (!insert)
        return fail(insert.error());
    for (std::size_t i = begin; i < end; ++i) {
        insert->bind(0, nodes.idOf(static_cast<std::int64_t>(i) + 1));
        insert->bind(1, weights.self[i]);
        insert->bind(2, total[i]);
        insert->bind(3, weights.samples[i]);
        TS_TRY(insert->run());
    }
    return {};
}

/// Ordinals of the parents, from the rows of the source in id order.
Result<void> readParents(Database &database, const IdMap &nodes, CallWeights &weights)
{
    Result<Statement> query
        = database.prepare("SELECT id, parent_id FROM call_node_raw WHERE id BETWEEN ?1 AND ?2 ORDER BY id");
    if (!query)
        return fail(query.error());
    for (const IdMap::Run &run : nodes.runs()) {
        query->reset();
        query->bind(0, run.firstId);
        query->bind(1, run.firstId + run.count - 1);
        for (;;) {
            const Result<bool> row = query->step();
            if (!row)
                return fail(row.error());
            if (!*row)
                break;
            const auto ordinal = static_cast<std::size_t>(run.firstOrdinal + query->integer(0) - run.firstId);
            const std::int64_t parent = query->isNull(1) ? 0 : nodes.ordinalOf(query->integer(1));
            if (ordinal <= weights.parent.size() && parent < static_cast<std::int64_t>(ordinal))
                weights.parent[ordinal - 1] = static_cast<std::uint32_t>(parent);
        }
    }
    return {};
}

Result<void> addSamples(Database &database, const IdMap &samples, const IdMap &nodes, const IdMap &profiles,
    CallWeights &weights, std::vector<ProfileTotal> &totals)
{
    Result<Statement> query
        = database.prepare("SELECT call_node_id, profile_id, weight, count FROM sample_raw"
                           " WHERE id BETWEEN ?1 AND ?2");
    if (!query)
        return fail(query.error());
    for (const IdMap::Run &run : samples.runs()) {
        query->reset();
        query->bind(0, run.firstId);
        query->bind(1, run.firstId + run.count - 1);
        for (;;) {
            const Result<bool> row = query->step();
            if (!row)
                return fail(row.error());
            if (!*row)
                break;
            const double weight = query->isNull(2) ? 0 : query->real(2);
            if (const std::int64_t node = nodes.ordinalOf(query->integer(0)); node > 0) {
                weights.self[static_cast<std::size_t>(node - 1)] += weight;
                weights.samples[static_cast<std::size_t>(node - 1)] += query->integer(3);
            }
            if (const std::int64_t profile = profiles.ordinalOf(query->integer(1)); profile > 0) {
                totals[static_cast<std::size_t>(profile - 1)].weight += weight;
                totals[static_cast<std::size_t>(profile - 1)].samples += query->integer(3);
            }
        }
    }
    return {};
}

} // namespace

Result<void> writeCallWeights(Database &database, const IdMap &nodes, const CallWeights &weights)
{
    // Children come after their parents: one pass from the back sums every subtree.
    std::vector<double> total = weights.self;
    for (std::size_t i = total.size(); i > 0; --i) {
        if (const std::uint32_t parent = weights.parent[i - 1]; parent > 0)
            total[parent - 1] += total[i - 1];
    }
    for (std::size_t begin = 0; begin < total.size(); begin += kRowsPerTransaction) {
        const std::size_t end = std::min(total.size(), begin + kRowsPerTransaction);
        TS_TRY(database.begin());
        const Result<void> written = insertWeights(database, nodes, weights, total, begin, end);
        if (!written) {
            database.rollback();
            return written;
        }
        TS_TRY(database.commit());
    }
    return {};
}

Result<void> writeProfileTotals(Database &database, const IdMap &profiles,
    const std::vector<ProfileTotal> &totals)
{
    Result<Statement> update
        = database.prepare("UPDATE profile_raw SET sample_count = ?2, total_weight = ?3 WHERE id = ?1");
    if (!update)
        return fail(update.error());
    for (std::size_t i = 0; i < totals.size(); ++i) {
        update->bind(0, profiles.idOf(static_cast<std::int64_t>(i) + 1));
        update->bind(1, totals[i].samples);
        update->bind(2, totals[i].weight);
        TS_TRY(update->run());
    }
    return {};
}

Result<void> rebuildCallWeights(Database &database, std::int64_t sourceId)
{
    const Result<IdMaps> maps = readIdMaps(database, sourceId);
    if (!maps)
        return fail(maps.error());
    const IdMap &nodes = mapOf(*maps, Family::CallNode), &profiles = mapOf(*maps, Family::Profile);
    constexpr std::int64_t kMost = 4'000'000; // more than a BulkWriter ever makes
    if (nodes.count() > kMost || profiles.count() > kMost)
        return fail(ErrorCode::Damaged, database.path().string(), "a source claims too many call paths",
            "Remove the source and import it again");
    CallWeights weights;
    weights.parent.resize(static_cast<std::size_t>(nodes.count()));
    weights.self.resize(weights.parent.size());
    weights.samples.resize(weights.parent.size());
    std::vector<ProfileTotal> totals(static_cast<std::size_t>(profiles.count()));
    TS_TRY(readParents(database, nodes, weights));
    TS_TRY(addSamples(database, mapOf(*maps, Family::Sample), nodes, profiles, weights, totals));
    TS_TRY(writeCallWeights(database, nodes, weights));
    TS_TRY(database.begin());
    const Result<void> written = writeProfileTotals(database, profiles, totals);
    if (!written) {
        database.rollback();
        return written;
    }
    return database.commit();
}

} // namespace tailscope::store
