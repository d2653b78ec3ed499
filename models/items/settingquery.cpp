// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/settingquery.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tailscope::items {

namespace {

using analysis::ServerGroups;

constexpr std::size_t kMaxChanges = 50;

/// What decides about memory, writing, vacuum, planning, time-outs and what can be seen at all.
constexpr std::array kFirst{"shared_buffers", "effective_cache_size", "work_mem", "maintenance_work_mem",
    "autovacuum_work_mem", "hash_mem_multiplier", "max_connections", "superuser_reserved_connections",
    "reserved_connections", "max_wal_size", "min_wal_size", "checkpoint_timeout",
    "checkpoint_completion_target", "wal_level", "wal_buffers", "wal_compression", "synchronous_commit",
    "synchronous_standby_names", "max_slot_wal_keep_size", "hot_standby_feedback",
    "max_standby_streaming_delay", "fsync", "full_page_writes", "autovacuum", "autovacuum_max_workers",
    "autovacuum_naptime", "autovacuum_vacuum_scale_factor", "autovacuum_vacuum_threshold",
    "autovacuum_vacuum_max_threshold", "autovacuum_vacuum_cost_limit", "autovacuum_vacuum_cost_delay",
    "autovacuum_freeze_max_age", "random_page_cost", "seq_page_cost", "effective_io_concurrency",
    "default_statistics_target", "jit", "max_worker_processes", "max_parallel_workers",
    "max_parallel_workers_per_gather", "statement_timeout", "lock_timeout",
    "idle_in_transaction_session_timeout", "transaction_timeout", "deadlock_timeout",
    "log_min_duration_statement", "log_lock_waits", "log_temp_files", "log_checkpoints",
    "log_autovacuum_min_duration", "track_io_timing", "track_activity_query_size", "compute_query_id",
    "shared_preload_libraries", "pg_stat_statements.max", "pg_stat_statements.track"};

std::size_t rankOf(std::string_view name)
{
    return std::size_t(std::find(kFirst.begin(), kFirst.end(), name) - kFirst.begin());
}

std::string decimal(double value)
{
    const double rounded = std::round(value * 10) / 10;
    if (rounded == std::floor(rounded))
        return groupedCount(std::llround(rounded));
    std::string text = std::to_string(rounded);
    return text.substr(0, text.find('.') + 2);
}

std::string timeWords(double milliseconds)
{
    if (milliseconds < 1000)
        return decimal(milliseconds) + " ms";
    if (milliseconds < 120'000)
        return decimal(milliseconds / 1000) + " s";
    if (milliseconds < 2 * 3'600'000.0)
        return decimal(milliseconds / 60'000) + " min";
    return milliseconds < 2 * 86'400'000.0 ? decimal(milliseconds / 3'600'000) + " h"
                                           : decimal(milliseconds / 86'400'000) + " days";
}

/// Findings that name a setting in their title or summary, as far as they are about the server.
void addFindings(std::vector<SettingItem> &settings, const std::vector<ObjectFinding> &findings)
{
    for (SettingItem &item : settings) {
        if (item.name.find('_') == std::string::npos && item.name != "jit" && item.name != "fsync")
            continue; // a word of its own: "port", "ssl"
        for (const ObjectFinding &finding : findings) {
            if (finding.title.find(item.name) != std::string::npos
                || finding.summary.find(item.name) != std::string::npos)
                item.findings.push_back(finding);
        }
    }
}

Result<std::vector<ObjectFinding>> allFindings(store::Database &reader)
{
    std::vector<ObjectFinding> out;
    Result<store::Statement> rows
        = reader.prepare("SELECT id, severity, title, summary FROM finding ORDER BY id LIMIT 5000");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    for (;;) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return out;
        out.push_back({rows->integer(0), std::string(rows->text(1)), std::string(rows->text(2)),
            std::string(rows->text(3))});
    }
}

} // namespace

std::string settingWords(std::string_view value, std::string_view unit)
{
    const auto number = parseDouble(value);
    if (!number || *number <= 0 || unit.empty())
        return {};
    // "8kB": so many of so much.
    std::size_t digits = 0;
    while (digits < unit.size() && unit[digits] >= '0' && unit[digits] <= '9')
        ++digits;
    const double factor = digits > 0 ? parseDouble(unit.substr(0, digits)).value_or(1) : 1;
    const std::string_view of = unit.substr(digits);
    const double amount = *number * factor;
    const auto bytes = [&](double each) {
        return amount * each < 9e18 ? humanBytes(std::uint64_t(amount * each)) : std::string();
    };
    if (of == "B")
        return bytes(1);
    if (of == "kB")
        return bytes(1024);
    if (of == "MB")
        return bytes(1024.0 * 1024);
    if (of == "us")
        return timeWords(amount / 1000);
    if (of == "ms")
        return timeWords(amount);
    if (of == "s")
        return timeWords(amount * 1000);
    if (of == "min")
        return timeWords(amount * 60'000);
    return {};
}

Result<SettingList> readSettingList(const store::Workspace &workspace, const ObjectRequest &request,
    const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    reader->setCancel(progress.cancel);
    const Result<ServerGroups> groups = ServerGroups::load(*reader);
    if (!groups)
        return tl::unexpected(groups.error());
    Result<store::Statement> rows = reader->prepare(
        "SELECT ifnull(server_id, 0), name, setting, unit, category, context, source, boot_val, "
        "pending_restart,"
        " ts_ns FROM setting WHERE name IS NOT NULL AND (ts_ns IS NULL OR ts_ns <= ?1) ORDER BY ts_ns");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    rows->bind(0, request.moment);
    SettingList out;
    std::map<std::pair<std::size_t, std::string>, SettingItem> settings;
    for (std::int64_t n = 0;; ++n) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        if (n % 65536 == 0 && progress.isCancelled())
            return fail(ErrorCode::Cancelled, "settings", "cancelled");
        const std::size_t group = groups->of(rows->integer(0));
        out.any = true;
        if (!request.server.empty() && (*groups)[group].label != request.server)
            continue;
        const auto [at, isNew] = settings.try_emplace({group, std::string(rows->text(1))});
        SettingItem &item = at->second;
        const std::string value(rows->text(2));
        if (!isNew && value != item.value) {
            if (item.changes.size() >= kMaxChanges)
                item.changes.erase(item.changes.begin()); // the newest ones matter
            item.changes.push_back((rows->isNull(9) ? std::string("?") : utcTimestamp(rows->integer(9)))
                + ": " + item.value + " -> " + value);
        }
        item.server = group;
        item.name = at->first.second;
        item.value = value;
        item.unit = rows->text(3);
        item.category = rows->text(4);
        item.context = rows->text(5);
        item.origin = rows->text(6);
        item.bootValue = rows->text(7);
        item.isPending = rows->integer(8) != 0;
        item.isDefault = item.origin == "default" || (!rows->isNull(7) && item.value == item.bootValue);
    }
    for (auto &[key, item] : settings) {
        item.words = settingWords(item.value, item.unit);
        item.bootWords = settingWords(item.bootValue, item.unit);
        item.matters = rankOf(item.name) < kFirst.size() || item.isPending || !item.changes.empty();
        out.settings.push_back(std::move(item));
    }
    const auto findings = allFindings(*reader);
    if (!findings)
        return tl::unexpected(findings.error());
    addFindings(out.settings, *findings);
    std::stable_sort(out.settings.begin(), out.settings.end(),
        [](const SettingItem &a, const SettingItem &b) {
            if (a.matters != b.matters)
                return a.matters;
            const std::size_t x = rankOf(a.name), y = rankOf(b.name);
            return x != y ? x < y : a.name < b.name;
        });
    out.servers = groups->all();
    return out;
}

} // namespace tailscope::items
