// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "import/common/jsonrecord.h"

#include <optional>
#include <string_view>

namespace tailscope::import::jaeger {

/// A point in time: microseconds since 1970, or a date (Jaeger's storage model). nullopt when it is neither.
std::optional<Nanos> parseStart(std::string_view text);

/// A length of time: microseconds, or a number with its unit ("5000ns", "0.022s"). nullopt when it is
/// neither.
std::optional<Nanos> parseLength(std::string_view text);

/// One tag: {key, type, value}, or the storage model's {key, vType, vInt64...}, added to `out`. Values that
/// Jaeger writes as text ("true" of a bool, int64 beyond 2^53) become what their type says.
simdjson::error_code readTag(ondemand::object &object, JsonAttributes &out);

/// An array of tags; anything else is passed by.
simdjson::error_code readTags(ondemand::value &value, JsonAttributes &out);

} // namespace tailscope::import::jaeger
