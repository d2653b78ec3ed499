// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "import/common/jsonpull.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tailscope::import::har {

/// Parts of a request in the order they happen. Tls lies inside Connect, Queueing inside Blocked.
enum class Phase : std::uint8_t { Blocked, Queueing, Dns, Connect, Tls, Send, Wait, Receive };
inline constexpr int kPhases = 8;
std::string_view toText(Phase phase);

/// One entry of "entries", as the file says it; what is empty or negative is not said.
struct Entry
{
    static constexpr std::size_t kMaxText = 8192;
    static constexpr std::size_t kMaxHeaders = 64;

    std::string page, started, method, url, httpVersion, mimeType, error, statusText, serverIp, connection,
        initiatorType, initiatorUrl, resourceType, priority, fromCache, traceParent;
    std::optional<std::int64_t> status, requestBytes, responseBytes, contentBytes, transferBytes;
    Nanos time = kUnknownNanos;
    /// Unknown: does not apply (-1, null or absent).
    std::array<Nanos, kPhases> phases{};
    bool authenticated = false; ///< the request carries a cookie or an authorization
    /// Headers of the answer that say how it may be cached and where its time went, in lower case.
    std::vector<std::pair<std::string, std::string>> headers;

    Entry() { phases.fill(kUnknownNanos); }
    Nanos phase(Phase which) const { return phases[static_cast<std::size_t>(which)]; }
    /// At the ObjectStart; returns behind the end.
    void read(JsonPull &pull);
    /// Sum of the phases that follow each other; unknown when none applies.
    Nanos phaseSum() const;

private:
    void readRequest(JsonPull &pull);
    void readResponse(JsonPull &pull);
    void readHeaders(JsonPull &pull, bool ofRequest);
    void takeHeader(std::string name, std::string value, bool ofRequest);
    void readTimings(JsonPull &pull);
    void readInitiator(JsonPull &pull);
};

/// "db;dur=53.2;desc=\"x\", cache": name and milliseconds of what has a duration.
std::vector<std::pair<std::string, double>> serverTimings(std::string_view header);

} // namespace tailscope::import::har
