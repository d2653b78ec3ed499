// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/linereader.h"
#include "import/importer.h"
#include "import/perfscript/perfline.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tailscope::import::perf {

/// Reads the text of `perf script`: one profile an event, as their weights cannot be added. Limits: 16 MiB a
/// line, kMaxDepth frames a stack, kMaxEvents kinds of events.
class PerfReader final : public Reader
{
public:
    static constexpr std::size_t kMaxDepth = 10'000;
    static constexpr std::size_t kMaxEvents = 1'000;
    static constexpr std::size_t kMaxName = 4096; ///< bytes of a symbol or object

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    struct Event
    {
        ProfileRef profile = ProfileRef::None;
        bool weighted = false; ///< its samples have periods
    };
    struct Frame
    {
        std::string function, module, file;
        std::int64_t line = 0;
    };
    /// The sample whose stack is being read.
    struct Sample
    {
        bool open = false;
        std::string event, thread;
        std::optional<Nanos> time;
        std::optional<double> period;
        std::uint64_t offset = 0, length = 0;
        std::string bytes; ///< of its head, for a reject
        std::size_t frames = 0; ///< of m_frames
        bool cut = false, cutName = false;
    };

    void takeLine(const Line &line, RowSink &sink, ImportReport &report);
    void startSample(const SampleHead &head, const Line &line);
    void addFrame(const StackFrame &frame);
    bool addSourceLine(std::string_view line);
    void finishSample(RowSink &sink, ImportReport &report);
    Event *eventOf(const Sample &sample, RowSink &sink);
    CallNodeRef leafOf(ProfileRef profile, RowSink &sink);

    std::map<std::string, Event, std::less<>> m_events;
    Sample m_sample;
    std::vector<Frame> m_frames; ///< leaf first; its strings are kept for the next sample
    std::string m_clean;
    bool m_sawTime = false;
    std::int64_t m_samples = 0;
};

} // namespace tailscope::import::perf
