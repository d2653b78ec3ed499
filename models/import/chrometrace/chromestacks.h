// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/chrometrace/chrometracks.h"
#include "import/importreport.h"
#include "store/rowsink.h"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace tailscope::import::chrome {

/// Samples with stacks by reference: the file's `samples` and `stackFrames` (either may come first) and
/// sample events (phase P). One profile a sample name: different names have different weights. Also thread
/// states (Perfetto's phase T with a duration), a profile of kind Threads. At most kMaxSamples wait for their
/// frames.
class ChromeStacks
{
public:
    static constexpr std::size_t kMaxSamples = 1'000'000;
    static constexpr std::size_t kMaxStates = 500'000;
    static constexpr std::size_t kMaxFrames = 300'000;
    static constexpr std::size_t kMaxTextBytes
        = 64 * 1024 * 1024; ///< of all names; further ones are left empty

    ChromeStacks(RowSink &sink, ImportReport &report, ChromeTracks &tracks)
        : m_sink(sink)
        , m_report(report)
        , m_tracks(tracks)
    {}
    /// One entry of `stackFrames`.
    void frame(std::string_view key, const JsonFramer::Record &record);
    /// One element of `samples`.
    void sample(const JsonFramer::Record &record);
    /// Phase P, outside the V8 profiler.
    void sampleEvent(const ChromeEvent &event, ChromeTracks::Place place, const std::vector<Attribute> &args);
    void threadState(const ChromeEvent &event, ChromeTracks::Place place, AttributeList args);
    void finish();

private:
    static constexpr std::uint32_t kNone = UINT32_MAX;
    struct Frame
    {
        std::string name, category;
        std::uint32_t parent = kNone;
        bool defined = false;
    };
    struct Sample
    {
        Nanos ts = 0;
        double weight = 1;
        std::uint32_t thread = kNone; ///< of m_tracks, or
        std::uint32_t threadText = kNone; ///< of m_texts
        std::uint32_t profile = 0; ///< of m_profiles
        std::uint32_t frame = kNone; ///< of m_frames
        std::uint32_t leaf = kNone; ///< of m_texts: a frame on top of the stack
    };
    /// A state of a thread that waits: the profile's row tells its range and comes before its samples.
    struct State
    {
        Nanos ts = 0, duration = 0;
        std::uint32_t thread = 0; ///< of m_tracks
        std::uint32_t name = kNone, blockedIn = kNone; ///< of m_texts
    };
    struct Profile
    {
        std::string name;
        ProfileRef ref = ProfileRef::None;
        bool weighted = false;
        Nanos first = kUnknownNanos, last = kUnknownNanos;
        std::unordered_map<std::uint32_t, CallNodeRef> nodes; ///< by frame
    };
    struct Parsed;

    std::string_view withinBudget(std::string_view text, std::uint64_t offset);
    std::uint32_t frameOf(std::string_view key);
    std::uint32_t textOf(std::string_view text);
    std::uint32_t profileOf(std::string_view name);
    void keep(const Sample &sample, std::uint64_t offset);
    void drain();
    void drainStates(bool all);
    std::string_view text(std::uint32_t index) const
    {
        return index == kNone ? std::string_view() : std::string_view(m_texts[index]);
    }
    void emit(const Sample &sample);
    CallNodeRef nodeOf(Profile &profile, std::uint32_t frame);

    RowSink &m_sink;
    ImportReport &m_report;
    ChromeTracks &m_tracks;
    JsonRecordParser m_parser;
    std::unordered_map<std::string, std::uint32_t> m_frameByKey, m_textIndex, m_profileByName;
    std::vector<Frame> m_frames;
    std::vector<std::string> m_texts;
    std::vector<Profile> m_profiles;
    std::vector<Sample> m_samples;
    std::vector<std::uint32_t> m_path; ///< reused
    std::size_t m_textBytes = 0;
    bool m_framesSeen = false;
    std::vector<State> m_states;
    ProfileRef m_stateProfile = ProfileRef::None;
};

} // namespace tailscope::import::chrome
