// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/callgrind/callgrindreader.h"

#include "base/text.h"
#include "import/common/nestedtree.h"

#include <algorithm>

namespace tailscope::import {

namespace {

constexpr std::array<std::string_view, 12> kHeaders{"version:", "creator:", "pid:", "cmd:", "part:", "desc:",
    "thread:", "event:", "totals:", "summary:", "rcalls=", "frfn="};

std::string_view takeWord(std::string_view &text)
{
    text = trimmed(text);
    const std::size_t end = text.find_first_of(" \t");
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(word.size());
    return word;
}

std::optional<double> numberOf(std::string_view word)
{
    if (word.starts_with("0x") || word.starts_with("0X")) {
        const auto hex = parseHex64(word.substr(2));
        return hex ? std::optional<double>(static_cast<double>(*hex)) : std::nullopt;
    }
    return boundedNumber(word);
}

/// "cpu(ms)" names its unit; other events are counts.
struct EventUnit
{
    std::string_view unit;
    double scale;
};
EventUnit unitOf(std::string_view event)
{
    if (event.ends_with("(ns)"))
        return {"ns", 1};
    if (event.ends_with("(us)"))
        return {"ns", 1e3};
    if (event.ends_with("(ms)"))
        return {"ns", 1e6};
    if (event.ends_with("(s)"))
        return {"ns", 1e9};
    if (event.ends_with("(bytes)") || event.ends_with("(B)"))
        return {"bytes", 1};
    return {"events", 1};
}

} // namespace

std::uint32_t CallgrindReader::intern(std::string_view text)
{
    text = utf8Prefix(text, kMaxName);
    if (m_nameBytes + text.size() > kMaxNames) {
        const auto known = m_textIndexes.find(std::string(text));
        m_tooMany |= known == m_textIndexes.end();
        return known == m_textIndexes.end() ? 0 : known->second;
    }
    const auto inserted
        = m_textIndexes.try_emplace(std::string(text), static_cast<std::uint32_t>(m_texts.size()));
    if (inserted.second) {
        m_texts.emplace_back(text);
        m_nameBytes += text.size() + 1;
    }
    return inserted.first->second;
}

/// "(12) name" defines number 12, "(12)" means it, anything else is a name.
std::uint32_t CallgrindReader::nameOf(Names kind, std::string_view text)
{
    text = trimmed(text);
    const std::size_t close = text.starts_with('(') ? text.find(')') : std::string_view::npos;
    const std::optional<std::uint64_t> number
        = close == std::string_view::npos ? std::nullopt : parseUint64(text.substr(1, close - 1));
    if (!number)
        return intern(text);
    const std::string_view name = trimmed(text.substr(close + 1));
    if (!name.empty())
        return m_names[kind][*number] = intern(name);
    const auto found = m_names[kind].find(*number);
    return found != m_names[kind].end() ? found->second : intern(text);
}

std::uint32_t CallgrindReader::functionOf(std::uint32_t object, std::uint32_t file, std::uint32_t name)
{
    const auto found = m_functionIndexes.find({object, file, name});
    if (found != m_functionIndexes.end())
        return found->second;
    // Past the bound the last function stands for all others.
    if (m_functions.size() >= kMaxFunctions
        || (m_functions.size() + 1) * m_events.size() > callgrind::CallGraph::kMaxCosts) {
        m_tooMany = true;
        return static_cast<std::uint32_t>(m_functions.size() - 1);
    }
    const auto index = static_cast<std::uint32_t>(m_functions.size());
    m_functions.push_back({object, file, name});
    m_functionIndexes.emplace(std::array<std::uint32_t, 3>{object, file, name}, index);
    return index;
}

bool CallgrindReader::takeHeader(std::string_view text)
{
    if (text.starts_with("events:")) {
        // Costs are laid out by the first list.
        std::string_view rest = text.substr(7);
        for (std::string_view word = takeWord(rest); m_costLines == 0 && !word.empty();
             word = takeWord(rest)) {
            if (m_events.size() < kMaxEvents
                && std::find(m_events.begin(), m_events.end(), word) == m_events.end())
                m_events.emplace_back(utf8Prefix(word, 100));
        }
        return true;
    }
    if (text.starts_with("positions:")) {
        std::string_view rest = text.substr(10);
        std::size_t count = 0;
        while (!takeWord(rest).empty())
            ++count;
        m_positions = std::clamp<std::size_t>(count, 1, 3);
        return true;
    }
    return std::any_of(kHeaders.begin(), kHeaders.end(),
        [&](std::string_view header) { return text.starts_with(header); });
}

bool CallgrindReader::takeName(std::string_view text, ImportReport &report, const Line &line)
{
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos)
        return false;
    const std::string_view key = text.substr(0, equals), value = text.substr(equals + 1);
    if (key == "ob") {
        m_object = nameOf(Objects, value);
    } else if (key == "fl") {
        m_file = nameOf(Files, value);
    } else if (key == "fi" || key == "fe") {
        // The file of inlined code: the cost stays the function's. The name may be defined here.
        nameOf(Files, value);
    } else if (key == "fn") {
        m_name = nameOf(Functions, value);
        m_hasFunction = true;
    } else if (key == "cob") {
        m_calledObject = nameOf(Objects, value);
        m_hasCalledObject = true;
    } else if (key == "cfi" || key == "cfl") {
        m_calledFile = nameOf(Files, value);
        m_hasCalledFile = !trimmed(value).empty();
    } else if (key == "cfn") {
        m_calledName = nameOf(Functions, value);
        m_hasCalled = true;
    } else if (key == "calls") {
        return takeCalls(value);
    } else if (key == "jump" || key == "jcnd" || key == "jfi" || key == "jfn") {
        m_afterJump = key == "jump" || key == "jcnd";
        report.note(IssueSeverity::Info, "jumps", line.offset, "jumps inside functions were left out");
    } else {
        return false;
    }
    return true;
}

