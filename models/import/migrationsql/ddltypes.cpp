// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/migrationsql/ddltypes.h"

#include <array>
#include <string_view>

#include <QJsonArray>

namespace tailscope::import {

namespace {

/// The grammar's names of types that format_type() spells out.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kSpelled{{
    {"int2", "smallint"},
    {"int4", "integer"},
    {"int", "integer"},
    {"int8", "bigint"},
    {"bool", "boolean"},
    {"float4", "real"},
    {"float8", "double precision"},
    {"varchar", "character varying"},
    {"bpchar", "character"},
    {"varbit", "bit varying"},
    {"timestamptz", "timestamp with time zone"},
    {"timestamp", "timestamp without time zone"},
    {"timetz", "time with time zone"},
    {"time", "time without time zone"},
}};

std::string nameOf(const QJsonValue &node)
{
    const QJsonObject string = node.toObject().value(QLatin1String("String")).toObject();
    return string.value(QLatin1String("sval")).toString().toStdString();
}

} // namespace

std::string ddlTypeName(const QJsonObject &typeName)
{
    const QJsonArray names = typeName.value(QLatin1String("names")).toArray();
    if (names.isEmpty())
        return {};
    const std::string last = nameOf(names.last());
    std::string type = last;
    const bool builtIn = names.size() == 1 || nameOf(names.first()) == "pg_catalog";
    for (const auto &[shortName, spelled] : kSpelled) {
        if (builtIn && last == shortName)
            type = spelled;
    }
    if (!builtIn)
        type = ddlDottedName(names);
    std::string modifiers;
    for (const auto &modifier : typeName.value(QLatin1String("typmods")).toArray()) {
        const QJsonObject constant = modifier.toObject().value(QLatin1String("A_Const")).toObject();
        const QJsonObject whole = constant.value(QLatin1String("ival")).toObject();
        if (constant.contains(QLatin1String("ival")))
            modifiers += (modifiers.empty() ? "" : ",")
                + std::to_string(whole.value(QLatin1String("ival")).toInt());
    }
    if (!modifiers.empty() && last != "interval") {
        // The precision of a time stands before the rest of its name.
        const std::size_t words = type.starts_with("time") ? type.find(' ') : std::string::npos;
        type.insert(words == std::string::npos ? type.size() : words, '(' + modifiers + ')');
    }
    if (!typeName.value(QLatin1String("arrayBounds")).toArray().isEmpty())
        type += "[]";
    return type;
}

bool isSerialType(const std::string &type)
{
    return type == "serial" || type == "bigserial" || type == "smallserial" || type == "serial4"
        || type == "serial8" || type == "serial2";
}

std::string ddlRelationName(const QJsonObject &relation)
{
    const std::string schema = relation.value(QLatin1String("schemaname")).toString().toStdString();
    const std::string name = relation.value(QLatin1String("relname")).toString().toStdString();
    return schema.empty() ? name : schema + '.' + name;
}

std::string ddlDottedName(const QJsonArray &names)
{
    std::string text;
    for (const auto &name : names)
        text += (text.empty() ? "" : ".") + nameOf(name);
    return text;
}

} // namespace tailscope::import
