// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/joinkeys.h"

#include "analysis/embeddedjoinkeys.h"
#include "base/text.h"

#include <algorithm>
#include <sstream>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace tailscope::analysis {

std::string normalizedJoinKey(std::string_view name)
{
    std::string out = toLowerAscii(name);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c == '-' || c == '.'; }, '_');
    return out;
}

JoinKeys::Group JoinKeys::groupOf(std::string_view name) const
{
    const std::string normal = normalizedJoinKey(name);
    if (request.contains(normal))
        return Group::Request;
    return query.contains(normal) ? Group::Query : Group::None;
}

std::string JoinKeys::toText() const
{
    std::string text = "{\"request\":[";
    for (const std::string &key : request)
        text += (text.back() == '[' ? "" : ",") + jsonQuoted(key);
    text += "],\"query\":[";
    for (const std::string &key : query)
        text += (text.back() == '[' ? "" : ",") + jsonQuoted(key);
    return text + "]}";
}

Result<JoinKeys> JoinKeys::builtin()
{
    JoinKeys keys;
    if (Result<void> added = keys.add(kJoinKeysToml, "joinkeys.toml"); !added)
        return fail(std::move(added.error()));
    return keys;
}

Result<void> JoinKeys::add(std::string_view toml, const std::string &file)
{
    const toml::parse_result parsed = toml::parse(toml, file);
    if (!parsed) {
        const auto line = static_cast<std::uint64_t>(parsed.error().source().begin.line);
        return fail(Error{ErrorCode::BadInput, file, std::string(parsed.error().description()),
            Location{std::nullopt, line, std::nullopt}, "Mend the line, or delete the file."});
    }
    for (const auto &[key, node] : parsed.table()) {
        std::set<std::string, std::less<>> *names = key.str() == "request" ? &request
            : key.str() == "query"                                         ? &query
                                                                           : nullptr;
        const toml::array *list = node.as_array();
        if (names == nullptr || list == nullptr)
            return fail(ErrorCode::BadInput, file,
                "'" + std::string(key.str()) + "' is neither a list \"request\" nor a list \"query\"",
                "Write: request = [\"my_request_id\"]");
        for (const toml::node &name : *list) {
            const auto text = name.value<std::string>();
            if (!text)
                return fail(ErrorCode::BadInput, file,
                    "a name in '" + std::string(key.str()) + "' is no text",
                    "Write: request = [\"my_request_id\"]");
            names->insert(normalizedJoinKey(*text));
        }
    }
    return {};
}

} // namespace tailscope::analysis
