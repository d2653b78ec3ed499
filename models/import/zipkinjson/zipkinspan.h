// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "import/common/jsonframer.h"
#include "import/common/jsonrecord.h"
#include "store/rows.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::zipkin {

/// A point of the network with its service.
struct Endpoint
{
    std::string_view service, address;
    std::int64_t port = 0; ///< 0 = unknown
    bool isEmpty() const { return service.empty() && address.empty() && port == 0; }
};

/// One side of a span: what one process saw of it. Version 1 has both sides in one record.
struct Half
{
    SpanKind kind = SpanKind::Internal;
    bool shared = false; ///< the other side is a record, or half, of the same id
    std::optional<Nanos> start, duration;
    bool badDuration = false; ///< there is one, and it is no number that fits
    bool negative = false;
    Endpoint local, remote;
};

/// What a record says, both versions alike. Views live until the next parse().
class ZipkinSpan
{
public:
    struct Annotation
    {
        std::string_view time, value;
        Endpoint endpoint;
        bool isCore = false; ///< cs, sr...: became a start or an end
    };
    struct Tag
    {
        std::size_t attribute = 0; ///< in attributes()
        Endpoint endpoint;
        bool isAddress = false; ///< "sa", "ca", "ma": names the other side
    };

    simdjson::error_code parse(const JsonFramer::Record &record);
    bool repaired() const { return m_parser.repaired(); }
    std::int64_t takeTruncated() { return m_attributes.takeTruncated(); }

    std::string_view traceId, id, parentId, name;
    std::vector<Half> halves; ///< one, or the client's and the server's
    std::vector<Annotation> annotations;
    std::vector<Tag> tags;
    bool badTime = false; ///< a time stamp that is no number that fits
    bool error = false;
    AttributeList attributes() { return m_attributes.list(); }

private:
    simdjson::error_code readMember(std::string_view key, ondemand::value &value);
    simdjson::error_code readAnnotations(ondemand::value &value);
    simdjson::error_code readBinaryAnnotations(ondemand::value &value);
    simdjson::error_code readTags(ondemand::value &value);
    std::optional<Nanos> time(std::string_view text);
    void setRecordTimes(Half &half);
    void makeHalves();
    void makeCoreHalves();
    std::optional<Nanos> coreTime(std::string_view value);
    Endpoint coreEndpoint(std::string_view first, std::string_view second);
    Endpoint addressOf(std::string_view key);
    Endpoint anyEndpoint() const;

    JsonRecordParser m_parser;
    JsonAttributes m_attributes;
    std::string_view m_kind, m_timestamp, m_duration, m_shared;
    Endpoint m_local, m_remote;
};

} // namespace tailscope::import::zipkin
