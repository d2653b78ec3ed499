// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/migrationsql/ddldefaults.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <QJsonArray>
#include <QJsonObject>

namespace tailscope::import {

namespace {

// pg_proc.provolatile of functions that defaults use.
constexpr std::array<std::string_view, 14> kStable{"now", "transaction_timestamp", "statement_timestamp",
    "current_setting", "txid_current", "current_schema", "current_user", "session_user", "current_database",
    "to_timestamp", "timezone", "date_trunc", "pg_backend_pid", "current_query"};
constexpr std::array<std::string_view, 14> kVolatile{"random", "clock_timestamp", "timeofday",
    "gen_random_uuid", "gen_random_bytes", "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4",
    "nextval", "setval", "uuidv4", "uuidv7", "random_normal", "pg_sleep"};
constexpr std::array<std::string_view, 22> kImmutable{"lower", "upper", "md5", "length", "coalesce", "abs",
    "round", "make_date", "make_interval", "jsonb_build_object", "jsonb_build_array", "json_build_object",
    "json_build_array", "array_fill", "to_tsvector", "int4range", "tstzrange", "decode", "encode", "repeat",
    "concat", "replace"};

template<std::size_t N>
bool isIn(const std::array<std::string_view, N> &list, std::string_view name)
{
    return std::find(list.begin(), list.end(), name) != list.end();
}

std::string functionName(const QJsonObject &call)
{
    const QJsonArray names = call.value(QLatin1String("funcname")).toArray();
    const QJsonObject last = names.isEmpty() ? QJsonObject() : names.last().toObject();
    return last.value(QLatin1String("String"))
        .toObject()
        .value(QLatin1String("sval"))
        .toString()
        .toStdString();
}

} // namespace

std::string_view defaultKind(const QJsonValue &expression)
{
    bool stable = false, isVolatile = false, unknown = false;
    // A stack of our own: the text may nest as it likes.
    std::vector<QJsonValue> open{expression};
    while (!open.empty()) {
        const QJsonValue node = open.back();
        open.pop_back();
        if (node.isArray()) {
            for (const auto &item : node.toArray())
                open.push_back(item);
            continue;
        }
        const QJsonObject object = node.toObject();
        for (auto it = object.begin(); it != object.end(); ++it) {
            if (it.key() == QLatin1String("FuncCall")) {
                const std::string name = functionName(it.value().toObject());
                if (isIn(kVolatile, name))
                    isVolatile = true;
                else if (isIn(kStable, name))
                    stable = true;
                else if (!isIn(kImmutable, name))
                    unknown = true;
            } else if (it.key() == QLatin1String("SQLValueFunction")) {
                stable = true; // CURRENT_TIMESTAMP, CURRENT_USER, ...
            }
            if (it.value().isObject() || it.value().isArray())
                open.push_back(it.value());
        }
    }
    return isVolatile ? "volatile" : unknown ? "function" : stable ? "stable" : "constant";
}

} // namespace tailscope::import
