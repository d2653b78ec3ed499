// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/linereader.h"
#include "import/pproflegacy/legacystacks.h"

#include <optional>
#include <string>

namespace tailscope::import::pproflegacy {

/// What the first line of a text says it is.
struct Head
{
    enum class Kind : std::uint8_t { Heap, JavaHeap, Contention, Counts, Goroutines } kind = Kind::Counts;
    std::string name; ///< of counts: "goroutine", "threadcreate"; "mutex" or "contention"
    double rate = 0; ///< bytes between two samples of a heap; 0 = every allocation is in it
    bool sameTwice = false; ///< a heap whose allocations are those in use
};
/// "heap profile: ...", "--- contentionz 1 ---", "goroutine profile: total 5", "goroutine 1 [running]:".
std::optional<Head> parseHead(std::string_view line);

/// "@ 0x1 0x2" behind the figures: false when there is none.
struct SampleLine
{
    std::vector<std::int64_t> figures;
    std::vector<std::uint64_t> addresses;
};
std::optional<SampleLine> parseSample(std::string_view line);

/// What one sampled allocation stands for, by the chance that one of its size is sampled: 1 / (1 - e^(-size /
/// rate)), as pprof does. 1 without a rate.
double heapScale(std::int64_t count, std::int64_t bytes, double rate);

/// Reads the lines of one text.
class LegacyText
{
public:
    LegacyText(LegacyStacks &stacks, ImportReport &report)
        : m_stacks(stacks)
        , m_report(report)
    {}
    void take(const Line &line);
    void finish() { flush(); }
    const std::optional<Head> &head() const { return m_head; }
    std::vector<ProfileRow> profiles() const;

private:
    void flush();
    void takeSample(SampleLine sample, const Line &line);
    void takeSetting(std::string_view text);
    bool takeSymbol(std::string_view text);
    void takeComment(std::string_view text);
    void takeGoroutine(std::string_view text);
    void beginGoroutine(std::string_view text);

    LegacyStacks &m_stacks;
    ImportReport &m_report;
    std::optional<Head> m_head;
    bool m_inMap = false;
    double m_cyclesPerSecond = 0, m_period = 1;
    bool m_microseconds = false;
    // the sample whose names may follow
    bool m_waiting = false;
    LegacyStacks::Values m_values{};
    std::int64_t m_count = 1;
    std::vector<std::uint32_t> m_addresses, m_named;
    std::string m_thread, m_state;
    std::string m_function; ///< of a goroutine, whose place is on the next line
};

} // namespace tailscope::import::pproflegacy
