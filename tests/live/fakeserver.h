// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

/// A server on loopback that behaves as a test needs: silent, rude, or speaking enough of PostgreSQL's
/// protocol to answer queries with what the test says.
class FakeServer
{
public:
    enum class Manner {
        Silent, ///< takes the connection and says nothing
        Closes, ///< at once
        Http, ///< another protocol
        Garbage, ///< bytes without sense
        Postgres, ///< connects, and answers queries by onQuery
        ClosesInAnswer, ///< half of a row, then the end
        Endless, ///< rows without end
        NoAnswer, ///< connects and never answers a query
        IgnoresReadOnly, ///< says that its transactions may write, whatever is set
    };
    explicit FakeServer(Manner manner);
    ~FakeServer();
    FakeServer(const FakeServer &) = delete;
    FakeServer &operator=(const FakeServer &) = delete;

    struct Answer
    {
        std::vector<std::string> columns;
        std::vector<std::vector<std::string>> rows;
    };
    /// What Postgres answers to a query; nullopt: one row that says little. Set before anybody connects;
    /// called by the threads of the server.
    std::function<std::optional<Answer>(const std::string &sql)> onQuery;

    int port() const { return m_port; }
    std::string conninfo() const; ///< host, port, dbname, user; no TLS
    int connections() const { return m_connections; }
    std::vector<std::string> queries() const;
    std::string startup() const; ///< the last startup packet, its NULs as blanks

private:
    void run();
    void serve(int socket);
    void speak(int socket);
    void answer(int socket, const std::string &sql, bool isExtended);
    bool readStartup(int socket);

    Manner m_manner;
    int m_listener = -1, m_port = 0, m_stop[2] = {-1, -1};
    std::atomic<int> m_connections{0};
    mutable std::mutex m_mutex;
    std::vector<std::string> m_queries;
    std::string m_startup;
    std::thread m_thread;
};
