// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/logpatterns.h"

#include "analysis/rowinsert.h"
#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace tailscope::analysis {

namespace {

/// Groups in memory while reading; a log has thousands at most.
constexpr std::size_t kMaxGroups = 200'000;
constexpr std::int64_t kRowsPerCheck = 65'536;

struct Group
{
    std::int64_t source = 0;
    std::string kind, severity, sqlstate, pattern; ///< pattern: text, once it was looked up
    std::int64_t patternId = 0; ///< 0 = pattern holds the text
    std::int64_t n = 0, example = 0;
    Nanos first = kUnknownNanos, last = kUnknownNanos;
    double total = std::numeric_limits<double>::quiet_NaN();

    void add(std::int64_t count, Nanos from, Nanos to, double durationMs)
    {
        n += count;
        if (from != kUnknownNanos)
            first = first == kUnknownNanos ? from : std::min(first, from);
        if (to != kUnknownNanos)
            last = last == kUnknownNanos ? to : std::max(last, to);
        if (!std::isnan(durationMs))
            total = std::isnan(total) ? durationMs : total + durationMs;
    }
};

/// The groups of a workspace.
class Groups
{
public:
    /// The visible sources and how far their clocks are off; asked once, not a line.
    Result<void> readSources(store::Database &reader);
    void take(const store::Statement &row);
    /// The `most` largest, then one of the rest a source.
    std::vector<Group> finish(std::size_t most);

private:
    Group &rest(std::int64_t source);

    std::map<std::int64_t, Nanos> m_offsets; ///< of visible sources
    std::unordered_map<std::string, std::size_t> m_index;
    std::vector<Group> m_groups;
    std::map<std::int64_t, Group> m_rest; ///< what is beyond the bounds
    std::string m_key;
};

// source, kind, severity, sqlstate, pattern_id, ts_ns, duration_ms, id
constexpr const char *kLines
    = "SELECT source_id, kind, severity, sqlstate, pattern_id, ts_ns, duration_ms, id FROM log_entry_raw"
      " WHERE pattern_id IS NOT NULL ORDER BY id";

Group &Groups::rest(std::int64_t source)
{
    Group &group = m_rest[source];
    group.source = source;
    return group;
}

Result<void> Groups::readSources(store::Database &reader)
{
    Result<store::Statement> query = reader.prepare("SELECT id, ifnull(offset_ns, 0) FROM source");
    if (!query)
        return tl::unexpected(std::move(query.error()));
    for (;;) {
        const Result<bool> more = query->step();
        if (!more)
            return tl::unexpected(more.error());
        if (!*more)
            return {};
        m_offsets[query->integer(0)] = query->integer(1);
    }
}

void Groups::take(const store::Statement &row)
{
    const bool interned = row.type(4) == store::ColumnType::Integer;
    const std::int64_t source = row.integer(0);
    const auto offset = m_offsets.find(source);
    if (offset == m_offsets.end())
        return;
    m_key.assign(std::to_string(source)).append(1, '\x1f').append(row.text(1)).append(1, '\x1f');
    m_key.append(row.text(2)).append(1, '\x1f').append(row.text(3)).append(1, '\x1f');
    m_key.append(interned ? "#" + std::to_string(row.integer(4)) : "=" + std::string(row.text(4)));
    const Nanos ts = row.isNull(5) ? kUnknownNanos : row.integer(5) + offset->second;
    const auto [place, isNew] = m_index.try_emplace(m_key, m_groups.size());
    if (isNew && m_groups.size() >= kMaxGroups) {
        m_index.erase(place);
        Group &group = rest(source);
        group.example = group.n == 0 ? row.integer(7) : group.example;
        group.add(1, ts, ts, row.real(6));
        return;
    }
    if (isNew) {
        Group group;
        group.source = source;
        group.kind = row.text(1);
        group.severity = row.text(2);
        group.sqlstate = row.text(3);
        group.patternId = interned ? row.integer(4) : 0;
        if (!interned)
            group.pattern = row.text(4);
        group.example = row.integer(7);
        m_groups.push_back(std::move(group));
    }
    m_groups[place->second].add(1, ts, ts, row.real(6));
}

std::vector<Group> Groups::finish(std::size_t most)
{
    // Ties by the first line, so that the same rows give the same table.
    std::sort(m_groups.begin(), m_groups.end(),
        [](const Group &a, const Group &b) { return a.n != b.n ? a.n > b.n : a.example < b.example; });
    for (std::size_t i = most; i < m_groups.size(); ++i) {
        const Group &over = m_groups[i];
        Group &group = rest(over.source);
        group.example = group.n == 0 ? over.example : std::min(group.example, over.example);
        group.add(over.n, over.first, over.last, over.total);
    }
    m_groups.resize(std::min(most, m_groups.size()));
    for (auto &[source, group] : m_rest) {
        group.kind = "other";
        group.pattern = "(lines of the patterns beyond the " + groupedCount(static_cast<std::int64_t>(most))
            + " most frequent)";
        m_groups.push_back(std::move(group));
    }
    return std::move(m_groups);
}

Result<void> lookUpTexts(store::Database &reader, std::vector<Group> &groups)
{
    Result<store::Statement> query = reader.prepare("SELECT text FROM string WHERE id = ?");
    if (!query)
        return tl::unexpected(std::move(query.error()));
    for (Group &group : groups) {
        if (group.patternId == 0)
            continue;
        query->reset();
        query->bind(0, group.patternId);
        const Result<bool> row = query->step();
        if (!row)
            return tl::unexpected(row.error());
        if (*row)
            group.pattern = query->text(0);
    }
    return {};
}

} // namespace

Result<WriteRows> computeLogPatterns(const store::Workspace &workspace, const Progress &progress,
    std::size_t most)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    Groups groups;
    TS_TRY(groups.readSources(*reader));
    {
        Result<store::Statement> query = reader->prepare(kLines);
        if (!query)
            return tl::unexpected(std::move(query.error()));
        for (std::int64_t rows = 0;; ++rows) {
            const Result<bool> more = query->step();
            if (!more)
                return tl::unexpected(more.error());
            if (!*more || (rows % kRowsPerCheck == 0 && progress.isCancelled()))
                break;
            groups.take(*query);
        }
    }
    auto found = std::make_shared<std::vector<Group>>(groups.finish(most));
    TS_TRY(lookUpTexts(*reader, *found));
    return WriteRows([found](store::Database &writer, std::int64_t run) -> Result<void> {
        RowInsert insert;
        TS_TRY(insert.replace(writer, "log_pattern",
            "run_id, source_id, kind, severity, sqlstate, pattern, n, first_ns, last_ns, example_id, "
            "total_ms"));
        for (const Group &group : *found) {
            insert.add(run).add(group.source).add(std::string_view(group.kind)).textOrNull(group.severity);
            insert.textOrNull(group.sqlstate).add(std::string_view(group.pattern)).add(group.n);
            insert.nanos(group.first).nanos(group.last).add(group.example).add(group.total);
            TS_TRY(insert.run());
        }
        return {};
    });
}

Result<WriteRows> computeLogPatterns(const store::Workspace &workspace, const Progress &progress)
{
    return computeLogPatterns(workspace, progress, kMaxLogPatterns);
}

} // namespace tailscope::analysis