/// "calls=count target": the cost of the call is on the next line.
bool CallgrindReader::takeCalls(std::string_view text)
{
    const bool good = m_hasCalled && m_hasFunction && numberOf(takeWord(text)).has_value();
    m_afterCalls = good;
    return good;
}

/// Positions and costs; each may be relative to the one above it: "+3", "-2", "*".
bool CallgrindReader::readColumns(std::string_view text, std::size_t positions)
{
    std::vector<double> columns;
    for (std::string_view word = takeWord(text); !word.empty(); word = takeWord(text)) {
        const std::size_t at = columns.size();
        if (at >= positions + m_events.size())
            break;
        const double above = at < m_columns.size() ? m_columns[at] : 0;
        if (word == "*") {
            columns.push_back(above);
            continue;
        }
        const bool relative = word.front() == '+' || word.front() == '-';
        const std::optional<double> number = numberOf(relative ? word.substr(1) : word);
        if (!number)
            return false;
        columns.push_back(!relative ? *number : word.front() == '+' ? above + *number : above - *number);
    }
    if (columns.size() < positions)
        return false;
    // Costs that are left out at the end are 0, and do not count as what stands above.
    m_costs.assign(m_events.size(), 0);
    for (std::size_t i = positions; i < columns.size(); ++i)
        m_costs[i - positions] = columns[i];
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (i < m_columns.size())
            m_columns[i] = columns[i];
        else
            m_columns.push_back(columns[i]);
    }
    return true;
}

bool CallgrindReader::takeCost(std::string_view text)
{
    if (!m_hasFunction || m_events.empty() || !readColumns(text, m_positions))
        return false;
    if (m_costLines++ == 0)
        m_graph.setEvents(m_events.size());
    const std::uint32_t function = functionOf(m_object, m_file, m_name);
    if (!m_afterCalls) {
        for (std::size_t event = 0; event < m_events.size(); ++event)
            m_graph.addSelf(function, event, m_costs[event]);
        return true;
    }
    const std::uint32_t callee = functionOf(m_hasCalledObject ? m_calledObject : m_object,
        m_hasCalledFile ? m_calledFile : m_file, m_calledName);
    const std::uint32_t call = m_graph.call(function, callee);
    m_tooMany |= call == callgrind::CallGraph::kNoCall;
    for (std::size_t event = 0; event < m_events.size(); ++event)
        m_graph.addCall(call, event, m_costs[event]);
    // What a call names holds for that call only.
    m_afterCalls = m_hasCalled = m_hasCalledFile = m_hasCalledObject = false;
    return true;
}

