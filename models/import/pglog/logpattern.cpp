// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pglog/logpattern.h"

#include "base/text.h"

namespace tailscope::import::pglog {

namespace {

constexpr std::size_t kMaxPattern = 500;
constexpr std::size_t kMaxMessage = 4096;

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isHex(char c) { return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
        || static_cast<unsigned char>(c) >= 0x80;
}

/// Length of a number with what belongs to it: "12", "3.5", "10.0.0.1", "0/1A2B", "12:30:05", an UUID.
std::size_t numberLength(std::string_view text)
{
    std::size_t n = 0;
    std::size_t hexDigits = 0;
    // Hexadecimal with a digit somewhere: an id, a position in the log.
    while (hexDigits < text.size()
        && (isHex(text[hexDigits]) || text[hexDigits] == '-' || text[hexDigits] == '/'))
        ++hexDigits;
    while (hexDigits > 0 && !isHex(text[hexDigits - 1]))
        --hexDigits;
    while (n < text.size()
        && (isDigit(text[n])
            || ((text[n] == '.' || text[n] == ':' || text[n] == ',') && n + 1 < text.size()
                && isDigit(text[n + 1]) && n > 0)))
        ++n;
    const bool ends = hexDigits >= text.size() || !isLetter(text[hexDigits]);
    return ends && hexDigits > n ? hexDigits : n;
}

/// What stands in double quotes: a value when it is quoted from input, else a name.
bool isValue(std::string_view before, std::string_view quoted)
{
    return before.ends_with(": ") || before.ends_with("near ")
        || quoted.find_first_of("/ \\") != std::string_view::npos
        || (!quoted.empty() && isDigit(quoted.front()));
}

} // namespace

std::string logPattern(std::string_view message)
{
    message = utf8Prefix(message.substr(0, message.find('\n')), kMaxMessage);
    std::string out;
    out.reserve(message.size());
    for (std::size_t i = 0; i < message.size();) {
        const char c = message[i];
        if (c == '"' || c == '\'') {
            const std::size_t close = message.find(c, i + 1);
            // The apostrophe of "can't" is no quote.
            const bool opens = c == '"' || i == 0 || !isLetter(message[i - 1]);
            if (close != std::string_view::npos && opens) {
                const std::string_view quoted = message.substr(i + 1, close - i - 1);
                if (c == '\'' || isValue(message.substr(0, i), quoted)) {
                    out += c;
                    out += '?';
                    out += c;
                } else {
                    out += message.substr(i, close + 1 - i);
                }
                i = close + 1;
                continue;
            }
        }
        const bool starts = i == 0 || (!isLetter(message[i - 1]) && !isDigit(message[i - 1]));
        if (starts && isDigit(c)) {
            i += numberLength(message.substr(i));
            out += '?';
            continue;
        }
        out += c;
        ++i;
    }
    // Only the text forms of a log put the place in the statement behind the message.
    constexpr std::string_view kPlace = " at character ?";
    if (out.ends_with(kPlace))
        out.resize(out.size() - kPlace.size());
    return std::string(utf8Prefix(trimmed(out), kMaxPattern));
}

} // namespace tailscope::import::pglog
