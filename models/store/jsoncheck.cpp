// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/jsoncheck.h"

#include <cstddef>
#include <vector>

namespace tailscope::store {

namespace {

class Checker
{
public:
    explicit Checker(std::string_view text)
        : m_text(text)
    {}

    bool run()
    {
        for (;;) {
            if (!value())
                return false;
            // After a value: close what ends here, then either the text ends or the next member begins.
            for (;;) {
                skipBlanks();
                if (m_open.empty())
                    return m_at == m_text.size();
                if (take(','))
                    break;
                if (!take(m_open.back() ? '}' : ']'))
                    return false;
                m_open.pop_back();
            }
            if (m_open.back() && !key())
                return false;
        }
    }

private:
    bool take(char c)
    {
        if (m_at >= m_text.size() || m_text[m_at] != c)
            return false;
        ++m_at;
        return true;
    }
    void skipBlanks()
    {
        while (m_at < m_text.size()
            && (m_text[m_at] == ' ' || m_text[m_at] == '\n' || m_text[m_at] == '\r' || m_text[m_at] == '\t'))
            ++m_at;
    }
    /// A scalar, an empty container, or opening brackets down to the first scalar.
    bool value()
    {
        for (;;) {
            skipBlanks();
            if (m_at >= m_text.size())
                return false;
            const char c = m_text[m_at];
            if (c != '{' && c != '[')
                return scalar(c);
            ++m_at;
            skipBlanks();
            if (take(c == '{' ? '}' : ']'))
                return true;
            if (m_open.size() >= kMaxJsonDepth)
                return false;
            m_open.push_back(c == '{');
            if (c == '{' && !key())
                return false;
        }
    }
    bool key()
    {
        skipBlanks();
        if (m_at >= m_text.size() || m_text[m_at] != '"' || !string())
            return false;
        skipBlanks();
        return take(':');
    }
    bool scalar(char c)
    {
        if (c == '"')
            return string();
        for (const std::string_view word : {"true", "false", "null"}) {
            if (m_text.substr(m_at, word.size()) == word) {
                m_at += word.size();
                return true;
            }
        }
        return number();
    }
    bool string()
    {
        ++m_at;
        while (m_at < m_text.size()) {
            const auto c = static_cast<unsigned char>(m_text[m_at++]);
            if (c == '"')
                return true;
            if (c < 0x20 || (c == '\\' && !escape()))
                return false;
        }
        return false;
    }
    bool escape()
    {
        if (m_at >= m_text.size())
            return false;
        const char c = m_text[m_at++];
        if (c != 'u')
            return std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
        for (int i = 0; i < 4; ++i) {
            if (m_at >= m_text.size() || !isHex(m_text[m_at++]))
                return false;
        }
        return true;
    }
    static bool isDigit(char c) { return c >= '0' && c <= '9'; }
    static bool isHex(char c) { return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
    bool digits()
    {
        const std::size_t begin = m_at;
        while (m_at < m_text.size() && isDigit(m_text[m_at]))
            ++m_at;
        return m_at > begin;
    }
    bool number()
    {
        take('-');
        if (!take('0') && !digits())
            return false;
        if (take('.') && !digits())
            return false;
        if (take('e') || take('E')) {
            if (!take('+'))
                take('-');
            return digits();
        }
        return true;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    std::vector<bool> m_open; ///< true = object
};

} // namespace

bool isValidJson(std::string_view text) { return Checker(text).run(); }

} // namespace tailscope::store
