// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/bulktracemap.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include <sqlite3.h>

namespace tailscope::store {

namespace {

constexpr std::size_t kBloomWords = (16u << 20) / 8; // 16 MB: 2 % false hits at 16 million traces

std::array<char, 16> bytesOf(RefMap::Key key)
{
    std::array<char, 16> bytes;
    // Big-endian, so that the order of blobs is the order of sorted keys.
    for (int i = 0; i < 8; ++i) {
        bytes[static_cast<std::size_t>(i)] = static_cast<char>(key.a >> (56 - 8 * i));
        bytes[static_cast<std::size_t>(i) + 8] = static_cast<char>(key.b >> (56 - 8 * i));
    }
    return bytes;
}

std::array<std::size_t, 4> bloomBits(RefMap::Key key)
{
    const std::uint64_t h1 = combineHash(key.a, key.b), h2 = combineHash(key.b, ~key.a);
    const std::size_t bits = kBloomWords * 64;
    return {h1 % bits, h2 % bits, (h1 + 2 * h2) % bits, (h1 ^ (h2 >> 7)) % bits};
}

} // namespace

TraceMap::TraceMap(std::size_t maxInMemory)
    : m_recent(maxInMemory + 1)
    , m_maxInMemory(maxInMemory)
{}

TraceMap::~TraceMap()
{
    sqlite3_finalize(m_insert);
    sqlite3_finalize(m_select);
    sqlite3_close(m_database);
}

std::uint32_t TraceMap::find(RefMap::Key key)
{
    if (const std::uint32_t ordinal = m_recent.find(key))
        return ordinal;
    if (!m_database || !mayBeSpilled(key))
        return 0;
    const std::array<char, 16> bytes = bytesOf(key);
    sqlite3_bind_blob(m_select, 1, bytes.data(), 16, SQLITE_STATIC);
    std::uint32_t ordinal = 0;
    if (sqlite3_step(m_select) == SQLITE_ROW)
        ordinal = static_cast<std::uint32_t>(sqlite3_column_int64(m_select, 0));
    sqlite3_reset(m_select);
    if (ordinal != 0) {
        // Spans of one trace come in clusters: the next look is in memory again.
        if (m_recent.size() >= m_maxInMemory)
            spill();
        m_recent.insert(key, ordinal);
    }
    return ordinal;
}

void TraceMap::insert(RefMap::Key key, std::uint32_t ordinal)
{
    if (m_recent.size() >= m_maxInMemory)
        spill();
    m_recent.insert(key, ordinal);
}

bool TraceMap::openSpill()
{
    // An empty name is a private database on disk that vanishes with its connection.
    if (sqlite3_open_v2("", &m_database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
            nullptr)
        != SQLITE_OK)
        return false;
    const bool made = sqlite3_exec(m_database,
                          "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -12000;"
                          "CREATE TABLE seen (key BLOB PRIMARY KEY, ordinal INTEGER) WITHOUT ROWID",
                          nullptr, nullptr, nullptr)
            == SQLITE_OK
        && sqlite3_prepare_v2(m_database, "INSERT OR IGNORE INTO seen VALUES (?1, ?2)", -1, &m_insert,
               nullptr)
            == SQLITE_OK
        && sqlite3_prepare_v2(m_database, "SELECT ordinal FROM seen WHERE key = ?1", -1, &m_select, nullptr)
            == SQLITE_OK;
    if (made)
        m_bloom.resize(kBloomWords);
    return made;
}

void TraceMap::spill()
{
    if (!m_database && !openSpill())
        m_failed = true;
    if (!m_failed) {
        std::vector<std::pair<RefMap::Key, std::uint32_t>> sorted;
        sorted.reserve(m_recent.size());
        m_recent.forEach([&](RefMap::Key key, std::uint32_t ordinal) { sorted.emplace_back(key, ordinal); });
        std::sort(sorted.begin(), sorted.end(), [](const auto &x, const auto &y) {
            return std::tie(x.first.a, x.first.b) < std::tie(y.first.a, y.first.b);
        });
        m_failed = sqlite3_exec(m_database, "BEGIN", nullptr, nullptr, nullptr) != SQLITE_OK;
        for (const auto &[key, ordinal] : sorted) {
            const std::array<char, 16> bytes = bytesOf(key);
            sqlite3_bind_blob(m_insert, 1, bytes.data(), 16, SQLITE_STATIC);
            sqlite3_bind_int64(m_insert, 2, ordinal);
            m_failed = m_failed || sqlite3_step(m_insert) != SQLITE_DONE;
            sqlite3_reset(m_insert);
            noteSpilled(key);
        }
        m_failed = m_failed || sqlite3_exec(m_database, "COMMIT", nullptr, nullptr, nullptr) != SQLITE_OK;
    }
    m_recent.clear();
}

bool TraceMap::mayBeSpilled(RefMap::Key key) const
{
    const auto bits = bloomBits(key);
    return std::all_of(bits.begin(), bits.end(),
        [this](std::size_t bit) { return (m_bloom[bit / 64] >> (bit % 64)) & 1; });
}

void TraceMap::noteSpilled(RefMap::Key key)
{
    for (const std::size_t bit : bloomBits(key))
        m_bloom[bit / 64] |= 1ULL << (bit % 64);
}

} // namespace tailscope::store
