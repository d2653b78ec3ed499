// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/changefilter.h"

#include "base/text.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace tailscope::live {

namespace {

/// Columns that differ in every row though nothing happened.
constexpr std::string_view kTimeColumn = "ts";
/// Of statements: told with the first answers only.
constexpr std::string_view kTextColumn = "query";

// Sessions: the idle ones are the many that do nothing; those that do something are each a sample.
constexpr std::string_view kSessionKey = "pid backend_start";
constexpr std::string_view kSessionAges = "ts backend_xmin_age backend_xid_age";
constexpr std::chrono::seconds kSessionKeyframe{10};
constexpr std::size_t kManySessions = 1000;
constexpr int kKeyframesOfMany = 6; ///< 60 s instead of 10 s

bool lists(std::string_view names, std::string_view name)
{
    const std::vector<std::string_view> all = split(names, ' ');
    return std::find(all.begin(), all.end(), name) != all.end();
}

} // namespace

ChangeFilter::ChangeFilter(const Probe &probe)
    : m_isSessions(probe.id == "sessions")
    , m_isStatements(probe.mapping == Mapping::Statements)
    , m_key(m_isSessions && probe.key.empty() ? kSessionKey : probe.key)
    , m_unwatched(m_isSessions ? kSessionAges : probe.unwatched)
    , m_keyframe(m_isSessions ? std::min(probe.keyframe, kSessionKeyframe) : probe.keyframe)
{}

void ChangeFilter::readColumns(const ResultSet &rows)
{
    if (m_names == rows.columns)
        return;
    m_names = rows.columns;
    m_keyColumns.clear();
    m_watched.clear();
    for (std::size_t i = 0; i < m_names.size(); ++i) {
        if (lists(m_key, m_names[i]))
            m_keyColumns.push_back(i);
        const bool comesAndGoes = m_isStatements && m_names[i] == kTextColumn;
        if (m_names[i] != kTimeColumn && !comesAndGoes && !lists(m_unwatched, m_names[i]))
            m_watched.push_back(i);
    }
    m_state = rows.column("state");
    m_xact = rows.column("xact_start");
    m_waitType = rows.column("wait_event_type");
    m_backendType = rows.column("backend_type");
    forgetAll();
}

std::uint64_t ChangeFilter::hashOf(const ResultSet &rows, std::size_t row,
    const std::vector<std::size_t> &columns) const
{
    std::uint64_t hash = hash64("");
    for (const std::size_t column : columns) {
        const std::optional<std::string_view> cell = rows.cell(row, column);
        // NULL is not the empty text, and "a", "bc" is not "ab", "c".
        const std::size_t length = cell ? cell->size() : static_cast<std::size_t>(-1);
        hash = hash64({reinterpret_cast<const char *>(&length), sizeof length}, hash);
        if (cell)
            hash = hash64(*cell, hash);
    }
    return hash;
}

std::uint64_t ChangeFilter::keyOf(const ResultSet &rows, std::size_t row)
{
    readColumns(rows);
    return m_keyColumns.empty() ? 0 : hashOf(rows, row, m_keyColumns);
}

bool ChangeFilter::isSample(const ResultSet &rows, std::size_t row) const
{
    if (!m_isSessions)
        return false;
    const auto cell = [&](int column) {
        return column < 0 ? std::nullopt : rows.cell(row, static_cast<std::size_t>(column));
    };
    const std::optional<std::string_view> state = cell(m_state);
    // Background processes have no state; they wait for work nearly always.
    if (!state || state->empty()) {
        const std::string_view type = cell(m_backendType).value_or("");
        const bool works = type == "autovacuum worker" || type == "parallel worker" || type == "walsender";
        return works || cell(m_waitType).value_or("Activity") != "Activity";
    }
    return *state != "idle" && *state != "disabled";
}

const std::vector<std::size_t> &ChangeFilter::take(const ResultSet &rows, Nanos now)
{
    m_stored.clear();
    m_changed.clear();
    readColumns(rows);
    if (m_keyColumns.empty()) {
        m_stored.resize(rows.rows());
        std::iota(m_stored.begin(), m_stored.end(), std::size_t{0});
        m_changed.assign(m_stored.size(), true);
        m_wasKeyframe = true;
        return m_stored;
    }
    const bool many = m_isSessions && rows.rows() > kManySessions;
    Nanos every = 0;
    if (__builtin_mul_overflow(Nanos{m_keyframe.count()}, kNanosPerSecond, &every))
        every = std::numeric_limits<Nanos>::max();
    else if (many)
        every *= kKeyframesOfMany;
    m_wasKeyframe = m_keyframeNs == kUnknownNanos || now - m_keyframeNs >= every || now < m_keyframeNs;
    if (m_wasKeyframe)
        m_keyframeNs = now;
    ++m_round;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        Known &known = m_rows[hashOf(rows, row, m_keyColumns)];
        const std::uint64_t hash = hashOf(rows, row, m_watched);
        const bool changed = known.round == 0 || known.hash != hash;
        known = {hash, m_round};
        if (!changed && !m_wasKeyframe && !isSample(rows, row)) {
            ++m_unchanged;
            continue;
        }
        m_stored.push_back(row);
        m_changed.push_back(changed);
    }
    // That it was looked at is a fact too: averages divide by the number of looks.
    if (m_isSessions && m_stored.empty() && rows.rows() > 0) {
        m_stored.push_back(0);
        m_changed.push_back(false);
    }
    // What was left out of the answer may come back as something else.
    if (m_rows.size() > rows.rows())
        std::erase_if(m_rows, [this](const auto &entry) { return entry.second.round != m_round; });
    return m_stored;
}

void ChangeFilter::forget(const ResultSet &rows, std::size_t row)
{
    if (const std::uint64_t key = keyOf(rows, row); key != 0)
        m_rows.erase(key);
}

} // namespace tailscope::live
