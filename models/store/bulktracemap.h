// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/bulkintern.h"

#include <cstdint>
#include <memory>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace tailscope::store {

/// Trace keys -> ordinals, exact and unbounded: up to kMaxInMemory in memory (24 bytes each), the older ones
/// in a temporary database that SQLite makes and removes. A Bloom filter keeps new traces from asking it. One
/// thread.
class TraceMap
{
public:
    static constexpr std::size_t kMaxInMemory = 750'000;

    explicit TraceMap(std::size_t maxInMemory = kMaxInMemory);
    ~TraceMap();
    TraceMap(const TraceMap &) = delete;
    TraceMap &operator=(const TraceMap &) = delete;

    /// 0 when absent.
    std::uint32_t find(RefMap::Key key);
    /// The key must be absent.
    void insert(RefMap::Key key, std::uint32_t ordinal);
    bool hasFailed() const { return m_failed; } ///< the temporary database could not be written

private:
    void spill();
    bool openSpill();
    bool mayBeSpilled(RefMap::Key key) const;
    void noteSpilled(RefMap::Key key);

    RefMap m_recent;
    std::size_t m_maxInMemory;
    sqlite3 *m_database = nullptr;
    sqlite3_stmt *m_insert = nullptr, *m_select = nullptr;
    std::vector<std::uint64_t> m_bloom;
    bool m_failed = false;
};

} // namespace tailscope::store
