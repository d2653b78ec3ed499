// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/firefox/firefoxreader.h"

#include "base/text.h"
#include "import/common/nestedtree.h"
#include "import/firefox/firefoxrows.h"

#include <algorithm>
#include <deque>

namespace tailscope::import {

namespace {

using namespace firefox;
using Token = JsonPull::Token;

constexpr std::size_t kMaxCategories = 10'000, kMaxPauses = 100'000;

struct Pause
{
    Cell start = kNull, end = kNull;
    std::string reason;
};

/// The profile of one process, open or read.
struct Process
{
    Meta meta;
    Tables shared;
    std::deque<Thread> waiting;
    std::vector<Pause> pauses;
    bool sawShared = false;
    bool inProcesses = false; ///< its array of further processes is open
};

class Document
{
public:
    Document(ByteSource &source, RowSink &sink, ImportReport &report)
        : m_source(source)
        , m_sink(sink)
        , m_report(report)
        , m_pull(source)
        , m_rows(sink, report)
    {}
    Result<void> read();

private:
    void setSource();
    void step();
    void member();
    void readMeta(Meta &meta);
    void readCategories(Meta &meta);
    void readUnits(Meta &meta);
    void readShared(Process &process);
    void readThreads(Process &process);
    void readThread(Thread &thread);
    void readPauses(Process &process);
    void emitWaiting(Process &process, bool all);
    void finish(Process &process);
    void open();

