// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/pglog/rowcontext.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::pglog {

/// A lock as the server describes it: "transaction 555", "tuple (0,1) of relation 16384 of database 5".
struct LockTarget
{
    std::string_view type; ///< as in pg_locks: transactionid, relation, tuple, advisory, ...
    std::string relation; ///< its number; empty = none
};
LockTarget lockTarget(std::string_view words);

/// "process 12 still waiting for ShareLock on transaction 555 after 1000.123 ms", in any language that keeps
/// the order: process, mode, object, time. Views into the message.
struct LockWait
{
    std::int64_t pid = 0;
    std::string_view mode, object;
    double waitedMs = 0;
    enum class Outcome { Waiting, Acquired, DeadlockAvoided, Deadlock, Failed } outcome = Outcome::Waiting;
};
std::optional<LockWait> parseLockWait(std::string_view message);

/// One line of a deadlock's DETAIL: "Process 12 waits for ShareLock on transaction 555; blocked by
/// process 34."
struct DeadlockWait
{
    std::int64_t pid = 0, waitsFor = 0;
    std::string_view mode, object;
    std::string query;
};
std::vector<DeadlockWait> parseDeadlock(std::string_view detail);

/// The relation that a CONTEXT names: 'while updating tuple (0,1) in relation "orders"'; empty = none.
std::string_view contextRelation(std::string_view context);

/// Rows of lock waits and deadlocks.
class LockRows
{
public:
    explicit LockRows(RowContext &context)
        : m_context(context)
    {}
    /// Fills the log's row; rows() then makes those that hang on it.
    void describeWait(const LockWait &wait, const LogRecord &record, LogRow &row);
    void waitRows(const LockWait &wait, const LogRecord &record);
    void deadlockRows(const std::vector<DeadlockWait> &waits, const LogRecord &record, LogRef log);

private:
    /// Who held the lock that a process waits for, until it is acquired.
    struct Holders
    {
        std::int64_t pid = 0;
        std::vector<std::int64_t> holders;
    };
    static constexpr std::size_t kMaxWaiting = 256;
    void edge(const LogRecord &record, std::int64_t blocked, std::int64_t blocker, std::string_view mode,
        std::string_view object, std::string_view relation, std::optional<double> waitedMs);

    RowContext &m_context;
    std::deque<Holders> m_waiting;
    std::int64_t m_deadlocks = 0;
};

} // namespace tailscope::import::pglog
