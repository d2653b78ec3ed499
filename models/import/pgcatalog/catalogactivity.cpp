// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What is done with rows of what happens beyond copying their columns: locks, waits, replication, progress.
#include "base/text.h"
#include "import/common/jsontext.h"
#include "import/pgcatalog/catalogrows.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tailscope::import {

namespace {

using Type = CatalogCell::Type;

/// Which numbers of a progress view belong to a phase; the first line that fits is taken.
struct ProgressPair
{
    std::string_view command, phase, done, total;
};
constexpr std::array<ProgressPair, 12> kProgress{{
    {"vacuum", "indexes", "indexes_processed", "indexes_total"}, // 17
    {"vacuum", "vacuuming heap", "heap_blks_vacuumed", "heap_blks_total"},
    {"vacuum", "", "heap_blks_scanned", "heap_blks_total"},
    {"analyze", "inherited", "child_tables_done", "child_tables_total"},
    {"analyze", "extended", "ext_stats_computed", "ext_stats_total"},
    {"analyze", "", "sample_blks_scanned", "sample_blks_total"},
    {"create_index", "waiting", "lockers_done", "lockers_total"},
    {"create_index", "tuples", "tuples_done", "tuples_total"},
    {"create_index", "", "blocks_done", "blocks_total"},
    {"cluster", "", "heap_blks_scanned", "heap_blks_total"},
    {"basebackup", "", "backup_streamed", "backup_total"},
    {"copy", "", "bytes_processed", "bytes_total"},
}};

} // namespace

bool CatalogRows::takeLocks(Values &values)
{
    const std::string blockers = values.text("@blockers");
    if (const std::optional<std::int64_t> start = values.integer("@waitstart");
        start && m_rowTime != kUnknownNanos && !values.isKnown("waited_ms"))
        values.set("waited_ms", // one that began while the answer was made is none yet
            static_cast<double>(std::max<Nanos>(0, saturatingSub(m_rowTime, *start))) / kNanosPerMilli);
    const std::optional<std::int64_t> granted = values.integer("@granted");
    if (granted && *granted != 0)
        return true; // a lock that is held waits for nobody
    for (const std::string_view word : split(blockers, ' ')) {
        const std::optional<std::int64_t> pid = parseInt64(word);
        if (!pid)
            continue;
        m_fields.assign(1, {"blocker_pid", *pid});
        emit(values);
    }
    return true;
}

/// A text that the role may not see is unknown, and one that there never was is none.
void CatalogRows::completeSession(Values &values)
{
    const std::string query = values.text("statement_id");
    if (query.empty() || query == "<insufficient privilege>" || query == "<backend information not available>"
        || query == "<command string not enabled>")
        values.set("statement_id", {});
    if (values.integer("query_id") == 0)
        values.set("query_id", {});
}

/// The profile counts since it was reset: samples are what came since the profile before. A first profile
/// says nothing yet; a wait that is new in a later one began after the one before.
bool CatalogRows::takeWaits(Values &values)
{
    const std::optional<std::int64_t> count = values.integer("@count");
    if (!count || m_rowTime == kUnknownNanos)
        return count.has_value();
    auto &[profile, before]
        = m_profileTimes.try_emplace(m_server, kUnknownNanos, kUnknownNanos).first->second;
    if (profile != m_rowTime)
        before = std::exchange(profile, m_rowTime);
    std::string key = std::to_string(static_cast<std::int64_t>(m_server));
    for (const std::string_view part : {"wait_event_type", "wait_event", "backend_type"})
        key += '\x1F' + values.text(part);
    for (const std::string_view part : {"query_id", "@pid"})
        key += '\x1F' + std::to_string(values.integer(part).value_or(0));
    const auto known = m_waits.find(key);
    if (known == m_waits.end() && m_waits.size() >= kMaxCached)
        return true; // what cannot be remembered has no difference
    const std::int64_t earlier = known == m_waits.end() ? 0 : known->second.count;
    // Counters that went back were reset: all of them came since.
    const std::int64_t samples = *count < earlier ? *count : *count - earlier;
    if (known != m_waits.end())
        known->second = {*count, m_rowTime};
    else
        m_waits.emplace(std::move(key), WaitCount{*count, m_rowTime});
    if (before == kUnknownNanos || samples == 0)
        return true;
    if (values.integer("query_id") == 0)
        values.set("query_id", {});
    values.set("samples", static_cast<double>(samples));
    if (values.text("origin").empty())
        values.set("origin", std::string("pg_wait_sampling"));
    emit(values);
    return true;
}

