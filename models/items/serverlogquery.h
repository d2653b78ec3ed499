// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "base/units.h"
#include "store/workspace.h"

#include <QPair>
#include <QString>
#include <QStringList>

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tailscope::items {

/// Lines of logs that look alike.
struct LogPattern
{
    std::string kind, severity, sqlstate, pattern;
    std::int64_t n = 0;
    std::optional<Nanos> first, last;
    double totalMs = 0, longestMs = 0; ///< of the durations in the lines; NaN = none has one
    friend bool operator==(const LogPattern &a, const LogPattern &b)
    {
        return a.kind == b.kind && a.severity == b.severity && a.pattern == b.pattern
            && a.sqlstate == b.sqlstate;
    }
};

/// Which lines are asked for.
struct LogFilter
{
    std::string kind, severity; ///< empty = all
    QString search; ///< part of the message, the statement, the user or the application; empty = all
    std::optional<TimeRange> range; ///< of the lines' times
    std::optional<LogPattern> pattern; ///< only its lines
};

using LogValue = std::variant<std::int64_t, std::string>;
/// A condition over log_entry AS e, with the values of its marks ?1, ?2, ... in order.
struct LogCondition
{
    std::string text = "1";
    std::vector<LogValue> values;
    /// The same with the values in it, for people.
    std::string literal() const;
};
LogCondition logCondition(const LogFilter &filter);

/// Counts over time, for a picture: classes[c].counts[bin].
struct LogHistogram
{
    struct Class
    {
        std::string name;
        std::vector<std::int64_t> counts;
        std::int64_t total = 0;
    };
    TimeRange range;
    std::vector<Class> classes; ///< kinds, the most frequent first, at most eight
    std::int64_t without = 0; ///< lines without a time
};

struct LogOverview
{
    std::vector<LogPattern> patterns; ///< the most frequent first
    std::vector<std::pair<std::string, std::int64_t>> kinds, severities; ///< of all lines in the range
    LogHistogram histogram; ///< of the lines that pass
    std::int64_t lines = 0, all = 0; ///< that pass; of the workspace
    bool cut = false; ///< there are more patterns than are listed
};
/// At most 5,000 patterns. One pass over the lines each.
Result<LogOverview> logOverview(const store::Workspace &workspace, const LogFilter &filter,
    const Progress &progress);

/// One line as the table of entries shows it.
struct LogLine
{
    std::int64_t id = 0;
    std::optional<Nanos> ts;
    std::int32_t offsetSeconds = 0;
    std::optional<std::int64_t> pid;
    double durationMs = 0; ///< NaN = none
    std::string severity, user, db, message, statement;
};
enum class LogOrder { Time, Duration };
/// Ids of the lines in order, at most 2 million; lines without a value last.
Result<std::vector<std::int64_t>> logLineIds(const store::Workspace &workspace, const LogFilter &filter,
    LogOrder order, bool descending, const Progress &progress);
/// The lines of some ids, in their order.
Result<std::vector<LogLine>> logLines(const store::Workspace &workspace, const std::vector<std::int64_t> &ids,
    const Progress &progress);
/// Everything that is known of one line: names and values, in order. Long texts stay whole.
Result<std::vector<std::pair<std::string, std::string>>> logRecord(const store::Workspace &workspace,
    std::int64_t id);

} // namespace tailscope::items
