// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/sessionsamples.h"
#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tailscope::items {

/// Texts of statements, kept while a model lives: they never change. Any thread.
class StatementTexts
{
public:
    struct Text
    {
        std::string normalized, first; ///< without values; as it was first seen
    };
    /// Reads those that are not known yet.
    Result<void> load(store::Database &reader, const std::vector<std::int64_t> &ids);
    Text text(std::int64_t id) const; ///< empty = unknown

private:
    mutable std::mutex m_mutex;
    std::map<std::int64_t, Text> m_texts;
};

/// What a session does, for colours and filters.
enum class SessionTone {
    Active, ///< at work
    Waiting, ///< active, waits for something other than a lock
    LockWait,
    InTransaction, ///< idle in a transaction
    Aborted, ///< idle in a transaction that failed
    Idle,
    Background, ///< a process of the server
    Hidden, ///< the role may not see it
};
SessionTone toneOf(const analysis::SessionRow &row);

struct SessionItem
{
    analysis::SessionRow row;
    std::size_t server = 0; ///< place in SessionList::servers
    std::vector<std::int64_t> blockedBy, blocks;
    std::string query; ///< without values, one line
};
struct SessionServer
{
    analysis::SampledServer server;
    Nanos sampleNs = kUnknownNanos;
    std::int64_t connections = 0; ///< of clients at that time
};
/// Sessions of all servers at one moment.
struct SessionList
{
    Nanos moment = 0;
    std::vector<SessionServer> servers; ///< with or without a sample then
    std::vector<SessionItem> items;
};
/// moment kUnknownNanos: the newest samples.
Result<SessionList> sessionList(const store::Workspace &workspace, Nanos moment, StatementTexts &texts,
    const Progress &progress);

/// A stretch in which one session did the same.
struct SessionStretch
{
    TimeRange time;
    SessionTone tone = SessionTone::Idle;
    std::string state, wait; ///< "active", "Lock: transactionid"
    std::int64_t statementId = 0;
    int samples = 0;
};
/// What a session did in a range; where nothing is known (it was not sampled, or ended) nothing stands.
Result<std::vector<SessionStretch>> sessionHistory(const store::Workspace &workspace,
    const analysis::SampledServer &server, std::int64_t pid, Nanos backendStart, const TimeRange &range,
    const Progress &progress);

} // namespace tailscope::items
