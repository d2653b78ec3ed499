// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Names and constants of SQL, and what the types of columns allow.
#include "live/remote/pushdownsql.h"

#include "base/text.h"

#include <algorithm>

namespace tailscope::live {

namespace {

enum class TypeClass { Text, Whole, Real, Numeric, Time, Interval, Boolean, Json, Other };

TypeClass classOf(const RemoteColumn &column)
{
    const std::string &name = column.udtName;
    const auto in = [&](std::initializer_list<std::string_view> names) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (in({"text", "varchar", "bpchar", "name"}))
        return TypeClass::Text;
    if (in({"int2", "int4", "int8"}))
        return TypeClass::Whole;
    if (in({"float4", "float8"}))
        return TypeClass::Real;
    if (in({"numeric"}))
        return TypeClass::Numeric;
    if (in({"timestamptz", "timestamp"}))
        return TypeClass::Time;
    if (in({"interval"}))
        return TypeClass::Interval;
    if (in({"bool"}))
        return TypeClass::Boolean;
    if (in({"jsonb"}))
        return TypeClass::Json;
    return TypeClass::Other;
}

bool isNumber(TypeClass type)
{
    return type == TypeClass::Whole || type == TypeClass::Real || type == TypeClass::Numeric;
}

} // namespace

std::string quotedIdentifier(std::string_view name)
{
    std::string out = "\"";
    for (const char c : name) {
        if (c == '\0')
            break; // no name of a server goes on after it
        if (c == '"')
            out += '"';
        out += c;
    }
    return out + '"';
}

std::string quotedLiteral(std::string_view text)
{
    std::string out = text.find('\\') != std::string_view::npos ? "E'" : "'";
    for (const char c : text) {
        if (c == '\0')
            continue;
        if (c == '\'' || c == '\\')
            out += c;
        out += c;
    }
    return out + '\'';
}

std::string PushdownQuery::shown() const
{
    std::string out;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != 0 ? c == quote : (c == '"' || c == '\''))
            quote = quote != 0 ? char(0) : c;
        std::size_t end = i + 1;
        while (end < text.size() && text[end] >= '0' && text[end] <= '9')
            ++end;
        const auto number = quote == 0 && c == '$' && end > i + 1 && end < i + 7
            ? parseInt64(std::string_view(text).substr(i + 1, end - i - 1))
            : std::nullopt;
        if (number && *number >= 1 && std::size_t(*number) <= parameters.size()) {
            out += quotedLiteral(parameters[std::size_t(*number) - 1]);
            i = end - 1;
        } else {
            out += c;
        }
    }
    return out;
}

const RemoteColumn *RemoteTable::column(std::string_view name) const
{
    const auto found = columns.find(name);
    return found == columns.end() ? nullptr : &found->second;
}

Result<void> RemoteTable::check() const
{
    TS_TRY(mapping.check());
    const auto refuse = [&](const std::string &name, const std::string &why) {
        return fail(ErrorCode::BadInput, mapping.schema + "." + mapping.table, "column '" + name + "' " + why,
            "Change the mapping");
    };
    std::vector<std::string> named{mapping.start, mapping.duration, mapping.end, mapping.service,
        mapping.operation, mapping.trace, mapping.span, mapping.parent, mapping.status, mapping.attributes};
    named.insert(named.end(), mapping.attributeColumns.begin(), mapping.attributeColumns.end());
    named.insert(named.end(), mapping.shard.begin(), mapping.shard.end());
    for (const std::string &name : named) {
        if (!name.empty() && !column(name))
            return refuse(name, "is not there, or may not be read");
    }
    const auto timeFits = [&](const std::string &name) {
        const TypeClass type = classOf(*column(name));
        return mapping.startUnit == RemoteUnit::Timestamp ? type == TypeClass::Time : isNumber(type);
    };
    if (!timeFits(mapping.start))
        return refuse(mapping.start,
            "is of type " + column(mapping.start)->dataType + ", which does not go with start_unit");
    // The difference is taken in the type of the column: whole numbers and others do not mix.
    const auto endFits = [&] {
        return timeFits(mapping.end)
            && (mapping.startUnit == RemoteUnit::Timestamp
                || classOf(*column(mapping.end)) == classOf(*column(mapping.start)));
    };
    if (mapping.duration.empty() && !endFits())
        return refuse(mapping.end,
            "is of type " + column(mapping.end)->dataType + "; start and end are of one kind");
    if (!mapping.duration.empty()) {
        const TypeClass type = classOf(*column(mapping.duration));
        if (mapping.durationUnit == RemoteUnit::Interval ? type != TypeClass::Interval : !isNumber(type))
            return refuse(mapping.duration,
                "is of type " + column(mapping.duration)->dataType
                    + ", which does not go with duration_unit");
    }
    if (!mapping.attributes.empty() && classOf(*column(mapping.attributes)) != TypeClass::Json)
        return refuse(mapping.attributes, "is no jsonb");
    if (!mapping.status.empty()) {
        const TypeClass type = classOf(*column(mapping.status));
        for (const std::string &value : mapping.errorValues) {
            if ((type == TypeClass::Whole && !parseInt64(value))
                || ((type == TypeClass::Real || type == TypeClass::Numeric) && !parseDouble(value))
                || (type == TypeClass::Boolean && value != "true" && value != "false"))
                return refuse(mapping.status, "cannot hold the error value '" + value + "'");
        }
    }
    return {};
}

std::string remoteValue(std::string_view text, const RemoteKey &key, const RemoteTable &table)
{
    const bool isColumn = std::find(table.mapping.attributeColumns.begin(),
                              table.mapping.attributeColumns.end(), key.attribute)
        != table.mapping.attributeColumns.end();
    if (key.kind != RemoteKey::Kind::Attribute || isColumn || !table.hasJsonPath || text.size() < 2
        || text.front() != '"' || text.back() != '"')
        return sanitizedUtf8(text);
    // What jsonb prints of a text: only these escapes, everything else as it is.
    std::string out;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        if (text[i] != '\\' || i + 2 >= text.size()) {
            out += text[i];
            continue;
        }
        switch (text[++i]) {
        case 'n':
            out += '\n';
            break;
        case 't':
            out += '\t';
            break;
        case 'r':
            out += '\r';
            break;
        case 'b':
            out += '\b';
            break;
        case 'f':
            out += '\f';
            break;
        case 'u':
            out += "\\u"; // of a control character: stays readable
            break;
        default:
            out += text[i];
        }
    }
    return sanitizedUtf8(out);
}

} // namespace tailscope::live
