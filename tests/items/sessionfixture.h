// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A minute of a recorded server, row by row: a chain of three, one at work, an idle one, a hidden one.
#pragma once

#include "session/session.h"
#include "store/bulkwriter.h"

#include <QSignalSpy>
#include <QTest>

#include <memory>
#include <optional>
#include <vector>

namespace tailscope::tests {

inline constexpr Nanos kSecond = kNanosPerSecond;
inline constexpr Nanos kRecordedFrom = 1'772'449'200 * kNanosPerSecond; ///< 2026-03-02 11:00 UTC

/// Writes rows of one source; fails the program when the store does.
class Recorded
{
public:
    explicit Recorded(SourceKind kind = SourceKind::Recording)
    {
        auto workspace = store::Workspace::temporary();
        if (!workspace)
            qFatal("%s", workspace.error().toText().c_str());
        m_workspace = std::move(*workspace);
        auto writer = store::BulkWriter::create(*m_workspace, {"recording", "test", std::nullopt}, {});
        if (!writer)
            qFatal("%s", writer.error().toText().c_str());
        m_writer = std::move(*writer);
        SourceInfo info;
        info.kind = kind;
        info.clock = ClockKind::Utc;
        m_writer->setSource(info);
    }
    RecordRef server(std::string_view name, std::string_view hidden = {})
    {
        std::vector<RecordField> fields{{"name", name}, {"host", name}, {"port", std::int64_t(5432)},
            {"kind", std::string_view("postgresql")}};
        if (!hidden.empty())
            fields.push_back({"hidden", hidden});
        return m_writer->record({RecordTable::Server, {}, {}, {}, {}, fields});
    }
    struct Session
    {
        std::int64_t pid;
        std::string_view state, waitType, waitEvent, application = "shop", query;
        std::optional<int> xactSecond;
        std::string_view backend = "client backend";
        std::string_view user = "app";
    };
    void session(RecordRef server, int second, const Session &what)
    {
        std::vector<RecordField> fields{{"ts_ns", kRecordedFrom + second * kSecond}, {"pid", what.pid},
            {"backend_start_ns", kRecordedFrom - 3'600 * kSecond}, {"db", std::string_view("bench")}};
        const auto text = [&fields](std::string_view column, std::string_view value) {
            if (!value.empty())
                fields.push_back({column, value});
        };
        text("backend_type", what.backend);
        text("user", what.user);
        text("state", what.state);
        text("wait_event_type", what.waitType);
        text("wait_event", what.waitEvent);
        text("application", what.application);
        text("statement_id", what.query);
        if (what.xactSecond) {
            fields.push_back({"xact_start_ns", kRecordedFrom + *what.xactSecond * kSecond});
            fields.push_back({"query_start_ns", kRecordedFrom + *what.xactSecond * kSecond});
            fields.push_back({"state_change_ns", kRecordedFrom + *what.xactSecond * kSecond});
        }
        m_writer->record({RecordTable::SessionSample, server, {}, {}, {}, fields});
    }
    void wait(RecordRef server, int second, std::int64_t blocked, std::int64_t blocker, double ms)
    {
        const RecordField fields[]{{"ts_ns", kRecordedFrom + second * kSecond}, {"blocked_pid", blocked},
            {"blocker_pid", blocker}, {"lock_type", std::string_view("transactionid")},
            {"mode", std::string_view("ShareLock")}, {"granted_mode", std::string_view("ExclusiveLock")},
            {"relation", std::string_view("orders")}, {"waited_ms", ms}};
        m_writer->record({RecordTable::LockEdge, server, {}, {}, {}, fields});
    }
    void setting(RecordRef server, std::string_view name, std::string_view value)
    {
        const RecordField fields[]{{"ts_ns", kRecordedFrom}, {"name", name}, {"setting", value}};
        m_writer->record({RecordTable::Setting, server, {}, {}, {}, fields});
    }
    std::unique_ptr<session::Session> open()
    {
        const auto done = m_writer->finish({});
        if (!done)
            qFatal("%s", done.error().toText().c_str());
        m_writer.reset();
        auto session = std::make_unique<session::Session>(std::move(m_workspace));
        QSignalSpy loaded(session.get(), &session::Session::loaded);
        session->reload();
        if (!loaded.wait(30'000))
            qFatal("the session did not load");
        return session;
    }

private:
    std::shared_ptr<store::Workspace> m_workspace;
    std::unique_ptr<store::BulkWriter> m_writer;
};

/// 10 (idle in transaction since 15 s) <- 20 <- 30 from 20 s to 40 s; 40 works all the time; 50 idles.
inline std::unique_ptr<session::Session> recordedMinute()
{
    Recorded recorded;
    const RecordRef server = recorded.server("primary", "query texts of other users: needs pg_monitor");
    recorded.setting(server, "max_connections", "10");
    recorded.setting(server, "superuser_reserved_connections", "3");
    for (int s = 0; s < 60; ++s) {
        const bool blocked = s >= 20 && s < 40;
        if (s >= 15 && s < 40)
            recorded.session(server, s,
                {10, "idle in transaction", "Client", "ClientRead", "billing", "UPDATE orders SET n = 1",
                    15});
        if (blocked) {
            recorded.session(server, s,
                {20, "active", "Lock", "transactionid", "shop", "UPDATE orders SET n = 2", 20});
            recorded.session(server, s,
                {30, "active", "Lock", "transactionid", "shop", "UPDATE orders SET n = 3", 20});
            recorded.wait(server, s, 20, 10, 1'000.0 * (s - 19));
            recorded.wait(server, s, 30, 20, 1'000.0 * (s - 19) - 500);
        }
        recorded.session(server, s, {40, "active", {}, {}, "report", "SELECT sum(n) FROM orders", -100});
        if (s % 10 == 0) {
            recorded.session(server, s, {50, "idle", "Client", "ClientRead", "shop", "SELECT 1", {}});
            recorded.session(server, s, {60, {}, {}, {}, {}, {}, {}});
            recorded.session(server, s, {99, {}, "Activity", "CheckpointerMain", {}, {}, {}, "checkpointer"});
        }
    }
    return recorded.open();
}

} // namespace tailscope::tests
