// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pproflegacy/legacytext.h"

#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tailscope::import::pproflegacy {

namespace {

constexpr std::size_t kMaxDepth = 10'000;
/// Java's heap profiler samples so without saying it.
constexpr double kJavaRate = 524288;

std::string_view takeWord(std::string_view &text)
{
    text = trimmed(text);
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
}

std::optional<std::uint64_t> parseAddress(std::string_view word)
{
    return word.starts_with("0x") ? parseHex64(word.substr(2)) : std::nullopt;
}

/// "file.go:12": false when no number ends it.
bool splitPlace(std::string_view text, LegacyStacks::Frame &frame)
{
    const std::size_t colon = text.rfind(':');
    const auto line = colon == std::string_view::npos ? std::nullopt : parseInt64(text.substr(colon + 1));
    if (!line || *line < 0)
        return false;
    frame.file = utf8Prefix(text.substr(0, colon), 4096);
    frame.line = *line;
    return true;
}

/// pprof cuts off, so that its figures and ours are the same.
double whole(double value) { return std::trunc(value); }

} // namespace

double heapScale(std::int64_t count, std::int64_t bytes, double rate)
{
    if (rate <= 1 || count <= 0 || bytes <= 0)
        return 1;
    const double size = static_cast<double>(bytes) / static_cast<double>(count);
    return 1 / (1 - std::exp(-size / rate));
}

std::optional<Head> parseHead(std::string_view line)
{
    line = trimmed(line);
    Head head;
    if (line.starts_with("heap profile:")) {
        head.kind = Head::Kind::Heap;
        std::string_view rest = line.substr(13);
        const std::size_t at = rest.find('@');
        if (at == std::string_view::npos)
            return std::nullopt;
        std::string_view type = trimmed(rest.substr(at + 1));
        rest = rest.substr(0, at);
        const std::size_t slash = type.find('/');
        const double rate
            = slash == std::string_view::npos ? 0 : parseDouble(type.substr(slash + 1)).value_or(0);
        type = type.substr(0, slash);
        // Go writes twice its rate.
        head.rate = type == "heap_v2" || type == "heapz_v2" ? rate : type == "heap" ? rate / 2 : 0;
        const std::size_t open = rest.find('[');
        head.sameTwice = open != std::string_view::npos && rest.find(']') != std::string_view::npos
            && trimmed(rest.substr(0, open)) == trimmed(rest.substr(open + 1, rest.find(']') - open - 1));
        return head;
    }
    if (line.starts_with("--- heapz ")) {
        head.kind = Head::Kind::JavaHeap;
        head.rate = kJavaRate;
        return head;
    }
    for (const std::string_view name : {"contention", "mutex"}) {
        if (line.starts_with("--- ") && line.substr(4).starts_with(name) && line.size() < 40) {
            head.kind = Head::Kind::Contention;
            head.name = name;
            return head;
        }
    }
    const std::size_t total = line.find(" profile: total ");
    if (total != std::string_view::npos && total > 0
        && line.substr(0, total).find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos
        && parseInt64(line.substr(total + 16))) {
        head.name = line.substr(0, total);
        return head;
    }
    const std::size_t bracket = line.find(" [");
    if (line.starts_with("goroutine ") && line.ends_with("]:") && bracket != std::string_view::npos
        && bracket > 10 && parseInt64(line.substr(10, bracket - 10))) {
        head.kind = Head::Kind::Goroutines;
        head.name = "goroutines";
        return head;
    }
    return std::nullopt;
}

std::optional<SampleLine> parseSample(std::string_view line)
{
    const std::size_t at = line.find('@');
    if (at == std::string_view::npos)
        return std::nullopt;
    SampleLine sample;
    std::string_view figures = line.substr(0, at);
    for (std::string_view word = takeWord(figures); !word.empty(); word = takeWord(figures)) {
        if (word.starts_with('['))
            word.remove_prefix(1);
        while (!word.empty() && (word.back() == ':' || word.back() == ']'))
            word.remove_suffix(1);
        if (word.empty())
            continue;
        const auto number = parseInt64(word);
        if (!number || sample.figures.size() >= 4)
            return std::nullopt;
        sample.figures.push_back(*number);
    }
    std::string_view rest = line.substr(at + 1);
    for (std::string_view word = takeWord(rest); !word.empty(); word = takeWord(rest)) {
        const auto address = parseAddress(word);
        if (!address)
            return std::nullopt;
        sample.addresses.push_back(*address);
    }
    return sample.figures.empty() ? std::nullopt : std::optional(sample);
}

