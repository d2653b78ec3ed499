// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/anonymtext.h"

#include "base/text.h"
#include "import/explain/frames.h"
#include "import/explain/textnode.h"
#include "import/explain/textscan.h"
#include "report/anonymmarkup.h"
#include "report/planvocabulary.h"

#include <algorithm>
#include <vector>

namespace tailscope::report {

namespace {

using Kind = AnonymNames::Kind;

/// A literal with line ends is looked for this far.
constexpr std::size_t kMaxLiteralLines = 400;

bool isAny(std::string_view word, std::initializer_list<std::string_view> words)
{
    return std::any_of(words.begin(), words.end(), [word](std::string_view w) { return w == word; });
}

/// A line without what clients and mails put around it.
struct Framed
{
    std::string_view before, content, after;
    bool doubledQuotes = false; ///< the content stands in quotes, those inside are doubled
};

Framed framed(std::string_view line)
{
    std::size_t begin = 0;
    while (begin < line.size()) {
        const std::string_view rest = line.substr(begin);
        // Box drawing and no-break blanks are no names.
        const std::size_t wide = rest.starts_with("\xE2\x94") || rest.starts_with("\xE2\x95") ? 3
            : rest.starts_with("\xC2\xA0")                                                    ? 2
                                                                                              : 0;
        if (wide == 0 && std::string_view(" \t|>`").find(rest[0]) == std::string_view::npos)
            break;
        begin += std::max<std::size_t>(wide, 1);
    }
    std::size_t end = line.find_last_not_of(" \t\r|+");
    end = end == std::string_view::npos ? begin : std::max(begin, end + 1);
    Framed out{line.substr(0, begin), line.substr(begin, end - begin), line.substr(end)};
    for (const std::string_view mark : {"\u2502", "\u21B5", "\u2551"}) {
        if (out.content.ends_with(mark)) {
            out.after = line.substr(begin + out.content.size() - mark.size());
            out.content.remove_suffix(mark.size());
            while (out.content.ends_with(' '))
                out.content.remove_suffix(1);
            out.after = line.substr(begin + out.content.size());
        }
    }
    if (out.content.size() > 1 && out.content.front() == '"' && out.content.back() == '"') {
        out.doubledQuotes = true;
        out.content = out.content.substr(1, out.content.size() - 2);
    }
    return out;
}

class TextAnonymiser
{
public:
    TextAnonymiser(AnonymNames &names, std::string_view text)
        : m_names(names)
        , m_lines(split(text, '\n'))
    {}
    std::string run();

private:
    std::string content(std::string_view text);
    std::string node(std::string_view text);
    std::string property(std::string_view label, std::string_view value);
    std::string prose(std::string_view text);
    std::string trigger(std::string_view text);
    bool takeCells(std::string_view line);
    std::string cell(std::size_t column, std::string_view text);
    void takeQuery(std::string_view first);

