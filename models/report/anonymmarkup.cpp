// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/anonymmarkup.h"

#include "base/text.h"
#include "report/anonymtext.h"
#include "report/planvocabulary.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace tailscope::report {

namespace {

using Kind = AnonymNames::Kind;

/// Bounds the stack of keys; a plan has two levels of brackets a node.
constexpr std::size_t kMaxKeys = 40'000;

/// Each name of "a, b".
std::string eachName(AnonymNames &names, Kind kind, std::string_view list)
{
    std::string out;
    std::size_t at = 0;
    while (at < list.size()) {
        const std::size_t end = std::min(list.find_first_of(",.", at), list.size());
        const std::string_view item = list.substr(at, end - at);
        const std::string_view name = trimmed(item);
        if (!name.empty()) {
            const bool quoted = name.size() > 1 && name.front() == '"' && name.back() == '"';
            const bool temporary = name.find_first_of("<>") != std::string_view::npos;
            const bool known
                = name == "PRIMARY" || name == "NULL" || (kind == Kind::Function && isCommonFunction(name));
            out += item.substr(0, item.find(name));
            out += known    ? std::string(name)
                : temporary ? names.figures(name)
                            : names.name(kind, quoted ? name.substr(1, name.size() - 2) : name, true);
        }
        if (end < list.size())
            out += list[end];
        at = end + 1;
        if (at < list.size() && list[at] == ' ') {
            out += ' ';
            ++at;
        }
    }
    return out;
}

/// "work_mem = '4MB', search_path = 'a'": figures, on and off stay, other values go.
std::string settingValue(AnonymNames &names, std::string_view value)
{
    const bool plain = value == "on" || value == "off" || value == "true" || value == "false"
        || (!value.empty() && value.find_first_not_of("0123456789.kMGTBmsinhd-") == std::string_view::npos);
    return plain ? std::string(value) : names.literal(value);
}

std::string settings(AnonymNames &names, std::string_view text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] != '\'') {
            out += text[at++];
            continue;
        }
        const std::size_t end = std::min(quotedEnd(text, at), text.size());
        const std::size_t length = end - at - 1;
        std::string_view inner = text.substr(at + 1, length);
        if (inner.ends_with('\''))
            inner.remove_suffix(1);
        out += '\'' + settingValue(names, inner) + '\'';
        at = end;
    }
    return out;
}

std::string subplan(AnonymNames &names, std::string_view text)
{
    if (text.starts_with("CTE "))
        return "CTE " + names.name(Kind::Table, text.substr(4), true);
    return names.figures(text);
}

std::string unescapedJson(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 >= text.size()) {
            out += text[i];
            continue;
        }
        const char c = text[++i];
        if (c == 'u' && i + 4 < text.size()) {
            const auto code = parseHex64(text.substr(i + 1, 4));
            // Names keep no meaning anyway: what is beyond ASCII becomes one letter.
            out += code && *code < 0x80 && *code > 0 ? static_cast<char>(*code) : 'x';
            i += 4;
        } else {
            out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'b' || c == 'f' ? ' ' : c;
        }
    }
    return out;
}

