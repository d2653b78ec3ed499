// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/accesslog/requestfields.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <string>

namespace tailscope::import::accesslog {

namespace {

struct Name
{
    std::string_view plain;
    Field field;
    Nanos unit = 0;
};

constexpr Name kNames[] = {
    {"ts", Field::Time},
    {"time", Field::Time},
    {"timestamp", Field::Time},
    {"datetime", Field::Time},
    {"date", Field::Time},
    {"timelocal", Field::Time},
    {"timeiso8601", Field::Time},
    {"starttime", Field::Time},
    {"startedat", Field::Time},
    {"msec", Field::Time},
    {"eventtime", Field::Time},
    {"startutc", Field::Time}, // Traefik
    {"requeststarttime", Field::Time},
    {"method", Field::Method},
    {"requestmethod", Field::Method},
    {"httpmethod", Field::Method},
    {"verb", Field::Method},
    {"httprequestmethod", Field::Method},
    {"csmethod", Field::Method},
    {"httpmethodname", Field::Method},
    {"path", Field::Target},
    {"uri", Field::Target},
    {"url", Field::Target},
    {"requesturi", Field::Target},
    {"requesturl", Field::Target},
    {"requestpath", Field::Target},
    {"target", Field::Target},
    {"httptarget", Field::Target},
    {"httpurl", Field::Target},
    {"urlpath", Field::Target},
    {"urlfull", Field::Target},
    {"urloriginal", Field::Target},
    {"originalurl", Field::Target},
    {"originalpath", Field::Target},
    {"route", Field::Route},
    {"httproute", Field::Route},
    {"endpoint", Field::Route},
    {"routetemplate", Field::Route},
    {"pathtemplate", Field::Route},
    {"urltemplate", Field::Route},
    {"routepattern", Field::Route},
    {"matchedroute", Field::Route},
    {"request", Field::RequestLine},
    {"requestline", Field::RequestLine},
    {"httprequest", Field::RequestLine},
    {"status", Field::Status},
    {"statuscode", Field::Status},
    {"httpstatus", Field::Status},
    {"httpstatuscode", Field::Status},
    {"responsecode", Field::Status},
    {"responsestatus", Field::Status},
    {"httpresponsestatuscode", Field::Status},
    {"responsestatuscode", Field::Status},
    {"downstreamstatus", Field::Status},
    {"bytes", Field::Bytes},
    {"bytessent", Field::Bytes},
    {"bodybytessent", Field::Bytes},
    {"size", Field::Bytes},
    {"responsesize", Field::Bytes},
    {"responsebytes", Field::Bytes},
    {"httpresponsebodysize", Field::Bytes},
    {"downstreamcontentsize", Field::Bytes},
    {"duration", Field::Duration},
    {"latency", Field::Duration},
    {"elapsed", Field::Duration},
    {"responsetime", Field::Duration},
    {"requestduration", Field::Duration},
    {"took", Field::Duration},
    {"durationms", Field::Duration, kNanosPerMilli},
    {"latencyms", Field::Duration, kNanosPerMilli},
    {"elapsedms", Field::Duration, kNanosPerMilli},
    {"responsetimems", Field::Duration, kNanosPerMilli},
    {"requesttimems", Field::Duration, kNanosPerMilli},
    {"tookms", Field::Duration, kNanosPerMilli},
    {"requestdurationms", Field::Duration, kNanosPerMilli},
    {"durationmillis", Field::Duration, kNanosPerMilli},
    {"durationmsec", Field::Duration, kNanosPerMilli},
    {"timetakenms", Field::Duration, kNanosPerMilli},
    {"totaltimems", Field::Duration, kNanosPerMilli},
    {"durations", Field::Duration, kNanosPerSecond},
    {"durationseconds", Field::Duration, kNanosPerSecond},
    {"latencyseconds", Field::Duration, kNanosPerSecond},
    {"elapsedseconds", Field::Duration, kNanosPerSecond},
    {"durationsec", Field::Duration, kNanosPerSecond},
    {"responsetimeseconds", Field::Duration, kNanosPerSecond},
    {"requesttimeseconds", Field::Duration, kNanosPerSecond},
    {"httpserverrequestduration", Field::Duration, kNanosPerSecond}, // OpenTelemetry's unit
    {"requesttime", Field::Duration, kNanosPerSecond}, // nginx: $request_time
    {"durationus", Field::Duration, kNanosPerMicro},
    {"durationmicros", Field::Duration, kNanosPerMicro},
    {"latencyus", Field::Duration, kNanosPerMicro},
    {"elapsedus", Field::Duration, kNanosPerMicro},
    {"durationns", Field::Duration, 1},
    {"durationnanos", Field::Duration, 1},
    {"latencyns", Field::Duration, 1},
    {"elapsedns", Field::Duration, 1},
    {"eventduration", Field::Duration, 1}, // Elastic's common schema
    {"client", Field::Client},
    {"clientip", Field::Client},
    {"clientaddress", Field::Client},
    {"remoteaddr", Field::Client},
    {"remoteip", Field::Client},
    {"remotehost", Field::Client},
    {"ip", Field::Client},
    {"user", Field::User},
    {"remoteuser", Field::User},
    {"userid", Field::User},
    {"enduserid", Field::User},
    {"referer", Field::Referer},
    {"referrer", Field::Referer},
    {"httpreferer", Field::Referer},
    {"useragent", Field::Agent},
    {"httpuseragent", Field::Agent},
    {"useragentoriginal", Field::Agent},
    {"agent", Field::Agent},
    {"service", Field::Service},
    {"servicename", Field::Service},
    {"app", Field::Service},
    {"application", Field::Service},
    {"instance", Field::Instance},
    {"pod", Field::Instance},
    {"podname", Field::Instance},
    {"hostname", Field::Instance},
    {"traceid", Field::TraceId},
    {"oteltraceid", Field::TraceId},
    {"xb3traceid", Field::TraceId},
    {"spanid", Field::SpanId},
    {"otelspanid", Field::SpanId},
    {"parentid", Field::ParentId},
    {"parentspanid", Field::ParentId},
    {"error", Field::Error},
};

constexpr std::size_t kMaxName = 32;

} // namespace

FieldName fieldOf(std::string_view key)
{
    if (key.size() > kMaxName)
        return {};
    std::string plain;
    for (const char c : key) {
        if (c != '_' && c != '-' && c != '.' && c != '@')
            plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    const auto *found = std::find_if(std::begin(kNames), std::end(kNames),
        [&](const Name &name) { return name.plain == plain; });
    return found != std::end(kNames) ? FieldName{found->field, found->unit} : FieldName{};
}

std::optional<Nanos> durationWithUnit(std::string_view text)
{
    struct Unit
    {
        std::string_view suffix;
        Nanos ns;
    };
    // Longer suffixes first: "ns" ends in "s".
    static constexpr std::array<Unit, 6> units{
        {{"ns", 1}, {"us", kNanosPerMicro}, {"\xC2\xB5s", kNanosPerMicro}, {"\xCE\xBCs", kNanosPerMicro},
            {"ms", kNanosPerMilli}, {"s", kNanosPerSecond}}};
    for (const Unit &unit : units) {
        if (text.ends_with(unit.suffix))
            return parseScaledDecimal(trimmed(text.substr(0, text.size() - unit.suffix.size())), unit.ns);
    }
    return std::nullopt;
}

} // namespace tailscope::import::accesslog
