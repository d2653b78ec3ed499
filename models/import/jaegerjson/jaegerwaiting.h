// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/jaegerjson/jaegerrows.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::jaeger {

/// Jaeger writes the processes of a trace after its spans: spans wait here for them, at most kMaxBytes a
/// trace. Past that they go on with tracks that get their names when the processes come (the tags of a
/// process are lost to them, and the report says so).
class WaitingTrace
{
public:
    static constexpr std::size_t kMaxBytes = 32 * 1024 * 1024;
    static constexpr std::size_t kMaxUnnamed = 10'000; ///< processes whose name is waited for

    WaitingTrace(JaegerRows &rows, ImportReport &report)
        : m_rows(rows)
        , m_report(report)
    {}
    void begin();
    void traceId(std::string_view id) { m_traceId = id; }
    void span(const JsonFramer::Record &record);
    void processes(const JsonFramer::Record &record);
    void end();

private:
    struct Waiting
    {
        std::size_t begin = 0, length = 0; ///< in m_bytes
        std::uint64_t offset = 0;
        bool hasEscape = false;
    };
    void release();
    void nameLess(const JsonFramer::Record &record);

    JaegerRows &m_rows;
    ImportReport &m_report;
    std::string m_traceId;
    Processes m_processes, m_unnamed;
    bool m_known = false; ///< the processes have come, or will not be waited for
    bool m_overflow = false;
    std::vector<Waiting> m_waiting;
    std::string m_bytes;
};

} // namespace tailscope::import::jaeger
