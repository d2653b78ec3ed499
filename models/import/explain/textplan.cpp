// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/textplan.h"

#include "base/text.h"
#include "import/explain/textbuilder.h"
#include "import/explain/textnode.h"
#include "import/explain/textscan.h"

#include <algorithm>
#include <array>

namespace tailscope::import::explain {

namespace {

/// A literal with line ends is looked for this far; an apostrophe that nothing closes ends with its line.
constexpr std::size_t kMaxLiteralLines = 400;

/// The last ones are of PostgreSQL 16 and 19 and of Greenplum.
constexpr std::array<std::string_view, 14> kTrailers{
    "Planning",
    "Planning Time",
    "Planning time",
    "Execution Time",
    "Execution time",
    "Total runtime",
    "Settings",
    "Query Identifier",
    "Serialization",
    "JIT",
    "Query Parameters",
    "Optimizer",
    "Supplied Plan Advice",
    "Generated Plan Advice",
};

bool isArrow(std::string_view content)
{
    if (!content.starts_with("->"))
        return false;
    const std::string_view name = trimmed(content.substr(2));
    // "-> 'key'" of a wrapped JSON operator is no node.
    return !name.empty() && name.front() >= 'A' && name.front() <= 'Z';
}

bool isFigures(std::string_view content)
{
    return content.starts_with("(cost=") || content.starts_with("(actual ")
        || content.starts_with("(never executed)");
}

bool isSubplanName(std::string_view content)
{
    for (const std::string_view word : {"InitPlan", "SubPlan"}) {
        if (content == word || (content.starts_with(word) && content[word.size()] == ' '))
            return true;
    }
    return content.starts_with("CTE ");
}

bool isTrailerStart(std::string_view content)
{
    if (content.starts_with("Trigger "))
        return content.find(" calls=") != std::string_view::npos;
    std::string_view label, value;
    return splitLabel(content, label, value)
        && std::find(kTrailers.begin(), kTrailers.end(), label) != kTrailers.end();
}

bool startsRecord(std::string_view content)
{
    return content.starts_with("Query Text: ") || loggedDuration(content);
}

class TextPlanParser
{
public:
    TextPlanParser(const UnframedText &text, ImportReport &report, const PlanTaker &take)
        : m_text(text)
        , m_builder(text, report, take)
    {}
    Result<void> run();

private:
    Result<void> outside();
    Result<void> inside();
    Result<void> startPlan(bool arrow);
    bool isRoot() const;
    bool isNewRoot() const;
    bool isWrappedRoot() const;
    bool startsTree() const;
    bool isSubplanLabel() const;
    bool takeLiteral();
    void preamble();
    void forgetQuery();
    std::string_view continuation() const;
    std::size_t nextLine(std::size_t from) const;

