// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A workspace with lines of a server's log, deadlocks and waits for locks, as an importer writes them.
#pragma once

#include "advisor/plananalyses.h"
#include "session/session.h"
#include "store/bulkwriter.h"

#include <QSignalSpy>
#include <QTest>

#include <memory>
#include <string>
#include <vector>

namespace tailscope::tests {

inline constexpr Nanos kLogStart = 1'699'999'980 * kNanosPerSecond; // a whole minute

class LogRecords
{
public:
    LogRecords()
        : m_workspace(take(store::Workspace::temporary()))
        , m_writer(take(store::BulkWriter::create(*m_workspace, {"postgresql.log", "test", {}}, {})))
    {
        SourceInfo info;
        info.kind = SourceKind::Log;
        m_writer->setSource(info);
        const RecordField server[]{{"kind", std::string_view("postgresql")},
            {"name", std::string_view("db1")}};
        m_server = m_writer->record({RecordTable::Server, {}, {}, {}, {}, server});
    }

    LogRef line(double second, const char *kind, const char *severity, const std::string &message,
        const char *pattern, double durationMs = -1, const char *statement = "", std::int64_t pid = 7)
    {
        LogRow row;
        row.tsNs = kLogStart + Nanos(second * 1e9);
        row.offsetSeconds = 7200;
        row.kind = kind;
        row.severity = severity;
        row.message = message;
        row.pattern = pattern;
        row.statement = statement;
        row.pid = pid;
        row.user = "shop";
        row.server = m_server;
        if (durationMs >= 0)
            row.durationMs = durationMs;
        return m_writer->logEntry(row);
    }

    void deadlock(double second, const std::vector<std::pair<std::int64_t, std::string>> &processes,
        const char *relation = "orders")
    {
        const LogRef log = line(second, "deadlock", "ERROR", "deadlock detected", "deadlock detected", -1, "",
            processes.front().first);
        ++m_deadlocks;
        for (std::size_t i = 0; i < processes.size(); ++i) {
            const std::string_view sql = processes[i].second;
            const RecordField fields[]{{"deadlock", m_deadlocks}, {"position", std::int64_t(i)},
                {"ts_ns", kLogStart + Nanos(second * 1e9)}, {"pid", processes[i].first},
                {"waits_for_pid", processes[(i + 1) % processes.size()].first},
                {"lock_type", std::string_view("transactionid")}, {"mode", std::string_view("ShareLock")},
                {"waits_for", std::string_view("transaction 771")}, {"relation", std::string_view(relation)},
                {"query_text", sql}, {"statement_id", sql}};
            m_writer->record({RecordTable::DeadlockMember, m_server, {}, {}, log, fields});
        }
    }

    void wait(double second, std::int64_t blocked, std::int64_t blocker, double waitedMs)
    {
        const RecordField fields[]{{"ts_ns", kLogStart + Nanos(second * 1e9)}, {"blocked_pid", blocked},
            {"blocker_pid", blocker}, {"mode", std::string_view("ShareLock")},
            {"lock_type", std::string_view("transactionid")}, {"waited_ms", waitedMs}};
        m_writer->record({RecordTable::LockEdge, m_server, {}, {}, {}, fields});
    }

    /// The session over what was written, loaded.
    std::unique_ptr<session::Session> open()
    {
        if (const auto finished = m_writer->finish({}); !finished)
            qFatal("%s", finished.error().toText().c_str());
        m_writer.reset();
        if (const auto facts = analysis::refreshWorkspaceAnalyses(*m_workspace, advisor::planAnalyses(), {});
            !facts)
            qFatal("%s", facts.error().toText().c_str());
        auto session = std::make_unique<session::Session>(std::move(m_workspace));
        QSignalSpy loaded(session.get(), &session::Session::loaded);
        session->reload();
        if (!loaded.wait(30'000))
            qFatal("the session did not load");
        return session;
    }

private:
    template<typename T>
    static T take(Result<T> result)
    {
        if (!result)
            qFatal("%s", result.error().toText().c_str());
        return std::move(*result);
    }

    std::unique_ptr<store::Workspace> m_workspace;
    std::unique_ptr<store::BulkWriter> m_writer;
    RecordRef m_server = RecordRef::None;
    std::int64_t m_deadlocks = 0;
};

/// Twelve slow statements of two shapes, forty errors within a minute, three checkpoints, four deadlocks of
/// two pairs and two waits, one of them told twice.
inline void fillLog(LogRecords &log)
{
    for (int i = 0; i < 12; ++i)
        log.line(i * 60, "slow_statement", "LOG",
            "duration: " + std::to_string(100 + i) + ".5 ms  statement: SELECT 1",
            "duration: ? ms  statement", 100.5 + i,
            i % 3 == 0 ? "SELECT * FROM orders WHERE id = 7" : "SELECT 1");
    for (int i = 0; i < 40; ++i)
        log.line(300 + i, "error", "ERROR", "relation \"x" + std::to_string(i) + "\" does not exist",
            "relation \"?\" does not exist");
    for (int i = 0; i < 3; ++i)
        log.line(i * 200, "checkpoint", "LOG", "checkpoint starting: time", "checkpoint starting: time");
    const std::string pay = "UPDATE orders SET state = 'paid' WHERE id = 7",
                      ship = "UPDATE orders SET shipped = true WHERE id = 8";
    for (int i = 0; i < 3; ++i)
        log.deadlock(100 + i * 60, {{11, pay}, {12, ship}});
    log.deadlock(500, {{21, pay}, {22, "DELETE FROM stock WHERE sku = 'a'"}, {23, ship}}, "stock");
    log.line(52, "lock_wait", "LOG", "process 31 still waiting", "process ? still waiting", 1000,
        "UPDATE orders SET state = 'paid' WHERE id = 9", 31);
    log.wait(52, 31, 30, 1000.2);
    log.wait(58, 31, 30, 7000.3);
    log.wait(400, 33, 30, 2500);
}

} // namespace tailscope::tests
