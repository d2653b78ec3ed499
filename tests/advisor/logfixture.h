// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/bulkwriter.h"
#include "store/rows.h"
#include "store/workspace.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tailscope::testing {

/// A line of a made-up server log.
struct TestLine
{
    double second = 0; ///< after kStartNs
    std::string kind, message;
    std::string statement = {}, context = {}, severity = "LOG", sqlstate = {}, pattern = {}, user = {},
                detail = {};
    std::optional<std::int64_t> pid = {};
    std::optional<double> durationMs = {};
};

/// A process of a made-up deadlock, in the order of the log.
struct TestMember
{
    std::int64_t pid = 0;
    std::string sql;
    std::string relation = {}; ///< as the log names it
};

/// What statement_stat says of a statement.
struct TestStat
{
    std::string sql;
    std::int64_t calls = 0;
    double totalMs = 0;
    std::string origin = "stat";
    std::optional<std::int64_t> rows = {}, blocks = {};
    double minutes = 60; ///< of the window, which begins at kStartNs
};

/// A workspace with log lines, samples and catalogs that went through the bulk writer. Everything that goes
/// through the writer comes first; stat(), tag() and sql() need done().
class LogFixture
{
public:
    LogFixture();
    static constexpr Nanos kStartNs = 1'699'999'980 * kNanosPerSecond; ///< a whole minute
    using Value = std::variant<std::int64_t, double, std::string>;
    using Fields = std::vector<std::pair<std::string, Value>>;

    void line(const TestLine &line);
    void deadlock(double second, const std::vector<TestMember> &members);
    /// A row of a table by the names of its columns.
    void record(RecordTable table, const Fields &fields);
    /// A series of the server as catalogs bring it: values at kStartNs + i x everySeconds.
    void series(const std::string &metric, const std::string &labels, const std::vector<double> &values,
        double everySeconds, SeriesKind kind = SeriesKind::Counter);
    void done();
    void stat(const TestStat &stat);
    void tag(const std::string &sql, const std::string &key, const std::string &value, std::int64_t calls,
        double totalMs);
    void sql(const std::string &text);
    std::int64_t statementId(const std::string &text);

    store::Workspace &workspace() { return *m_workspace; }
    /// Runs the analyses of statements' texts and the built-in rules, or one of them.
    void findings(const char *onlyRule = nullptr);
    std::string text(const std::string &sql);
    std::string severity(const char *rule);
    /// A column of the evidence of the first finding of a rule.
    std::string evidence(const char *rule, const char *column);

private:
    std::unique_ptr<store::Workspace> m_workspace;
    std::unique_ptr<store::BulkWriter> m_writer;
    RecordRef m_server = RecordRef::None;
    std::int64_t m_deadlocks = 0;
};

} // namespace tailscope::testing