void CatalogRows::completeReplica(Values &values, const CatalogRow &row)
{
    if (values.text("replica").empty())
        values.set("replica", values.text("client"));
    constexpr std::array<std::string_view, 5> kPositions{"current_position", "sent_position",
        "write_position", "flush_position", "replay_position"};
    constexpr std::array<std::string_view, 4> kBehind{"unsent_bytes", "unwritten_bytes", "unflushed_bytes",
        "unreplayed_bytes"};
    bool known = true;
    std::int64_t behind = 0;
    m_fields.clear();
    for (std::size_t i = 0; i < kBehind.size(); ++i) {
        const auto ahead = values.integer(kPositions[i]), here = values.integer(kPositions[i + 1]);
        if (!ahead || !here) {
            // Without the server's own position the rest still tells whether the standby has all it was sent.
            known = known && i == 0;
            continue;
        }
        // Both are read one after the other: a standby may look ahead of its primary.
        const std::int64_t bytes = std::max<std::int64_t>(0, saturatingSub(*ahead, *here));
        m_fields.push_back({kBehind[i], bytes});
        behind = saturatingAdd(behind, bytes);
    }
    // The lag columns keep their last value for a while after a standby has caught up.
    const auto replayed = values.integer("replay_position");
    if (replayed)
        m_standby.watch(values.text("replica"), *replayed, row.offset);
    if (known && behind == 0 && replayed) {
        const CatalogValue *said = values.find("replay_lag_ms");
        if (const auto *lag = said ? std::get_if<double>(said) : nullptr; lag && *lag > 0)
            m_report.note(IssueSeverity::Info, "stale-lag", row.offset,
                "the server still showed a lag of " + humanMillis(*lag)
                    + " where no byte was behind: it was taken as 0");
        for (const std::string_view lag : {"write_lag_ms", "flush_lag_ms", "replay_lag_ms"})
            values.set(lag, 0.0);
    }
    if (const auto reply = values.integer("@reply"); reply && m_rowTime != kUnknownNanos)
        m_fields.push_back({"link_age_ms",
            static_cast<double>(std::max<Nanos>(0, saturatingSub(m_rowTime, *reply))) / kNanosPerMilli});
}

bool CatalogRows::takeStandby(Values &values, const CatalogRow &row)
{
    const auto real = [&](std::string_view target) {
        const CatalogValue *value = values.find(target);
        const auto *number = value ? std::get_if<double>(value) : nullptr;
        return number ? std::optional(*number) : std::nullopt;
    };
    CatalogStandby::Replay half;
    half.receive = values.integer("receive_position");
    half.replay = values.integer("replay_position");
    if (!half.receive && !half.replay)
        return true; // a primary: it replays nothing
    half.replica = values.text("replica");
    half.paused = values.integer("paused");
    if (const std::string state = values.text("@state"); !half.paused && !state.empty())
        half.paused = std::int64_t{state == "paused"};
    half.timeline = values.integer("timeline");
    half.delayMs = real("apply_delay_ms");
    // Unknown until the standby has replayed a commit.
    half.ageMs = real("replay_age_ms");
    if (const auto replayed = values.integer("@replayed"); replayed && m_rowTime != kUnknownNanos)
        half.ageMs
            = static_cast<double>(std::max<Nanos>(0, saturatingSub(m_rowTime, *replayed))) / kNanosPerMilli;
    m_standby.replay(half, m_rowTime, m_server, row.offset);
    return true;
}

bool CatalogRows::takeReceiver(Values &values, const CatalogRow &row)
{
    CatalogStandby::Receiver half;
    // As the primary calls it, so that both sides of one replica come together.
    half.replica = applicationName(values.text("@conninfo"));
    if (half.replica.empty())
        half.replica = values.text("@slot");
    half.state = values.text("state");
    half.write = values.integer("write_position");
    half.flush = values.integer("flush_position");
    half.timeline = values.integer("timeline");
    if (const auto receipt = values.integer("@receipt"); receipt && m_rowTime != kUnknownNanos)
        half.linkAgeMs
            = static_cast<double>(std::max<Nanos>(0, saturatingSub(m_rowTime, *receipt))) / kNanosPerMilli;
    m_standby.receiver(half, m_rowTime, m_server, row.offset);
    return true;
}

/// What a progress view says beside the columns that are stored.
std::string CatalogRows::restAsJson(const CatalogShape &shape, const CatalogRow &row)
{
    static constexpr std::array<std::string_view, 9> kStored{"pid", "datname", "dbname", "relid", "relname",
        "phase", "catalog_view", "ts", "datid"};
    JsonText json;
    json.startObject();
    for (std::size_t i = 0; i < shape.names().size(); ++i) {
        const std::string &name = shape.names()[i];
        const CatalogCell &cell = row.cells[i];
        if (cell.type == Type::Null || static_cast<int>(i) == shape.timeColumn()
            || std::find(kStored.begin(), kStored.end(), name) != kStored.end())
            continue;
        json.key(name);
        if (isJsonNumber(cell.text))
            json.number(cell.text);
        else
            json.string(sanitizedUtf8(cell.text));
    }
    json.endObject();
    return json.text();
}

void CatalogRows::completeProgress(Values &values, const CatalogShape &shape, const CatalogRow &row)
{
    m_fields.clear();
    m_fields.push_back({"command", values.view->hint});
    if (const std::optional<std::int64_t> oid = values.integer("relname"))
        values.set("relname", std::to_string(*oid));
    const std::string phase = values.text("phase");
    for (const ProgressPair &pair : kProgress) {
        if (pair.command != values.view->hint || phase.find(pair.phase) == std::string::npos)
            continue;
        for (const auto &[target, column] : {std::pair{"done", pair.done}, std::pair{"total", pair.total}}) {
            const int at = findCatalogName(column, shape.names());
            if (at < 0)
                continue;
            if (const auto number = parseDouble(row.cells[static_cast<std::size_t>(at)].text))
                m_fields.push_back({target, *number});
        }
        break;
    }
    m_rest = restAsJson(shape, row);
    m_fields.push_back({"extra", std::string_view(m_rest)});
}

} // namespace tailscope::import
