// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/protowire.h"
#include "import/common/stacktrie.h"
#include "import/importreport.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tailscope::import::pprof {

/// Fields of Profile.
enum Field : std::uint32_t {
    kSampleType = 1,
    kSample = 2,
    kMapping = 3,
    kLocation = 4,
    kFunction = 5,
    kStringTable = 6,
    kDropFrames = 7,
    kKeepFrames = 8,
    kTimeNanos = 9,
    kDurationNanos = 10,
    kPeriodType = 11,
    kPeriod = 12,
    kComment = 13,
    kDefaultSampleType = 14,
    kDocUrl = 15,
};

/// The string table: names are bounded to kMaxName bytes each, and all of them to kMaxBytes. String 0 is "".
class Strings
{
public:
    static constexpr std::size_t kMaxName = 4096;
    static constexpr std::size_t kMaxBytes = 64 * 1024 * 1024;
    static constexpr std::size_t kMaxCount = 4'000'000;

    void add(const ProtoField &field, ImportReport &report);
    /// Empty for a number that the table does not have.
    std::string_view at(std::int64_t index) const;
    bool has(std::int64_t index) const
    {
        return index >= 0 && index < static_cast<std::int64_t>(m_ends.size());
    }
    std::size_t size() const { return m_ends.size(); }

private:
    std::string m_bytes;
    std::vector<std::size_t> m_ends;
    std::string m_clean;
};

struct ValueType
{
    std::int64_t type = 0, unit = 0; ///< strings
};

/// What the messages of a profile say, kept until the last of them is read: the names come last. Ids are any
/// 64-bit numbers.
class Tables
{
public:
    static constexpr std::size_t kMaxLocations = 1'000'000;
    static constexpr std::size_t kMaxLines = 4'000'000;
    static constexpr std::size_t kMaxValues = 4'000'000;
    static constexpr std::size_t kMaxTypes = 100;

    struct Line
    {
        std::uint64_t function = 0;
        std::int64_t line = 0;
    };
    struct Location
    {
        std::uint64_t id = 0, mapping = 0, address = 0;
        std::uint32_t firstLine = 0, lines = 0;
        bool known = false;
    };
    struct Function
    {
        std::int64_t name = 0, systemName = 0, file = 0, startLine = 0;
    };
    struct Mapping
    {
        std::uint64_t start = 0, offset = 0;
        std::int64_t file = 0;
    };
    struct Sample
    {
        StackTrie::Node node = StackTrie::kRoot;
        std::uint32_t firstValue = 0, values = 0;
        std::uint64_t offset = 0;
    };
    struct Label
    {
        std::int64_t key = 0, text = 0, number = 0;
    };

    /// Takes one field of the profile.
    void take(const ProtoField &field, ImportReport &report);
    bool sawProfile() const { return m_sawProfile; }

    std::vector<ValueType> types;
    ValueType periodType;
    std::int64_t period = 0, timeNanos = 0, durationNanos = 0, defaultType = 0, dropFrames = 0,
                 keepFrames = 0;
    std::int64_t comments = 0;
    Strings strings;
    std::vector<Location> locations; ///< in order of first mention
    std::vector<Line> lines;
    std::unordered_map<std::uint64_t, Function> functions;
    std::unordered_map<std::uint64_t, Mapping> mappings;
    std::vector<Sample> samples;
    std::vector<std::int64_t> values;
    std::vector<Label> labels; ///< of all samples, in order
    std::vector<std::uint32_t> labelEnds; ///< by sample
    StackTrie trie;

private:
    bool takeSample(const ProtoField &field, ImportReport &report);
    bool takeLocation(const ProtoField &field, ImportReport &report);
    bool takeFunction(std::string_view bytes);
    bool takeMapping(std::string_view bytes);
    static bool takeValueType(std::string_view bytes, ValueType &type);
    bool takeLabel(std::string_view bytes);
    void takeNumber(const ProtoField &field);
    std::uint32_t locationIndex(std::uint64_t id);

    std::unordered_map<std::uint64_t, std::uint32_t> m_locationIndexes;
    std::vector<std::uint64_t> m_stack; ///< reused
    bool m_sawProfile = false;
};

} // namespace tailscope::import::pprof
