// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/idindex.h"
#include "analysis/spancolumns.h"
#include "analysis/spanscan.h"
#include "base/result.h"
#include "store/database.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace tailscope::analysis {

/// Tracks of the sources, in the order views show them: source, process, thread, service, instance.
Result<std::vector<TrackInfo>> readTracks(store::Database &database, const std::vector<ScanSource> &sources);

/// Index of a track in such a list by its id; kNoRow when absent.
class TrackPlaces
{
public:
    TrackPlaces() = default;
    explicit TrackPlaces(const std::vector<TrackInfo> &tracks);
    std::uint32_t find(std::int64_t id) const
    {
        const std::uint32_t place = m_ids.find(id);
        return place == IdIndex::kAbsent ? kNoRow : m_tracks[place];
    }

private:
    IdIndex m_ids;
    std::vector<std::uint32_t> m_tracks;
};

/// Collects the operations of a scan that may run in two parts, and numbers them at the end: those of table
/// `string` by their id, then texts that were never interned, part by part. Equal texts get one number.
class OperationNames
{
public:
    /// Distinct texts kept that are not in table `string`; those past it share the name "other operations".
    static constexpr std::uint32_t kMaxTexts = 1'000'000;

    explicit OperationNames(int parts)
        : m_parts(std::size_t(parts))
    {}
    /// A temporary mark of the operation of a row; calls of one part come from one thread.
    std::uint32_t mark(int part, const ScannedSpan &span);
    std::uint32_t markId(int part, std::int64_t stringId);
    std::uint32_t markText(int part, std::string_view text);
    /// Reads the texts of all marks and gives the final names. Marks become indexes by indexOf().
    Result<std::vector<std::string>> resolve(store::Database &database);
    std::uint32_t indexOf(std::uint32_t mark) const { return m_final[mark]; }

private:
    static constexpr std::int64_t kTableIds = 1
        << 22; // string ids below have a slot in a table, others are hashed
    struct Part
    {
        std::vector<std::uint32_t> numberOfId; // + 1; 0 = not seen
        std::unordered_map<std::int64_t, std::uint32_t> numberOfHighId;
        std::unordered_map<std::string, std::uint32_t> numberOfText;
        struct Name
        {
            std::int64_t id = -1;
            std::string text;
        };
        std::vector<Name> names; // mark: number * parts + part
    };
    std::uint32_t markOf(int part, std::uint32_t number) const
    {
        return number * std::uint32_t(m_parts.size()) + std::uint32_t(part);
    }

    std::vector<Part> m_parts;
    std::vector<std::uint32_t> m_final; // index by mark
};

} // namespace tailscope::analysis