    AnonymNames &m_names;
    std::vector<std::string_view> m_lines;
    std::size_t m_index = 0;
    std::string m_out;
    char m_separator = '\0'; ///< of a table of MySQL or SQLite whose header was met
    std::vector<std::string> m_columns;
};

bool isNodeLine(std::string_view text)
{
    return text.starts_with("->") || import::explain::looksLikeNode(text);
}

std::string TextAnonymiser::run()
{
    for (; m_index < m_lines.size(); ++m_index) {
        const std::string_view line = m_lines[m_index];
        if (m_index > 0)
            m_out += '\n';
        if (takeCells(line))
            continue;
        const Framed parts = framed(line);
        m_out += parts.before;
        if (parts.doubledQuotes) {
            std::string plain;
            for (std::size_t i = 0; i < parts.content.size(); ++i) {
                plain += parts.content[i];
                i += parts.content.substr(i).starts_with("\"\"") ? 1 : 0;
            }
            const std::size_t indent = std::min(plain.find_first_not_of(' '), plain.size());
            m_out += '"' + plain.substr(0, indent) + content(plain.substr(indent)) + '"';
        } else {
            m_out += content(parts.content);
        }
        m_out += parts.after;
    }
    return std::move(m_out);
}

std::string TextAnonymiser::content(std::string_view text)
{
    using namespace import::explain;
    if (text.empty() || isRule(text) || isFooter(text))
        return isFooter(text) ? m_names.figures(text) : std::string(text);
    if (text == "QUERY PLAN" || text.starts_with("```"))
        return std::string(text);
    if (const auto duration = loggedDuration(text)) {
        // The head of a log line names users, databases and hosts.
        const std::size_t at = text.find("duration: ");
        return "LOG:  " + m_names.figures(text.substr(at));
    }
    if (text.starts_with("Trigger ") && text.find(": ") != std::string_view::npos)
        return trigger(text);
    std::string_view label, value;
    // SQLite's tree prints capitals behind the mark ("|" and "`" may be gone here); the rest is a comment of
    // SQL.
    if (text.starts_with("|--") || text.starts_with("`--")
        || (text.starts_with("--") && text.size() > 2 && text[2] >= 'A' && text[2] <= 'Z'))
        return prose(text);
    const bool labelled = !text.starts_with("->") && splitLabel(text, label, value);
    if (labelled && label == "Query Text") {
        takeQuery(value);
        return {};
    }
    if (labelled && AnonymNames::isFigures(label))
        return property(label, value);
    if (isNodeLine(text))
        return node(text);
    if (text.starts_with("CTE "))
        return "CTE " + anonymisedValue(m_names, "CTE Name", text.substr(4));
    if (text.starts_with("InitPlan ") || text.starts_with("SubPlan "))
        return m_names.figures(text);
    return m_names.statement(text);
}

/// Lines of a query reach to the plan's root.
void TextAnonymiser::takeQuery(std::string_view first)
{
    std::string query(first);
    std::size_t next = m_index + 1;
    for (; next < m_lines.size(); ++next) {
        const std::string_view line = trimmed(m_lines[next]);
        if (import::explain::looksLikeNode(line) || line.starts_with("Query Parameters:"))
            break;
        query += '\n';
        query += m_lines[next];
    }
    m_index = next - 1;
    m_out += "Query Text: " + m_names.statement(query);
}

std::string TextAnonymiser::trigger(std::string_view text)
{
    const std::size_t colon = import::explain::findOutsideQuotes(text, ": ");
    if (colon == std::string_view::npos)
        return m_names.statement(text);
    std::string out;
    bool isName = false;
    for (std::size_t at = 0; at < colon;) {
        std::size_t end = text[at] == '"' ? quotedEnd(text, at) : text.find(' ', at);
        end = std::min({end, colon, text.size()});
        const std::string_view word = text.substr(at, end - at);
        const bool opens = (!isName || (word == "for" && text.substr(at).starts_with("for constraint ")))
            && isAny(word, {"Trigger", "for", "constraint", "on"});
        const bool quoted = word.size() > 1 && word.front() == '"';
        const std::string_view inner = quoted ? word.substr(1, word.size() - 2) : word;
        out += opens ? std::string(word) : m_names.name(Kind::Other, inner, true);
        isName = opens && word != "for";
        at = end;
        while (at < colon && text[at] == ' ')
            out += text[at++];
    }
    return out + m_names.figures(text.substr(colon));
}

std::string TextAnonymiser::property(std::string_view label, std::string_view value)
{
    std::string whole(value);
    const bool literal = planValueKind(label) == PlanValueKind::Expression && label != "Worker";
    std::size_t last = m_index;
    import::explain::QuoteState quotes;
    if (literal) {
        quotes.feed(value);
        while (quotes.isOpen() && last + 1 < m_lines.size() && last - m_index < kMaxLiteralLines) {
            ++last;
            quotes.feed(m_lines[last]);
            whole += '\n';
            whole += m_lines[last];
        }
    }
    if (quotes.isOpen()) {
        whole = value;
        last = m_index;
    }
    m_index = last;
    if (value.empty())
        return std::string(label) + ':';
    const std::string separator = label.starts_with("Worker ") ? ":  " : ": ";
    // MySQL's nodes have a label too, and figures behind the expression.
    const import::explain::NodeFigures figures = import::explain::splitFigures(whole);
    const std::string_view all = whole;
    const std::string_view head = figures.hasCost || figures.hasActual ? figures.head : all;
    return std::string(label) + separator + anonymisedValue(m_names, label, head)
        + std::string(all.substr(head.size()));
}

std::string TextAnonymiser::node(std::string_view text)
{
    std::string out;
    if (text.starts_with("->")) {
        const std::size_t begin = std::min(text.find_first_not_of(' ', 2), text.size());
        out = text.substr(0, begin);
        text.remove_prefix(begin);
    }
    const std::size_t cost = std::min({import::explain::findOutsideQuotes(text, " (cost="),
        import::explain::findOutsideQuotes(text, " (actual "), text.find(" (never executed)"), text.size()});
    const std::string_view head = text.substr(0, cost);
    const std::string figures = m_names.figures(text.substr(cost));
    const std::size_t colon = head.find(": ");
    const std::string_view label = head.substr(0, std::min(colon, head.size()));
    if (colon != std::string_view::npos && AnonymNames::isFigures(label))
        return out + std::string(label) + ": " + m_names.expression(head.substr(colon + 2)) + figures;
    return out + prose(head) + figures;
}

/// Words of a node with names where "on", "using" and their kind announce one.
std::string TextAnonymiser::prose(std::string_view text)
{
    std::string out;
    std::string previous; ///< word in small letters; "=" after a name, "." after a point
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == '(') {
            std::size_t end = at;
            int depth = 0;
            do {
                depth += text[end] == '(' ? 1 : text[end] == ')' ? -1 : 0;
                ++end;
            } while (end < text.size() && depth > 0);
            const std::string_view inner = text.substr(at, end - at);
            const bool words = inner.find_first_of("=<>'0123456789") == std::string_view::npos;
            out += words && AnonymNames::isFigures(inner) ? std::string(inner) : m_names.expression(inner);
            at = end;
            previous.clear();
            continue;
        }
        if (!isNameCharacter(c) && c != '"' && c != '`' && c != '<') {
            if (c == '.')
                previous = '.';
            else if (c != ' ')
                previous.clear();
            out += c;
            ++at;
            continue;
        }
        std::size_t end = at + 1;
        if (c == '"' || c == '`')
            end = std::min(quotedEnd(text, at), text.size());
        else if (c == '<')
            end = std::min(text.find('>', at), text.size() - 1) + 1;
        else
            while (end < text.size() && (isNameCharacter(text[end]) || text[end] == '$' || text[end] == '-'))
                ++end;
        const std::string_view word = text.substr(at, end - at);
        const bool known = AnonymNames::isFigures(word) || c == '<';
        const bool index = isAny(previous, {"using", "index"});
        const bool target
            = isAny(previous, {"on", "scan", "search", "table", "materialize", "co-routine", "."})
            || (previous == "=" && !isAny(toLowerAscii(word), {"using", "on", "over", "as", "virtual"}));
        // "on t", "using k": a name even when it is one of EXPLAIN's words; "Scan on", "USING INDEX" are not.
        const bool sure = isAny(previous, {"on", "."}) || previous == "=" || (index && !known)
            || (isAny(previous, {"using"}) && text.substr(end).starts_with(" on "));
        if (c == '<' || (known && !(target && sure) && !(index && sure))) {
            out += c == '<' ? m_names.figures(word) : std::string(word);
            previous = toLowerAscii(word);
        } else {
            const bool quoted = c == '"' || c == '`';
            const std::string_view inner = quoted ? word.substr(1, word.size() - 2) : word;
            out += m_names.name(index ? Kind::Index : target ? Kind::Table : Kind::Other, inner, quoted);
            previous = "=";
        }
        at = end;
    }
    return out;
}

