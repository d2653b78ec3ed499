// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/firefox/firefoxstacks.h"

#include <memory>
#include <tuple>

namespace tailscope::import::firefox {

/// What "meta" says of the profile of a process.
struct Meta
{
    bool seen = false;
    Nanos start = kUnknownNanos; ///< 0 of its times, since 1970
    Nanos interval = 0;
    std::string product, cpuUnit;
    std::vector<std::string> categories;
};

/// One entry of "threads".
struct Thread
{
    Tables tables;
    Table samples, jsAllocations, nativeAllocations, markers;
    Payloads payloads;
    std::string name, process, pid, tid;
    std::uint64_t offset = 0;

    std::size_t cells() const;
    std::size_t textBytes() const { return tables.textBytes() + payloads.bytes(); }
};

/// Threads into rows: samples into profiles that all threads share, markers into spans and events.
class ThreadRows
{
public:
    ThreadRows(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
    {}
    void emit(const Thread &thread, const Tables &shared, const std::vector<Library> &libraries,
        const Meta &meta);
    /// The tables that emit() was given change, or go.
    void forgetStacks() { m_stacks.reset(); }
    bool sawAbsoluteTime() const { return m_absolute; }

private:
    enum class Weigh { Samples, Milliseconds, Bytes, Cpu };
    void samples(const Thread &thread, const Table &table, Weigh weigh, const char *sampleType,
        const Meta &meta);
    ProfileRef profile(Weigh weigh, std::string_view sampleType, const Meta &meta);

    RowSink &m_sink;
    ImportReport &m_report;
    std::unique_ptr<Stacks> m_stacks;
    std::map<std::tuple<Weigh, std::string, std::string, Nanos>, ProfileRef> m_profiles;
    bool m_absolute = false;
};

/// Start of the profile plus a time of its tables; unknown when the cell is null.
Nanos timeOf(const Meta &meta, Cell cell);

/// The markers of a thread: intervals become spans, instants events. See README.md.
void emitMarkers(const Thread &thread, const Strings &strings, const Meta &meta, RowSink &sink,
    ImportReport &report);

} // namespace tailscope::import::firefox
