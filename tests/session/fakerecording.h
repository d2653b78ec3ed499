// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A recording whose rows the test writes: the same source in state recording, without a server.
#pragma once

#include "session/livesession.h"
#include "store/bulkwriter.h"

#include <QMutex>
#include <QMutexLocker>
#include <QTest>

#include <memory>
#include <string>

namespace tailscope::tests {

constexpr Nanos kRecordStart = 1'772'449'200 * kNanosPerSecond;

class FakeRecording : public session::LiveRecording
{
public:
    FakeRecording(const store::Workspace &workspace, std::vector<live::Target> targets)
    {
        auto writer = store::BulkWriter::create(workspace, {"recording", "live", {}, true}, {});
        if (!writer)
            qFatal("%s", writer.error().toText().c_str());
        m_writer = std::move(*writer);
        SourceInfo info;
        info.kind = SourceKind::Recording;
        m_writer->setSource(info);
        m_status.sourceId = m_writer->sourceId();
        for (const live::Target &target : targets) {
            const RecordField fields[]{{"kind", std::string_view("postgresql")},
                {"name", std::string_view(target.label)}, {"server_version", std::string_view("15.18")},
                {"server_version_num", std::int64_t(150018)}};
            m_serverRows.push_back(m_writer->record({RecordTable::Server, {}, {}, {}, {}, fields}));
            live::ServerStatus server;
            server.label = target.label;
            server.state = live::ServerStatus::State::Sampling;
            m_servers.push_back(server);
        }
    }
    ~FakeRecording() override { (void)stop(); }

    std::vector<live::ServerStatus> servers() const override
    {
        QMutexLocker lock(&m_mutex);
        return m_servers;
    }
    live::RecordingStatus recording() const override
    {
        QMutexLocker lock(&m_mutex);
        live::RecordingStatus status = m_status;
        if (m_writer)
            status.rows = m_writer->rowsCommitted();
        return status;
    }
    void setPassword(std::size_t server, std::string password) override
    {
        QMutexLocker lock(&m_mutex);
        passwords.emplace_back(server, std::move(password));
        m_servers[server].state = live::ServerStatus::State::Sampling;
    }
    void runNow(std::string_view probe) override { snapshots.emplace_back(probe); }
    Result<void> stop() override
    {
        QMutexLocker lock(&m_mutex);
        if (!m_writer)
            return {};
        m_status.rows = m_writer->rowsTaken();
        Result<void> finished = m_writer->finish({});
        m_writer.reset();
        return finished;
    }

    store::BulkWriter &writer() { return *m_writer; }
    RecordRef server(std::size_t i) const { return m_serverRows[i]; }
    void setServer(std::size_t i, const live::ServerStatus &status)
    {
        QMutexLocker lock(&m_mutex);
        m_servers[i] = status;
    }
    void setError(Error error)
    {
        QMutexLocker lock(&m_mutex);
        m_status.error = std::move(error);
    }
    /// One session of the first server, `second` seconds after the start, committed when it returns.
    void addSession(int second, const char *state = "active")
    {
        const Nanos ts = kRecordStart + second * kNanosPerSecond;
        const RecordField fields[]{{"ts_ns", ts}, {"pid", std::int64_t(4711)},
            {"backend_type", std::string_view("client backend")}, {"state", std::string_view(state)}};
        m_writer->record({RecordTable::SessionSample, m_serverRows.front(), {}, {}, {}, fields});
        commit(ts);
    }
    /// Everything given to writer() so far is committed when it returns; `last` is its time.
    void commit(Nanos last)
    {
        m_writer->flush();
        if (!QTest::qWaitFor([this] { return m_writer->rowsCommitted() == m_writer->rowsTaken(); }, 10'000))
            qFatal("nothing is committed");
        QMutexLocker lock(&m_mutex);
        if (m_status.startNs == 0)
            m_status.startNs = last;
        m_status.lastNs = std::max(m_status.lastNs, last);
    }

    std::vector<std::pair<std::size_t, std::string>> passwords;
    std::vector<std::string> snapshots;

private:
    mutable QMutex m_mutex;
    std::unique_ptr<store::BulkWriter> m_writer;
    std::vector<RecordRef> m_serverRows;
    std::vector<live::ServerStatus> m_servers;
    live::RecordingStatus m_status;
};

} // namespace tailscope::tests
