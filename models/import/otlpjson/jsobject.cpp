// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpjson/jsobject.h"

#include "base/text.h"
#include "import/common/jsontext.h"

#include <vector>

namespace tailscope::import::otlp {

namespace {

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool isQuote(char c) { return c == '\'' || c == '"' || c == '`'; }

void appendUtf8(std::string &out, std::uint32_t code)
{
    const auto add = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) {
        add(code);
    } else if (code < 0x800) {
        add(0xC0 | code >> 6);
        add(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        add(0xE0 | code >> 12);
        add(0x80 | (code >> 6 & 0x3F));
        add(0x80 | (code & 0x3F));
    } else {
        add(0xF0 | code >> 18);
        add(0x80 | (code >> 12 & 0x3F));
        add(0x80 | (code >> 6 & 0x3F));
        add(0x80 | (code & 0x3F));
    }
}

/// Writes JSON token by token, without recursion: the containers that are open lie in a list.
class Translator
{
public:
    Translator(std::string_view text, std::string &out)
        : m_text(text)
        , m_out(out)
    {}
    bool run();

private:
    char at(std::size_t i) const { return i < m_text.size() ? m_text[i] : '\0'; }
    void skipBlanks();
    bool open(char bracket);
    bool close(char bracket);
    void takeString();
    void takeWord();
    void takeBracketed();
    std::string stringAt();
    void appendEscape(std::string &value);
    void value(std::string_view json, std::string_view text);
    void word(std::string_view word);
    bool isKeyNext();

