// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/reportdata.h"

#include <pg_query.h>

#include <cctype>

namespace tailscope::report {

namespace {

/// For texts that are no complete statement: strings and numbers become '?'.
std::string withoutLiterals(const std::string &sql)
{
    std::string out;
    for (std::size_t i = 0; i < sql.size(); ++i) {
        const char c = sql[i];
        const bool wordBefore
            = !out.empty() && (std::isalnum(static_cast<unsigned char>(out.back())) || out.back() == '_');
        if (c == '\'') {
            // '' inside a string is one quote; an unclosed string runs to the end.
            ++i;
            while (i < sql.size() && (sql[i] != '\'' || (i + 1 < sql.size() && sql[i + 1] == '\''))) {
                i += sql[i] == '\'' ? 2 : 1;
            }
            out += '?';
        } else if (std::isdigit(static_cast<unsigned char>(c)) && !wordBefore) {
            while (i + 1 < sql.size()
                && (std::isdigit(static_cast<unsigned char>(sql[i + 1])) || sql[i + 1] == '.'))
                ++i;
            out += '?';
        } else {
            out += c;
        }
    }
    return out;
}

} // namespace

std::string redactedSql(const std::string &sql)
{
    if (sql.find('\0') != std::string::npos || sql.size() > 65536)
        return withoutLiterals(sql);
    const PgQueryNormalizeResult result = pg_query_normalize(sql.c_str());
    std::string text
        = result.error || !result.normalized_query ? withoutLiterals(sql) : result.normalized_query;
    pg_query_free_normalize_result(result);
    return text;
}

} // namespace tailscope::report
