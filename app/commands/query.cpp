// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// tailscope query: read-only SQL over the public schema.
#include "app/arguments.h"
#include "app/command.h"
#include "app/commands/alignedrows.h"
#include "app/commands/input.h"
#include "base/text.h"

#include <QTextStream>

#include <cmath>
#include <cstdio>

namespace tailscope::app {

namespace {

constexpr std::size_t kTableRows
    = 10'000; // a table needs its widths first; longer results go out as csv or json

QString opt(const char *name) { return QString::fromLatin1(name); }

std::string plainText(const store::Statement &row, int column)
{
    switch (row.type(column)) {
    case store::ColumnType::Null:
        return {};
    case store::ColumnType::Blob: {
        const std::string_view bytes = row.blob(column);
        return QByteArray(bytes.data(), qsizetype(bytes.size())).toHex().toStdString();
    }
    default:
        return std::string(row.text(column));
    }
}

std::string jsonValue(const store::Statement &row, int column)
{
    switch (row.type(column)) {
    case store::ColumnType::Null:
        return "null";
    case store::ColumnType::Integer:
        return std::to_string(row.integer(column));
    case store::ColumnType::Real: {
        const double value = row.real(column);
        if (!std::isfinite(value))
            return std::isnan(value) ? "null" : value > 0 ? "1e999" : "-1e999";
        return QByteArray::number(value, 'g', 17).toStdString();
    }
    default:
        return jsonQuoted(plainText(row, column));
    }
}

std::string csvField(const std::string &text, char separator)
{
    if (text.find_first_of(std::string("\"\r\n") + separator) == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"')
            quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

void put(const std::string &text) { std::fwrite(text.data(), 1, text.size(), stdout); }

Result<void> printJson(store::Statement &rows)
{
    put("[");
    bool first = true;
    while (true) {
        auto row = rows.step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        std::string line = first ? "\n{" : ",\n{";
        for (int c = 0; c < rows.columnCount(); ++c) {
            if (c > 0)
                line += ", ";
            line += jsonQuoted(rows.columnName(c)) + ": " + jsonValue(rows, c);
        }
        put(line + "}");
        first = false;
    }
    put("\n]\n");
    return {};
}

Result<void> printSeparated(store::Statement &rows, char separator)
{
    std::string line;
    for (int c = 0; c < rows.columnCount(); ++c)
        line += (c > 0 ? std::string(1, separator) : std::string())
            + csvField(std::string(rows.columnName(c)), separator);
    put(line + "\n");
    while (true) {
        auto row = rows.step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return {};
        line.clear();
        for (int c = 0; c < rows.columnCount(); ++c)
            line += (c > 0 ? std::string(1, separator) : std::string())
                + csvField(plainText(rows, c), separator);
        put(line + "\n");
    }
}

Result<void> printTable(store::Statement &rows)
{
    std::vector<std::vector<QString>> cells(1);
    std::vector<bool> numeric(std::size_t(rows.columnCount()), true);
    for (int c = 0; c < rows.columnCount(); ++c)
        cells[0].push_back(
            QString::fromUtf8(rows.columnName(c).data(), qsizetype(rows.columnName(c).size())));
    while (true) {
        auto row = rows.step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        if (cells.size() > kTableRows)
            return fail(ErrorCode::LimitExceeded, "query", "more than 10,000 rows do not fit a table",
                "Add a LIMIT or use --format csv");
        auto &line = cells.emplace_back();
        for (int c = 0; c < rows.columnCount(); ++c) {
            const auto type = rows.type(c);
            if (type == store::ColumnType::Text || type == store::ColumnType::Blob)
                numeric[std::size_t(c)] = false;
            // Line breaks would tear the table.
            line.push_back(
                QString::fromStdString(plainText(rows, c)).replace(QLatin1Char('\n'), QLatin1Char(' ')));
        }
    }
    QTextStream out(stdout);
    printAligned(out, cells, numeric);
    return {};
}

} // namespace

int runQuery(const QStringList &arguments)
{
    Arguments options(opt("query"), {{opt("format"), {}, opt("FORMAT")}});
    if (!options.parse(arguments, 2, 2, commandByName(opt("query"))->synopsis))
        return 2;
    const auto format = options.format({opt("table"), opt("csv"), opt("tsv"), opt("json")});
    if (!format)
        return 2;
    auto workspace = openReadable(options.positional().first());
    if (!workspace)
        return options.failure(workspace.error());
    auto database = (*workspace)->connectReader();
    if (!database)
        return options.failure(database.error());
    database->setReadOnlyAuthorizer(true);
    auto statement = database->prepare(options.positional().at(1).toStdString());
    if (!statement) {
        options.failure(statement.error());
        return 2; // the mistake is in the arguments, not in the workspace
    }
    const Result<void> printed = *format == opt("json") ? printJson(*statement)
        : *format == opt("csv")                         ? printSeparated(*statement, ',')
        : *format == opt("tsv")                         ? printSeparated(*statement, '\t')
                                                        : printTable(*statement);
    if (!printed) {
        std::fflush(stdout);
        options.failure(printed.error());
        return printed.error().code == ErrorCode::Sql || printed.error().code == ErrorCode::LimitExceeded
            ? 2
            : exitCode(printed.error().code);
    }
    return 0;
}

} // namespace tailscope::app
