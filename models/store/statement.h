// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3_stmt;

namespace tailscope::store {

enum class ColumnType { Null, Integer, Real, Text, Blob };

/// A compiled statement. Bind indexes and column indexes are 0-based. Bound text must outlive the next
/// step().
class Statement
{
public:
    Statement() = default;
    Statement(sqlite3_stmt *statement, std::string subject);
    Statement(Statement &&other) noexcept;
    Statement &operator=(Statement &&other) noexcept;
    ~Statement();

    void bind(int index, std::int64_t value);
    void bind(int index, double value); ///< NaN binds NULL
    void bind(int index, std::string_view text);
    void bindBlob(int index, const void *data, std::size_t bytes);
    void bindNull(int index);
    void bindOptional(int index, const std::optional<std::int64_t> &value);
    void bindOptional(int index, const std::optional<double> &value);
    /// Text, or NULL when empty.
    void bindTextOrNull(int index, std::string_view text);
    /// Nanoseconds, or NULL for kUnknownNanos.
    void bindNanos(int index, std::int64_t ns);
    /// Index of ":name", or -1.
    int parameterIndex(const char *name) const;

    /// True: a row is there. False: done.
    Result<bool> step();
    /// For statements without rows: step and reset, bindings cleared.
    Result<void> run();
    void reset();

    int columnCount() const;
    std::string_view columnName(int column) const;
    ColumnType type(int column) const;
    bool isNull(int column) const { return type(column) == ColumnType::Null; }
    std::int64_t integer(int column) const; ///< 0 for NULL
    double real(int column) const; ///< NaN for NULL
    std::string_view text(int column) const; ///< valid until the next step() or reset()
    std::string_view blob(int column) const;
    std::optional<std::int64_t> optionalInteger(int column) const;
    std::optional<double> optionalReal(int column) const;

private:
    sqlite3_stmt *m_statement = nullptr;
    std::string m_subject;
};

} // namespace tailscope::store