void LegacyText::flush()
{
    if (!m_function.empty())
        m_named.push_back(m_stacks.named({m_function, {}, 0}));
    m_function.clear();
    if (m_waiting) {
        if (!m_stacks.add(m_named.empty() ? m_addresses : m_named, m_values, m_count, m_thread, m_state))
            m_report.note(IssueSeverity::DataLoss, "too-many-samples", 0,
                "more than 1,000,000 samples: further ones were left out");
        m_report.rowRead();
    }
    m_waiting = false;
    m_named.clear();
    m_addresses.clear();
    m_thread.clear();
    m_state.clear();
}

void LegacyText::takeSample(SampleLine sample, const Line &line)
{
    const std::size_t expected = m_head->kind == Head::Kind::Heap ? 4
        : m_head->kind == Head::Kind::Counts                      ? 1
                                                                  : 2;
    if (sample.figures.size() != expected)
        return m_report.skip("malformed-sample", line.offset, line.length,
            "a sample of this profile has " + std::to_string(expected) + " figures before its @", line.text);
    if (sample.addresses.size() > kMaxDepth) {
        m_report.note(IssueSeverity::DataLoss, "stack-too-deep", line.offset,
            "frames beyond a depth of 10,000 were cut off");
        sample.addresses.resize(kMaxDepth);
    }
    m_waiting = true;
    const auto figure = [&](std::size_t i) { return static_cast<double>(sample.figures[i]); };
    m_values = {};
    m_count = 1;
    switch (m_head->kind) {
    case Head::Kind::Heap: {
        for (std::size_t i = 0; i < 4; i += 2) {
            const double scale = heapScale(sample.figures[i], sample.figures[i + 1], m_head->rate);
            m_values[i] = whole(figure(i) * scale);
            m_values[i + 1] = whole(figure(i + 1) * scale);
        }
        break;
    }
    case Head::Kind::JavaHeap: {
        const double scale = heapScale(sample.figures[1], sample.figures[0], m_head->rate);
        m_values[0] = whole(figure(1) * scale);
        m_values[1] = whole(figure(0) * scale);
        break;
    }
    case Head::Kind::Contention: {
        const double nanos = m_microseconds ? 1e3 : m_cyclesPerSecond > 0 ? 1e9 / m_cyclesPerSecond : 1;
        m_values[0] = whole(figure(0) * nanos * m_period);
        m_values[1] = figure(1) * m_period;
        break;
    }
    default:
        m_values[0] = figure(0);
        m_count = std::max<std::int64_t>(sample.figures[0], 1);
    }
    for (const std::uint64_t address : sample.addresses)
        m_addresses.push_back(m_stacks.address(address));
}

/// "sampling period = 100", as Go without blanks.
void LegacyText::takeSetting(std::string_view text)
{
    const std::size_t equals = text.find('=');
    const std::string_view key = trimmed(text.substr(0, equals)), value = trimmed(text.substr(equals + 1));
    if (key == "cycles/second")
        m_cyclesPerSecond = std::max(parseDouble(value).value_or(0), 0.0);
    else if (key == "sampling period" && m_head->kind == Head::Kind::Contention)
        m_period = std::max(parseDouble(value).value_or(1), 1.0);
    else if (key == "sampling period")
        m_head->rate = std::max(parseDouble(value).value_or(kJavaRate), 0.0);
    else if (key == "resolution")
        m_microseconds = value == "microseconds";
}

/// "0x0000003 com.example.function03 (source.java:03)"
bool LegacyText::takeSymbol(std::string_view text)
{
    const auto address = parseAddress(takeWord(text));
    text = trimmed(text);
    if (!address || text.empty())
        return false;
    LegacyStacks::Frame frame;
    const std::size_t open = text.rfind(" (");
    if (open != std::string_view::npos && text.ends_with(')')
        && splitPlace(text.substr(open + 2, text.size() - open - 3), frame))
        text = text.substr(0, open);
    frame.function = utf8Prefix(text, 4096);
    m_stacks.nameAddress(*address, std::move(frame));
    return true;
}

/// "#	0x42ecc2	main.f+0x12	/path/file.go:12": a frame of the sample above, inlined ones too.
void LegacyText::takeComment(std::string_view text)
{
    std::string_view rest = text.substr(1);
    if (!m_waiting || !parseAddress(takeWord(rest)) || m_named.size() >= kMaxDepth)
        return;
    LegacyStacks::Frame frame;
    std::string_view function = takeWord(rest);
    function = function.substr(0, function.rfind("+0x"));
    splitPlace(trimmed(rest), frame);
    frame.function = utf8Prefix(function, 4096);
    if (!frame.function.empty())
        m_named.push_back(m_stacks.named(std::move(frame)));
}

