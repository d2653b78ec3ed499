// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/jsonplan.h"

#include "import/explain/jsonhandler.h"
#include "import/explain/textscan.h"

#include <rapidjson/error/en.h>

#include <algorithm>

namespace tailscope::import::explain {

namespace {

constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseStopWhenDoneFlag
    | rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseTrailingCommasFlag;

std::size_t columnOf(std::string_view text, std::size_t offset)
{
    const std::size_t end = text.substr(0, offset).rfind('\n');
    return end == std::string_view::npos ? offset : offset - end - 1;
}

/// Offset of the first bracket (or of a string, at the start of the text) that begins a line at or after
/// `from` and stands no further right than maxColumn.
std::size_t findDocument(std::string_view text, std::size_t from, std::size_t maxColumn)
{
    while (from < text.size()) {
        const std::size_t first = text.find_first_not_of(" \t\r\n", from);
        if (first == std::string_view::npos)
            return first;
        const bool opens = text[first] == '[' || text[first] == '{' || (text[first] == '"' && from == 0);
        if (opens && (maxColumn == std::string_view::npos || columnOf(text, first) <= maxColumn))
            return first;
        from = text.find('\n', first);
    }
    return std::string_view::npos;
}

class DocumentLoop
{
public:
    DocumentLoop(std::string_view text, const std::string &subject, ImportReport &report,
        const PlanTaker &take, std::string_view form)
        : m_form(form)
        , m_text(text)
        , m_subject(subject)
        , m_report(report)
        , m_take(take)
    {}
    Result<JsonPlans> run();

private:
    Result<std::size_t> parseAt(std::size_t at);
    Error errorAt(ErrorCode code, std::size_t offset, std::string detail, std::string hint);
    std::int64_t lineTo(std::size_t offset);

    std::string m_form;
    std::string_view m_text;
    const std::string &m_subject;
    ImportReport &m_report;
    const PlanTaker &m_take;
    JsonPlans m_found;
    std::size_t m_previousEnd = 0; ///< of the document before
    std::size_t m_counted = 0;
    std::int64_t m_line = 1;
    std::optional<Error> m_farthest;
    std::size_t m_farthestLength = 0;
    /// After a syntax error what stands further right is a part of the broken document, not a new one.
    std::size_t m_maxColumn = std::string_view::npos;
};

std::int64_t DocumentLoop::lineTo(std::size_t offset)
{
    offset = std::min(offset, m_text.size());
    if (offset < m_counted) {
        m_counted = 0;
        m_line = 1;
    }
    m_line += std::count(m_text.begin() + static_cast<std::ptrdiff_t>(m_counted),
        m_text.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
    m_counted = offset;
    return m_line;
}

Error DocumentLoop::errorAt(ErrorCode code, std::size_t offset, std::string detail, std::string hint)
{
    const auto line = static_cast<std::uint64_t>(lineTo(offset));
    const std::size_t column = columnOf(m_text, offset) + 1;
    return {code, m_subject, std::move(detail), Location{offset, line, column}, std::move(hint)};
}

/// Reads the document at `at`; gives where to look for the next one.
Result<std::size_t> DocumentLoop::parseAt(std::size_t at)
{
    PlanJsonHandler::Stream stream(m_text.substr(at));
    PlanJsonHandler handler(m_text, at, lineTo(at), stream, m_report, m_take);
    const std::string_view before = m_text.substr(m_previousEnd, at - m_previousEnd);
    if (const std::size_t head = before.rfind("duration: "); head != std::string_view::npos)
        handler.setDuration(loggedDuration(before.substr(head, before.find('\n', head) - head))
                                .value_or(ParsedPlan::kUnknown));
    rapidjson::Reader reader;
    const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, handler);
    const std::size_t offset = at + (result ? stream.Tell() : result.Offset());
    m_previousEnd = std::min(offset, m_text.size());
    if (!handler.limit().empty())
        return fail(errorAt(ErrorCode::LimitExceeded, std::min(at + stream.Tell(), m_text.size()),
            handler.limit(), "Is this really the output of EXPLAIN?"));
    m_maxColumn = result ? std::string_view::npos : columnOf(m_text, at);
    const std::size_t salvaged = result ? 0 : handler.salvage(m_previousEnd);
    m_found.plans += handler.found().plans;
    std::move(handler.found().rows.begin(), handler.found().rows.end(), std::back_inserter(m_found.rows));
    if (result)
        return offset;
    const bool cut = offset >= m_text.size();
    std::string what
        = cut ? "the " + m_form + " ends in the middle" : rapidjson::GetParseError_En(result.Code());
    const Error error = errorAt(ErrorCode::BadInput, std::min(offset, m_text.size()),
        cut ? "the " + m_form + " ends before the first node is complete" : what,
        "Copy the whole output of EXPLAIN (FORMAT " + m_form + ")");
    if (salvaged > 0) {
        m_report.note(IssueSeverity::DataLoss, cut ? "truncated" : "json-syntax",
            std::min(offset, m_text.size()),
            "line " + std::to_string(*error.where->line) + ": " + what
                + "; the nodes complete before it were taken");
    } else if (offset - at >= m_farthestLength) {
        m_farthest = error;
        m_farthestLength = offset - at;
    }
    const std::size_t next = m_text.find('\n', std::min(offset, m_text.size()));
    return next == std::string_view::npos ? m_text.size() : next;
}

Result<JsonPlans> DocumentLoop::run()
{
    for (std::size_t at = findDocument(m_text, 0, m_maxColumn); at != std::string_view::npos;) {
        const Result<std::size_t> next = parseAt(at);
        if (!next)
            return fail(next.error());
        at = findDocument(m_text, std::max(*next, at + 1), m_maxColumn);
    }
    if (m_found.plans == 0 && m_found.rows.empty() && m_farthest)
        return fail(*m_farthest);
    if (m_farthest)
        m_report.note(IssueSeverity::Notice, "json-syntax", m_farthest->where->offset.value_or(0),
            "line " + std::to_string(*m_farthest->where->line) + ": " + m_farthest->detail
                + "; nothing there looked like a plan");
    return std::move(m_found);
}

} // namespace

Result<JsonPlans> parseJsonPlans(std::string_view text, const std::string &subject, ImportReport &report,
    const PlanTaker &take, std::string_view form)
{
    return DocumentLoop(text, subject, report, take, form).run();
}

} // namespace tailscope::import::explain
