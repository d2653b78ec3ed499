// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/otlpjson/otlpresource.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tailscope::import::otlp {

/// Keys of a JSON object and fields of a message have no order: a resource may come after its records, a
/// scope too. Records whose resource and scope are known go on at once; the others wait here, at most
/// kMaxBytes for one resource, then they go on with what is known and the report says so.
class WaitingRecords
{
public:
    static constexpr std::size_t kMaxBytes = 32 * 1024 * 1024;

    WaitingRecords(RecordRows &rows, ImportReport &report)
        : m_rows(rows)
        , m_report(report)
    {}
    void beginResource();
    void resource(const Record &record);
    void endResource();
    void beginScope();
    void scope(const Record &record);
    void endScope();
    void record(const Record &record);

private:
    struct Waiting
    {
        std::size_t begin = 0, length = 0; ///< in m_bytes
        std::uint64_t offset = 0;
        std::size_t scope = 0; ///< in m_scopes
        bool hasEscape = false;
    };
    struct KnownScope
    {
        Scope scope;
        bool known = false;
    };
    void release();

    RecordRows &m_rows;
    ImportReport &m_report;
    Resource m_resource;
    bool m_resourceKnown = false;
    std::vector<KnownScope> m_scopes; ///< of this resource; the last one is being read
    std::vector<Waiting> m_waiting;
    std::string m_bytes;
};

} // namespace tailscope::import::otlp
