// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "base/units.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tailscope::import::accesslog {

/// What a directive of a log format says.
enum class LogField : std::uint8_t {
    Skip, ///< taken and not kept: cookies, authorizations
    Attribute,
    Client,
    User,
    Time, ///< in any form of TimeText, or dd/Mon/yyyy:hh:mm:ss zone
    EpochTime, ///< seconds or less since 1970: its size tells
    Request, ///< "GET /path HTTP/1.1"
    Method,
    Target,
    Query,
    Protocol,
    Status,
    Bytes,
    Referer,
    Agent,
    Host,
    Duration, ///< see scale
    UpstreamTimes, ///< seconds: "0.1, 0.2 : 0.3", a number an attempt
    TraceId,
};

/// One line by a format. Views point into the line.
struct LogMatch
{
    std::string_view client, user, time, epoch, request, method, target, query, protocol, status, bytes,
        referer, agent, host, duration, traceId;
    Nanos durationScale = 0; ///< nanoseconds a unit
    /// Further fields: the key lies in the format.
    std::vector<std::pair<std::string_view, std::string_view>> attributes;
    std::vector<std::pair<std::string_view, std::string_view>> upstreamTimes;
};

/// A log_format of nginx ("$remote_addr [$time_local] ...") or a LogFormat of Apache ("%h %t %D"), compiled
/// to pieces that are matched from left to right, once: a field ends at the text that follows it.
class LogFormat
{
public:
    static constexpr std::size_t kMaxPieces = 200;
    /// Where in the request the written time lies. nginx writes when it is done, Apache's %t is the start.
    enum class TimeIs : std::uint8_t { Start, End };

    /// format: the string alone, or the whole directive with its quotes. Errors (Usage): no directive in it,
    /// no time, two fields with nothing between them.
    static Result<LogFormat> compile(std::string_view format);
    bool match(std::string_view line, LogMatch &out) const;
    TimeIs timeIs() const { return m_timeIs; }
    const std::string &text() const { return m_text; }

private:
    struct Piece
    {
        LogField field = LogField::Attribute;
        Nanos scale = 0;
        std::string key; ///< of an attribute
        std::string after; ///< the text that follows
        bool quoted = false; ///< a backslash before the quote that ends it escapes that
    };
    Result<void> addNginx(std::string_view format);
    Result<void> addApache(std::string_view format);
    Result<void> finish();
    void addLiteral(char c);
    static bool store(const Piece &piece, std::string_view value, LogMatch &out);
    static Piece nginxPiece(std::string_view variable);
    static Piece apachePiece(std::string_view argument, char directive);

    std::string m_text, m_before; ///< text ahead of the first field
    std::vector<Piece> m_pieces;
    TimeIs m_timeIs = TimeIs::Start;
};

} // namespace tailscope::import::accesslog
