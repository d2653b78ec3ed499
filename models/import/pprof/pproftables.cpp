// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pprof/pproftables.h"

#include "base/text.h"

namespace tailscope::import::pprof {

namespace {

using Wire = ProtoField::Wire;

/// A repeated integer, packed or not.
template<typename Take>
bool eachNumber(const ProtoField &field, Take &&take)
{
    if (field.wire == Wire::Varint) {
        take(field.value);
        return true;
    }
    if (field.wire != Wire::Bytes)
        return false;
    ProtoFields packed(field.bytes);
    std::uint64_t value = 0;
    while (packed.position() < field.bytes.size()) {
        if (!packed.nextVarint(value))
            return false;
        take(value);
    }
    return true;
}

std::string_view nameOf(std::uint32_t number)
{
    switch (number) {
    case kSampleType:
        return "sample type";
    case kSample:
        return "sample";
    case kMapping:
        return "mapping";
    case kLocation:
        return "location";
    case kFunction:
        return "function";
    default:
        return "field";
    }
}

} // namespace

void Strings::add(const ProtoField &field, ImportReport &report)
{
    if (m_ends.size() >= kMaxCount) {
        report.note(IssueSeverity::DataLoss, "too-many-strings", field.offset,
            "more than 4,000,000 strings: names beyond are empty");
        return;
    }
    std::string_view text = utf8Prefix(field.bytes, kMaxName);
    if (text.size() < field.bytes.size() || field.tooLong)
        report.note(IssueSeverity::Notice, "long-name", field.offset, "names longer than 4 KiB were cut off");
    if (!isValidUtf8(text) || text.find('\0') != std::string_view::npos) {
        m_clean = sanitizedUtf8(text);
        text = m_clean;
        report.note(IssueSeverity::Notice, "bad-utf8", field.offset,
            "bytes that are not UTF-8 became U+FFFD");
    }
    if (m_bytes.size() + text.size() > kMaxBytes) {
        report.note(IssueSeverity::DataLoss, "strings-too-long", field.offset,
            "the names have more than 64 MiB: those beyond are empty");
        text = {};
    }
    m_bytes += text;
    m_ends.push_back(m_bytes.size());
}

std::string_view Strings::at(std::int64_t index) const
{
    if (!has(index))
        return {};
    const auto i = static_cast<std::size_t>(index);
    const std::size_t begin = i == 0 ? 0 : m_ends[i - 1];
    return std::string_view(m_bytes).substr(begin, m_ends[i] - begin);
}

void Tables::take(const ProtoField &field, ImportReport &report)
{
    if (field.number == kStringTable && field.wire == Wire::Bytes)
        return strings.add(field, report);
    if (field.wire == Wire::Varint || field.number == kComment)
        return takeNumber(field);
    if (field.wire != Wire::Bytes)
        return;
    bool good = !field.tooLong;
    ValueType type;
    switch (good ? field.number : 0) {
    case kSampleType:
        good = takeValueType(field.bytes, type) && types.size() < kMaxTypes;
        if (good)
            types.push_back(type);
        m_sawProfile = true;
        break;
    case kSample:
        good = takeSample(field, report);
        m_sawProfile = true;
        break;
    case kMapping:
        good = takeMapping(field.bytes);
        break;
    case kLocation:
        good = takeLocation(field, report);
        break;
    case kFunction:
        good = takeFunction(field.bytes);
        break;
    case kPeriodType:
        good = takeValueType(field.bytes, periodType);
        break;
    default:
        // Fields of later versions.
        break;
    }
    if (!good)
        report.skip("malformed-" + std::string(field.number == kSampleType ? "type" : nameOf(field.number)),
            field.offset, field.length,
            field.tooLong ? "the message is longer than 16 MiB"
                          : "the " + std::string(nameOf(field.number)) + " is no valid message",
            field.bytes);
}

void Tables::takeNumber(const ProtoField &field)
{
    switch (field.number) {
    case kTimeNanos:
        timeNanos = field.integer();
        break;
    case kDurationNanos:
        durationNanos = field.integer();
        break;
    case kPeriod:
        period = field.integer();
        break;
    case kDefaultSampleType:
        defaultType = field.integer();
        break;
    case kDropFrames:
        dropFrames = field.integer();
        break;
    case kKeepFrames:
        keepFrames = field.integer();
        break;
    case kComment:
        ++comments;
        break;
    default:
        break;
    }
}

bool Tables::takeValueType(std::string_view bytes, ValueType &type)
{
    ProtoFields fields(bytes);
    ProtoField field;
    while (fields.next(field)) {
        if (field.number == 1)
            type.type = field.integer();
        else if (field.number == 2)
            type.unit = field.integer();
    }
    return !fields.broken();
}

std::uint32_t Tables::locationIndex(std::uint64_t id)
{
    const auto found = m_locationIndexes.find(id);
    if (found != m_locationIndexes.end())
        return found->second;
    // Past the bound the last location stands for all others.
    if (locations.size() > kMaxLocations)
        return static_cast<std::uint32_t>(locations.size() - 1);
    const auto index = static_cast<std::uint32_t>(locations.size());
    locations.emplace_back().id = id;
    m_locationIndexes.emplace(id, index);
    return index;
}

bool Tables::takeLabel(std::string_view bytes)
{
    ProtoFields fields(bytes);
    ProtoField field;
    Label label;
    while (fields.next(field)) {
        if (field.number == 1)
            label.key = field.integer();
        else if (field.number == 2)
            label.text = field.integer();
        else if (field.number == 3)
            label.number = field.integer();
    }
    // Which labels name a thread is known once the strings are: most samples have one or two.
    if (labels.size() < kMaxValues)
        labels.push_back(label);
    return !fields.broken();
}

bool Tables::takeSample(const ProtoField &message, ImportReport &report)
{
    ProtoFields fields(message.bytes);
    ProtoField field;
    Sample sample;
    sample.offset = message.offset;
    sample.firstValue = static_cast<std::uint32_t>(values.size());
    const std::size_t firstLabel = labels.size();
    m_stack.clear();
    bool good = true;
    while (good && fields.next(field)) {
        if (field.number == 1)
            good = eachNumber(field, [&](std::uint64_t id) { m_stack.push_back(id); });
        else if (field.number == 2)
            good = eachNumber(field, [&](std::uint64_t value) {
                if (values.size() < kMaxValues && values.size() - sample.firstValue < kMaxTypes)
                    values.push_back(static_cast<std::int64_t>(value));
            });
        else if (field.number == 3 && field.wire == Wire::Bytes)
            good = takeLabel(field.bytes);
    }
    if (!good || fields.broken()) {
        values.resize(sample.firstValue);
        labels.resize(firstLabel);
        return false;
    }
    if (values.size() >= kMaxValues) {
        report.note(IssueSeverity::DataLoss, "too-many-samples", message.offset,
            "more than 4,000,000 values: further samples were left out");
        return true;
    }
    sample.values = static_cast<std::uint32_t>(values.size()) - sample.firstValue;
    // The leaf comes first.
    for (auto id = m_stack.rbegin(); id != m_stack.rend(); ++id)
        sample.node = trie.child(sample.node, locationIndex(*id));
    samples.push_back(sample);
    labelEnds.push_back(static_cast<std::uint32_t>(labels.size()));
    report.rowRead();
    return true;
}

bool Tables::takeLocation(const ProtoField &message, ImportReport &report)
{
    ProtoFields fields(message.bytes);
    ProtoField field;
    Location location;
    location.firstLine = static_cast<std::uint32_t>(lines.size());
    location.known = true;
    bool good = true;
    while (good && fields.next(field)) {
        if (field.number == 1) {
            location.id = field.value;
        } else if (field.number == 2) {
            location.mapping = field.value;
        } else if (field.number == 3) {
            location.address = field.value;
        } else if (field.number == 4 && field.wire == Wire::Bytes) {
            ProtoFields inner(field.bytes);
            ProtoField part;
            Line line;
            while (inner.next(part)) {
                if (part.number == 1)
                    line.function = part.value;
                else if (part.number == 2)
                    line.line = part.integer();
            }
            good = !inner.broken();
            if (lines.size() < kMaxLines)
                lines.push_back(line);
            else
                report.note(IssueSeverity::DataLoss, "too-many-lines", message.offset,
                    "more than 4,000,000 lines of locations: further ones were left out");
        }
    }
    if (!good || fields.broken()) {
        lines.resize(location.firstLine);
        return false;
    }
    location.lines = static_cast<std::uint32_t>(lines.size()) - location.firstLine;
    Location &known = locations[locationIndex(location.id)];
    if (known.known)
        report.note(IssueSeverity::Notice, "duplicate-location", message.offset,
            "several locations have one id: the first counts");
    else if (known.id == location.id)
        known = location;
    return true;
}

bool Tables::takeFunction(std::string_view bytes)
{
    ProtoFields fields(bytes);
    ProtoField field;
    std::uint64_t id = 0;
    Function function;
    while (fields.next(field)) {
        if (field.number == 1)
            id = field.value;
        else if (field.number == 2)
            function.name = field.integer();
        else if (field.number == 3)
            function.systemName = field.integer();
        else if (field.number == 4)
            function.file = field.integer();
        else if (field.number == 5)
            function.startLine = field.integer();
    }
    if (fields.broken())
        return false;
    if (functions.size() < kMaxLocations)
        functions.emplace(id, function);
    return true;
}

bool Tables::takeMapping(std::string_view bytes)
{
    ProtoFields fields(bytes);
    ProtoField field;
    std::uint64_t id = 0;
    Mapping mapping;
    while (fields.next(field)) {
        if (field.number == 1)
            id = field.value;
        else if (field.number == 2)
            mapping.start = field.value;
        else if (field.number == 4)
            mapping.offset = field.value;
        else if (field.number == 5)
            mapping.file = field.integer();
    }
    if (fields.broken())
        return false;
    if (mappings.size() < kMaxLocations)
        mappings.emplace(id, mapping);
    return true;
}

} // namespace tailscope::import::pprof
