// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/yamlplan.h"

#include "base/text.h"
#include "import/explain/jsonplan.h"
#include "import/explain/plantranscript.h"

#include <array>
#include <vector>

namespace tailscope::import::explain {

namespace {

/// Keys whose value is a list even when it has no items.
constexpr std::array<std::string_view, 3> kLists{"Plans", "Triggers", "Workers"};

/// Indentation counts tabs as four, as psql and editors show them.
std::size_t indentOf(std::string_view line, std::size_t &first)
{
    std::size_t column = 0;
    for (first = 0; first < line.size() && (line[first] == ' ' || line[first] == '\t'); ++first)
        column += line[first] == '\t' ? 4 : 1;
    return column;
}

/// Place of the ": " that ends a key, outside quotes; npos when the line has none.
std::size_t keyEnd(std::string_view text)
{
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"')
            quoted = !quoted;
        else if (quoted && text[i] == '\\')
            ++i;
        else if (!quoted && text[i] == ':' && (i + 1 == text.size() || text[i + 1] == ' '))
            return i;
    }
    return std::string_view::npos;
}

class YamlTranscript
{
public:
    /// False past the depth limit.
    bool line(std::string_view text, std::int64_t number);
    void finish();
    bool isIdle() const { return m_levels.empty(); }
    const std::string &text() const { return m_out.text(); }

private:
    struct Level
    {
        std::size_t indent = 0;
        bool isArray = false;
    };
    void popTo(std::size_t indent, bool isItem);
    bool push(std::size_t indent, bool isArray);
    bool item(std::string_view rest, std::size_t indent);
    bool pair(std::string_view text, std::size_t indent);
    void value(std::string_view text);
    void settlePending();

    PlanTranscript m_out;
    std::vector<Level> m_levels;
    std::string m_pending; ///< key whose value may follow on deeper lines
    bool m_hasPending = false;
};

void YamlTranscript::settlePending()
{
    if (!m_hasPending)
        return;
    m_hasPending = false;
    for (const std::string_view list : kLists) {
        if (m_pending == list) {
            m_out.bare("[]");
            return;
        }
    }
    m_out.bare("null");
}

// Leaves what ended before a line of this indentation. Items may stand under their key without indentation.
void YamlTranscript::popTo(std::size_t indent, bool isItem)
{
    while (!m_levels.empty()) {
        const Level &level = m_levels.back();
        const bool stays = level.indent < indent || (level.indent == indent && level.isArray == isItem);
        const bool listUnderKey = m_hasPending && isItem && level.indent == indent && !level.isArray;
        if (stays || listUnderKey)
            return;
        settlePending();
        m_out.end();
        m_levels.pop_back();
    }
}

bool YamlTranscript::push(std::size_t indent, bool isArray)
{
    if (m_levels.size() >= kMaxJsonDepth)
        return false;
    m_hasPending = false;
    if (isArray)
        m_out.startArray();
    else
        m_out.startObject();
    m_levels.push_back({indent, isArray});
    return true;
}

void YamlTranscript::value(std::string_view text)
{
    const bool isQuoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    const bool isList = text.size() >= 2 && text.front() == '[' && text.back() == ']';
    const bool isSingle = text.size() >= 2 && text.front() == '\'' && text.back() == '\'';
    if (isQuoted || isList || isJsonNumber(text) || text == "true" || text == "false" || text == "null")
        m_out.bare(text); // JSON already: the reader checks it
    else
        m_out.string(isSingle ? text.substr(1, text.size() - 2) : text);
}

bool YamlTranscript::pair(std::string_view text, std::size_t indent)
{
    const std::size_t colon = keyEnd(text);
    if (colon == std::string_view::npos)
        return true; // no part of a plan: a footer, a prompt
    popTo(indent, false);
    const bool isMember = !m_levels.empty() && !m_levels.back().isArray && m_levels.back().indent == indent;
    if (isMember)
        settlePending();
    else if (!push(indent, false))
        return false;
    std::string_view key = trimmed(text.substr(0, colon));
    if (key.size() >= 2 && key.front() == '"' && key.back() == '"')
        key = key.substr(1, key.size() - 2);
    m_out.key(key);
    const std::string_view rest = trimmed(text.substr(colon + 1));
    if (rest.empty()) {
        m_pending = key;
        m_hasPending = true;
    } else {
        value(rest);
    }
    return true;
}

bool YamlTranscript::item(std::string_view rest, std::size_t indent)
{
    popTo(indent, true);
    const bool isInList = !m_levels.empty() && m_levels.back().isArray && m_levels.back().indent == indent;
    if (!isInList && !push(indent, true))
        return false;
    std::size_t first = 0;
    const std::size_t inner = indent + 1 + indentOf(rest, first);
    const std::string_view content = trimmed(rest.substr(first));
    if (!content.starts_with('[') && keyEnd(content) != std::string_view::npos)
        return push(inner, false) && pair(content, inner);
    value(content);
    return true;
}

bool YamlTranscript::line(std::string_view text, std::int64_t number)
{
    std::size_t first = 0;
    const std::size_t indent = indentOf(text, first);
    const std::string_view content = trimmed(text.substr(first));
    if (content.empty() || content.starts_with('#'))
        return true;
    const bool isItem = content == "-" || content.starts_with("- ");
    const bool starts = content.starts_with("Plan:") || content.starts_with("Query Text: \"");
    if (m_levels.empty() && !isItem && !starts)
        return true; // before the plan: psql's header, the statement
    m_out.atLine(number);
    return isItem ? item(content.substr(1), indent) : pair(content, indent);
}

void YamlTranscript::finish()
{
    settlePending();
    for (; !m_levels.empty(); m_levels.pop_back())
        m_out.end();
}

} // namespace

Result<void> parseYamlPlans(const UnframedText &text, const std::string &subject, ImportReport &report,
    const PlanTaker &take)
{
    YamlTranscript transcript;
    for (const FrameLine &line : text.lines) {
        if (line.header || isRule(line.text) || isFooter(line.text))
            continue;
        if (!transcript.line(line.text, std::int64_t(line.source) + 1))
            return fail(Error{ErrorCode::LimitExceeded, subject,
                "the YAML is nested deeper than the 10,000 levels a plan may have",
                Location{{}, std::uint64_t(line.source) + 1, {}}, "Is this really the output of EXPLAIN?"});
    }
    transcript.finish();
    const PlanTaker retell = withSourceOf(text.raw, "yaml", take);
    const Result<JsonPlans> found = parseJsonPlans(transcript.text(), subject, report, retell, "YAML");
    return found ? Result<void>() : fail(found.error());
}

} // namespace tailscope::import::explain