void CallgrindReader::takeLine(const Line &line, ImportReport &report)
{
    const auto skip = [&](std::string_view kind, std::string_view reason) {
        report.skip(kind, line.offset, line.length, reason, line.text);
    };
    if (line.tooLong)
        return skip("line-too-long", "the line is longer than 16 MiB");
    std::string clean;
    std::string_view text = line.text;
    if (!isValidUtf8(text) || text.find('\0') != std::string_view::npos) {
        clean = sanitizedUtf8(text);
        text = clean;
        report.note(IssueSeverity::Notice, "bad-utf8", line.offset, "bytes that are not UTF-8 became U+FFFD");
    }
    text = trimmed(text);
    if (text.empty() || text.front() == '#' || takeHeader(text))
        return;
    const char first = text.front();
    const bool cost = (first >= '0' && first <= '9') || first == '+' || first == '-' || first == '*';
    if (!cost) {
        if (!takeName(text, report, line))
            skip("unknown-line", "the line is neither a header, a name nor a cost");
        return;
    }
    if (m_afterJump) {
        // Where the jump is; it has no cost.
        m_afterJump = false;
        return;
    }
    if (takeCost(text))
        report.rowRead();
    else
        skip("malformed-cost",
            "the line of costs has no function or events before it, or is no row of numbers");
}

void CallgrindReader::emitEvent(std::size_t event, const std::vector<FrameRef> &frames, RowSink &sink,
    ImportReport &report)
{
    const EventUnit unit = unitOf(m_events[event]);
    ProfileRow row;
    row.name = m_events[event];
    row.kind = unit.unit == "bytes" ? ProfileKind::Alloc : ProfileKind::OnCpu;
    row.sampleType = m_events[event];
    row.unit = unit.unit;
    const ProfileRef profile = sink.profile(row);
    std::vector<CallNodeRef> nodes{CallNodeRef::None};
    const auto expanded
        = m_graph.expand(event, [&](std::uint32_t parent, std::uint32_t function, double self) {
              const CallNodeRef node = sink.callNode(profile, nodes[parent], frames[function]);
              nodes.push_back(node);
              if (self != 0) {
                  SampleRow sample;
                  sample.profile = profile;
                  sample.node = node;
                  sample.weight = self * unit.scale;
                  sink.sample(sample);
              }
              return static_cast<std::uint32_t>(nodes.size() - 1);
          });
    if (expanded.folded > 0)
        report.note(IssueSeverity::Info, "small-paths", 0,
            "paths below 1/20,000 of the whole, or deeper than 500 calls, were folded into their first "
            "function",
            expanded.folded);
    if (expanded.backCalls > 0 && event == 0)
        report.note(IssueSeverity::Info, "recursion", 0,
            "calls that close a circle were left out: their cost is their functions'", expanded.backCalls);
}

void CallgrindReader::emit(RowSink &sink, ImportReport &report)
{
    std::vector<FrameRef> frames;
    frames.reserve(m_functions.size());
    for (const Function &function : m_functions) {
        FrameRow row;
        row.function
            = m_texts[function.name].empty() ? "(unnamed)" : std::string_view(m_texts[function.name]);
        row.module = m_texts[function.object];
        row.file = m_texts[function.file];
        frames.push_back(sink.frame(row));
    }
    report.note(IssueSeverity::Info, "estimated-stacks", 0,
        "the file says who called whom, not the stacks: a function's cost is shared among its callers in "
        "proportion to what their calls cost");
    if (m_tooMany)
        report.note(IssueSeverity::DataLoss, "too-many-functions", 0,
            "more than 1,000,000 functions or calls, or 64 MiB of names: further ones were thrown together");
    for (std::size_t event = 0; event < m_events.size(); ++event)
        emitEvent(event, frames, sink, report);
}

Result<void> CallgrindReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    SourceInfo info;
    info.kind = SourceKind::Profile;
    info.clock = ClockKind::None;
    sink.setSource(info);
    LineReader lines(source);
    Line line;
    while (lines.next(line))
        takeLine(line, report);
    if (m_costLines > 0)
        emit(sink, report);
    TS_TRY(lines.result());
    if (m_costLines == 0)
        return fail(ErrorCode::BadInput, source.name(),
            "it has no line of costs below \"events:\" and \"fn=\"",
            "The output of callgrind begins with \"# callgrind format\" and lists its events");
    return {};
}

} // namespace tailscope::import
