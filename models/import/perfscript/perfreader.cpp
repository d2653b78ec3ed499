// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/perfscript/perfreader.h"

#include "base/text.h"

namespace tailscope::import::perf {

namespace {

constexpr std::size_t kMaxHeadName = 1024; ///< bytes of a thread or event
constexpr std::string_view kNoStack = "(no stack)";

std::string_view baseName(std::string_view event) { return event.substr(0, event.find(':')); }

/// What a period of the event counts.
std::string_view unitOf(std::string_view event)
{
    const std::string_view base = baseName(event);
    return base == "cpu-clock" || base == "task-clock" ? std::string_view("ns") : base;
}

ProfileKind kindOf(std::string_view event)
{
    const std::string_view base = baseName(event);
    if (base == "lock" || event.find("futex") != std::string_view::npos)
        return ProfileKind::Lock;
    if (base == "kmem" || base == "page-faults" || base == "minor-faults" || base == "major-faults")
        return ProfileKind::Alloc;
    return ProfileKind::OnCpu;
}

bool startsWithBlank(std::string_view text)
{
    return !text.empty() && (text.front() == ' ' || text.front() == '\t');
}

} // namespace

Result<void> PerfReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    SourceInfo info;
    info.kind = SourceKind::Profile;
    info.clock = ClockKind::Monotonic;
    sink.setSource(info);
    LineReader lines(source);
    Line line;
    while (lines.next(line))
        takeLine(line, sink, report);
    finishSample(sink, report);
    if (!m_sawTime) {
        info.clock = ClockKind::None;
        sink.setSource(info);
    }
    if (auto result = lines.result(); !result)
        return result;
    if (m_samples == 0 && report.rowsSkipped() == 0)
        return fail(ErrorCode::BadInput, source.name(), "it has no sample",
            "perf script prints a line with thread, time and event for each sample, its stack below");
    return {};
}

void PerfReader::takeLine(const Line &line, RowSink &sink, ImportReport &report)
{
    if (line.tooLong) {
        report.skip("line-too-long", line.offset, line.length, "the line is longer than 16 MiB", line.text);
        return;
    }
    Line clean = line;
    if (!isValidUtf8(line.text) || line.text.find('\0') != std::string_view::npos) {
        m_clean = sanitizedUtf8(line.text);
        clean.text = m_clean;
        report.note(IssueSeverity::Notice, "bad-utf8", line.offset, "bytes that are not UTF-8 became U+FFFD");
    }
    const std::string_view text = clean.text;
    if (isBlank(text)) {
        // An empty line between a head and its stack occurs: only one below frames ends the sample.
        if (m_sample.frames > 0)
            finishSample(sink, report);
        return;
    }
    if (text.front() == '#') {
        finishSample(sink, report);
        return;
    }
    const std::optional<StackFrame> frame
        = m_sample.open && startsWithBlank(text) ? parseStackFrame(text) : std::nullopt;
    const std::optional<SampleHead> head = parseSampleHead(text);
    // perf fills names up with blanks: a head that has a time is one, whatever it looks like else.
    if (head && (!frame || head->time)) {
        finishSample(sink, report);
        startSample(*head, line);
        if (const auto only = parseStackFrame(head->payload); only && !head->payload.empty())
            addFrame(*only);
        return;
    }
    if (frame) {
        addFrame(*frame);
        return;
    }
    if (m_sample.frames > 0 && startsWithBlank(text) && addSourceLine(text))
        return;
    report.skip("bad-line", line.offset, line.length,
        m_sample.open ? "the line is no frame of a stack and no head of a sample"
                      : "the line is no head of a sample",
        line.text);
}

void PerfReader::startSample(const SampleHead &head, const Line &line)
{
    m_sample.open = true;
    m_sample.event = head.event.empty() ? std::string_view("samples") : utf8Prefix(head.event, kMaxHeadName);
    m_sample.thread = utf8Prefix(head.comm, kMaxHeadName);
    m_sample.thread += ' ';
    m_sample.thread += utf8Prefix(head.ids, kMaxHeadName);
    m_sample.time = head.time;
    m_sample.period = head.period;
    m_sample.offset = line.offset;
    m_sample.length = line.length;
    m_sample.bytes = line.text.substr(0, ImportReport::kMaxRejectBytes);
    m_sample.frames = 0;
    m_sample.cut = m_sample.cutName = false;
    m_sawTime |= head.time.has_value();
}

