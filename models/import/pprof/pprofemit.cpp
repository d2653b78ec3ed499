// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pprof/pprofemit.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <set>

namespace tailscope::import::pprof {

namespace {

std::string hexOf(std::uint64_t value)
{
    static constexpr char kHex[] = "0123456789abcdef";
    std::string text;
    do {
        text.insert(text.begin(), kHex[value & 15]);
        value >>= 4;
    } while (value != 0);
    return "0x" + text;
}

std::string_view baseName(std::string_view path)
{
    const std::size_t slash = path.find_last_of("/\\");
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

struct Unit
{
    std::string_view name;
    double scale;
};

/// Times become ns; all else keeps its unit.
Unit unitOf(std::string_view type, std::string_view unit)
{
    if (unit == "nanoseconds")
        return {"ns", 1};
    if (unit == "microseconds")
        return {"ns", 1e3};
    if (unit == "milliseconds")
        return {"ns", 1e6};
    if (unit == "seconds")
        return {"ns", 1e9};
    if (unit == "byte")
        return {"bytes", 1};
    if (unit == "count" && (type == "samples" || type == "sample"))
        return {"samples", 1};
    return {unit, 1};
}

ProfileKind kindOf(std::string_view type)
{
    const auto starts = [&](std::initializer_list<std::string_view> words) {
        return std::any_of(words.begin(), words.end(),
            [&](std::string_view word) { return type.starts_with(word); });
    };
    if (starts({"alloc", "inuse", "heap", "space", "objects"}))
        return ProfileKind::Alloc;
    if (starts({"contention", "delay", "lock", "mutex"}))
        return ProfileKind::Lock;
    if (starts({"goroutine", "thread"}))
        return ProfileKind::Threads;
    return starts({"wall"}) ? ProfileKind::Wall : ProfileKind::OnCpu;
}

constexpr std::array<std::string_view, 6> kThreadKeys{"thread", "thread_name", "thread name", "thread_id",
    "thread id", "tid"};

class Emitter
{
public:
    Emitter(Tables &tables, RowSink &sink, ImportReport &report)
        : m_tables(tables)
        , m_sink(sink)
        , m_report(report)
    {}

    void run()
    {
        SourceInfo info;
        info.kind = SourceKind::Profile;
        info.clock = m_tables.timeNanos != 0 ? ClockKind::Utc : ClockKind::None;
        info.timezone = m_tables.timeNanos != 0 ? "UTC" : "";
        m_sink.setSource(info);
        completeTypes();
        findThreads();
        remarks();
        m_frames.resize(m_tables.locations.size());
        const std::size_t first = defaultType();
        emitType(first);
        for (std::size_t type = 0; type < m_tables.types.size(); ++type) {
            if (type != first)
                emitType(type);
        }
    }

private:
    struct Range
    {
        std::uint32_t begin = 0, count = 0;
    };

    /// Values without a type are weights of unknown meaning.
    void completeTypes()
    {
        std::size_t most = 1;
        for (const Tables::Sample &sample : m_tables.samples)
            most = std::max<std::size_t>(most, sample.values);
        if (most <= m_tables.types.size())
            return;
        m_report.note(IssueSeverity::Notice, "untyped-values", 0,
            "samples have more values than the profile has sample types: these have no unit");
        // No string has this number: the type and its unit stay empty.
        m_tables.types.resize(most, ValueType{-1, -1});
    }

    std::size_t defaultType() const
    {
        for (std::size_t i = 0; i < m_tables.types.size(); ++i) {
            if (m_tables.defaultType != 0 && m_tables.types[i].type == m_tables.defaultType)
                return i;
        }
        return m_tables.types.size() - 1;
    }

    bool isThreadKey(std::int64_t key) const
    {
        const std::string_view text = m_tables.strings.at(key);
        return std::find(kThreadKeys.begin(), kThreadKeys.end(), text) != kThreadKeys.end();
    }

    /// Thread of each sample, from its labels; the others are told.
    void findThreads()
    {
        m_threads.resize(m_tables.samples.size(), kNoLabel);
        std::set<std::string_view> others;
        std::int64_t left = 0;
        std::size_t at = 0;
        for (std::size_t i = 0; i < m_tables.samples.size(); ++i) {
            for (; at < m_tables.labelEnds[i]; ++at) {
                const std::int64_t key = m_tables.labels[at].key;
                if (isThreadKey(key)) {
                    // A name says more than a number.
                    if (m_threads[i] == kNoLabel || m_tables.labels[at].text != 0)
                        m_threads[i] = static_cast<std::uint32_t>(at);
                    continue;
                }
                ++left;
                if (others.size() < 10)
                    others.insert(m_tables.strings.at(key));
            }
        }
        if (left == 0)
            return;
        std::string keys;
        for (const std::string_view key : others)
            keys.append(keys.empty() ? "" : ", ").append(key);
        m_report.note(IssueSeverity::Info, "labels", 0,
            "labels other than the thread were left out: " + std::string(utf8Prefix(keys, 300)), left);
    }

    void remarks()
    {
        if (m_tables.dropFrames != 0 || m_tables.keepFrames != 0)
            m_report.note(IssueSeverity::Info, "drop-frames", 0,
                "drop_frames and keep_frames were not applied: the stacks are whole");
        if (m_tables.trie.cut())
            m_report.note(IssueSeverity::DataLoss, "stack-too-deep", 0,
                "frames beyond a depth of 10,000, or beyond 4,000,000 call paths, were cut off");
    }

    void addFrame(std::string_view function, std::string_view module, std::string_view file,
        std::int64_t line)
    {
        FrameRow row;
        row.function = function;
        row.module = module;
        row.file = file;
        row.line = std::max<std::int64_t>(line, 0);
        m_frameRefs.push_back(m_sink.frame(row));
    }

    void addLine(const Tables::Location &location, const Tables::Line &line, std::string_view module)
    {
        const auto found = m_tables.functions.find(line.function);
        if (found == m_tables.functions.end()) {
            if (line.function != 0)
                m_report.note(IssueSeverity::DataLoss, "unknown-function", 0,
                    "lines of functions that the file does not have are shown by their address");
            return addAddress(location, module);
        }
        const Tables::Function &function = found->second;
        std::string_view name = m_tables.strings.at(function.name);
        if (name.empty())
            name = m_tables.strings.at(function.systemName);
        if (name.empty())
            return addAddress(location, module);
        addFrame(name, module, m_tables.strings.at(function.file), function.startLine);
    }

    void addAddress(const Tables::Location &location, std::string_view module)
    {
        const auto mapping = m_tables.mappings.find(location.mapping);
        std::uint64_t address = location.address;
        if (mapping != m_tables.mappings.end() && address >= mapping->second.start)
            address = address - mapping->second.start + mapping->second.offset;
        const std::string_view binary = baseName(module);
        addFrame(binary.empty() ? hexOf(location.address) : std::string(binary) + '+' + hexOf(address),
            module, {}, 0);
    }

    /// Frames of a location, the outermost caller first: several lines are inlined calls.
    Range framesOf(std::uint32_t index)
    {
        Range &range = m_frames[index];
        if (range.count > 0)
            return range;
        const Tables::Location &location = m_tables.locations[index];
        range.begin = static_cast<std::uint32_t>(m_frameRefs.size());
        const auto mapping = m_tables.mappings.find(location.mapping);
        const std::string_view module = mapping == m_tables.mappings.end()
            ? std::string_view()
            : m_tables.strings.at(mapping->second.file);
        if (!location.known) {
            m_report.note(IssueSeverity::DataLoss, "unknown-location", 0,
                "stacks have locations that the file does not have");
            addFrame("(unknown location " + std::to_string(location.id) + ')', {}, {}, 0);
        } else if (location.lines == 0) {
            addAddress(location, module);
        } else {
            for (std::uint32_t i = location.lines; i > 0; --i)
                addLine(location, m_tables.lines[location.firstLine + i - 1], module);
        }
        range.count = static_cast<std::uint32_t>(m_frameRefs.size()) - range.begin;
        return range;
    }

    std::string threadOf(std::size_t sample) const
    {
        if (m_threads[sample] == kNoLabel)
            return {};
        const Tables::Label &label = m_tables.labels[m_threads[sample]];
        return label.text != 0 ? std::string(m_tables.strings.at(label.text)) : std::to_string(label.number);
    }

    ProfileRef openProfile(std::size_t index, std::string_view type, Unit unit)
    {
        const std::string_view fileUnit = m_tables.strings.at(m_tables.types[index].unit);
        const std::string name = type.empty() ? "value " + std::to_string(index + 1) : std::string(type);
        ProfileRow row;
        row.name = name;
        row.kind = kindOf(type);
        row.sampleType = name;
        row.unit = unit.name;
        // The period counts in a unit of its own.
        if (m_tables.period > 0 && !fileUnit.empty()
            && m_tables.strings.at(m_tables.periodType.unit) == fileUnit) {
            const double period = static_cast<double>(m_tables.period) * unit.scale;
            row.period = period < 9e18 ? static_cast<std::int64_t>(period) : 0;
        }
        if (m_tables.timeNanos != 0)
            row.startNs = m_tables.timeNanos;
        if (m_tables.durationNanos > 0)
            row.durationNs = m_tables.durationNanos;
        return m_sink.profile(row);
    }

    void emitType(std::size_t index)
    {
        const std::string_view type = m_tables.strings.at(m_tables.types[index].type);
        const Unit unit = unitOf(type, m_tables.strings.at(m_tables.types[index].unit));
        const ProfileRef profile = openProfile(index, type, unit);
        const std::size_t counts = countType();
        m_tables.trie.forgetRefs();
        const auto step = [&](CallNodeRef parent, std::uint32_t location) {
            const Range range = framesOf(location);
            for (std::uint32_t i = 0; i < range.count; ++i)
                parent = m_sink.callNode(profile, parent, m_frameRefs[range.begin + i]);
            return parent;
        };
        for (std::size_t i = 0; i < m_tables.samples.size(); ++i) {
            const Tables::Sample &sample = m_tables.samples[i];
            if (index >= sample.values) {
                m_report.note(IssueSeverity::DataLoss, "missing-value", sample.offset,
                    "samples lack a value for a sample type of the profile");
                continue;
            }
            const std::int64_t value = m_tables.values[sample.firstValue + index];
            if (value == 0)
                continue;
            const std::string thread = threadOf(i);
            SampleRow row;
            row.profile = profile;
            row.node = m_tables.trie.resolve(sample.node, step);
            row.thread = thread;
            row.weight = static_cast<double>(value) * unit.scale;
            if (counts < sample.values)
                row.count = std::max<std::int64_t>(m_tables.values[sample.firstValue + counts], 0);
            m_sink.sample(row);
        }
    }

    /// The type that counts samples; else each row is one.
    std::size_t countType() const
    {
        for (std::size_t i = 0; i < m_tables.types.size(); ++i) {
            if (m_tables.strings.at(m_tables.types[i].type) == "samples"
                && m_tables.strings.at(m_tables.types[i].unit) == "count")
                return i;
        }
        return m_tables.types.size() + Tables::kMaxTypes;
    }

    static constexpr std::uint32_t kNoLabel = 0xFFFFFFFF;
    Tables &m_tables;
    RowSink &m_sink;
    ImportReport &m_report;
    std::vector<Range> m_frames; ///< by location
    std::vector<FrameRef> m_frameRefs;
    std::vector<std::uint32_t> m_threads; ///< label of each sample
};

} // namespace

void emitProfile(Tables &tables, RowSink &sink, ImportReport &report) { Emitter(tables, sink, report).run(); }

} // namespace tailscope::import::pprof
