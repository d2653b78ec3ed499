// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/chrometrace/chrometracks.h"
#include "import/importreport.h"
#include "store/rowsink.h"

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace tailscope::import::chrome {

/// CPU profiles of V8 inside a trace: `Profile` (start) and `ProfileChunk` (nodes, samples, timeDeltas),
/// grouped by process and id whatever their order, and `CpuProfile`, which holds the lot. A sample weighs the
/// time until the next one, in ns; negative deltas are followed and the samples sorted by time. The garbage
/// collector and (program) lie on top of the stack before them. At most kMaxSamples wait; then those at hand
/// are written.
class V8Profiles
{
public:
    static constexpr std::size_t kMaxSamples = 2'000'000;
    static constexpr std::size_t kMaxNodes = 1'000'000;
    static constexpr std::size_t kMaxProfiles = 10'000;

    V8Profiles(RowSink &sink, ImportReport &report, ChromeTracks &tracks)
        : m_sink(sink)
        , m_report(report)
        , m_tracks(tracks)
    {}
    static bool isProfileEvent(const ChromeEvent &event);
    /// data: raw text of args.data.
    void add(const ChromeEvent &event, ChromeTracks::Place place, std::string_view data);
    void finish();

private:
    struct Node
    {
        std::int64_t parent = 0;
        FrameRef frame = FrameRef::None;
        CallNodeRef node = CallNodeRef::None;
        bool hasParent = false, known = false, made = false;
        bool isRoot = false, onTop = false;
    };
    struct RawSample
    {
        std::int64_t node = 0;
        Nanos delta = 0;
    };
    struct Chunk
    {
        Nanos ts = 0;
        std::vector<RawSample> samples;
    };
    struct Timed
    {
        Nanos ts = 0;
        std::int64_t node = 0;
    };
    struct Profile
    {
        std::uint32_t thread = 0;
        Nanos start = kUnknownNanos, end = kUnknownNanos;
        std::unordered_map<std::int64_t, Node> nodes;
        std::vector<Chunk> chunks;
        // Of what has been written:
        ProfileRef ref = ProfileRef::None;
        Nanos clock = kUnknownNanos, lastDelta = 0;
        CallNodeRef lastStack = CallNodeRef::None;
        std::vector<Timed> carry; ///< the last sample, whose weight the next one tells
    };
    struct Read;

    simdjson::error_code readData(ondemand::object &object, Profile &profile, Read &read);
    simdjson::error_code readCpuProfile(ondemand::object &object, Profile &profile, Read &read);
    simdjson::error_code readNodes(ondemand::array &array, Profile &profile);
    simdjson::error_code readNode(ondemand::object &object, Profile &profile);
    static simdjson::error_code readNumbers(ondemand::value &value, std::vector<std::int64_t> &out);
    void drain(Profile &profile, bool all);
    void write(Profile &profile, const Timed &sample, Nanos weight);
    CallNodeRef nodeOf(Profile &profile, std::int64_t id);

    RowSink &m_sink;
    ImportReport &m_report;
    ChromeTracks &m_tracks;
    ondemand::parser m_parser;
    std::map<std::string, Profile> m_profiles; ///< by process and id
    std::vector<std::int64_t> m_path, m_ids, m_deltas; ///< reused
    std::size_t m_waiting = 0, m_nodeCount = 0;
};

} // namespace tailscope::import::chrome