    ByteSource &m_source;
    RowSink &m_sink;
    ImportReport &m_report;
    JsonPull m_pull;
    Budget m_budget;
    ThreadRows m_rows;
    std::deque<Process> m_open;
    std::size_t m_threads = 0;
};

void Document::setSource()
{
    SourceInfo info;
    info.kind = SourceKind::Profile;
    info.clock = m_rows.sawAbsoluteTime() ? ClockKind::Utc : ClockKind::Relative;
    m_sink.setSource(info);
}

void Document::readCategories(Meta &meta)
{
    if (m_pull.next() != Token::ArrayStart)
        return m_pull.skip();
    for (;;) {
        const Token token = m_pull.next();
        if (token == Token::ArrayEnd || token == Token::End)
            return;
        std::string name;
        if (token == Token::ObjectStart) {
            while (m_pull.next() == Token::Key) {
                if (m_pull.text() == "name")
                    name = pullText(m_pull);
                else
                    m_pull.skip();
            }
        } else {
            m_pull.skip();
        }
        if (meta.categories.size() < kMaxCategories)
            meta.categories.push_back(std::move(name));
    }
}

void Document::readUnits(Meta &meta)
{
    if (m_pull.next() != Token::ObjectStart)
        return m_pull.skip();
    while (m_pull.next() == Token::Key) {
        if (m_pull.text() == "threadCPUDelta")
            meta.cpuUnit = pullText(m_pull, 64);
        else
            m_pull.skip();
    }
}

void Document::readMeta(Meta &meta)
{
    if (m_pull.next() != Token::ObjectStart)
        return m_pull.skip();
    meta.seen = true;
    const auto nanos = [this]() -> std::optional<std::int64_t> {
        const Token token = m_pull.next();
        if (token == Token::Number)
            return parseScaledDecimal(m_pull.text(), kNanosPerMilli);
        m_pull.skip();
        return std::nullopt;
    };
    while (m_pull.next() == Token::Key) {
        const std::string key(m_pull.text());
        if (key == "startTime") {
            // 0 stands for unknown in files that were made up or cleaned.
            if (const auto start = nanos(); start && *start > 0)
                meta.start = *start;
        } else if (key == "interval") {
            meta.interval = std::max<Nanos>(nanos().value_or(0), 0);
        } else if (key == "product") {
            meta.product = pullText(m_pull);
        } else if (key == "categories") {
            readCategories(meta);
        } else if (key == "sampleUnits") {
            readUnits(meta);
        } else {
            m_pull.skip();
        }
    }
}

void Document::readShared(Process &process)
{
    if (m_pull.next() != Token::ObjectStart)
        return m_pull.skip();
    process.sawShared = true;
    while (m_pull.next() == Token::Key) {
        const std::string key(m_pull.text());
        if (!process.shared.read(key, m_pull, m_budget, m_report))
            m_pull.skip();
    }
}

/// At the ObjectStart of a thread.
void Document::readThread(Thread &thread)
{
    thread.offset = m_pull.offset();
    std::string type;
    while (m_pull.next() == Token::Key) {
        const std::string key(m_pull.text());
        if (thread.tables.read(key, m_pull, m_budget, m_report))
            continue;
        if (key == "samples")
            thread.samples.read(m_pull, m_budget, nullptr, m_report);
        else if (key == "jsAllocations")
            thread.jsAllocations.read(m_pull, m_budget, nullptr, m_report);
        else if (key == "nativeAllocations")
            thread.nativeAllocations.read(m_pull, m_budget, nullptr, m_report);
        else if (key == "markers")
            thread.markers.read(m_pull, m_budget, &thread.payloads, m_report);
        else if (key == "name")
            thread.name = pullText(m_pull);
        else if (key == "processName")
            thread.process = pullText(m_pull);
        else if (key == "processType")
            type = pullText(m_pull);
        else if (key == "pid")
            thread.pid = pullText(m_pull, 256);
        else if (key == "tid")
            thread.tid = pullText(m_pull, 256);
        else
            m_pull.skip();
    }
    if (thread.process.empty())
        thread.process = type;
}

void Document::readThreads(Process &process)
{
    if (m_pull.next() != Token::ArrayStart)
        return m_pull.skip();
    for (;;) {
        const Token token = m_pull.next();
        if (token == Token::ArrayEnd || token == Token::End)
            return;
        if (token != Token::ObjectStart || m_threads >= FirefoxReader::kMaxThreads) {
            m_pull.startRaw();
            m_pull.skip();
            m_report.skip("malformed-thread", m_pull.rawOffset(), m_pull.rawLength(),
                token == Token::ObjectStart ? "more than 100,000 threads" : "a thread is no object",
                m_pull.raw());
            continue;
        }
        ++m_threads;
        readThread(process.waiting.emplace_back());
        emitWaiting(process, false);
    }
}

void Document::readPauses(Process &process)
{
    if (m_pull.next() != Token::ArrayStart)
        return m_pull.skip();
    const auto cell = [this] {
        const Token token = m_pull.next();
        if (token != Token::Number)
            m_pull.skip();
        return token == Token::Number ? parseScaledDecimal(m_pull.text(), kOne).value_or(kNull) : kNull;
    };
    for (;;) {
        const Token token = m_pull.next();
        if (token == Token::ArrayEnd || token == Token::End)
            return;
        if (token != Token::ObjectStart) {
            m_pull.skip();
            continue;
        }
        Pause pause;
        while (m_pull.next() == Token::Key) {
            const std::string key(m_pull.text());
            if (key == "startTime")
                pause.start = cell();
            else if (key == "endTime")
                pause.end = cell();
            else if (key == "reason")
                pause.reason = pullText(m_pull);
            else
                m_pull.skip();
        }
        if (process.pauses.size() < kMaxPauses)
            process.pauses.push_back(std::move(pause));
    }
}

/// Threads whose start of time and whose tables are known; all of them at the end of the profile.
void Document::emitWaiting(Process &process, bool all)
{
    while (!process.waiting.empty()) {
        const Thread &thread = process.waiting.front();
        const bool complete = thread.tables.stacks.isPresent() && thread.tables.strings.isPresent();
        // Files of older forms name libraries and resources in the thread, or before it.
        if (!all && !(process.meta.seen && (process.sawShared || complete)))
            return;
        m_rows.emit(thread, process.shared, process.shared.libraries, process.meta);
        m_budget.cells += thread.cells();
        m_budget.textBytes += thread.textBytes();
        process.waiting.pop_front();
    }
}

void Document::finish(Process &process)
{
    emitWaiting(process, true);
    m_rows.forgetStacks();
    m_budget.cells += process.shared.cells();
    m_budget.textBytes += process.shared.textBytes();
    for (const Pause &pause : process.pauses) {
        if (pause.start == kNull)
            continue;
        const std::string title = "profiler paused" + (pause.reason.empty() ? "" : ": " + pause.reason);
        EventRow row;
        row.tsNs = timeOf(process.meta, pause.start);
        row.endNs = timeOf(process.meta, pause.end);
        row.kind = "note";
        row.title = title;
        m_sink.event(row);
    }
}

void Document::open() { m_open.emplace_back(); }

/// Behind a key of a profile.
void Document::member()
{
    Process &process = m_open.back();
    const std::string key(m_pull.text());
    if (key == "meta") {
        readMeta(process.meta);
    } else if (key == "shared") {
        readShared(process);
    } else if (key == "threads") {
        readThreads(process);
    } else if (key == "pausedRanges") {
        readPauses(process);
    } else if (key == "processes" || (key == "profile" && m_open.size() == 1)) {
        const Token token = m_pull.next();
        if (token == (key == "profile" ? Token::ObjectStart : Token::ArrayStart)
            && m_open.size() < FirefoxReader::kMaxProcesses) {
            if (key == "profile")
                open();
            else
                process.inProcesses = true;
            return;
        }
        if (m_open.size() >= FirefoxReader::kMaxProcesses)
            m_report.note(IssueSeverity::DataLoss, "processes-too-deep", m_pull.offset(),
                "profiles nested deeper than 64 were left out");
        m_pull.skip();
    } else if (key == "libs") {
        process.shared.read(key, m_pull, m_budget, m_report);
    } else {
        m_pull.skip();
    }
}

void Document::step()
{
    const Token token = m_pull.next();
    Process &process = m_open.back();
    if (process.inProcesses) {
        if (token == Token::ObjectStart) {
            open();
        } else if (token == Token::ArrayEnd) {
            process.inProcesses = false;
        } else if (token != Token::End) {
            m_pull.startRaw();
            m_pull.skip();
            m_report.skip("malformed-process", m_pull.rawOffset(), m_pull.rawLength(),
                "the profile of a process is no object", m_pull.raw());
        }
    } else if (token == Token::Key) {
        member();
    } else if (token == Token::ObjectEnd) {
        finish(process);
        m_open.pop_back();
    }
}

Result<void> Document::read()
{
    setSource();
    if (m_pull.next() == Token::ObjectStart) {
        open();
        while (!m_open.empty() && m_pull.token() != Token::End)
            step();
    }
    // What a cut file still holds.
    for (; !m_open.empty(); m_open.pop_back())
        finish(m_open.back());
    setSource();
    constexpr std::string_view kHint
        = "A Firefox profile is a JSON object with \"meta\" and \"threads\", each with its samples";
    return finishDocument(m_pull, m_source, m_threads > 0, "it has no thread", kHint, m_report);
}

} // namespace

Result<void> FirefoxReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    return Document(source, sink, report).read();
}

} // namespace tailscope::import
