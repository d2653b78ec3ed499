// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/pglog/logwords.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::pglog {

/// What log_line_prefix may hold, in the order of its manual.
enum class PrefixField : std::uint8_t {
    Application,
    User,
    Database,
    ClientPort, ///< %r: host(port)
    Client, ///< %h
    BackendType,
    Pid,
    LeaderPid,
    Time,
    TimeMillis,
    Epoch,
    Command,
    SqlState,
    SessionId,
    LineNumber,
    SessionStart,
    VirtualXid,
    Xid,
    QueryId,
};
inline constexpr std::size_t kPrefixFields = 19;

/// A line whose prefix was understood. Views into the line.
struct PrefixMatch
{
    std::array<std::string_view, kPrefixFields> values;
    WordPlace word;

    std::string_view operator[](PrefixField field) const { return values[static_cast<std::size_t>(field)]; }
};

/// A log_line_prefix, matched against lines: the prefix must end where a level or the name of a field stands.
/// Texts (names, applications) end at the first place where the rest of the prefix fits. Any thread.
class LinePrefix
{
public:
    /// nullopt for an escape that log_line_prefix does not have, or more than 40 parts.
    static std::optional<LinePrefix> compile(std::string_view format);

    bool match(std::string_view line, PrefixMatch &out) const;
    /// As it stands in postgresql.conf.
    const std::string &format() const { return m_format; }
    std::size_t fields() const;
    bool has(PrefixField field) const;

private:
    struct Part
    {
        enum class Kind : std::uint8_t { Literal, Field, Quit } kind = Kind::Literal;
        PrefixField field = PrefixField::Pid;
        std::string literal;
    };
    bool matchFrom(std::size_t part, std::size_t at, std::string_view line, PrefixMatch &out,
        int &budget) const;
    bool matchText(std::size_t part, std::size_t at, std::string_view line, PrefixMatch &out,
        int &budget) const;

    std::string m_format;
    std::vector<Part> m_parts;
};

/// Lengths of what a field with a shape of its own has at the start of a text; 0 = nothing of that shape.
std::size_t sessionIdLength(std::string_view text);
std::size_t hostLength(std::string_view text); ///< an address, "[local]", a name
std::size_t addressLength(std::string_view text); ///< an address or "[local]"
std::size_t portLength(std::string_view text); ///< "(5432)"
bool isSqlState(std::string_view text);
/// Without its port: "10.0.0.1(5432)" and "10.0.0.1:5432".
std::string_view withoutPort(std::string_view client);

} // namespace tailscope::import::pglog
