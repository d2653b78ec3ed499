// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/sqlcomments.h"

#include "base/sqltokens.h"
#include "base/text.h"

#include <algorithm>
#include <utility>

namespace tailscope::store {

namespace {

constexpr std::string_view kBlanks = " \t\r\n\f\v";

bool isKeyByte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'
        || c == '.' || c == '%';
}

std::string withoutUrlEscapes(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto code
            = text[i] == '%' && i + 2 < text.size() ? parseHex64(text.substr(i + 1, 2)) : std::nullopt;
        out += code ? static_cast<char>(*code) : text[i];
        i += code ? 2 : 0;
    }
    return sanitizedUtf8(out);
}

/// The pairs of one comment.
class CommentPairs
{
public:
    explicit CommentPairs(std::string_view text)
        : m_text(text)
    {}

    std::vector<SqlTag> read()
    {
        std::vector<SqlTag> tags;
        bool surely = false; // a sentence with a colon is no tag
        while (tags.size() < kMaxSqlTags) {
            skip(" \t\r\n\f\v,;");
            if (m_at >= m_text.size())
                return tags;
            SqlTag tag;
            bool fits = true;
            if (!pair(tag, fits, surely))
                break;
            if (fits)
                tags.push_back(std::move(tag));
        }
        if (!surely && tags.size() < 2)
            tags.clear();
        return tags;
    }

private:
    void skip(std::string_view bytes)
    {
        m_at = std::min(m_text.find_first_not_of(bytes, m_at), m_text.size());
    }

    /// False: what is here is no pair. fits: it is within the bounds.
    bool pair(SqlTag &tag, bool &fits, bool &surely)
    {
        const std::size_t begin = m_at;
        while (m_at < m_text.size() && isKeyByte(m_text[m_at]))
            ++m_at;
        const std::string_view key = m_text.substr(begin, m_at - begin);
        if (key.empty() || (key.front() >= '0' && key.front() <= '9'))
            return false;
        skip(kBlanks);
        if (m_at >= m_text.size() || (m_text[m_at] != '=' && m_text[m_at] != ':'))
            return false;
        const bool isEqual = m_text[m_at++] == '=';
        skip(kBlanks);
        std::string value;
        if (m_at < m_text.size() && (m_text[m_at] == '\'' || m_text[m_at] == '"')) {
            if (!quoted(value))
                return false;
            surely = true;
        } else {
            const std::size_t end = std::min(m_text.find_first_of(",; \t\r\n\f\v", m_at), m_text.size());
            value = m_text.substr(m_at, end - m_at);
            if (value.empty() || value.starts_with("//") || value.front() == '=')
                return false;
            m_at = end;
            surely = surely || isEqual;
        }
        fits = key.size() <= kMaxSqlTagKey && value.size() <= 3 * kMaxSqlTagValue;
        if (!fits)
            return true;
        tag.key = withoutUrlEscapes(key);
        tag.value = withoutUrlEscapes(value);
        fits = !tag.value.empty() && tag.value.size() <= kMaxSqlTagValue;
        return true;
    }

    bool quoted(std::string &value)
    {
        const char quote = m_text[m_at];
        for (++m_at; m_at < m_text.size(); ++m_at) {
            if (m_text[m_at] == quote) {
                ++m_at;
                return true;
            }
            if (m_text[m_at] == '\\' && m_at + 1 < m_text.size())
                ++m_at;
            if (value.size() <= 3 * kMaxSqlTagValue)
                value += m_text[m_at];
        }
        return false;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
};

} // namespace

std::vector<SqlTag> sqlTags(std::string_view sql)
{
    std::vector<SqlTag> tags;
    if (sql.find("/*") == std::string_view::npos && sql.find("--") == std::string_view::npos)
        return tags;
    SqlTokens tokens(sql);
    tokens.onComment([&](std::string_view inside) {
        if (inside.empty() || inside.front() == '+' || inside.front() == '!')
            return; // a hint, or what only some servers run
        for (SqlTag &tag : CommentPairs(inside).read()) {
            const auto same = std::find_if(tags.begin(), tags.end(),
                [&](const SqlTag &other) { return other.key == tag.key; });
            if (same != tags.end())
                same->value = std::move(tag.value);
            else if (tags.size() < kMaxSqlTags)
                tags.push_back(std::move(tag));
        }
    });
    std::string token;
    while (tokens.next(token) != SqlTokens::Kind::End) {}
    return tags;
}

} // namespace tailscope::store
