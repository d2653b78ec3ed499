// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/common/jsonpull.h"

#include "base/text.h"

namespace tailscope::import {

namespace {

constexpr std::size_t kMaxScalar = 1024;

bool isBlank(int c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool isScalarByte(int c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+'
        || c == '.';
}

} // namespace

JsonPull::JsonPull(ByteSource &source)
    : m_source(source)
{}

int JsonPull::peekByte()
{
    while (m_at >= m_chunk.size()) {
        if (m_ended)
            return -1;
        m_base += m_chunk.size();
        m_at = 0;
        m_chunk = {};
        const Result<std::string_view> chunk = m_source.next();
        if (!chunk) {
            m_error = chunk.error();
            m_sourceFailed = true;
        }
        if (!chunk || chunk->empty())
            m_ended = true;
        else
            m_chunk = *chunk;
    }
    return static_cast<unsigned char>(m_chunk[m_at]);
}

int JsonPull::peekPastBlanks()
{
    int c = peekByte();
    while (isBlank(c)) {
        takeByte();
        c = peekByte();
    }
    return c;
}

JsonPull::Token JsonPull::fail(std::string detail)
{
    if (!m_error)
        m_error = Error{ErrorCode::BadInput, m_source.name(), std::move(detail),
            Location{place(), std::nullopt, std::nullopt}, {}};
    m_expect = Expect::Nothing;
    return m_token = Token::End;
}

JsonPull::Token JsonPull::finish(Token token)
{
    m_expect = m_depth == 0 ? Expect::Nothing : Expect::CommaOrEnd;
    return m_token = token;
}

JsonPull::Token JsonPull::next()
{
    if (m_error || (m_expect == Expect::Nothing))
        return m_token = Token::End;
    m_text.clear();
    int c = peekPastBlanks();
    if (m_expect == Expect::CommaOrEnd && c == ',') {
        takeByte();
        m_expect = inObject() ? Expect::Key : Expect::Value;
        c = peekPastBlanks();
    } else if (m_expect == Expect::CommaOrEnd && c != (inObject() ? '}' : ']') && c != -1) {
        return fail(inObject() ? "a comma or } is missing" : "a comma or ] is missing");
    }
    m_offset = place();
    if (c == -1)
        return fail(m_depth == 0 ? "there is nothing in it" : "the file ends inside the document");
    const bool mayEnd
        = m_expect == Expect::CommaOrEnd || m_expect == Expect::ValueOrEnd || m_expect == Expect::KeyOrEnd;
    if (mayEnd && c == (inObject() ? '}' : ']'))
        return close();
    if (m_expect == Expect::Key || m_expect == Expect::KeyOrEnd)
        return key();
    return value(c);
}

JsonPull::Token JsonPull::open(bool object)
{
    if (m_depth >= kMaxDepth)
        return fail("it is nested deeper than 200,000 levels");
    takeByte();
    if (m_inObject.size() <= m_depth)
        m_inObject.resize(m_depth + 64);
    m_inObject[m_depth++] = object;
    m_expect = object ? Expect::KeyOrEnd : Expect::ValueOrEnd;
    return m_token = object ? Token::ObjectStart : Token::ArrayStart;
}

JsonPull::Token JsonPull::close()
{
    takeByte();
    const bool object = inObject();
    --m_depth;
    return finish(object ? Token::ObjectEnd : Token::ArrayEnd);
}

JsonPull::Token JsonPull::value(int c)
{
    if (c == '{' || c == '[')
        return open(c == '{');
    if (c == '"')
        return readString() ? finish(Token::String) : m_token = Token::End;
    return readScalar();
}

JsonPull::Token JsonPull::key()
{
    if (peekByte() != '"')
        return fail("a key is missing");
    if (!readString())
        return m_token = Token::End;
    if (peekPastBlanks() != ':')
        return fail(peekByte() == -1 ? "the file ends inside the document" : "a colon is missing");
    takeByte();
    m_expect = Expect::Value;
    return m_token = Token::Key;
}

JsonPull::Token JsonPull::readScalar()
{
    int c = peekByte();
    const bool number = (c >= '0' && c <= '9') || c == '-';
    for (; isScalarByte(c); c = peekByte()) {
        if (m_text.size() < kMaxScalar)
            m_text += static_cast<char>(c);
        takeByte();
    }
    if (m_text.empty())
        return fail("a value is missing");
    // A document of one scalar ends nowhere else than at the end.
    if (c == -1 && m_depth > 0)
        return fail("the file ends inside the document");
    const bool literal = m_text == "true" || m_text == "false" || m_text == "null" || m_text == "NaN"
        || m_text == "Infinity" || m_text == "-Infinity" || m_text == "nan" || m_text == "inf"
        || m_text == "-inf";
    if (!number && !literal)
        return fail("a value is neither a number nor a literal");
    return finish(literal ? Token::Literal : Token::Number);
}

void JsonPull::append(char c)
{
    m_clean = m_clean && static_cast<unsigned char>(c) < 0x80 && c != '\0';
    if (m_text.size() < kMaxText)
        m_text += c;
}

void JsonPull::appendCode(unsigned code)
{
    if (code < 0x80) {
        append(static_cast<char>(code));
    } else if (code < 0x800) {
        append(static_cast<char>(0xC0 | code >> 6));
        append(static_cast<char>(0x80 | (code & 0x3F)));
    } else if (code < 0x10000) {
        append(static_cast<char>(0xE0 | code >> 12));
        append(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
        append(static_cast<char>(0x80 | (code & 0x3F)));
    } else {
        append(static_cast<char>(0xF0 | code >> 18));
        append(static_cast<char>(0x80 | (code >> 12 & 0x3F)));
        append(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
        append(static_cast<char>(0x80 | (code & 0x3F)));
    }
}

bool JsonPull::readHex4(unsigned &code)
{
    code = 0;
    for (int i = 0; i < 4; ++i) {
        const int c = peekByte();
        unsigned digit = 0;
        if (c >= '0' && c <= '9')
            digit = static_cast<unsigned>(c - '0');
        else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
            digit = static_cast<unsigned>((c | 0x20) - 'a' + 10);
        else
            return fail("\\u is not followed by four hexadecimal digits"), false;
        code = code * 16 + digit;
        takeByte();
    }
    return true;
}

/// The cursor is behind the backslash.
bool JsonPull::readEscape()
{
    static constexpr std::string_view kFrom = "\"\\/bfnrt";
    static constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    const int c = peekByte();
    if (c == -1)
        return fail("the file ends inside a string"), false;
    takeByte();
    if (const std::size_t at = kFrom.find(static_cast<char>(c)); at != std::string_view::npos) {
        append(kTo[at]);
        return true;
    }
    if (c != 'u') {
        // Windows paths of writers that forgot to escape.
        append('\\');
        append(static_cast<char>(c));
        return true;
    }
    unsigned code = 0;
    if (!readHex4(code))
        return false;
    while (code >= 0xD800 && code < 0xDC00) {
        unsigned low = 0xFFFD;
        if (peekByte() != '\\') {
            code = 0xFFFD;
            break;
        }
        takeByte();
        if (peekByte() != 'u') {
            appendCode(0xFFFD);
            return readEscape();
        }
        takeByte();
        if (!readHex4(low))
            return false;
        if (low >= 0xDC00 && low < 0xE000) {
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            break;
        }
        appendCode(0xFFFD);
        code = low;
    }
    appendCode(code >= 0xDC00 && code < 0xE000 ? 0xFFFD : code);
    return true;
}

bool JsonPull::readString()
{
    takeByte();
    m_clean = true;
    for (;;) {
        const int c = peekByte();
        if (c == -1)
            return fail("the file ends inside a string"), false;
        takeByte();
        if (c == '"')
            break;
        if (c == '\\') {
            if (!readEscape())
                return false;
        } else {
            append(static_cast<char>(c));
        }
    }
    if (!m_clean) {
        // What the bound cut in two is no malformed input.
        if (m_text.size() >= kMaxText)
            m_text.resize(utf8Prefix(m_text, kMaxText - 4).size());
        if (!isValidUtf8(m_text) || m_text.find('\0') != std::string::npos)
            m_text = sanitizedUtf8(m_text);
    }
    return true;
}

void JsonPull::startRaw()
{
    m_keepRaw = true;
    m_rawOffset = m_offset;
    m_raw = m_token == Token::ObjectStart ? "{" : m_token == Token::ArrayStart ? "[" : m_text;
}

void JsonPull::leaveTo(std::size_t depth)
{
    while (m_depth > depth && next() != Token::End) {}
}

void JsonPull::skip()
{
    if (m_token == Token::ObjectStart || m_token == Token::ArrayStart) {
        leaveTo(m_depth - 1);
    } else if (m_token == Token::Key) {
        const Token token = next();
        if (token == Token::ObjectStart || token == Token::ArrayStart)
            leaveTo(m_depth - 1);
    }
}

std::optional<std::uint64_t> JsonPull::trailing()
{
    if (m_error || m_expect != Expect::Nothing || m_depth > 0 || peekPastBlanks() == -1)
        return std::nullopt;
    return place();
}

Result<void> finishDocument(JsonPull &pull, const ByteSource &source, bool found, std::string_view missing,
    std::string_view hint, ImportReport &report)
{
    if (!pull.failed() && pull.depth() > 0)
        pull.leaveTo(0);
    if (const std::optional<std::uint64_t> at = pull.trailing())
        report.note(IssueSeverity::DataLoss, "trailing-data", *at,
            "bytes behind the end of the document were not read");
    if (pull.failed()) {
        Error error = *pull.error();
        if (pull.sourceFailed() || !found) {
            if (!pull.sourceFailed())
                error.hint = std::string(hint);
            return tailscope::fail(std::move(error));
        }
        const bool cut = error.detail.starts_with("the file ends");
        const std::uint64_t at = error.where && error.where->offset ? *error.where->offset : pull.offset();
        report.note(IssueSeverity::DataLoss, cut ? "truncated" : "json-syntax", at,
            error.detail + "; what comes before was taken");
        return {};
    }
    if (!found)
        return tailscope::fail(ErrorCode::BadInput, source.name(), std::string(missing), std::string(hint));
    return {};
}

} // namespace tailscope::import
