// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace tailscope::import::accesslog {

/// What a key of a request log says. Names differ from server to server; case, dots, dashes and underscores
/// do not count ("http.status_code" is "httpStatusCode").
enum class Field : std::uint8_t {
    Other,
    Time,
    Method,
    Target,
    Route,
    RequestLine, ///< "GET /path HTTP/1.1", or an object of its own
    Status,
    Bytes,
    Duration, ///< see durationUnit()
    Client,
    User,
    Referer,
    Agent,
    Service,
    Instance,
    TraceId,
    SpanId,
    ParentId,
    Error,
};
inline constexpr int kFields = static_cast<int>(Field::Error) + 1;

struct FieldName
{
    Field field = Field::Other;
    Nanos unit = 0; ///< of a duration, as its key says; 0 = the value says it, or nobody does
};
FieldName fieldOf(std::string_view key);

/// "12.5ms", "1.2s", "340us", "17µs", "5ns". nullopt when the text has no unit.
std::optional<Nanos> durationWithUnit(std::string_view text);

} // namespace tailscope::import::accesslog
