// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/firefox/firefoxrows.h"

#include <algorithm>

namespace tailscope::import::firefox {

namespace {

/// As perf writes a thread: name, process, thread.
std::string threadLabel(const Thread &thread)
{
    std::string label = thread.name.empty() ? "thread" : thread.name;
    if (!thread.pid.empty())
        label += ' ' + thread.pid;
    if (!thread.tid.empty())
        label += '/' + thread.tid;
    return label;
}

double valueOf(Cell cell) { return static_cast<double>(cell) / static_cast<double>(kOne); }

/// Nanoseconds a unit of threadCPUDelta; 0: it counts no time.
double cpuScale(std::string_view unit)
{
    if (unit == "ns")
        return 1;
    return unit == "\xC2\xB5s" || unit == "\xCE\xBCs" || unit == "us" ? 1e3 : 0;
}

} // namespace

std::size_t Thread::cells() const
{
    return tables.cells() + samples.cells() + jsAllocations.cells() + nativeAllocations.cells()
        + markers.cells();
}

Nanos timeOf(const Meta &meta, Cell cell)
{
    if (cell == kNull)
        return kUnknownNanos;
    return meta.start == kUnknownNanos ? cell : saturatingAdd(meta.start, cell);
}

void ThreadRows::emit(const Thread &thread, const Tables &shared, const std::vector<Library> &libraries,
    const Meta &meta)
{
    m_absolute |= meta.start != kUnknownNanos;
    const TableView view = TableView::of(thread.tables, shared, libraries);
    // Stacks that all threads share are made once.
    if (m_stacks == nullptr || !(m_stacks->view() == view))
        m_stacks = std::make_unique<Stacks>(view, m_sink, m_report);
    const std::string &type = thread.samples.weightType();
    const Weigh weigh = type == "tracing-ms" ? Weigh::Milliseconds
        : type == "bytes"                    ? Weigh::Bytes
                                             : Weigh::Samples;
    samples(thread, thread.samples, weigh, weigh == Weigh::Bytes ? "bytes" : "samples", meta);
    const std::vector<Cell> *cpu = thread.samples.column("threadCPUDelta");
    if (cpu != nullptr && std::any_of(cpu->begin(), cpu->end(), [](Cell cell) { return cell > 0; }))
        samples(thread, thread.samples, Weigh::Cpu, "cpu", meta);
    samples(thread, thread.jsAllocations, Weigh::Bytes, "js_allocations", meta);
    samples(thread, thread.nativeAllocations, Weigh::Bytes, "native_allocations", meta);
    emitMarkers(thread, *view.strings, meta, m_sink, m_report);
    if (m_stacks->view().stacks == &thread.tables.stacks || m_stacks->view().strings == &thread.tables.strings
        || m_stacks->view().frames == &thread.tables.frames)
        m_stacks.reset();
}

ProfileRef ThreadRows::profile(Weigh weigh, std::string_view sampleType, const Meta &meta)
{
    ProfileRow row;
    row.name = meta.product.empty() ? std::string_view("Firefox") : std::string_view(meta.product);
    row.kind = weigh == Weigh::Cpu ? ProfileKind::OnCpu
        : weigh == Weigh::Bytes    ? ProfileKind::Alloc
                                   : ProfileKind::Wall;
    row.sampleType = weigh == Weigh::Milliseconds ? std::string_view("time") : sampleType;
    row.unit = weigh == Weigh::Samples                       ? "samples"
        : weigh == Weigh::Bytes                              ? "bytes"
        : weigh == Weigh::Cpu && cpuScale(meta.cpuUnit) == 0 ? "cycles"
                                                             : "ns";
    row.period = weigh == Weigh::Samples ? meta.interval : 0;
    const auto key = std::make_tuple(weigh, std::string(sampleType), std::string(row.name), row.period);
    const auto known = m_profiles.find(key);
    return known != m_profiles.end() ? known->second : m_profiles[key] = m_sink.profile(row);
}

void ThreadRows::samples(const Thread &thread, const Table &table, Weigh weigh, const char *sampleType,
    const Meta &meta)
{
    if (table.rows() == 0)
        return;
    const ProfileRef ref = profile(weigh, sampleType, meta);
    const std::string label = threadLabel(thread);
    const std::vector<Cell> *stacks = table.column("stack"), *times = table.column("time"),
                            *deltas = table.column("timeDeltas"), *weights = table.column("weight");
    if (weights == nullptr && weigh == Weigh::Bytes)
        weights = table.column("duration"); // as older files call it
    if (weigh == Weigh::Cpu)
        weights = table.column("threadCPUDelta");
    const double scale = weigh == Weigh::Milliseconds       ? static_cast<double>(kNanosPerMilli)
        : weigh == Weigh::Cpu && cpuScale(meta.cpuUnit) > 0 ? cpuScale(meta.cpuUnit)
                                                            : 1;
    CallNodeRef noStack = CallNodeRef::None;
    Nanos passed = 0;
    for (std::size_t i = 0; i < table.rows(); ++i) {
        if (const Cell delta = cellAt(deltas, i); delta != kNull)
            passed = saturatingAdd(passed, delta);
        const Cell weight = cellAt(weights, i);
        if (weigh != Weigh::Cpu)
            m_report.rowRead();
        else if (weight == kNull || weight == 0)
            continue;
        SampleRow row;
        row.profile = ref;
        row.tsNs = timeOf(meta, times != nullptr ? cellAt(times, i) : deltas != nullptr ? passed : kNull);
        row.thread = label;
        row.weight = weight != kNull ? valueOf(weight) * scale : weigh == Weigh::Samples ? 1 : 0;
        row.count = weigh == Weigh::Samples && weight > kOne ? std::max<Cell>(weight / kOne, 1) : 1;
        const std::optional<std::size_t> stack = indexAt(stacks, i);
        if (stack) {
            row.node = m_stacks->node(ref, *stack);
            const std::optional<std::size_t> category = m_stacks->category(*stack);
            if (category && *category < meta.categories.size())
                row.state = meta.categories[*category];
        }
        if (row.node == CallNodeRef::None) {
            if (noStack == CallNodeRef::None) {
                FrameRow frame;
                frame.function = "(no stack)";
                noStack = m_sink.callNode(ref, CallNodeRef::None, m_sink.frame(frame));
            }
            row.node = noStack;
            if (weigh != Weigh::Cpu)
                m_report.note(IssueSeverity::Info, "no-stack", thread.offset,
                    "samples without a stack are below \"(no stack)\"");
        }
        m_sink.sample(row);
    }
}

} // namespace tailscope::import::firefox
