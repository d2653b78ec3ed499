// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/diskspace.h"

#include "base/text.h"

#include <array>
#include <limits>

namespace tailscope::import {

namespace {

constexpr std::uint64_t kSmallImport = 64ULL * 1024 * 1024;
constexpr std::uint64_t kInflation = 12;
constexpr std::uint64_t kDefaultPercent = 120;

/// Workspace bytes per hundred bytes of text.
struct Growth
{
    std::string_view format;
    std::uint64_t percent;
};
constexpr auto kGrowth = std::to_array<Growth>({
    {"chrome-trace", 100},
    {"otlp-json", 80},
    {"otlp-protobuf", 200},
    {"jaeger-json", 60},
    {"zipkin-json", 70},
    {"collapsed", 60},
    {"perf-script", 30},
    {"access-log", 200},
    {"request-log", 120},
    {"speedscope", 200},
    {"cpuprofile", 300},
    {"heapprofile", 60},
    {"pprof", 300},
    {"pyinstrument", 60},
    {"stackprof", 200},
    {"d3-flame-graph", 100},
    {"callgrind", 100},
    {"firefox", 200},
    {"har", 60},
    {"curl-timings", 200},
    {"cprofile", 200},
    {"pprof-legacy", 200},
    {"csv-series", 90},
    {"prometheus-text", 60},
    {"prometheus-query", 120},
    {"csv-table", 500},
    {"gc-log", 100},
    {"vmstat", 900},
    {"sysstat", 900},
    {"cgroup-cpu-stat", 300},
    {"grafana-csv", 150},
    {"cloudwatch", 90},
    {"statsd", 200},
    {"event-markers", 120},
    {"budget-toml", 400},
    {"postgresql-log", 150},
    {"postgresql-syslog", 130},
    {"postgresql-csvlog", 100},
    {"postgresql-jsonlog", 80},
    {"pg-stat-statements", 150},
    {"pg-catalog", 120},
    {"migration-sql", 300},
    {"topology", 300},
    {"pooler-console", 150},
    {"k6-json", 40},
    {"k6-csv", 120},
    {"k6-summary", 200},
    {"jmeter-csv", 150},
    {"jmeter-xml", 100},
    {"gatling", 150},
    {"locust", 300},
    {"vegeta-json", 60},
    {"vegeta-csv", 120},
    {"vegeta", 300},
    {"vegeta-report", 300},
    {"wrk", 300},
    {"hdr-percentiles", 150},
    {"hdr-log", 1500},
    {"ab", 300},
    {"ab-requests", 300},
    {"ab-percentiles", 500},
    {"hey", 300},
    {"hey-csv", 300},
    {"pgbench", 300},
    {"pgbench-log", 300},
    {"pgbench-aggregate", 500},
    {"pgbouncer-log", 200},
    {"hikari-log", 60},
    {"pgbouncer-ini", 400},
    {"postgresql-conf", 300},
    {"hikari-config", 200},
    {"patroni-cluster", 150},
    {"git-log", 150},
    {"kafka-consumer-groups", 150},
    {"queue-table", 150},
    {"explain-json", 300},
    {"explain-text", 300},
    {"explain-xml", 300},
    {"explain-yaml", 300},
});

} // namespace

std::uint64_t estimateWorkspaceBytes(std::string_view format, std::uint64_t rawBytes, bool compressed)
{
    std::uint64_t percent = kDefaultPercent;
    for (const Growth &growth : kGrowth) {
        if (growth.format == format)
            percent = growth.percent;
    }
    if (compressed)
        percent *= kInflation;
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
    return rawBytes > kMax / percent ? kMax : rawBytes * percent / 100;
}

bool isBigImport(std::uint64_t estimate) { return estimate >= kSmallImport; }

std::optional<std::uint64_t> freeDiskBytes(const std::filesystem::path &workspace)
{
    std::error_code error;
    const std::filesystem::path folder = workspace.has_parent_path() ? workspace.parent_path() : ".";
    const std::filesystem::space_info space = std::filesystem::space(folder, error);
    return error ? std::nullopt : std::optional<std::uint64_t>(space.available);
}

Result<void> checkDiskSpace(const std::filesystem::path &workspace, std::uint64_t estimate)
{
    if (!isBigImport(estimate))
        return {};
    const std::optional<std::uint64_t> available = freeDiskBytes(workspace);
    if (!available || *available >= estimate)
        return {};
    return fail(ErrorCode::DiskFull, workspace.string(),
        "the import needs about " + humanBytes(estimate) + " and the disk has " + humanBytes(*available),
        "Free some space, or put the workspace on another disk. The need is a guess: --ignore-space imports "
        "all the "
        "same.");
}

} // namespace tailscope::import
