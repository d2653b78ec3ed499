// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/probe.h"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace tailscope::live {

/// Which rows of an answer differ from what was stored of them last. A row that is left out is the one stored
/// before it, so differences of counters over any range stay what they are: a reader takes of each key the
/// newest row at or before a moment, and at the latest every keyframe there is one. Remembers 16 bytes of
/// hashes a row; rows whose key did not come are forgotten. One object a probe and server; one thread.
class ChangeFilter
{
public:
    explicit ChangeFilter(const Probe &probe);

    /// Places of the rows to store, in their order; all of them where the probe has no key, at a keyframe,
    /// and where the answer has no column of the key (a version may lack some of them).
    const std::vector<std::size_t> &take(const ResultSet &rows, Nanos now);
    /// The row was not stored after all: it counts as changed when it comes again.
    void forget(const ResultSet &rows, std::size_t row);
    /// Everything is stored again: another connection, statistics that were reset.
    void forgetAll() { m_rows.clear(), m_keyframeNs = kUnknownNanos; }
    std::int64_t unchanged() const { return m_unchanged; } ///< rows left out so far
    bool wasKeyframe() const { return m_wasKeyframe; }
    /// Whether the row at this place of those to store differs: at a keyframe the others come too.
    bool hasChanged(std::size_t place) const { return m_changed[place]; }
    /// Hash of what names a row; 0 without a key.
    std::uint64_t keyOf(const ResultSet &rows, std::size_t row);

private:
    struct Known
    {
        std::uint64_t hash = 0, round = 0;
    };
    void readColumns(const ResultSet &rows);
    std::uint64_t hashOf(const ResultSet &rows, std::size_t row,
        const std::vector<std::size_t> &columns) const;
    /// Of a session that does something: such a row is a sample of its own.
    bool isSample(const ResultSet &rows, std::size_t row) const;

    const bool m_isSessions, m_isStatements;
    const std::string_view m_key, m_unwatched;
    const std::chrono::seconds m_keyframe;
    std::vector<std::string> m_names; ///< of the answer the columns below are of
    std::vector<std::size_t> m_keyColumns, m_watched;
    int m_state = -1, m_xact = -1, m_waitType = -1, m_backendType = -1;
    std::unordered_map<std::uint64_t, Known> m_rows;
    std::vector<std::size_t> m_stored;
    std::vector<bool> m_changed; ///< of m_stored
    std::uint64_t m_round = 0;
    Nanos m_keyframeNs = kUnknownNanos;
    std::int64_t m_unchanged = 0;
    bool m_wasKeyframe = false;
};

} // namespace tailscope::live
