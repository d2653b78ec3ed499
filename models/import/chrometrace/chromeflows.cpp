// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/chrometrace/chromeflows.h"

#include "base/text.h"

#include <array>
#include <charconv>

namespace tailscope::import::chrome {

namespace {

void appendHexId(std::string &key, const JsonScalar &id)
{
    std::string_view text = id.text;
    std::optional<std::uint64_t> value;
    if (id.isString) {
        if (startsWithNoCase(text, "0x"))
            text.remove_prefix(2);
        value = parseHex64(text);
    } else {
        value = parseUint64(text);
    }
    if (!value) {
        key += id.text;
        return;
    }
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), *value, 16).ptr;
    key.append("0x").append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

} // namespace

void appendFlowKey(std::string &key, const ChromeEvent &event, std::uint32_t process)
{
    key.append(event.category).append(1, '|').append(event.name).append(1, '|');
    if (event.id.scope == EventId::Scope::Local)
        key.append(std::to_string(process)).append(1, ':');
    appendHexId(key, event.id.value);
}

void appendBindKey(std::string &key, const JsonScalar &bindId)
{
    key += "bind|";
    appendHexId(key, bindId);
}

} // namespace tailscope::import::chrome
