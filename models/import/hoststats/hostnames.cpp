// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/hoststats/hostnames.h"

#include <algorithm>
#include <array>

namespace tailscope::import::hoststats {

namespace {

struct Known
{
    std::string_view column, metric, unit;
    double scale = 1;
    std::string_view mode = {};
};

constexpr std::string_view kCpu = "system.cpu.utilization";
constexpr double kPercent = 0.01;

constexpr auto kSysstat = std::to_array<Known>({
    {"%usr", kCpu, "1", kPercent, "user"},
    {"%user", kCpu, "1", kPercent, "user"},
    {"%nice", kCpu, "1", kPercent, "nice"},
    {"%sys", kCpu, "1", kPercent, "system"},
    {"%system", kCpu, "1", kPercent, "system"},
    {"%iowait", kCpu, "1", kPercent, "iowait"},
    {"%steal", kCpu, "1", kPercent, "steal"},
    {"%irq", kCpu, "1", kPercent, "irq"},
    {"%soft", kCpu, "1", kPercent, "softirq"},
    {"%guest", kCpu, "1", kPercent, "guest"},
    {"%gnice", kCpu, "1", kPercent, "guest_nice"},
    {"%idle", kCpu, "1", kPercent, "idle"},
    {"runq-sz", "system.cpu.run_queue", "{task}"},
    {"ldavg-1", "system.cpu.load_average.1m", "{task}"},
    {"ldavg-5", "system.cpu.load_average.5m", "{task}"},
    {"ldavg-15", "system.cpu.load_average.15m", "{task}"},
    {"blocked", "system.processes.blocked", "{task}"},
    {"cswch/s", "system.context_switches.rate", "1/s"},
    {"%memused", "system.memory.utilization", "1", kPercent, "used"},
    {"kbmemfree", "system.memory.usage", "By", 1024, "free"},
    {"kbmemused", "system.memory.usage", "By", 1024, "used"},
    {"kbavail", "system.memory.available", "By", 1024},
    {"%swpused", "system.paging.utilization", "1", kPercent, "used"},
    {"pswpin/s", "system.paging.in", "{page}/s"},
    {"pswpout/s", "system.paging.out", "{page}/s"},
    {"majflt/s", "system.paging.faults.major", "1/s"},
    {"tps", "system.disk.operations.rate", "1/s"},
    {"rkB/s", "system.disk.read", "By/s", 1024},
    {"wkB/s", "system.disk.write", "By/s", 1024},
    {"aqu-sz", "system.disk.queue_length", "{request}"},
    {"avgqu-sz", "system.disk.queue_length", "{request}"},
    {"await", "system.disk.wait", "ms"},
    {"%util", "system.disk.utilization", "1", kPercent},
    {"rxkB/s", "system.network.receive", "By/s", 1024},
    {"txkB/s", "system.network.transmit", "By/s", 1024},
    {"%ifutil", "system.network.utilization", "1", kPercent},
    {"rxerr/s", "system.network.errors.receive", "1/s"},
    {"txerr/s", "system.network.errors.transmit", "1/s"},
    {"rxdrop/s", "system.network.dropped.receive", "1/s"},
    {"txdrop/s", "system.network.dropped.transmit", "1/s"},
    {"file-nr", "system.file_descriptors.used", "{file}"},
    {"%scpu-10", "system.cpu.pressure", "1", kPercent},
    {"%sio-10", "system.io.pressure", "1", kPercent},
    {"%smem-10", "system.memory.pressure", "1", kPercent},
});

constexpr std::string_view kProcessCpu = "process.cpu.utilization";
constexpr auto kPidstat = std::to_array<Known>({
    {"%usr", kProcessCpu, "1", kPercent, "user"},
    {"%system", kProcessCpu, "1", kPercent, "system"},
    {"%guest", kProcessCpu, "1", kPercent, "guest"},
    {"%wait", "process.cpu.wait", "1", kPercent},
    {"%CPU", kProcessCpu, "1", kPercent, "all"},
    {"minflt/s", "process.paging.faults.minor", "1/s"},
    {"majflt/s", "process.paging.faults.major", "1/s"},
    {"VSZ", "process.memory.virtual", "By", 1024},
    {"RSS", "process.memory.usage", "By", 1024},
    {"%MEM", "process.memory.utilization", "1", kPercent},
    {"kB_rd/s", "process.disk.read", "By/s", 1024},
    {"kB_wr/s", "process.disk.write", "By/s", 1024},
    {"cswch/s", "process.context_switches.voluntary", "1/s"},
    {"nvcswch/s", "process.context_switches.involuntary", "1/s"},
    {"threads", "process.thread.count", "{thread}"},
    {"fd-nr", "process.open_file_descriptor.count", "{file}"},
});

constexpr auto kVmstat = std::to_array<Known>({
    {"r", "system.cpu.run_queue", "{task}"},
    {"b", "system.processes.blocked", "{task}"},
    {"swpd", "system.paging.usage", "By", 1024, "used"},
    {"free", "system.memory.usage", "By", 1024, "free"},
    {"buff", "system.memory.usage", "By", 1024, "buffers"},
    {"cache", "system.memory.usage", "By", 1024, "cached"},
    {"si", "system.paging.in", "By/s", 1024},
    {"so", "system.paging.out", "By/s", 1024},
    {"bi", "system.disk.read", "By/s", 1024},
    {"bo", "system.disk.write", "By/s", 1024},
    {"in", "system.interrupts.rate", "1/s"},
    {"cs", "system.context_switches.rate", "1/s"},
    {"us", kCpu, "1", kPercent, "user"},
    {"sy", kCpu, "1", kPercent, "system"},
    {"id", kCpu, "1", kPercent, "idle"},
    {"wa", kCpu, "1", kPercent, "iowait"},
    {"st", kCpu, "1", kPercent, "steal"},
    {"gu", kCpu, "1", kPercent, "guest"},
});

template<std::size_t N>
HostMetric named(const std::array<Known, N> &known, std::string_view column, std::string_view tool)
{
    const auto found
        = std::find_if(known.begin(), known.end(), [&](const Known &one) { return one.column == column; });
    if (found != known.end())
        return {std::string(found->metric), found->unit, found->scale, found->mode};
    const std::string_view unit = column.starts_with('%') ? "%" : column.ends_with("/s") ? "1/s" : "";
    return {std::string(tool) + "." + std::string(column), unit, 1, {}};
}

} // namespace

HostMetric sysstatMetric(std::string_view column, bool isProcess)
{
    return isProcess ? named(kPidstat, column, "pidstat") : named(kSysstat, column, "sar");
}

HostMetric vmstatMetric(std::string_view column) { return named(kVmstat, column, "vmstat"); }

} // namespace tailscope::import::hoststats
