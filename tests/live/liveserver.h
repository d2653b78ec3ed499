// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using PGconn = struct pg_conn;

namespace tailscope::tests {

/// The servers that fixture.sh started for the tests of this folder. Tests that need them begin with
/// TS_NEED_LIVE_SERVER(); reset() puts the servers back to how they were at the start.
class LiveServer
{
public:
    /// Empty = there are servers; else why not, for QSKIP.
    static QString missing();
    /// TS_LIVE_PRIMARY, TS_LIVE_REPLICA, TS_LIVE_BOUNCER (console), TS_LIVE_POOLED, TS_LIVE_SUPER, ...
    static std::string conninfo(const char *name);
    /// fixture.sh VERB with its folder; what it said when it failed.
    static std::optional<QString> run(std::initializer_list<std::string_view> verb);
    static void reset();
};

/// Another reader of the servers: blocking, by libpq alone, so that what the product reads can be checked.
class Psql
{
public:
    explicit Psql(const std::string &conninfo);
    ~Psql();
    Psql(const Psql &) = delete;
    Psql &operator=(const Psql &) = delete;

    bool isOpen() const;
    std::string error() const;
    /// Rows of texts; NULL is "NULL". An error fails the test that asks and gives no rows.
    std::vector<std::vector<std::string>> rows(const std::string &sql);
    std::string value(const std::string &sql); ///< of the first row and column; empty = no rows
    double number(const std::string &sql);

private:
    PGconn *m_connection = nullptr;
};

} // namespace tailscope::tests

#define TS_NEED_LIVE_SERVER()                                                                                \
    do {                                                                                                     \
        if (const QString why = tailscope::tests::LiveServer::missing(); !why.isEmpty())                     \
            QSKIP(qPrintable(why));                                                                          \
    } while (false)
/// fixture.sh VERB ARGUMENTS...; fails the test when it fails.
#define TS_FIXTURE(...)                                                                                      \
    do {                                                                                                     \
        const auto fixtureError = tailscope::tests::LiveServer::run({__VA_ARGS__});                          \
        QVERIFY2(!fixtureError, qPrintable(fixtureError.value_or(QString())));                               \
    } while (false)