    std::string_view m_text;
    std::string &m_out;
    std::size_t m_at = 0;
    struct Level
    {
        char close;
        bool empty = true; ///< nothing was written into it yet
        bool keyed = false; ///< a key waits for its value
    };
    std::vector<Level> m_levels;
    bool m_done = false;
};

/// Blanks, commas (JSON gets its own) and colours of a terminal.
void Translator::skipBlanks()
{
    for (;;) {
        if (isBlank(at(m_at)) || at(m_at) == ',') {
            ++m_at;
        } else if (at(m_at) == '\x1B' && at(m_at + 1) == '[') {
            while (m_at < m_text.size() && m_text[m_at] != 'm')
                ++m_at;
            m_at += m_at < m_text.size() ? 1 : 0;
        } else {
            return;
        }
    }
}

/// A colon, or the arrow of a Map, after a key.
bool Translator::isKeyNext()
{
    if (m_levels.empty() || m_levels.back().close != '}' || m_levels.back().keyed)
        return false;
    skipBlanks();
    if (at(m_at) == ':')
        return ++m_at, true;
    if (at(m_at) == '=' && at(m_at + 1) == '>')
        return m_at += 2, true;
    return false;
}

/// A value, or a key when a colon comes next. A value without a key in an object is passed by.
void Translator::value(std::string_view json, std::string_view text)
{
    if (m_levels.empty())
        return;
    const bool key = isKeyNext();
    Level &level = m_levels.back();
    if (level.close == '}' && !key && !level.keyed)
        return;
    if (!level.keyed && !level.empty)
        m_out += ',';
    level.empty = false;
    level.keyed = key;
    if (key)
        m_out += jsonQuoted(text) + ':';
    else
        m_out += json;
}

bool Translator::open(char bracket)
{
    if (m_levels.size() >= kMaxJsDepth)
        return false;
    if (!m_levels.empty()) {
        Level &level = m_levels.back();
        if (level.close == '}' && !level.keyed)
            return false;
        if (!level.keyed && !level.empty)
            m_out += ',';
        level.empty = level.keyed = false;
    }
    m_out += bracket;
    m_levels.push_back({bracket == '{' ? '}' : ']'});
    return true;
}

bool Translator::close(char bracket)
{
    if (m_levels.empty() || m_levels.back().close != bracket)
        return false;
    m_out += m_levels.back().keyed ? "null" : "";
    m_out += bracket;
    m_levels.pop_back();
    m_done = m_levels.empty();
    return true;
}

/// After a backslash.
void Translator::appendEscape(std::string &value)
{
    const char c = at(m_at++);
    switch (c) {
    case 'n':
        value += '\n';
        return;
    case 't':
        value += '\t';
        return;
    case 'r':
        value += '\r';
        return;
    case 'b':
        value += '\b';
        return;
    case 'f':
        value += '\f';
        return;
    case 'x':
    case 'u': {
        const bool braces = at(m_at) == '{';
        m_at += braces ? 1 : 0;
        std::size_t digits = 0;
        const std::size_t most = c == 'x' ? 2 : braces ? 6 : 4;
        while (digits < most && std::string_view("0123456789abcdefABCDEF").find(at(m_at + digits)) < 22)
            ++digits;
        const std::uint64_t code = parseHex64(m_text.substr(m_at, digits)).value_or(0xFFFD);
        m_at += digits;
        m_at += braces && at(m_at) == '}' ? 1 : 0;
        // What stands for no character becomes U+FFFD when it is written as JSON.
        appendUtf8(value, code > 0 && code <= 0x10FFFF ? static_cast<std::uint32_t>(code) : 0xFFFD);
        return;
    }
    default:
        value += c;
        return;
    }
}

/// The string at the cursor; long ones are printed in parts with a plus between.
std::string Translator::stringAt()
{
    std::string value;
    for (;;) {
        const char quote = at(m_at++);
        while (m_at < m_text.size() && m_text[m_at] != quote) {
            if (m_text[m_at] == '\\' && m_at + 1 < m_text.size()) {
                ++m_at;
                appendEscape(value);
            } else {
                value += m_text[m_at++];
            }
        }
        ++m_at;
        std::size_t next = m_at;
        while (isBlank(at(next)))
            ++next;
        if (at(next) != '+')
            return value;
        ++next;
        while (isBlank(at(next)))
            ++next;
        if (!isQuote(at(next)))
            return value;
        m_at = next;
    }
}

void Translator::takeString()
{
    const std::string text = stringAt();
    value(jsonQuoted(text), text);
}

/// [Object], [Function: x], [Symbol(a)]: what was not printed.
void Translator::takeBracketed()
{
    const std::size_t end = std::min(m_text.find(']', m_at), m_text.size());
    const std::string_view inside = m_text.substr(m_at, end + 1 - m_at);
    m_at = std::min(end + 1, m_text.size());
    skipBlanks();
    if (at(m_at) == '{' || at(m_at) == '[')
        return; // [Object: null prototype] {
    value(jsonQuoted(inside), inside);
}

void Translator::word(std::string_view word)
{
    if (word == "undefined" || word == "null")
        return value("null", word);
    if (word == "true" || word == "false")
        return value(word, word);
    std::string_view number = word;
    if (number.ends_with('n'))
        number.remove_suffix(1);
    value(isJsonNumber(number) ? std::string(number) : jsonQuoted(word), word);
}

/// A key, number, literal, class name or anything else up to what ends it.
void Translator::takeWord()
{
    const std::size_t begin = m_at;
    while (m_at < m_text.size()) {
        const char c = m_text[m_at];
        const bool colon = c == ':' && (isBlank(at(m_at + 1)) || at(m_at + 1) == '\0');
        const bool arrow = c == '=' && at(m_at + 1) == '>';
        if (colon || arrow || c == ',' || c == '\n' || c == '{' || c == '}' || c == '[' || c == ']'
            || c == '\x1B')
            break;
        ++m_at;
    }
    const std::string_view taken = trimmed(m_text.substr(begin, m_at - begin));
    if (m_at == begin)
        ++m_at; // a colon where none belongs
    const char next = at(m_at);
    if (taken.empty() || next == '{' || next == '[')
        return; // the name of a class
    word(taken);
}

bool Translator::run()
{
    while (!m_done) {
        skipBlanks();
        if (m_at >= m_text.size())
            return false;
        const char c = m_text[m_at];
        if (isQuote(c)) {
            takeString();
        } else if (c == '[' && at(m_at + 1) >= 'A' && at(m_at + 1) <= 'Z') {
            takeBracketed();
        } else if (c == '{' || c == '[') {
            ++m_at;
            if (!open(c))
                return false;
        } else if (c == '}' || c == ']') {
            ++m_at;
            if (!close(c))
                return false;
        } else {
            takeWord();
        }
    }
    return true;
}

} // namespace

bool jsObjectToJson(std::string_view text, std::string &out)
{
    out.clear();
    return Translator(text, out).run();
}

} // namespace tailscope::import::otlp
