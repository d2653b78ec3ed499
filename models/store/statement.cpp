// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/statement.h"

#include "base/units.h"
#include "store/sqliteerror.h"

#include <cmath>
#include <limits>
#include <utility>

#include <sqlite3.h>

namespace tailscope::store {

Statement::Statement(sqlite3_stmt *statement, std::string subject)
    : m_statement(statement)
    , m_subject(std::move(subject))
{}

Statement::Statement(Statement &&other) noexcept
    : m_statement(std::exchange(other.m_statement, nullptr))
    , m_subject(std::move(other.m_subject))
{}

Statement &Statement::operator=(Statement &&other) noexcept
{
    if (this != &other) {
        sqlite3_finalize(m_statement);
        m_statement = std::exchange(other.m_statement, nullptr);
        m_subject = std::move(other.m_subject);
    }
    return *this;
}

Statement::~Statement() { sqlite3_finalize(m_statement); }

void Statement::bind(int index, std::int64_t value) { sqlite3_bind_int64(m_statement, index + 1, value); }

void Statement::bind(int index, double value) { sqlite3_bind_double(m_statement, index + 1, value); }

void Statement::bind(int index, std::string_view text)
{
    // A null pointer would bind NULL: an empty text stays a text.
    sqlite3_bind_text64(m_statement, index + 1, text.data() ? text.data() : "", text.size(), SQLITE_STATIC,
        SQLITE_UTF8);
}

void Statement::bindBlob(int index, const void *data, std::size_t bytes)
{
    sqlite3_bind_blob64(m_statement, index + 1, bytes ? data : "", bytes, SQLITE_STATIC);
}

void Statement::bindNull(int index) { sqlite3_bind_null(m_statement, index + 1); }

void Statement::bindOptional(int index, const std::optional<std::int64_t> &value)
{
    if (value)
        bind(index, *value);
    else
        bindNull(index);
}

void Statement::bindOptional(int index, const std::optional<double> &value)
{
    if (value)
        bind(index, *value);
    else
        bindNull(index);
}

void Statement::bindTextOrNull(int index, std::string_view text)
{
    if (text.empty())
        bindNull(index);
    else
        bind(index, text);
}

void Statement::bindNanos(int index, std::int64_t ns)
{
    if (ns == kUnknownNanos)
        bindNull(index);
    else
        bind(index, ns);
}

int Statement::parameterIndex(const char *name) const
{
    return sqlite3_bind_parameter_index(m_statement, name) - 1;
}

Result<bool> Statement::step()
{
    const int code = sqlite3_step(m_statement);
    if (code == SQLITE_ROW)
        return true;
    if (code == SQLITE_DONE)
        return false;
    Error error = sqliteError(sqlite3_db_handle(m_statement), code, m_subject);
    sqlite3_reset(m_statement);
    return fail(std::move(error));
}

Result<void> Statement::run()
{
    const int code = sqlite3_step(m_statement);
    if (code != SQLITE_DONE && code != SQLITE_ROW) {
        Error error = sqliteError(sqlite3_db_handle(m_statement), code, m_subject);
        sqlite3_reset(m_statement);
        sqlite3_clear_bindings(m_statement);
        return fail(std::move(error));
    }
    sqlite3_reset(m_statement);
    sqlite3_clear_bindings(m_statement);
    return {};
}

void Statement::reset()
{
    sqlite3_reset(m_statement);
    sqlite3_clear_bindings(m_statement);
}

int Statement::columnCount() const { return sqlite3_column_count(m_statement); }

std::string_view Statement::columnName(int column) const
{
    const char *name = sqlite3_column_name(m_statement, column);
    return name ? std::string_view(name) : std::string_view();
}

ColumnType Statement::type(int column) const
{
    switch (sqlite3_column_type(m_statement, column)) {
    case SQLITE_INTEGER:
        return ColumnType::Integer;
    case SQLITE_FLOAT:
        return ColumnType::Real;
    case SQLITE_TEXT:
        return ColumnType::Text;
    case SQLITE_BLOB:
        return ColumnType::Blob;
    default:
        return ColumnType::Null;
    }
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(m_statement, column); }

double Statement::real(int column) const
{
    if (isNull(column))
        return std::numeric_limits<double>::quiet_NaN();
    return sqlite3_column_double(m_statement, column);
}

std::string_view Statement::text(int column) const
{
    const auto *data = reinterpret_cast<const char *>(sqlite3_column_text(m_statement, column));
    if (!data)
        return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column))};
}

std::string_view Statement::blob(int column) const
{
    const auto *data = static_cast<const char *>(sqlite3_column_blob(m_statement, column));
    if (!data)
        return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column))};
}

std::optional<std::int64_t> Statement::optionalInteger(int column) const
{
    if (isNull(column))
        return std::nullopt;
    return integer(column);
}

std::optional<double> Statement::optionalReal(int column) const
{
    if (isNull(column))
        return std::nullopt;
    return sqlite3_column_double(m_statement, column);
}

} // namespace tailscope::store
