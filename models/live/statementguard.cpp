// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/statementguard.h"

#include "base/sqltokens.h"

#include <algorithm>
#include <array>

namespace tailscope::live {

namespace {

using Kind = SqlTokens::Kind;

constexpr std::array<std::string_view, 6> kReading{"select", "with", "show", "explain", "values", "table"};
/// Of a session of its own: transactions, cursors and settings.
constexpr std::array<std::string_view, 9> kSession{"begin", "start", "commit", "rollback", "end", "declare",
    "fetch", "close", "set"};

template<typename List>
bool isOneOf(const List &list, std::string_view word)
{
    return std::find(list.begin(), list.end(), word) != list.end();
}

} // namespace

std::string refusalOf(std::string_view sql, Channel channel)
{
    SqlTokens tokens(sql);
    std::string token, first, last;
    bool isEnded = false;
    for (Kind kind = tokens.next(token); kind != Kind::End; kind = tokens.next(token)) {
        if (isEnded)
            return "it holds more than one statement";
        if (first.empty()) {
            // "(SELECT ...) UNION ..."
            if (kind == Kind::Symbol && token == "(")
                continue;
            first = kind == Kind::Word ? token : "?";
        }
        isEnded = kind == Kind::Symbol && token == ";";
        if (kind != Kind::Word)
            continue;
        if (token.find("read_only") != std::string::npos && first == "set")
            return "it would lift the protection against writing";
        if (token == "set_config" || (last == "read" && token == "write"))
            return "it would lift the protection against writing";
        last = token;
    }
    if (first.empty())
        return "it is empty";
    if (channel == Channel::Console)
        return first == "show" ? "" : "only SHOW is sent to a pooler's console";
    if (isOneOf(kReading, first))
        return {};
    if (channel == Channel::Session && isOneOf(kSession, first))
        return {};
    return "only statements that read are sent";
}

} // namespace tailscope::live
