// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "items/livelines.h"
#include "store/workspace.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::items {

/// The lines of one server on the dashboard.
enum class LiveLine {
    Active, ///< client sessions by state, mean of the samples of a bin
    IdleInTransaction, ///< aborted ones too
    Idle,
    OtherState, ///< fastpath, disabled, or hidden
    OnCpu, ///< active sessions (clients and their parallel workers) by what they wait for
    LockWait,
    LwLockWait,
    IoWait,
    ClientWait,
    OtherWait,
    Commits, ///< this and all below: per second
    Rollbacks,
    BlocksHit,
    BlocksRead,
    RowsReturned,
    RowsFetched,
    RowsInserted,
    RowsUpdated,
    RowsDeleted,
    TempBytes,
    Deadlocks,
    WalBytes,
    CheckpointsTimed,
    CheckpointsRequested,
    Lines
};
constexpr std::size_t kLiveLines = std::size_t(LiveLine::Lines);

/// A server at the moment that is shown. Unknown: nullopt.
struct LiveServer
{
    std::string name, kind, version, hidden;
    std::string address; ///< host:port, as series name their instance; empty = unknown
    std::optional<bool> inRecovery;
    std::optional<Nanos> uptimeNs;
    std::optional<double> sizeBytes, growthPerHour; ///< of all databases; growth over the last hour at most
    std::optional<std::int64_t> connections, maxConnections, reservedConnections;
    std::optional<Nanos> oldestTransactionNs; ///< 0 = none open
    std::optional<double> longestWaitMs; ///< for a lock; 0 = nobody waits
    std::optional<double> ownMsPerSecond; ///< what our queries took, of the last minute
    Nanos lastSampleNs = kUnknownNanos; ///< newest of its sessions within what is shown
    std::array<std::vector<double>, kLiveLines> lines; ///< empty = never sampled
};
struct LiveReplica
{
    std::string server, name; ///< who tells, of whom
    std::vector<double> lagSeconds, bytesBehind;
};
struct LivePool
{
    std::string server, name;
    std::vector<double> active, capacity, waiting;
};

/// Everything the dashboard shows of a window of time.
struct LivePicture
{
    TimeRange window; ///< as asked
    LiveBins bins;
    std::vector<LiveServer> servers; ///< by name
    std::vector<LiveReplica> replicas;
    std::vector<LivePool> pools;
};

/// What was read of a window: the next, shifted a little, reads only what is new and the ten seconds before
/// (a slower server's samples may come late).
struct LiveCache
{
    static constexpr std::size_t kCounts = std::size_t(LiveLine::OtherWait) + 1;
    struct Moment ///< of one server's sessions
    {
        std::int64_t server = 0;
        Nanos tsNs = 0;
        std::array<float, kCounts> counts{};
    };
    struct Series
    {
        std::int64_t id = 0;
        std::string metric, server; ///< server: name of the one it is about
        Nanos offsetNs = 0;
        std::vector<LivePoint> points;
        std::int64_t source = 0;
    };
    struct Replica
    {
        std::int64_t server = 0;
        std::string name;
        Nanos tsNs = 0;
        double lagMs = 0, bytes = 0; ///< NaN = unknown
    };
    struct Pool
    {
        std::int64_t server = 0;
        std::string name;
        Nanos tsNs = 0;
        double active = 0, capacity = 0, waiting = 0; ///< NaN = unknown
    };
    TimeRange covered;
    std::int64_t newestSeries = 0;
    std::vector<Moment> moments;
    std::vector<Series> series;
    std::vector<Replica> replicas;
    std::vector<Pool> pools;
    /// Until when samples were thinned, by recording and by row of server.
    std::map<std::int64_t, Nanos> thinnedSources, thinnedServers;
};

struct LiveAnswer
{
    LivePicture picture;
    std::shared_ptr<const LiveCache> cache;
    double seconds = 0; ///< that reading took
};
/// Of all recordings and catalog snapshots, the window that ends with the moment shown. Reads
/// session_sample, session_minute, lock_edge, replica_sample, pool_sample, setting, server and the series
/// postgresql.*. Any
/// thread.
Result<LiveAnswer> readLive(const store::Workspace &workspace, TimeRange window,
    const std::shared_ptr<const LiveCache> &before, const Progress &progress);

/// An event of the recordings, for the list beside the charts.
struct LiveEvent
{
    std::int64_t id = 0;
    Nanos tsNs = 0;
    std::optional<Nanos> endNs;
    std::string kind, server, title, detail;
};
/// The newest kMaxLiveEvents of them up to a moment, oldest first.
constexpr int kMaxLiveEvents = 1000;
Result<std::vector<LiveEvent>> readLiveEvents(const store::Workspace &workspace);

} // namespace tailscope::items
