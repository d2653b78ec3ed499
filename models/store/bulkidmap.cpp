// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/bulkidmap.h"

#include <algorithm>

namespace tailscope::store {

void IdMap::append(std::int64_t firstId, std::int64_t count)
{
    if (count <= 0)
        return;
    if (!m_runs.empty() && m_runs.back().firstId + m_runs.back().count == firstId) {
        m_runs.back().count += count;
        m_runs.back().changed = true;
    } else {
        m_runs.push_back({m_count + 1, firstId, count, true});
    }
    m_count += count;
}

std::int64_t IdMap::searched(std::int64_t ordinal) const
{
    if (ordinal < 1 || ordinal > m_count)
        return 0;
    const auto after = std::upper_bound(m_runs.begin(), m_runs.end(), ordinal,
        [](std::int64_t value, const Run &run) { return value < run.firstOrdinal; });
    const Run &run = *std::prev(after);
    return run.firstId + ordinal - run.firstOrdinal;
}

std::int64_t IdMap::ordinalOf(std::int64_t id) const
{
    // Ids grow with ordinals: every run takes its ids above all that are in use.
    const auto after = std::upper_bound(m_runs.begin(), m_runs.end(), id,
        [](std::int64_t value, const Run &run) { return value < run.firstId; });
    if (after == m_runs.begin())
        return 0;
    const Run &run = *std::prev(after);
    return id < run.firstId + run.count ? run.firstOrdinal + id - run.firstId : 0;
}

void IdMap::truncate(std::int64_t count)
{
    while (!m_runs.empty() && m_runs.back().firstOrdinal > count)
        m_runs.pop_back();
    m_count = std::min(m_count, count);
    if (!m_runs.empty())
        m_runs.back().count = m_count - m_runs.back().firstOrdinal + 1;
}

void IdMap::markSaved()
{
    for (Run &run : m_runs)
        run.changed = false;
}

Result<IdMaps> readIdMaps(Database &database, std::int64_t sourceId)
{
    Result<Statement> query = database.prepare("SELECT family, first_ordinal, first_id, count FROM source_run"
                                               " WHERE source_id = ?1 ORDER BY family, first_ordinal");
    if (!query)
        return fail(query.error());
    query->bind(0, sourceId);
    IdMaps maps;
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            break;
        const std::int64_t family = query->integer(0), firstId = query->integer(2), count = query->integer(3);
        constexpr std::int64_t kMaxId = 1LL << 60;
        const bool sane = family >= 0 && family < kFamilies && firstId > 0 && count > 0 && firstId < kMaxId
            && count < kMaxId;
        IdMap *map = sane ? &maps[static_cast<std::size_t>(family)] : nullptr;
        const bool follows = map && query->integer(1) == map->count() + 1
            && (map->runs().empty() || firstId >= map->runs().back().firstId + map->runs().back().count);
        if (!follows)
            return fail(ErrorCode::Damaged, database.path().string(),
                "the row ranges of source " + std::to_string(sourceId) + " do not fit together",
                "Remove the source and import it again");
        map->append(firstId, count);
    }
    for (IdMap &map : maps)
        map.markSaved();
    return maps;
}

} // namespace tailscope::store
