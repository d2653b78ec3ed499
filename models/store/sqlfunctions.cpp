// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/sqlfunctions.h"

#include "base/text.h"
#include "store/fingerprint.h"
#include "store/sqliteerror.h"

#include <limits>

#include <QRegularExpression>
#include <QString>

#include <sqlite3.h>

namespace tailscope::store {

namespace {

constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
constexpr int kMaxRegexSubject = 1 << 20; // longer texts match by their first MiB

std::string_view textOf(sqlite3_value *value)
{
    const auto *data = reinterpret_cast<const char *>(sqlite3_value_text(value));
    return {data ? data : "", static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

void resultText(sqlite3_context *context, const std::string &text)
{
    sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void fingerprintFunction(sqlite3_context *context, int, sqlite3_value **values)
{
    if (sqlite3_value_type(values[0]) != SQLITE_NULL)
        resultText(context, fingerprint(textOf(values[0])));
}

void humanMsFunction(sqlite3_context *context, int, sqlite3_value **values)
{
    const bool known = sqlite3_value_type(values[0]) != SQLITE_NULL;
    resultText(context,
        humanMillis(known ? sqlite3_value_double(values[0]) : std::numeric_limits<double>::quiet_NaN()));
}

/// "text REGEXP pattern" calls regexp(pattern, text); the compiled pattern is kept over the rows of a query.
void regexpFunction(sqlite3_context *context, int, sqlite3_value **values)
{
    if (sqlite3_value_type(values[0]) == SQLITE_NULL || sqlite3_value_type(values[1]) == SQLITE_NULL)
        return;
    auto *pattern = static_cast<QRegularExpression *>(sqlite3_get_auxdata(context, 0));
    if (!pattern) {
        const std::string_view text = textOf(values[0]);
        pattern = new QRegularExpression(QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())));
        if (!pattern->isValid()) {
            const std::string message = "regexp: " + pattern->errorString().toStdString() + " at character "
                + std::to_string(pattern->patternErrorOffset() + 1);
            delete pattern;
            sqlite3_result_error(context, message.c_str(), -1);
            return;
        }
        sqlite3_set_auxdata(context, 0, pattern,
            [](void *p) { delete static_cast<QRegularExpression *>(p); });
        // SQLite may drop the data at once when it runs out of memory.
        pattern = static_cast<QRegularExpression *>(sqlite3_get_auxdata(context, 0));
        if (!pattern) {
            sqlite3_result_error_nomem(context);
            return;
        }
    }
    const std::string_view subject = utf8Prefix(textOf(values[1]), kMaxRegexSubject);
    const QString text = QString::fromUtf8(subject.data(), static_cast<qsizetype>(subject.size()));
    sqlite3_result_int(context, pattern->match(text).hasMatch() ? 1 : 0);
}

} // namespace

Result<void> registerFunctions(sqlite3 *database, const std::string &subject)
{
    int code = registerAggregates(database);
    if (code == SQLITE_OK)
        code = sqlite3_create_function_v2(database, "fingerprint", 1, kFlags, nullptr, fingerprintFunction,
            nullptr, nullptr, nullptr);
    if (code == SQLITE_OK)
        code = sqlite3_create_function_v2(database, "regexp", 2, kFlags, nullptr, regexpFunction, nullptr,
            nullptr, nullptr);
    if (code == SQLITE_OK)
        code = sqlite3_create_function_v2(database, "human_ms", 1, kFlags, nullptr, humanMsFunction, nullptr,
            nullptr, nullptr);
    if (code != SQLITE_OK)
        return fail(sqliteError(database, code, subject));
    return {};
}

} // namespace tailscope::store
