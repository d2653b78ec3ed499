// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/blocking.h"
#include "base/progress.h"
#include "base/result.h"
#include "base/units.h"
#include "store/database.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace tailscope::analysis {

/// An idle session of a recording is stored again at least this often, so that a moment can be read alone.
inline constexpr Nanos kSessionKeyframe = 65 * kNanosPerSecond;
/// Samples longer apart are no sampling: what was between is unknown.
inline constexpr Nanos kUsualStepLimit = 120 * kNanosPerSecond;

/// One server as the samples of all sources tell it: the same host, port and database is the same server.
struct SampledServer
{
    std::vector<std::int64_t> ids; ///< of server; 0 = rows that name no server
    std::string label; ///< name, else host:port/database
    std::string instance; ///< host:port; empty = unknown
    std::string hidden; ///< what the role may not see, and why; empty = nothing
    bool isRecording = false; ///< unchanged rows are left out (changed rows and keyframes are there)
    std::optional<std::int64_t> maxConnections; ///< without what is reserved for superusers and roles
    bool hasSessions = false, hasLocks = false;
};
/// Servers that have sessions or locks. Any thread.
Result<std::vector<SampledServer>> sampledServers(store::Database &reader);

/// A row of pg_stat_activity at one time. Empty texts and absent values are unknown.
struct SessionRow
{
    std::int64_t pid = 0, leaderPid = 0, statementId = 0;
    std::string user, db, application, client, backendType, state, waitType, waitEvent;
    Nanos ts = 0; ///< when it was seen so
    Nanos xactStart = kUnknownNanos, queryStart = kUnknownNanos, stateChange = kUnknownNanos,
          backendStart = kUnknownNanos;
    std::optional<std::int64_t> xminAge, xidAge, queryId;

    bool isActive() const { return state == "active" || state == "fastpath function call"; }
    bool isInTransaction() const { return state.starts_with("idle in transaction"); }
    /// Of an application, or a worker of its query: what load and connections are counted of.
    bool isClient() const
    {
        return backendType.empty() || backendType == "client backend" || backendType == "parallel worker";
    }
    /// It waits for something while it has work: not the loops of the server's own processes.
    bool isWaiting() const { return isActive() && !waitType.empty() && waitType != "Activity"; }
    /// It does something: a recording stores such a row with every sample, others when they change.
    bool isStoredAlways() const;
};
struct SessionsAt
{
    Nanos sampleNs = kUnknownNanos; ///< of the newest sample; unknown = there is none
    std::vector<SessionRow> rows; ///< by pid
};

/// Texts of table string, each read once. One reader, one thread.
class SampleTexts
{
public:
    explicit SampleTexts(store::Database &reader)
        : m_reader(reader)
    {}
    /// Of a column that holds an id or a text; empty = NULL.
    const std::string &text(const store::Statement &row, int column);

private:
    store::Database &m_reader;
    std::optional<store::Statement> m_query;
    std::unordered_map<std::int64_t, std::string> m_texts;
    std::string m_direct;
};

/// The columns that readSessionRow() takes, of session_sample_raw AS r.
extern const char *const kSessionColumns;
SessionRow readSessionRow(const store::Statement &row, SampleTexts &texts);

/// Reads rows of a table of samples in a range of time by its index; offsets of sources are added. `columns`
/// are of `table` AS r, behind the time (column 0). Calls take(row, time) in order of time, one id of the
/// server after the other.
Result<void> eachSample(store::Database &reader, const char *table, const SampledServer &server,
    const TimeRange &range, const std::string &columns, const Progress &progress,
    const std::function<void(const store::Statement &, Nanos)> &take);
/// Only rows that a condition holds for: " AND ...", of columns of r.
Result<void> eachSample(store::Database &reader, const char *table, const SampledServer &server,
    const TimeRange &range, const std::string &columns, const std::string &condition,
    const Progress &progress, const std::function<void(const store::Statement &, Nanos)> &take);

/// The newest time at or before the moment at which the server has a row in the table; unknown = none.
Result<Nanos> newestSample(store::Database &reader, const char *table, const SampledServer &server,
    Nanos moment);

/// The sessions of the newest sample at or before the moment. In a recording those that do nothing and were
/// stored since the newest keyframe count too, unless another backend has their number since. A keyframe is a
/// sample that stored such a row although nothing of it had changed.
Result<SessionsAt> sessionsAt(store::Database &reader, const SampledServer &server, Nanos moment,
    const Progress &progress);

/// When the sessions of the server were sampled: times of rows, and of runs of the probe that stored none
/// because nobody did anything.
Result<std::vector<Nanos>> sessionSampleTimes(store::Database &reader, const SampledServer &server,
    const TimeRange &range, const Progress &progress);

/// Samples of the sessions, ascending, in which somebody waits for a lock and after which nobody asked who
/// blocks whom: that probe is asked less often once it takes too long.
Result<std::vector<Nanos>> unaskedLockWaits(store::Database &reader, const SampledServer &server,
    const TimeRange &range, const Progress &progress);

/// Usual distance of ascending times: the lower median of those up to kUsualStepLimit; 1 s without any.
Nanos sampleStep(const std::vector<Nanos> &times);

/// The waits of the newest sample of locks at or before the moment; none once a sample of the sessions shows
/// nobody who waits.
struct LocksAt
{
    Nanos sampleNs = kUnknownNanos;
    std::vector<BlockingEdge> edges; ///< at most kMaxEdges
    bool isCut = false;
};
inline constexpr std::size_t kMaxEdges = 20'000;
Result<LocksAt> locksAt(store::Database &reader, const SampledServer &server, Nanos moment,
    const Progress &progress);

} // namespace tailscope::analysis