void LegacyText::beginGoroutine(std::string_view text)
{
    flush();
    const std::size_t open = text.find('[');
    const std::string_view state = text.substr(open + 1, text.size() - open - 3);
    m_waiting = true;
    m_values = {1, 0, 0, 0};
    m_count = 1;
    m_thread = trimmed(text.substr(0, open));
    m_state = state.substr(0, state.find(','));
}

/// A line of a goroutine: a function, or the place of the one before.
void LegacyText::takeGoroutine(std::string_view text)
{
    const bool isPlace = text.starts_with('\t');
    const std::string_view content = trimmed(text);
    if (isPlace && !m_function.empty()) {
        LegacyStacks::Frame frame;
        splitPlace(content.substr(0, content.find(" +0x")), frame);
        frame.function = std::exchange(m_function, {});
        m_named.push_back(m_stacks.named(std::move(frame)));
        return;
    }
    // Who made the goroutine is not on its stack.
    if (isPlace || content.starts_with("created by ") || content.starts_with("...")
        || m_named.size() >= kMaxDepth)
        return;
    if (!m_function.empty())
        m_named.push_back(m_stacks.named({m_function, {}, 0}));
    const std::size_t open = content.ends_with(')') ? content.rfind('(') : std::string_view::npos;
    m_function = utf8Prefix(content.substr(0, open), 4096);
}

void LegacyText::take(const Line &line)
{
    if (line.tooLong)
        return m_report.skip("line-too-long", line.offset, line.length, "the line is longer than 1 MiB",
            line.text);
    const std::string clean = sanitizedUtf8(line.text);
    const std::string_view content = trimmed(clean);
    if (!m_head) {
        m_head = content.empty() ? std::nullopt : parseHead(content);
        if (m_head && m_head->kind == Head::Kind::Goroutines)
            beginGoroutine(content);
        return;
    }
    if (content.empty())
        return;
    if (m_head->kind == Head::Kind::Goroutines) {
        const auto head = parseHead(content);
        return head && head->kind == Head::Kind::Goroutines ? beginGoroutine(content) : takeGoroutine(clean);
    }
    if (content.front() == '#')
        return takeComment(content);
    flush();
    if (content.starts_with("--- Memory map") || content.starts_with("MAPPED_LIBRARIES")) {
        m_inMap = true;
    } else if (m_inMap) {
        m_stacks.addMapping(content);
    } else if (auto sample = parseSample(content)) {
        takeSample(std::move(*sample), line);
    } else if (content.find('=') != std::string_view::npos && content.find('@') == std::string_view::npos
        && m_stacks.samples() == 0) {
        takeSetting(content);
    } else if (!takeSymbol(content) && !m_stacks.addMapping(content)) {
        m_report.skip("malformed-sample", line.offset, line.length,
            "the line is neither a sample, nor a symbol, nor a mapping", line.text);
    }
}

std::vector<ProfileRow> LegacyText::profiles() const
{
    std::vector<ProfileRow> rows;
    const auto add = [&](ProfileKind kind, std::string_view type, std::string_view unit, double period = 0) {
        ProfileRow row;
        row.name = type;
        row.kind = kind;
        row.sampleType = type;
        row.unit = unit;
        row.period = period > 0 && period < 1e15 ? static_cast<std::int64_t>(period) : 0;
        rows.push_back(row);
    };
    switch (m_head->kind) {
    case Head::Kind::Heap:
        add(ProfileKind::Alloc, "inuse_objects", "count");
        add(ProfileKind::Alloc, "inuse_space", "bytes", m_head->rate);
        if (!m_head->sameTwice) {
            add(ProfileKind::Alloc, "alloc_objects", "count");
            add(ProfileKind::Alloc, "alloc_space", "bytes", m_head->rate);
        }
        break;
    case Head::Kind::JavaHeap:
        add(ProfileKind::Alloc, "inuse_objects", "count");
        add(ProfileKind::Alloc, "inuse_space", "bytes", m_head->rate);
        break;
    case Head::Kind::Contention:
        add(ProfileKind::Lock, "delay", "ns");
        add(ProfileKind::Lock, "contentions", "count", m_period);
        break;
    default:
        add(ProfileKind::Threads, m_head->name, "count");
    }
    return rows;
}

} // namespace tailscope::import::pproflegacy
