// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope {

/// True when the bytes are well-formed UTF-8 (no surrogates, no overlong forms).
bool isValidUtf8(std::string_view bytes);

/// Copy with every malformed sequence replaced by U+FFFD, and NUL by U+2400.
std::string sanitizedUtf8(std::string_view bytes);

/// Longest prefix of at most maxBytes that does not cut a UTF-8 sequence.
std::string_view utf8Prefix(std::string_view text, std::size_t maxBytes);

std::string_view trimmed(std::string_view text);
std::string toLowerAscii(std::string_view text);
bool startsWithNoCase(std::string_view text, std::string_view prefix);
/// Fields between separators; n separators give n + 1 fields.
std::vector<std::string_view> split(std::string_view text, char separator);

/// Whole-text parses: no leading or trailing junk, nullopt on overflow.
std::optional<std::int64_t> parseInt64(std::string_view text);
std::optional<std::uint64_t> parseUint64(std::string_view text);
std::optional<std::uint64_t> parseHex64(std::string_view text);
/// Finite doubles only; accepts the decimal and exponent forms of JSON.
std::optional<double> parseDouble(std::string_view text);

/// Decimal number in `text` times `scale` (a power of ten, for example 1000 for us -> ns), rounded half away
/// from zero, without going through floating point, so 64-bit nanoseconds survive ("5.1" x 1000 = 5100).
/// Accepts a sign, a fraction and a decimal exponent. nullopt on junk or when the result leaves int64.
std::optional<std::int64_t> parseScaledDecimal(std::string_view text, std::int64_t scale);

/// JSON string literal (with quotes) of UTF-8 text; malformed bytes become U+FFFD.
std::string jsonQuoted(std::string_view text);
/// Appends what jsonQuoted() returns.
void appendJsonQuoted(std::string &out, std::string_view text);

/// FNV-1a, stable over runs and machines: used for content hashes, never for security.
std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0xcbf29ce484222325ULL);

/// Three significant digits with a unit: "1.24 ms", "17 s", "unknown" for kUnknownNanos.
std::string humanDuration(Nanos duration);
/// humanDuration of milliseconds given as double (plans); NaN gives "unknown".
std::string humanMillis(double milliseconds);
/// IEC: "64.6 GiB".
std::string humanBytes(std::uint64_t bytes);
/// "12,847,623".
std::string groupedCount(std::int64_t count);
/// All digits: "1.234567 ms (1,234,567 ns)" for tooltips and copies.
std::string exactDuration(Nanos duration);
/// "2026-03-02 12:00:00.123456789Z" (UTC) with as many decimals as the value needs (0, 3, 6 or 9).
std::string utcTimestamp(Nanos ns);
/// ISO 8601 / RFC 3339 date-time ("T" or blank between; fraction; Z, +hh:mm, or none). Returns UTC ns taking
/// `defaultOffsetSeconds` when the text has no zone; hasZone tells which. nullopt on junk or impossible
/// dates.
struct ParsedTime
{
    Nanos ns = 0;
    bool hasZone = false;
    int offsetSeconds = 0;
};
std::optional<ParsedTime> parseTimestamp(std::string_view text, int defaultOffsetSeconds = 0);

} // namespace tailscope
