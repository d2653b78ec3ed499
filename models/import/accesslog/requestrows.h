// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "import/importreport.h"
#include "store/rowsink.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::accesslog {

/// One request as a log tells it; what is empty is unknown. Views need to live for one call.
struct Request
{
    Nanos time = kUnknownNanos;
    Nanos duration = kUnknownNanos;
    bool negativeDuration = false;
    std::string_view method, target, route, protocol, status, bytes, client, user, referer, agent, service,
        instance, more;
    std::string_view traceId, spanId, parentId;
    bool error = false; ///< the log says so, whatever the status is
    AttributeList attributes; ///< further ones
};

/// Requests into rows: each is a span of kind server, named by its method and route.
class RequestRows
{
public:
    explicit RequestRows(RowSink &sink)
        : m_sink(sink)
    {}
    void request(const Request &request);

private:
    void add(std::string_view key, std::string_view text);
    void addInteger(std::string_view key, std::string_view text);
    void addTarget(const Request &request);

    RowSink &m_sink;
    std::vector<Attribute> m_attributes;
    std::string m_route, m_operation;
};

} // namespace tailscope::import::accesslog