void PerfReader::addFrame(const StackFrame &frame)
{
    if (m_sample.frames >= kMaxDepth) {
        m_sample.cut = true;
        return;
    }
    if (m_sample.frames == m_frames.size())
        m_frames.emplace_back();
    Frame &kept = m_frames[m_sample.frames++];
    kept.function = utf8Prefix(frame.function, kMaxName);
    kept.module = utf8Prefix(frame.module, kMaxName);
    m_sample.cutName |= frame.function.size() > kMaxName || frame.module.size() > kMaxName;
    kept.file.clear();
    kept.line = 0;
}

bool PerfReader::addSourceLine(std::string_view line)
{
    const std::optional<SourceLine> place = parseSourceLine(line);
    if (!place || m_sample.cut)
        return place.has_value();
    Frame &frame = m_frames[m_sample.frames - 1];
    frame.file = place->file == "??" ? std::string_view() : utf8Prefix(place->file, kMaxName);
    frame.line = place->line;
    return true;
}

/// nullptr when there are too many kinds of events.
PerfReader::Event *PerfReader::eventOf(const Sample &sample, RowSink &sink)
{
    const auto found = m_events.find(sample.event);
    if (found != m_events.end())
        return &found->second;
    if (m_events.size() >= kMaxEvents)
        return nullptr;
    Event event;
    event.weighted = sample.period.has_value();
    ProfileRow row;
    row.name = sample.event;
    row.kind = kindOf(sample.event);
    row.sampleType = event.weighted ? std::string_view(sample.event) : std::string_view("samples");
    row.unit = event.weighted ? unitOf(sample.event) : std::string_view("samples");
    event.profile = sink.profile(row);
    return &m_events.emplace(sample.event, event).first->second;
}

CallNodeRef PerfReader::leafOf(ProfileRef profile, RowSink &sink)
{
    CallNodeRef node = CallNodeRef::None;
    if (m_sample.frames == 0) {
        FrameRow row;
        row.function = kNoStack;
        return sink.callNode(profile, node, sink.frame(row));
    }
    for (std::size_t i = m_sample.frames; i-- > 0;) {
        FrameRow row;
        row.function = m_frames[i].function;
        row.module = m_frames[i].module;
        row.file = m_frames[i].file;
        row.line = m_frames[i].line;
        node = sink.callNode(profile, node, sink.frame(row));
    }
    return node;
}

void PerfReader::finishSample(RowSink &sink, ImportReport &report)
{
    if (!m_sample.open)
        return;
    m_sample.open = false;
    const auto reject = [&](std::string_view kind, std::string_view reason) {
        report.skip(kind, m_sample.offset, m_sample.length, reason, m_sample.bytes);
        m_sample.frames = 0;
    };
    Event *event = eventOf(m_sample, sink);
    if (event == nullptr)
        return reject("too-many-events", "the file has more than 1,000 kinds of events");
    if (event->weighted && !m_sample.period)
        return reject("no-period", "the sample has no period where the others of its event have one");
    SampleRow row;
    row.profile = event->profile;
    row.node = leafOf(event->profile, sink);
    row.tsNs = m_sample.time.value_or(kUnknownNanos);
    row.thread = m_sample.thread;
    row.weight = event->weighted ? *m_sample.period : 1;
    sink.sample(row);
    ++m_samples;
    report.rowRead();
    if (m_sample.cut)
        report.note(IssueSeverity::DataLoss, "stack-too-deep", m_sample.offset,
            "frames beyond a depth of 10,000 were cut off");
    if (m_sample.cutName)
        report.note(IssueSeverity::Notice, "name-cut", m_sample.offset,
            "the name of a symbol or object longer than 4 KiB was cut");
    if (m_sample.frames == 0)
        report.note(IssueSeverity::Info, "no-stack", m_sample.offset,
            "samples without a stack are below \"(no stack)\"");
    m_sample.frames = 0;
}

} // namespace tailscope::import::perf
