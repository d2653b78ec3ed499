// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/dbconfig/conffile.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace tailscope::import {

namespace {

struct PgUnit
{
    std::string_view name, unit;
};
/// Settings with a unit, as pg_settings of version 15 to 17 shows it; without one: names that tell the file.
constexpr std::array<PgUnit, 71> kPgUnits{{
    {"shared_buffers", "8kB"},
    {"effective_cache_size", "8kB"},
    {"temp_buffers", "8kB"},
    {"wal_buffers", "8kB"},
    {"min_parallel_table_scan_size", "8kB"},
    {"min_parallel_index_scan_size", "8kB"},
    {"backend_flush_after", "8kB"},
    {"checkpoint_flush_after", "8kB"},
    {"work_mem", "kB"},
    {"maintenance_work_mem", "kB"},
    {"autovacuum_work_mem", "kB"},
    {"logical_decoding_work_mem", "kB"},
    {"temp_file_limit", "kB"},
    {"log_temp_files", "kB"},
    {"max_stack_depth", "kB"},
    {"gin_pending_list_limit", "kB"},
    {"log_rotation_size", "kB"},
    {"wal_skip_threshold", "kB"},
    {"max_wal_size", "MB"},
    {"min_wal_size", "MB"},
    {"wal_keep_size", "MB"},
    {"max_slot_wal_keep_size", "MB"},
    {"min_dynamic_shared_memory", "MB"},
    {"track_activity_query_size", "B"},
    {"statement_timeout", "ms"},
    {"lock_timeout", "ms"},
    {"transaction_timeout", "ms"},
    {"deadlock_timeout", "ms"},
    {"idle_in_transaction_session_timeout", "ms"},
    {"idle_session_timeout", "ms"},
    {"log_min_duration_statement", "ms"},
    {"log_min_duration_sample", "ms"},
    {"log_autovacuum_min_duration", "ms"},
    {"autovacuum_vacuum_cost_delay", "ms"},
    {"vacuum_cost_delay", "ms"},
    {"bgwriter_delay", "ms"},
    {"wal_writer_delay", "ms"},
    {"wal_sender_timeout", "ms"},
    {"wal_receiver_timeout", "ms"},
    {"wal_retrieve_retry_interval", "ms"},
    {"max_standby_streaming_delay", "ms"},
    {"max_standby_archive_delay", "ms"},
    {"recovery_min_apply_delay", "ms"},
    {"auto_explain.log_min_duration", "ms"},
    {"tcp_user_timeout", "ms"},
    {"client_connection_check_interval", "ms"},
    {"checkpoint_timeout", "s"},
    {"checkpoint_warning", "s"},
    {"archive_timeout", "s"},
    {"authentication_timeout", "s"},
    {"autovacuum_naptime", "s"},
    {"wal_receiver_status_interval", "s"},
    {"tcp_keepalives_idle", "s"},
    {"tcp_keepalives_interval", "s"},
    {"log_rotation_age", "min"},
    {"max_connections", ""},
    {"superuser_reserved_connections", ""},
    {"reserved_connections", ""},
    {"listen_addresses", ""},
    {"wal_level", ""},
    {"max_wal_senders", ""},
    {"hot_standby", ""},
    {"synchronous_commit", ""},
    {"synchronous_standby_names", ""},
    {"random_page_cost", ""},
    {"shared_preload_libraries", ""},
    {"log_line_prefix", ""},
    {"max_worker_processes", ""},
    {"max_parallel_workers_per_gather", ""},
    {"autovacuum_max_workers", ""},
    {"effective_io_concurrency", ""},
}};

struct Scale
{
    std::string_view word;
    double factor;
    bool isTime;
};
/// In bytes and in milliseconds.
constexpr std::array<Scale, 12> kScales{
    {{"8kB", 8192, false}, {"B", 1, false}, {"kB", 1024, false}, {"MB", 1048576, false},
        {"GB", 1073741824, false}, {"TB", 1099511627776.0, false}, {"us", 0.001, true}, {"ms", 1, true},
        {"s", 1000, true}, {"min", 60'000, true}, {"h", 3'600'000, true}, {"d", 86'400'000, true}}};

const Scale *scaleOf(std::string_view word)
{
    const auto *found = std::find_if(kScales.begin(), kScales.end(),
        [&](const Scale &scale) { return scale.word == word; });
    return found == kScales.end() ? nullptr : found;
}

const PgUnit *unitOf(std::string_view name)
{
    const auto *found = std::find_if(kPgUnits.begin(), kPgUnits.end(),
        [&](const PgUnit &unit) { return unit.name == name; });
    return found == kPgUnits.end() ? nullptr : found;
}

} // namespace

Result<void> readConfLines(ByteSource &source, RowSink &sink, ImportReport &report,
    const std::function<void(const Line &line)> &take)
{
    SourceInfo info;
    info.kind = SourceKind::Config;
    info.clock = ClockKind::None;
    sink.setSource(info);
    LineReader lines(source, kMaxConfLine);
    Line line;
    while (lines.next(line)) {
        if (line.tooLong)
            report.skip("line-too-long", line.offset, line.length, "the line is longer than 16 KiB",
                line.text);
        else
            take(line);
    }
    return lines.result();
}

std::string confValue(std::string_view text)
{
    text = trimmed(text);
    if (text.empty() || (text.front() != '\'' && text.front() != '"'))
        return sanitizedUtf8(text);
    const char quote = text.front();
    std::string out;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size())
            ++i;
        else if (text[i] == quote && i + 1 < text.size() && text[i + 1] == quote)
            ++i;
        else if (text[i] == quote)
            break;
        out += text[i];
    }
    return sanitizedUtf8(out);
}

std::optional<PgQuantity> pgQuantity(std::string_view name, std::string_view value)
{
    const PgUnit *unit = unitOf(name);
    if (unit == nullptr || unit->unit.empty())
        return std::nullopt;
    const std::size_t end = std::min(value.size(), value.find_first_not_of("+-.0123456789eE"));
    const std::optional<double> number = parseDouble(value.substr(0, end));
    const std::string_view word = trimmed(value.substr(end));
    if (!number)
        return std::nullopt;
    // Without a unit it is in the setting's own; -1 switches off, whatever the unit.
    if (word.empty() || *number == -1)
        return PgQuantity{*number, unit->unit};
    const Scale *from = scaleOf(word), *to = scaleOf(unit->unit);
    if (from == nullptr || to == nullptr || from->isTime != to->isTime || word == "8kB")
        return std::nullopt;
    return PgQuantity{*number * from->factor / to->factor, unit->unit};
}

bool isPgSetting(std::string_view name) { return unitOf(name) != nullptr; }

std::string plainNumber(double value)
{
    std::array<char, 64> text{};
    if (std::fabs(value) < 1e15 && value == std::floor(value))
        std::snprintf(text.data(), text.size(), "%.0f", value);
    else
        std::snprintf(text.data(), text.size(), "%.6g", value);
    return text.data();
}

std::string jdbcTarget(std::string_view url)
{
    const std::size_t slashes = url.find("://");
    if (!url.starts_with("jdbc:") || slashes == std::string_view::npos)
        return {};
    std::string_view rest = url.substr(slashes + 3);
    rest = rest.substr(0, rest.find_first_of("?; "));
    // Some drivers take user:password@ before the host.
    if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos)
        rest.remove_prefix(at + 1);
    return sanitizedUtf8(rest);
}

} // namespace tailscope::import
