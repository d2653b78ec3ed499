// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::live {

/// How a column tells a time or a duration.
enum class RemoteUnit {
    Timestamp, ///< timestamp with or without time zone (without: UTC)
    Interval, ///< durations only
    Nanos,
    Micros,
    Millis,
    Seconds,
};
std::string_view toText(RemoteUnit unit); ///< timestamp, interval, ns, us, ms, s
std::optional<RemoteUnit> remoteUnit(std::string_view text);
/// Nanoseconds of one; 0 for Timestamp and Interval.
std::int64_t nanosOf(RemoteUnit unit);

/// Which columns of a table (or view) in another database make it a store of spans. Empty names: there is no
/// such column. A value; kept as TOML (README.md).
struct RemoteMapping
{
    std::string name; ///< as the user calls the store
    std::string schema = "public", table;
    std::string start, duration, end; ///< duration wins over end
    RemoteUnit startUnit = RemoteUnit::Timestamp, durationUnit = RemoteUnit::Nanos; ///< end: as start
    std::string service, operation, trace, span, parent;
    std::string status; ///< the span failed when it holds one of errorValues
    std::vector<std::string> errorValues;
    std::string attributes; ///< a jsonb column: one object a span
    std::vector<std::string> attributeColumns; ///< columns that are an attribute each
    /// Partition or shard key: every aggregate groups by it, so that each shard adds up its own rows.
    std::vector<std::string> shard;
    friend bool operator==(const RemoteMapping &, const RemoteMapping &) = default;

    /// What is missing or contradicts itself, without asking a server.
    Result<void> check() const;
};

/// Hostile text: bounded, unknown keys are errors with their line. `file` is for messages.
Result<RemoteMapping> parseRemoteMapping(std::string_view toml, const std::string &file);
/// The text that parseRemoteMapping() reads back as the same.
std::string toToml(const RemoteMapping &mapping);

/// A column as information_schema.columns tells it.
struct RemoteColumn
{
    std::string name, dataType; ///< "timestamp with time zone"
    std::string udtSchema, udtName; ///< "pg_catalog", "timestamptz"
};

/// A mapping by names and types; what could not be told stays empty. listKey: columns of a LIST partition
/// key.
RemoteMapping guessMapping(const std::string &schema, const std::string &table,
    const std::vector<RemoteColumn> &columns, const std::vector<std::string> &listKey);

} // namespace tailscope::live