/// Keys are EXPLAIN's words; any other text there is a name as well.
bool isPlanKey(std::string_view key)
{
    for (std::string_view rest = key; !rest.empty();) {
        const std::size_t end = std::min(rest.find_first_of(" _-/"), rest.size());
        const std::string_view word = rest.substr(0, end);
        if (!word.empty() && !isPlanWord(word)
            && word.find_first_not_of("0123456789") != std::string_view::npos)
            return false;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return !key.empty();
}

class JsonAnonymiser
{
public:
    JsonAnonymiser(AnonymNames &names, std::string_view text, std::string_view key = {})
        : m_names(names)
        , m_text(text)
        , m_key(key)
    {}
    std::string run();

private:
    void string();
    void singleQuoted();
    void bare();
    bool isKey(std::size_t end) const;
    std::string_view owner() const;

    AnonymNames &m_names;
    std::string_view m_text;
    std::string m_key;
    std::string m_out;
    std::size_t m_at = 0;
    std::vector<std::string> m_keys; ///< of the open brackets
};

std::string JsonAnonymiser::run()
{
    while (m_at < m_text.size()) {
        const char c = m_text[m_at];
        if (c == '"') {
            string();
            continue;
        }
        if (c == '\'' && !m_keys.empty()) {
            singleQuoted(); // rows of a driver
            continue;
        }
        if (m_keys.empty() && m_key.empty() && (isNameCharacter(c) || c == '(')) {
            // What stands around: heads of log lines, statements, psql's frame.
            const std::size_t end = std::min(m_text.find_first_of("\n{[\"", m_at), m_text.size());
            m_out += anonymisedText(m_names, m_text.substr(m_at, end - m_at));
            m_at = end;
            continue;
        }
        if (isNameCharacter(c)) {
            bare();
            continue;
        }
        if ((c == '[' || c == '{') && m_keys.size() < kMaxKeys) {
            m_keys.push_back(m_key);
        } else if ((c == ']' || c == '}') && !m_keys.empty()) {
            m_key = std::move(m_keys.back());
            m_keys.pop_back();
        }
        m_out += c;
        ++m_at;
    }
    return std::move(m_out);
}

bool JsonAnonymiser::isKey(std::size_t end) const
{
    const std::size_t next = m_text.find_first_not_of(" \t\r\n", end);
    return next != std::string_view::npos && m_text[next] == ':';
}

/// Key of the object or list that the next token stands in.
std::string_view JsonAnonymiser::owner() const
{
    return m_keys.empty() ? std::string_view() : std::string_view(m_keys.back());
}

void JsonAnonymiser::string()
{
    std::size_t end = m_at + 1;
    while (end < m_text.size() && m_text[end] != '"')
        end += m_text[end] == '\\' ? 2 : 1;
    end = std::min(end, m_text.size());
    const std::string value = unescapedJson(m_text.substr(m_at + 1, end - m_at - 1));
    const bool closed = end < m_text.size();
    m_at = std::min(end + 1, m_text.size());
    std::string renamed;
    if (isKey(m_at)) {
        const bool setting = owner() == "Settings";
        m_key = setting ? "Settings" : value.substr(0, 64); // a copy lies in each open bracket
        renamed = setting || isPlanKey(value) ? value : m_names.name(Kind::Other, value, true);
    } else {
        const bool literals = value.find_first_of("0123456789'\"`") != std::string::npos;
        renamed = m_key == "Settings" ? settingValue(m_names, value)
            // A whole line of MySQL's tree; a whole message of a log.
            : literals && m_key == "operation" ? anonymisedText(m_names, "-> " + value).substr(3)
            : literals && m_key == "message"   ? anonymisedText(m_names, value)
                                               : anonymisedValue(m_names, m_key, value);
    }
    std::string quoted;
    appendJsonQuoted(quoted, renamed);
    if (!closed)
        quoted.pop_back();
    m_out += quoted;
}

void JsonAnonymiser::singleQuoted()
{
    std::size_t end = m_at + 1;
    while (end < m_text.size() && m_text[end] != '\'')
        end += m_text[end] == '\\' ? 2 : 1;
    end = std::min(end, m_text.size());
    m_out += '\'';
    for (const char c : anonymisedText(m_names, unescapedJson(m_text.substr(m_at + 1, end - m_at - 1)))) {
        if (c == '\'' || c == '\\')
            m_out += '\\';
        m_out += c == '\n' ? std::string("\\n") : std::string(1, c);
    }
    if (end < m_text.size())
        m_out += '\'';
    m_at = std::min(end + 1, m_text.size());
}

void JsonAnonymiser::bare()
{
    std::size_t end = m_at;
    while (end < m_text.size() && (isNameCharacter(m_text[end]) || m_text[end] == '.'))
        ++end;
    const std::string_view word = m_text.substr(m_at, end - m_at);
    const bool number = word.find_first_not_of("0123456789.eE") == std::string_view::npos;
    m_out += number ? std::string(word) : m_names.figures(word);
    m_at = end;
}

constexpr std::array<std::pair<char, std::string_view>, 5> kEntities{{
    {'&', "&amp;"},
    {'<', "&lt;"},
    {'>', "&gt;"},
    {'"', "&quot;"},
    {'\'', "&apos;"},
}};

std::string withoutEntities(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string_view rest = text.substr(i);
        const auto *entity = std::find_if(kEntities.begin(), kEntities.end(),
            [rest](const auto &known) { return rest.starts_with(known.second); });
        if (entity != kEntities.end()) {
            out += entity->first;
            i += entity->second.size() - 1;
        } else if (rest.starts_with("&#10;") || rest.starts_with("&#x0A;")) {
            out += ' ';
            i = text.find(';', i);
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string withEntities(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == '&' || c == '<' || c == '>')
            out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : "&gt;";
        else
            out += c;
    }
    return out;
}

/// Elements are named after EXPLAIN's keys; only the root has an attribute, the name space.
std::string anonymisedTag(AnonymNames &names, std::string_view tag)
{
    const std::size_t begin = tag.starts_with("</") ? 2 : 1;
    const std::size_t end = std::min(tag.find_first_of(" \t\r\n/>", begin), tag.size());
    const std::string_view name = tag.substr(begin, end - begin);
    const bool known = isPlanKey(name);
    std::string_view rest = tag.substr(end);
    const bool space = name == "explain" && rest == " xmlns=\"http://www.postgresql.org/2009/explain\">";
    if (!space)
        rest = tag.ends_with("/>") ? "/>" : tag.ends_with('>') ? ">" : "";
    return std::string(tag.substr(0, begin)) + (known ? std::string(name) : names.name(Kind::Other, name))
        + std::string(rest);
}

/// The quoted or bare value behind a label or a dash.
std::string yamlValue(AnonymNames &names, std::string_view key, std::string_view value)
{
    if (value.starts_with('[') || value.starts_with('{'))
        return JsonAnonymiser(names, value, key).run();
    const bool quoted = value.size() > 1 && value.front() == '"' && value.back() == '"';
    const std::string_view inner = quoted ? value.substr(1, value.size() - 2) : value;
    const bool number = key != "Output" && !inner.empty()
        && inner.find_first_not_of("0123456789.-+eE") == std::string_view::npos;
    if (inner.empty() || number || inner == "true" || inner == "false")
        return std::string(value);
    std::string renamed = key == "Settings" ? settingValue(names, unescapedJson(inner))
                                            : anonymisedValue(names, key, unescapedJson(inner));
    if (!quoted)
        return renamed;
    std::string out;
    appendJsonQuoted(out, renamed);
    return out;
}

} // namespace

