// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tracegen_base.h"

namespace tracegen {

struct Slice
{
    Nanos start = 0, duration = 0;
    std::uint32_t operation = 0;
};

// Calls of one thread in order of their start; children lie inside their parent.
class Thread
{
public:
    Thread(std::uint64_t seed, int process, int thread)
        : pid(process)
        , tid(thread)
        , m_random(seed)
    {
        advance();
    }
    const Slice &slice() const { return m_slice; }
    Random &random() { return m_random; }
    void advance()
    {
        while (!m_stack.empty()) {
            Frame &top = m_stack.back();
            const Nanos room = top.end - top.cursor;
            if (m_stack.size() < kMaxDepth && room > 2 * kMicro && m_random.chance(680)) {
                const Nanos start = top.cursor + m_random.between(0, room / 8);
                const Nanos duration = std::max<Nanos>((top.end - start) * m_random.between(8, 88) / 100, 1);
                top.cursor = start + duration;
                call(start, duration, callee(top.operation, m_random));
                return;
            }
            m_stack.pop_back();
        }
        const Nanos start = m_clock + m_random.between(kMicro, 200 * kMicro);
        const Nanos duration = m_random.latency(900 * kMicro);
        m_clock = start + duration;
        call(start, duration, m_random.below(12) * 50);
    }

    const int pid, tid;

private:
    static constexpr std::size_t kMaxDepth = 12;
    struct Frame
    {
        Nanos end = 0, cursor = 0;
        std::uint32_t operation = 0;
    };

    void call(Nanos start, Nanos duration, std::uint32_t operation)
    {
        m_slice = {start, duration, operation};
        m_stack.push_back({start + duration, start, operation});
    }

    Random m_random;
    Nanos m_clock = kSecond;
    Slice m_slice;
    std::vector<Frame> m_stack;
};

inline void writeChromeMetadata(Text &text, const Thread &thread, std::string_view name,
    std::string_view value)
{
    text << R"({"ph":"M","name":")" << name << R"(","pid":)";
    text.number(std::uint64_t(thread.pid)) << R"(,"tid":)";
    text.number(std::uint64_t(thread.tid)) << R"(,"args":{"name":")" << value << "\"}},\n";
}

inline void writeChromeSlice(Text &text, Thread &thread, const std::vector<Operation> &names)
{
    const Slice &slice = thread.slice();
    const Operation &operation = names[slice.operation];
    const std::uint64_t bits = thread.random().next();
    text << R"({"ph":"X","cat":")" << operation.category << R"(","name":")" << operation.name << R"(","ts":)";
    text.micros(slice.start) << R"(,"dur":)";
    text.micros(slice.duration) << R"(,"pid":)";
    text.number(std::uint64_t(thread.pid)) << R"(,"tid":)";
    text.number(std::uint64_t(thread.tid)) << R"(,"args":{"rows":)";
    text.number(bits % 1000) << R"(,"key":")";
    text.hex(bits >> 16, 12) << "\"}}";
}

// Four processes of six threads. chunk = slices of one thread in a row; 1 = globally sorted by start.
inline void writeChrome(Output &out, std::uint64_t count, std::uint64_t seed, std::uint64_t chunk)
{
    static constexpr std::array<std::string_view, 4> kProcesses{"gateway", "orders", "stock", "payment"};
    const std::vector<Operation> names = operations();
    std::vector<Thread> threads;
    for (int process = 0; process < 4; ++process) {
        for (int thread = 1; thread <= 6; ++thread) {
            const int pid = 1200 + process;
            threads.emplace_back(seed * 1000 + std::uint64_t(threads.size()), pid, pid * 10 + thread);
        }
    }
    out.text() << "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n";
    for (std::size_t i = 0; i < threads.size(); ++i) {
        if (i % 6 == 0)
            writeChromeMetadata(out.text(), threads[i], "process_name", kProcesses[i / 6]);
        writeChromeMetadata(out.text(), threads[i], "thread_name", "worker-" + std::to_string(i % 6 + 1));
    }
    for (std::uint64_t written = 0; written < count && out.good();) {
        const auto first = std::min_element(threads.begin(), threads.end(),
            [](const Thread &a, const Thread &b) { return a.slice().start < b.slice().start; });
        for (std::uint64_t i = 0; i < chunk && written < count; ++i, ++written) {
            writeChromeSlice(out.text(), *first, names);
            out.text() << (written + 1 < count ? ",\n" : "\n");
            first->advance();
        }
    }
    if (count == 0) // the metadata ended with a comma
        out.text() << "{}\n";
    out.text() << "]}\n";
}

} // namespace tracegen