    const UnframedText &m_text;
    TextPlanBuilder m_builder;
    std::size_t m_index = 0; ///< of the current line
    std::string_view m_content; ///< of it, without indentation
    std::size_t m_column = 0;
    std::uint32_t m_line = 0;
    bool m_expectRoot = false; ///< a header was there: what comes next is the plan
    bool m_blank = false; ///< a blank line since the last element
    std::optional<std::string> m_query;
    std::uint32_t m_queryLine = 0;
    std::size_t m_queryColumn = 0; ///< the log indents every line of the query
    std::optional<std::string> m_parameters; ///< of the query; its last lines go here then
};

/// Index of the next line that is not blank, or the number of lines.
std::size_t TextPlanParser::nextLine(std::size_t from) const
{
    while (from < m_text.lines.size() && trimmed(m_text.lines[from].text).empty())
        ++from;
    return from;
}

/// True when the line after this one belongs to a plan that begins here.
bool TextPlanParser::startsTree() const
{
    const std::size_t next = nextLine(m_index + 1);
    if (next >= m_text.lines.size())
        return true;
    const std::string_view line = m_text.lines[next].text;
    const std::string_view content = trimmed(line);
    return indentOf(line) > m_column || isFooter(content) || isTrailerStart(content)
        || content.starts_with("```") || (next > m_index + 1 && looksLikeNode(content));
}

/// A node's name and then figures that are broken, or cut at the end of the line: "Sort  (cos" + "t=1.00..".
bool TextPlanParser::isWrappedRoot() const
{
    const std::size_t figures
        = std::min(findOutsideQuotes(m_content, "  ("), findOutsideQuotes(m_content, " (actual "));
    if (figures == std::string_view::npos || figures == 0 || !looksLikeNode(m_content.substr(0, figures)))
        return false;
    return hasOpenBracket(m_content) || m_content.find(" (cost=", figures) != std::string_view::npos
        || m_content.find(" (actual ", figures) != std::string_view::npos;
}

bool TextPlanParser::isRoot() const
{
    const NodeFigures figures = splitFigures(m_content);
    if (figures.hasCost || figures.hasActual)
        return looksLikeNode(m_content);
    return (looksLikeNode(m_content) && startsTree()) || isWrappedRoot();
}

bool TextPlanParser::isNewRoot() const
{
    if (m_column > m_builder.rootColumn() + 1)
        return false;
    const NodeFigures figures = splitFigures(m_content);
    const bool complete = (figures.hasCost || figures.hasActual) && looksLikeNode(m_content);
    if (m_blank || m_builder.inTrailer())
        return complete || (looksLikeNode(m_content) && startsTree());
    return complete && m_column <= m_builder.rootColumn() && !m_builder.nodeIsCut()
        && !m_builder.nodeLacksCosts();
}

bool TextPlanParser::isSubplanLabel() const
{
    if (!isSubplanName(m_content))
        return false;
    const std::size_t next = nextLine(m_index + 1);
    if (next >= m_text.lines.size())
        return false;
    const std::string_view line = m_text.lines[next].text;
    return isArrow(withoutIndent(line)) && indentOf(line) > m_column;
}

/// Takes the lines of a literal that the current element left open. False when nothing closes it.
bool TextPlanParser::takeLiteral()
{
    QuoteState quotes = m_builder.quotes();
    const std::size_t end = std::min(m_index + 1 + kMaxLiteralLines, m_text.lines.size());
    std::size_t close = m_index + 1;
    for (; close < end; ++close) {
        quotes.feed(m_text.lines[close].text);
        if (!quotes.isOpen())
            break;
    }
    if (close >= end)
        return false;
    for (std::size_t i = m_index + 1; i <= close; ++i)
        m_builder.append(m_text.lines[i].text, true, m_text.lines[i].source);
    m_index = close;
    return true;
}

Result<void> TextPlanParser::startPlan(bool arrow)
{
    m_expectRoot = m_blank = false;
    if (m_query) {
        while (m_query->ends_with('\n') || m_query->ends_with(' '))
            m_query->pop_back();
        m_builder.setQueryText(std::move(*m_query), m_queryLine);
    }
    if (m_parameters)
        m_builder.setQueryParameters(std::string(trimmed(*m_parameters)));
    forgetQuery();
    return m_builder.addNode(m_column, arrow ? withoutIndent(m_content.substr(2)) : m_content, m_line, arrow);
}

void TextPlanParser::forgetQuery()
{
    m_query.reset();
    m_parameters.reset();
}

/// The current line as it goes on an element that lines were wrapped out of: without the blank that psql puts
/// before every line, those inside of a value too.
std::string_view TextPlanParser::continuation() const
{
    std::string_view text = m_text.lines[m_index].text;
    if (m_text.padded && text.starts_with(' '))
        text.remove_prefix(1);
    return text;
}

/// Text before a plan: auto_explain's query, its parameters and duration, else prose.
void TextPlanParser::preamble()
{
    std::string_view label, value;
    if (const std::optional<double> duration = loggedDuration(m_content)) {
        m_builder.setDuration(*duration);
    } else if (splitLabel(m_content, label, value) && label == "Query Text") {
        m_query = value;
        m_queryLine = m_line;
        m_queryColumn = m_column;
        m_parameters.reset();
    } else if (m_query && !m_parameters && label == "Query Parameters" && m_column == m_queryColumn) {
        m_parameters = value;
    } else if (m_query) {
        std::string &text = m_parameters ? *m_parameters : *m_query;
        text += '\n';
        text += m_text.lines[m_index].text.substr(std::min(m_column, m_queryColumn));
    }
}

Result<void> TextPlanParser::outside()
{
    if (trimmed(m_content).empty()) {
        if (m_query)
            (m_parameters ? *m_parameters : *m_query) += '\n';
        return {};
    }
    if (isFooter(m_content) || isRule(m_content) || m_content.starts_with("```"))
        return {};
    if (isArrow(m_content)) {
        const std::string_view node = trimmed(m_content.substr(2));
        if (m_expectRoot || looksLikeNode(node))
            return startPlan(true);
    }
    const bool named = m_content.front() >= 'A' && m_content.front() <= 'Z';
    if ((m_expectRoot && named && !m_query && !m_content.starts_with("Query Text:")) || isRoot())
        return startPlan(false);
    preamble();
    return {};
}

Result<void> TextPlanParser::inside()
{
    if (isArrow(m_content)) {
        if (m_builder.inTrailer())
            m_builder.endPlan();
        m_blank = false;
        if (!m_builder.isOpen())
            return startPlan(true);
        return m_builder.addNode(m_column, withoutIndent(m_content.substr(2)), m_line, true);
    }
    std::string_view label, value;
    const bool labelled = splitLabel(m_content, label, value);
    const bool property = labelled && m_column > m_builder.nodeColumn();
    const bool unfinished = m_builder.nodeIsCut() || (!property && m_builder.nodeLacksCosts());
    if (isFigures(m_content) || (unfinished && !m_blank)) {
        // Figures on a line of their own stand apart; a cut line goes on where it was cut.
        m_builder.append(isFigures(m_content) ? "  " + std::string(m_content) : std::string(continuation()),
            false, m_line);
        return {};
    }
    if (isNewRoot()) {
        m_builder.endPlan();
        return startPlan(false);
    }
    if (startsRecord(m_content)) {
        m_builder.endPlan();
        return outside();
    }
    if (m_column <= m_builder.rootColumn() + 1) {
        if (isTrailerStart(m_content) || (labelled && m_builder.inTrailer() && !m_blank)) {
            m_builder.addTrailer(m_column, m_content, m_line);
            m_blank = false;
            return {};
        }
        if (labelled && !m_blank && !m_builder.inTrailer()) {
            // The text lost its indentation: only the order tells whose property this is.
            m_builder.addProperty(m_column, label, value, m_line);
            return {};
        }
    } else if (isSubplanLabel()) {
        m_builder.addSubplanLabel(m_column, m_content, m_line);
        return {};
    } else if (m_builder.currentIsModifyTable() && looksLikeTarget(m_content)) {
        m_builder.addTarget(m_column, m_content, m_line);
        return {};
    } else if (property || (labelled && m_builder.inTrailer())) {
        m_builder.addProperty(m_column, label, value, m_line);
        return {};
    }
    if (m_blank || m_builder.inTrailer()) {
        // Prose after the plan.
        m_builder.endPlan();
        return outside();
    }
    m_builder.append(continuation(), false, m_line);
    return {};
}

Result<void> TextPlanParser::run()
{
    bool continues = false;
    for (m_index = 0; m_index < m_text.lines.size(); ++m_index) {
        const FrameLine &line = m_text.lines[m_index];
        m_content = withoutIndent(line.text);
        m_column = indentOf(line.text);
        m_line = line.source;
        if (line.header) {
            m_builder.endPlan();
            forgetQuery();
            m_expectRoot = true;
            m_blank = continues = false;
            continue;
        }
        const bool continued = continues && m_builder.isOpen();
        continues = line.continues;
        if (continued) {
            m_builder.append(line.text, true, m_line);
        } else if (!m_builder.isOpen()) {
            TS_TRY(outside());
        } else if (trimmed(m_content).empty()) {
            m_blank = true;
        } else if (isRule(line.text) || isFooter(m_content) || m_content.starts_with("```")) {
            m_builder.endPlan();
        } else {
            TS_TRY(inside());
        }
        if (m_builder.literalIsOpen() && !continues) {
            if (takeLiteral())
                m_blank = false;
            else
                m_builder.forgetLiteral();
        }
    }
    m_builder.endPlan();
    return {};
}

} // namespace

Result<void> parseTextPlans(const UnframedText &text, ImportReport &report, const PlanTaker &take)
{
    return TextPlanParser(text, report, take).run();
}

} // namespace tailscope::import::explain
