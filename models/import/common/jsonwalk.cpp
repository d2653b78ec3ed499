// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/common/jsonwalk.h"

#include <algorithm>

namespace tailscope::import {

namespace {

using Status = JsonFramer::Status;

constexpr std::size_t kMaxKeyBytes = 64 * 1024;

} // namespace

bool JsonWalk::lineEnded()
{
    m_documentHasLineEnd |= m_framer.sawLineEnd();
    return m_oneLine && m_framer.sawLineEnd();
}

JsonWalk::Step JsonWalk::record(JsonFramer::Record &record, std::string_view what)
{
    record = m_framer.record(lineRule());
    m_documentHasLineEnd |= record.hasLineEnd;
    if (record.status == Status::Complete)
        return Step::Done;
    if (m_framer.error())
        return Step::InputEnded;
    const std::string name(what);
    switch (record.status) {
    case Status::BrokenLine:
        m_report.skip("broken-" + name, record.offset, record.bytes.size(),
            "the line ends inside the " + name, record.bytes);
        return m_framer.skipLine() ? Step::LineEnded : Step::InputEnded;
    case Status::TooLong:
        m_report.skip(name + "-too-long", record.offset, record.bytes.size(), "longer than 32 MB",
            record.bytes);
        return Step::Broken;
    default:
        m_report.skip("truncated-" + name, record.offset, record.bytes.size(),
            "the file ends inside the " + name, record.bytes);
        return Step::InputEnded;
    }
}

JsonWalk::Step JsonWalk::skip()
{
    const int first = m_framer.peek();
    if (!m_oneLine || (first != '{' && first != '[' && first != '"'))
        return m_framer.skipValue().complete ? Step::Done : Step::InputEnded;
    JsonFramer::Record passed;
    return record(passed, "value");
}

/// A key with its colon; the cursor is at a quote.
JsonWalk::Step JsonWalk::takeKey(std::string &key)
{
    const JsonFramer::Record record = m_framer.record(lineRule(), kMaxKeyBytes);
    if (record.status == Status::Ended)
        return Step::InputEnded;
    if (record.status != Status::Complete)
        return Step::Broken;
    key = record.bytes.substr(1, record.bytes.size() - 2);
    const int c = m_framer.peek();
    if (lineEnded())
        return Step::LineEnded;
    if (c != ':')
        return c == -1 ? Step::InputEnded : Step::Broken;
    m_framer.take();
    if (m_framer.peek() == -1)
        return Step::InputEnded;
    return lineEnded() ? Step::LineEnded : Step::Done;
}

void JsonWalk::beginDocument()
{
    m_start = m_framer.offset();
    m_framer.forgetLineEnd();
    m_documentHasLineEnd = false;
}

bool JsonWalk::endDocument(Step step, std::int64_t rowsBefore, std::string_view rows)
{
    if (m_framer.error())
        return false;
    const std::string from = "the document that begins at offset " + std::to_string(m_start);
    switch (step) {
    case Step::Done:
        m_framer.forgetLineEnd();
        // One that had its line to itself: the next one that runs over a line end is broken there.
        if (m_framer.peek() != -1)
            m_oneLine = m_framer.sawLineEnd() && !m_documentHasLineEnd;
        return true;
    case Step::LineEnded:
        m_report.note(IssueSeverity::DataLoss, "broken-line", m_start,
            from + " ends at its line end before it closes; reading went on with the next line");
        return true;
    case Step::Broken: {
        const std::uint64_t at = m_framer.offset();
        const std::string_view rest = m_framer.prefetch(ImportReport::kMaxRejectBytes);
        const std::string_view line = rest.substr(0, rest.find('\n'));
        m_report.skip("broken-document", at, line.size(),
            from + " is not valid JSON here; reading went on with the next line", line);
        return m_framer.skipToLineOfValue();
    }
    case Step::InputEnded:
        m_report.note(IssueSeverity::DataLoss, "truncated", m_framer.offset(),
            "the file ends inside " + from + "; " + std::to_string(rowsBefore) + ' ' + std::string(rows)
                + " before that were read");
        return false;
    }
    return false;
}

std::string jsonOnOneLine(std::string_view record)
{
    std::string line(record);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return line;
}

} // namespace tailscope::import
