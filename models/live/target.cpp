// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/target.h"

#include "base/text.h"
#include "live/conninfo.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace tailscope::live {

namespace {

constexpr std::size_t kMaxConninfo = 64 * 1024;

/// What PQconninfoParse says of a text quotes pieces of it. Where the text has a password the pieces may be
/// parts of it, so the words end at the first that is no name of a keyword.
std::string withoutQuotedParts(std::string_view message, const Keywords &known)
{
    for (std::size_t i = message.find('"'); i != std::string_view::npos;) {
        const std::size_t end = message.find('"', i + 1);
        const std::string_view quoted
            = end == std::string_view::npos ? std::string_view("?!") : message.substr(i + 1, end - i - 1);
        const bool isHarmless = quoted == "="
            || std::any_of(known.begin(), known.end(),
                [&](const Keyword &keyword) { return keyword.name == quoted; });
        if (!isHarmless)
            return std::string(message.substr(0, i)) + "(a part that is not shown, since it may be secret)";
        i = message.find('"', end + 1);
    }
    return std::string(message);
}

bool mayHoldSecret(std::string_view text)
{
    const std::string lower = toLowerAscii(text);
    // A URI has its password between ':' and '@'.
    return lower.find("pass") != std::string::npos || lower.find("secret") != std::string::npos
        || text.find('@') != std::string_view::npos || lower.find("://") != std::string::npos;
}

std::string valueOf(const Keywords &keywords, std::string_view name)
{
    const auto found = std::find_if(keywords.begin(), keywords.end(),
        [&](const Keyword &keyword) { return keyword.name == name; });
    return found == keywords.end() ? std::string() : found->value;
}

/// "a:5432,b:5433"; a socket's folder stays as it is.
std::string hostsText(const std::string &hosts, const std::string &ports)
{
    const auto hostList = split(hosts, ','), portList = split(ports, ',');
    std::string out;
    for (std::size_t i = 0; i < hostList.size(); ++i) {
        const std::string_view host = hostList[i];
        const std::string_view port = portList.size() == 1 ? portList[0]
            : i < portList.size()                          ? portList[i]
                                                           : std::string_view();
        out += i > 0 ? "," : "";
        if (host.empty())
            out += "local";
        else if (host.find(':') != std::string_view::npos)
            out += '[' + std::string(host) + ']';
        else
            out += host;
        if (!port.empty())
            out += ':' + std::string(port);
    }
    return out;
}

struct Parts
{
    std::string place, database, user;
};

Parts partsOf(const Target &target)
{
    const Keywords given = keywordsOf(target.conninfo).value_or(Keywords());
    if (const std::string service = valueOf(given, "service"); !service.empty()) {
        const std::string host = valueOf(given, "host");
        return {"service " + service + (host.empty() ? "" : " at " + hostsText(host, valueOf(given, "port"))),
            valueOf(given, "dbname"), valueOf(given, "user")};
    }
    const Keywords usual = defaultKeywords();
    const auto value = [&](std::string_view name) {
        const std::string own = valueOf(given, name);
        return own.empty() ? valueOf(usual, name) : own;
    };
    Parts parts;
    std::string host = value("host");
    if (host.empty())
        host = value("hostaddr");
    parts.place = hostsText(host, value("port"));
    parts.user = value("user");
    parts.database = value("dbname");
    if (parts.database.empty())
        parts.database = target.kind == TargetKind::Pgbouncer ? "pgbouncer" : parts.user;
    return parts;
}

} // namespace

Result<Target> parseTarget(std::string_view conninfo, TargetKind kind)
{
    const std::string text(trimmed(conninfo));
    const std::string subject = "connection string";
    if (text.size() > kMaxConninfo || text.find('\0') != std::string::npos)
        return fail(ErrorCode::Usage, subject, "it is no text of a sensible length",
            "Write host=... port=... dbname=... user=..., a URI postgresql://..., or service=NAME");
    auto keywords = keywordsOf(text);
    if (!keywords) {
        std::string words = keywords.error();
        if (mayHoldSecret(text))
            words = withoutQuotedParts(words, defaultKeywords());
        return fail(ErrorCode::Usage, subject, words,
            "Write host=... port=... dbname=... user=..., a URI postgresql://..., or service=NAME; a value "
            "with blanks stands in single quotes");
    }
    Target target;
    target.kind = kind;
    Keywords kept;
    for (Keyword &keyword : *keywords) {
        if (keyword.name == "password")
            target.password = std::move(keyword.value);
        else if (keyword.isSecret)
            target.secrets[keyword.name] = std::move(keyword.value);
        else if (keyword.name != "replication") // a sender of WAL takes no queries
            kept.push_back(std::move(keyword));
    }
    const bool isAnyDatabase = valueOf(kept, "dbname").empty() && valueOf(kept, "service").empty();
    if (kind == TargetKind::Pgbouncer && isAnyDatabase)
        kept.push_back({"dbname", "pgbouncer", false});
    target.conninfo = conninfoText(kept);
    return target;
}

std::string safeText(const Target &target)
{
    const Parts parts = partsOf(target);
    return parts.place + (parts.database.empty() ? "" : "/" + parts.database)
        + (parts.user.empty() ? "" : " as " + parts.user);
}

std::string shortText(const Target &target)
{
    if (!target.label.empty())
        return target.label;
    const Parts parts = partsOf(target);
    return parts.place + (parts.database.empty() ? "" : "/" + parts.database);
}

} // namespace tailscope::live