std::string TextAnonymiser::cell(std::size_t column, std::string_view text)
{
    const std::string name = column < m_columns.size() ? m_columns[column] : std::string();
    const std::string_view value = trimmed(text);
    const std::size_t begin
        = value.empty() ? text.size() : static_cast<std::size_t>(value.data() - text.data());
    const bool words = name == "detail" || name == "extra" || name == "select_type" || name == "type";
    const bool figures = isAny(name, {"id", "parent", "notused", "rows", "filtered", "key_len"});
    std::string renamed = value.empty() ? std::string()
        : words                         ? prose(value)
        : figures                       ? m_names.figures(value)
        : value == "NULL"               ? std::string(value)
                                        : anonymisedValue(m_names, name, value);
    if (value.empty())
        return std::string(text);
    const std::size_t width = text.size() - begin;
    if (m_separator == '|' && name != "detail" && renamed.size() < width)
        renamed.resize(width, ' ');
    return std::string(text.substr(0, begin)) + renamed;
}

bool TextAnonymiser::takeCells(std::string_view line)
{
    for (const char separator : {'|', '\t'}) {
        const std::vector<std::string_view> cells = split(line, separator);
        if (cells.size() < 4)
            continue;
        const std::string lower = toLowerAscii(line);
        const bool header = lower.find("select_type") != std::string::npos
            || (lower.find("notused") != std::string::npos && lower.find("detail") != std::string::npos);
        if (header) {
            m_separator = separator;
            m_columns.clear();
            for (const std::string_view name : cells)
                m_columns.push_back(toLowerAscii(trimmed(name)));
            m_out += line;
            return true;
        }
        if (m_separator != separator || cells.size() < m_columns.size())
            continue;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            m_out += i > 0 ? std::string(1, separator) : std::string();
            m_out += cell(i, cells[i]);
        }
        return true;
    }
    return false;
}

} // namespace

std::string anonymisedText(AnonymNames &names, std::string_view text)
{
    return TextAnonymiser(names, text).run();
}

} // namespace tailscope::report
