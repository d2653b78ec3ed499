// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tailscope::analysis {

/// What a traceparent of W3C names: `00-<32 hex>-<16 hex>-<2 hex>`.
struct TraceParent
{
    std::string traceId; ///< 32 lower-case digits
    std::string spanId; ///< 16
};
/// The first traceparent in a text: after the key "traceparent", with = or :, quoted or not, as sqlcommenter
/// (/*traceparent='00-...'*/) and logs write it. All zeros are none.
std::optional<TraceParent> traceParentIn(std::string_view text);

/// Calls take(key, value) for each key='value' of the comments in a statement, URL escapes resolved.
void eachSqlComment(std::string_view sql,
    const std::function<void(std::string_view key, const std::string &value)> &take);

/// Calls take(key, value) for each text or number of a JSON object, not of what is nested in it. Texts with
/// escapes are passed by: no identity needs them.
void eachJsonMember(std::string_view object,
    const std::function<void(std::string_view key, std::string_view value)> &take);

} // namespace tailscope::analysis
