// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/har/harreader.h"

#include "base/text.h"
#include "import/common/nestedtree.h"
#include "import/har/harrows.h"

namespace tailscope::import {

namespace {

using namespace har;
using Token = JsonPull::Token;

class Log
{
public:
    Log(ByteSource &source, RowSink &sink, ImportReport &report, TimeText &time)
        : m_report(report)
        , m_time(time)
        , m_rows(sink, report)
        , pull(source)
    {}
    void read();
    bool sawEntries() const { return m_sawEntries; }

private:
    void readEntries();
    void readEntry();
    void readPages();
    void readPage();
    void readPageTimings(Page &page);
    Nanos millis();

    ImportReport &m_report;
    TimeText &m_time;
    HarRows m_rows;
    std::vector<Page> m_pages;
    bool m_sawEntries = false;

public:
    JsonPull pull;
};

Nanos Log::millis()
{
    const Token token = pull.next();
    if (token != Token::Number) {
        pull.skip();
        return kUnknownNanos;
    }
    const std::optional<std::int64_t> ns = parseScaledDecimal(pull.text(), kNanosPerMilli);
    return ns && *ns >= 0 ? *ns : kUnknownNanos;
}

void Log::readPageTimings(Page &page)
{
    if (pull.next() != Token::ObjectStart)
        return pull.skip();
    while (pull.next() == Token::Key) {
        const std::string key(pull.text());
        if (key == "onContentLoad")
            page.contentLoad = millis();
        else if (key == "onLoad")
            page.load = millis();
        else
            pull.skip();
    }
}

/// At the ObjectStart of a page.
void Log::readPage()
{
    Page page;
    page.offset = pull.offset();
    while (pull.next() == Token::Key) {
        const std::string key(pull.text());
        if (key == "id") {
            page.id = pullText(pull, Entry::kMaxText);
        } else if (key == "title") {
            page.title = pullText(pull, Entry::kMaxText);
        } else if (key == "startedDateTime") {
            const auto time = m_time.parse(pullText(pull, Entry::kMaxText), page.offset, m_report);
            page.start = time ? time->ns : kUnknownNanos;
        } else if (key == "pageTimings") {
            readPageTimings(page);
        } else {
            pull.skip();
        }
    }
    if (m_pages.size() < HarRows::kMaxPages)
        m_pages.push_back(std::move(page));
}

void Log::readPages()
{
    if (pull.next() != Token::ArrayStart)
        return pull.skip();
    for (;;) {
        const Token token = pull.next();
        if (token == Token::ArrayEnd || token == Token::End)
            return;
        if (token == Token::ObjectStart)
            readPage();
        else
            pull.skip();
    }
}

/// At the ObjectStart of an entry.
void Log::readEntry()
{
    Entry entry;
    entry.read(pull);
    if (pull.failed())
        return;
    const auto reject = [&](std::string_view kind, std::string_view reason) {
        m_report.skip(kind, pull.rawOffset(), pull.rawLength(), reason, pull.raw());
    };
    if (entry.url.empty())
        return reject("no-request", "the entry has no request with a url");
    const auto time = m_time.parse(entry.started, pull.rawOffset(), m_report);
    if (!time)
        return reject("bad-time", "startedDateTime is no time");
    m_rows.entry(entry, time->ns, pull.rawOffset());
}

void Log::readEntries()
{
    if (pull.next() != Token::ArrayStart)
        return pull.skip();
    m_sawEntries = true;
    for (;;) {
        const Token token = pull.next();
        if (token == Token::ArrayEnd || token == Token::End)
            return;
        pull.startRaw();
        if (token == Token::ObjectStart) {
            readEntry();
            continue;
        }
        pull.skip();
        m_report.skip("malformed-entry", pull.rawOffset(), pull.rawLength(), "an entry is no object",
            pull.raw());
    }
}

void Log::read()
{
    if (pull.next() == Token::ObjectStart) {
        while (pull.next() == Token::Key) {
            if (pull.text() != "log" || pull.next() != Token::ObjectStart) {
                pull.skip();
                continue;
            }
            while (pull.next() == Token::Key) {
                const std::string key(pull.text());
                if (key == "pages")
                    readPages();
                else if (key == "entries")
                    readEntries();
                else
                    pull.skip();
            }
        }
    }
    m_rows.pages(m_pages);
}

} // namespace

Result<void> HarReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    TS_TRY(m_time.check(source.name()));
    SourceInfo info;
    info.kind = SourceKind::Trace;
    info.clock = ClockKind::Utc;
    std::string zone = m_time.askedTimezone();
    info.timezone = zone;
    sink.setSource(info);
    Log log(source, sink, report, m_time);
    log.read();
    zone = m_time.timezone();
    info.timezone = zone;
    info.clock = m_time.clock();
    sink.setSource(info);
    return finishDocument(log.pull, source, log.sawEntries(), "it has no \"entries\"",
        "An HTTP archive is a JSON object \"log\" with \"entries\"", report);
}

} // namespace tailscope::import
