// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pglog/timedtext.h"

#include "base/text.h"

namespace tailscope::import::pglog {

namespace {

/// "<phase> name: SQL" -> name and SQL; false when there is no colon.
bool splitName(std::string_view rest, TimedText &out)
{
    // Names are short; the colon of a cast in the text is no end of one.
    const std::size_t colon = rest.substr(0, 300).find(':');
    if (colon == std::string_view::npos)
        return false;
    out.name = trimmed(rest.substr(0, colon));
    if (out.name.starts_with("fetch from "))
        out.name.remove_prefix(11);
    if (out.name == "<unnamed>")
        out.name = {};
    out.text = trimmed(rest.substr(colon + 1));
    return true;
}

} // namespace

std::optional<TimedText> parseDuration(std::string_view message)
{
    const std::size_t word = durationWord(message);
    if (word == 0)
        return std::nullopt;
    std::string_view rest = message.substr(word);
    const std::size_t end = rest.find(' ');
    const std::optional<double> number = parseDouble(rest.substr(0, end));
    if (!number || *number < 0 || end == std::string_view::npos)
        return std::nullopt;
    TimedText out;
    out.durationMs = *number;
    rest.remove_prefix(end + 1);
    // The unit, in the server's language.
    const std::size_t unit = rest.find_first_of(" ,\n");
    if (unit == std::string_view::npos)
        return out;
    rest.remove_prefix(unit);
    rest.remove_prefix(std::min(rest.find_first_not_of(" ,"), rest.size()));
    if (rest.starts_with("plan:")) {
        out.isPlan = true;
        out.text = rest.substr(5);
        if (out.text.starts_with('\n'))
            out.text.remove_prefix(1);
        return out;
    }
    if (trimmed(rest).empty())
        return out;
    std::size_t length = 0;
    out.phase = phaseAt(rest, length);
    // A translated "execute" is the only word that is left.
    if (out.phase == Phase::None) {
        out.phase = Phase::Execute;
        length = std::min(rest.find(' '), rest.size());
    }
    if (!splitName(rest.substr(length), out))
        out.phase = Phase::None;
    return out;
}

std::optional<TimedText> parseStatement(std::string_view message)
{
    std::size_t length = 0;
    TimedText out;
    out.phase = phaseAt(message, length);
    if ((out.phase != Phase::Statement && out.phase != Phase::Execute)
        || !splitName(message.substr(length), out))
        return std::nullopt;
    // "statement: ..." has no name before its colon.
    if (out.phase == Phase::Statement && !out.name.empty())
        return std::nullopt;
    return out;
}

} // namespace tailscope::import::pglog
