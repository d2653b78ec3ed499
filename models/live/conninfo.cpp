// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/conninfo.h"

#include "base/text.h"

#include <memory>

#include <libpq-fe.h>

namespace tailscope::live {

namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

bool isSecret(const PQconninfoOption &option)
{
    return option.dispchar && std::string_view(option.dispchar) == "*";
}

} // namespace

tl::expected<Keywords, std::string> keywordsOf(const std::string &conninfo)
{
    char *message = nullptr;
    const Options options(PQconninfoParse(conninfo.c_str(), &message), &PQconninfoFree);
    if (!options) {
        std::string words = message ? std::string(trimmed(message)) : "there is not enough memory";
        if (message)
            PQfreemem(message);
        return tl::unexpected(sanitizedUtf8(words));
    }
    Keywords keywords;
    for (const PQconninfoOption *option = options.get(); option->keyword; ++option) {
        if (option->val)
            keywords.push_back({option->keyword, option->val, isSecret(*option)});
    }
    return keywords;
}

Keywords defaultKeywords()
{
    const Options options(PQconndefaults(), &PQconninfoFree);
    Keywords keywords;
    for (const PQconninfoOption *option = options.get(); option && option->keyword; ++option)
        keywords.push_back(
            {option->keyword, option->val && !isSecret(*option) ? option->val : "", isSecret(*option)});
    return keywords;
}

std::string conninfoText(const Keywords &keywords)
{
    std::string out;
    for (const Keyword &keyword : keywords) {
        out += (out.empty() ? "" : " ") + keyword.name + '=';
        const bool isPlain
            = !keyword.value.empty() && keyword.value.find_first_of(" \t\r\n\v\f'\\") == std::string::npos;
        if (isPlain) {
            out += keyword.value;
            continue;
        }
        out += '\'';
        for (const char c : keyword.value)
            out += c == '\'' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
        out += '\'';
    }
    return out;
}

} // namespace tailscope::live
