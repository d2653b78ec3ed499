// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/pglog/lockrows.h"
#include "import/pglog/maintenancerows.h"
#include "import/pglog/rowcontext.h"
#include "import/pglog/timedtext.h"

#include <deque>
#include <string>

namespace tailscope::import::pglog {

/// Turns records into rows: log_entry with its kind, plans, deadlocks, lock waits, series and events. One
/// object a file.
class LogRows final : public RecordTaker
{
public:
    LogRows(RowSink &sink, ImportReport &report, std::string subject);

    void take(LogRecord &record) override;

private:
    /// The last statement of a process: a duration alone belongs to it.
    struct LastStatement
    {
        std::int64_t pid = 0;
        std::string text;
    };
    static constexpr std::size_t kMaxProcesses = 256;
    static constexpr std::size_t kMaxStatement = 64 * 1024;

    void addServer(const LogRecord &record);
    void classify(LogRecord &record, LogRow &row);
    bool classifyTimed(LogRecord &record, LogRow &row);
    void describe(const TimedText &timed, const LogRecord &record, LogRow &row);
    void takePlan(const TimedText &timed, const LogRecord &record, LogRow &row);
    void keepStatement(const LogRecord &record, std::string_view text);
    /// The statement that the process logged last; only the first duration behind it is its own.
    std::string takeStatement(const LogRecord &record);

    RowContext m_context;
    LockRows m_locks;
    MaintenanceRows m_maintenance;
    std::string m_subject;
    bool m_hasServer = false;
    std::deque<LastStatement> m_statements;
    std::vector<DeadlockWait> m_deadlock; ///< of the record being taken
    std::optional<LockWait> m_wait;
    std::string m_pattern, m_planQuery;
};

} // namespace tailscope::import::pglog
