// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/blockingquery.h"

#include "analysis/activehistory.h"
#include "analysis/lockroots.h"

#include <algorithm>
#include <limits>
#include <set>

namespace tailscope::items {

using analysis::SessionRow;

namespace {

constexpr Nanos kUsualWindow = 300 * kNanosPerSecond;
constexpr int kMostBins = 240;

Result<BlockingServer> readServer(store::Database &reader, const analysis::SampledServer &server,
    Nanos moment, const Progress &progress)
{
    BlockingServer out;
    out.server = server;
    auto sessions = analysis::sessionsAt(reader, server, moment, progress);
    if (!sessions)
        return fail(sessions.error());
    out.sampleNs = sessions->sampleNs;
    // Locks are read right after the sessions: those of the same round may be a moment later.
    auto locks = analysis::locksAt(reader, server,
        out.sampleNs == kUnknownNanos ? moment
                                      : std::max(moment, saturatingAdd(out.sampleNs, kNanosPerSecond / 2)),
        progress);
    if (!locks)
        return fail(locks.error());
    out.locksNs = locks->sampleNs;
    out.isCut = locks->isCut;
    analysis::LockSessions known;
    for (const SessionRow &row : sessions->rows)
        known.add(row);
    analysis::LockSample sample{locks->sampleNs == kUnknownNanos ? moment : locks->sampleNs,
        std::move(locks->edges)};
    analysis::mapToLeaders(sample, known);
    out.edges = std::move(sample.edges);
    out.forest = analysis::unfoldBlocking(out.edges);
    std::set<std::int64_t> pids;
    for (const analysis::BlockingEdge &edge : out.edges)
        pids.insert({edge.blocked, edge.blocker});
    for (SessionRow &row : sessions->rows) {
        if (pids.contains(row.pid))
            out.sessions.emplace(row.pid, std::move(row));
    }
    return out;
}

/// Distinct blocked processes by time of the samples of locks.
Result<void> addBins(store::Database &reader, const analysis::SampledServer &server, BlockingContent &content,
    Nanos binNs, const Progress &progress)
{
    std::map<Nanos, std::set<std::int64_t>> blocked;
    TS_TRY(analysis::eachSample(reader, "lock_edge_raw", server, content.window,
        "r.blocked_pid, r.blocker_pid", progress, [&](const store::Statement &row, Nanos ts) {
            if (row.integer(1) != row.integer(2))
                blocked[ts].insert(row.integer(1));
        }));
    const auto times = analysis::sessionSampleTimes(reader, server, content.window, progress);
    if (!times)
        return fail(times.error());
    struct Most
    {
        std::optional<int> count;
        Nanos at = kUnknownNanos;
    };
    std::vector<Most> most(content.bins.size());
    const auto add = [&](Nanos ts, int count) {
        const auto bin = std::size_t((ts - content.window.begin) / binNs);
        if (bin < most.size() && count > most[bin].count.value_or(-1))
            most[bin] = {count, ts};
    };
    for (const Nanos ts : *times)
        add(ts, 0);
    for (const auto &[ts, pids] : blocked)
        add(ts, int(pids.size()));
    for (std::size_t i = 0; i < most.size(); ++i) {
        if (!most[i].count)
            continue;
        BlockedBin &bin = content.bins[i];
        if (*most[i].count > 0 || bin.worstAt == kUnknownNanos)
            bin.worstAt = most[i].at;
        bin.blocked = bin.blocked.value_or(0) + *most[i].count;
    }
    return {};
}

} // namespace

Result<BlockingContent> blockingContent(const store::Workspace &workspace, Nanos moment,
    const TimeRange &window, StatementTexts &texts, const Progress &progress)
{
    auto reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    reader->setCancel(progress.cancel);
    const auto servers = analysis::sampledServers(*reader);
    if (!servers)
        return fail(servers.error());
    BlockingContent content;
    content.window = window;
    const Nanos when = moment == kUnknownNanos ? std::numeric_limits<Nanos>::max() / 2 : moment;
    Nanos newest = kUnknownNanos;
    std::vector<std::int64_t> statements;
    for (const analysis::SampledServer &server : *servers) {
        content.hasAny = true;
        content.hasLocks = content.hasLocks || server.hasLocks;
        auto read = readServer(*reader, server, when, progress);
        if (!read)
            return fail(read.error());
        newest = std::max({newest, read->sampleNs, read->locksNs});
        for (const auto &[pid, row] : read->sessions)
            statements.push_back(row.statementId);
        content.servers.push_back(std::move(*read));
    }
    TS_TRY(texts.load(*reader, statements));
    if (content.window.isEmpty()) {
        if (newest == kUnknownNanos)
            return content;
        content.window = {saturatingSub(newest, kUsualWindow), saturatingAdd(newest, 1)};
    }
    const Nanos binNs = analysis::activityBin(content.window.length(), kNanosPerSecond, kMostBins);
    for (Nanos at = content.window.begin; at < content.window.end; at = saturatingAdd(at, binNs))
        content.bins.push_back(
            {{at, std::min(saturatingAdd(at, binNs), content.window.end)}, {}, kUnknownNanos});
    for (const analysis::SampledServer &server : *servers)
        TS_TRY(addBins(*reader, server, content, binNs, progress));
    return content;
}

} // namespace tailscope::items