std::string anonymisedValue(AnonymNames &names, std::string_view key, std::string_view value)
{
    switch (planValueKind(key)) {
    case PlanValueKind::Figures:
        return names.figures(value);
    case PlanValueKind::Statement:
        return names.statement(value);
    case PlanValueKind::Settings:
        return settings(names, value);
    case PlanValueKind::Table:
        return eachName(names, Kind::Table, value);
    case PlanValueKind::Schema:
        return eachName(names, Kind::Schema, value);
    case PlanValueKind::Index:
        return eachName(names, Kind::Index, value);
    case PlanValueKind::Function:
        return eachName(names, Kind::Function, value);
    case PlanValueKind::Object:
        return eachName(names, Kind::Other, value);
    case PlanValueKind::Subplan:
        return subplan(names, value);
    case PlanValueKind::Expression:
        break;
    }
    return names.expression(value);
}

std::string anonymisedJson(AnonymNames &names, std::string_view text)
{
    return JsonAnonymiser(names, text).run();
}

std::string anonymisedXml(AnonymNames &names, std::string_view text)
{
    std::string out;
    std::vector<std::string> open;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '<') {
            const std::size_t end = std::min(text.find('>', at), text.size() - 1);
            const std::string_view tag = text.substr(at, end + 1 - at);
            const bool declaration = tag.starts_with("<!") || tag.starts_with("<?");
            if (tag.starts_with("</")) {
                if (!open.empty())
                    open.pop_back();
            } else if (!declaration && !tag.ends_with("/>") && open.size() < kMaxKeys) {
                open.emplace_back(tag.substr(1, tag.find_first_of(" >") - 1));
            }
            // What a document declares may hold anything, and is not needed.
            if (!declaration)
                out += anonymisedTag(names, tag);
            at = end + 1;
            continue;
        }
        const std::size_t end = std::min(text.find('<', at), text.size());
        const std::string_view content = text.substr(at, end - at);
        at = end;
        if (trimmed(content).empty()) {
            out += content;
            continue;
        }
        std::string_view key = open.empty() ? std::string_view() : std::string_view(open.back());
        for (std::size_t i = open.size(); i > 0 && (key == "Item" || key.empty()); --i)
            key = open[i - 1];
        const bool setting = open.size() > 1 && open[open.size() - 2] == "Settings";
        const bool number = key != "Output"
            && trimmed(content).find_first_not_of("0123456789.-+eE") == std::string_view::npos;
        const std::string value = withoutEntities(content);
        out += number
            ? std::string(content)
            : withEntities(setting ? settingValue(names, value) : anonymisedValue(names, key, value));
    }
    return out;
}

std::string anonymisedYaml(AnonymNames &names, std::string_view text)
{
    std::string out;
    std::string key;
    std::size_t settingsIndent = std::string_view::npos;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        std::size_t begin = std::min(line.find_first_not_of(" \t|>"), line.size());
        const std::size_t indent = begin;
        while (line.substr(begin).starts_with("- "))
            begin += 2;
        const std::size_t stop = std::min(line.find_last_not_of(" \t\r+|"), line.size() - 1) + 1;
        const std::string_view content = begin < stop ? line.substr(begin, stop - begin) : std::string_view();
        out += line.substr(0, begin);
        const std::size_t colon = content.starts_with('"') ? std::string_view::npos : content.find(':');
        if (settingsIndent != std::string_view::npos && indent <= settingsIndent)
            settingsIndent = std::string_view::npos;
        const bool setting = settingsIndent != std::string_view::npos;
        if (colon != std::string_view::npos) {
            const std::string label(content.substr(0, colon));
            key = setting ? "Settings" : label;
            out += setting || isPlanKey(label) ? label : names.name(Kind::Other, label);
            std::string_view value = content.substr(colon + 1);
            out += value.starts_with(' ') ? ": " : ":";
            value = trimmed(value);
            out += yamlValue(names, key, value);
            if (label == "Settings" && value.empty())
                settingsIndent = indent;
        } else if (begin == indent && !content.empty() && !content.starts_with('"')) {
            key.clear(); // what stands around the plan
            out += anonymisedText(names, content);
        } else {
            out += yamlValue(names, key, content);
        }
        if (stop < line.size())
            out += line.substr(stop);
        if (end < text.size())
            out += '\n';
        at = end + 1;
    }
    return out;
}

} // namespace tailscope::report
