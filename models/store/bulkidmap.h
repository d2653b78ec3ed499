// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "store/database.h"
#include "store/family.h"

#include <array>
#include <cstdint>
#include <vector>

namespace tailscope::store {

/// Maps the 1-based ordinals of one family of a source to row ids. Ids are consecutive within a run; a new
/// run begins only when another writer took ids in between, so there is nearly always one.
class IdMap
{
public:
    struct Run
    {
        std::int64_t firstOrdinal = 0, firstId = 0, count = 0;
        bool changed = false; ///< not in source_run yet
    };

    std::int64_t count() const { return m_count; }
    const std::vector<Run> &runs() const { return m_runs; }
    /// Gives `count` more ordinals the ids from firstId on.
    void append(std::int64_t firstId, std::int64_t count);
    /// Id of an ordinal; 0 when it has none.
    std::int64_t idOf(std::int64_t ordinal) const
    {
        if (m_runs.size() == 1) // the usual case, worth no search
            return ordinal >= 1 && ordinal <= m_count ? m_runs.front().firstId + ordinal - 1 : 0;
        return searched(ordinal);
    }
    /// The way back; 0 when the id is not of this source.
    std::int64_t ordinalOf(std::int64_t id) const;
    /// Takes back what a transaction that failed had given: ordinals beyond `count`.
    void truncate(std::int64_t count);
    void markSaved();

private:
    std::int64_t searched(std::int64_t ordinal) const;
    std::vector<Run> m_runs;
    std::int64_t m_count = 0;
};

using IdMaps = std::array<IdMap, kFamilies>;
inline IdMap &mapOf(IdMaps &maps, Family family) { return maps[static_cast<std::size_t>(family)]; }
inline const IdMap &mapOf(const IdMaps &maps, Family family)
{
    return maps[static_cast<std::size_t>(family)];
}

/// The runs of a source as stored; a hole or overlap is ErrorCode::Damaged.
Result<IdMaps> readIdMaps(Database &database, std::int64_t sourceId);

} // namespace tailscope::store
