// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/otlpjson/otlpjson.h"
#include "support/importhelpers.h"

#include <QStringList>

#include <string>

/// Builders of small OTLP documents, and the rows the importer makes of them.
namespace tailscope::testing {

inline const std::string kTrace = "0af7651916cd43dd8448eb211c80319c";

inline ReadOutcome read(const std::string &text, std::size_t chunk = 65536)
{
    return readBytes(import::otlpJsonImporter(), text, chunk);
}

inline QStringList lines(const ReadOutcome &outcome, std::string_view word)
{
    QStringList result;
    for (const std::string &line : outcome.sink.linesOf(word))
        result << QString::fromStdString(line);
    return result;
}

/// One span; `more` are further members.
inline std::string span(const std::string &name, const std::string &id, const std::string &more = {})
{
    return R"({"traceId":")" + kTrace + R"(","spanId":")" + id + R"(","name":")" + name
        + R"(","kind":2,"startTimeUnixNano":"1000","endTimeUnixNano":"3000")" + more + "}";
}

inline std::string attribute(const std::string &key, const std::string &value)
{
    return R"({"key":")" + key + R"(","value":{)" + value + "}}";
}

inline std::string resource(const std::string &service)
{
    return R"("resource":{"attributes":[)" + attribute("service.name", R"("stringValue":")" + service + "\"")
        + "]}";
}

/// A document of one resource and scope.
inline std::string document(const std::string &service, const std::string &spans)
{
    return R"({"resourceSpans":[{)" + resource(service)
        + R"(,"scopeSpans":[{"scope":{"name":"lib","version":"1"},"spans":[)" + spans + "]}]}]}";
}

} // namespace tailscope::testing
