// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "report/exportrows.h"

#include <cstdio>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace tailscope::report {

/// Writes spans as OTLP JSON lines: a line holds up to kSpansPerLine spans by resource and scope. Keys that
/// OTLP does not allow (texts, 64-bit trace ids, none at all) get ids made from the row. What OTLP has no
/// word for is left out: instants of threads, and that nobody waits for an asynchronous span.
class OtlpWriter
{
public:
    static constexpr std::size_t kSpansPerLine = 200;

    OtlpWriter(std::FILE *file, ExportReader &reader)
        : m_file(file)
        , m_reader(reader)
    {}
    /// root: id of the root of a span without trace, which makes its trace id. probability: stated for the
    /// source, put on roots; 0 = none. offset: added to its times.
    Result<void> add(const ExportSpan &span, std::int64_t root, double probability, Nanos offset);
    Result<void> flush();

private:
    std::string traceId(const ExportTrace &trace, std::int64_t root) const;
    std::string spanId(const ExportKey &key, std::int64_t id, bool isUnique) const;
    Result<std::string> resourceOf(const ExportSpan &span);
    Result<void> appendEvents(std::string &out, const ExportSpan &span, Nanos offset);
    Result<void> appendLinks(std::string &out, const ExportSpan &span);

    std::FILE *m_file;
    ExportReader &m_reader;
    std::map<std::pair<std::string, std::string>, std::string> m_groups; ///< resource, scope -> spans
    std::map<std::pair<std::int64_t, std::int64_t>, std::string> m_resources; ///< by set and track
    std::size_t m_waiting = 0;
};

} // namespace tailscope::report
