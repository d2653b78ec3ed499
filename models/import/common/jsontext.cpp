// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/common/jsontext.h"

#include "base/text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace tailscope::import {

namespace {

constexpr std::string_view kEllipsis = "\"\xE2\x80\xA6\"";

std::size_t digitsAt(std::string_view text, std::size_t at)
{
    std::size_t n = 0;
    while (at + n < text.size() && text[at + n] >= '0' && text[at + n] <= '9')
        ++n;
    return n;
}

} // namespace

bool isJsonNumber(std::string_view text)
{
    std::size_t at = !text.empty() && text.front() == '-' ? 1 : 0;
    const std::size_t whole = digitsAt(text, at);
    if (whole == 0 || (whole > 1 && text[at] == '0'))
        return false;
    at += whole;
    if (at < text.size() && text[at] == '.') {
        const std::size_t fraction = digitsAt(text, ++at);
        if (fraction == 0)
            return false;
        at += fraction;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-'))
            ++at;
        const std::size_t exponent = digitsAt(text, at);
        if (exponent == 0)
            return false;
        at += exponent;
    }
    return at == text.size();
}

JsonText::JsonText(std::size_t maxDepth, std::size_t maxBytes)
    : m_maxDepth(maxDepth)
    , m_maxBytes(maxBytes)
{}

void JsonText::clear()
{
    m_text.clear();
    m_open.clear();
    m_skip = 0;
    m_dropNext = false;
    m_truncated = false;
}

/// Writes the comma before a value of about `bytes`; false when the value is to be left out.
bool JsonText::beginValue(std::size_t bytes)
{
    if (m_skip > 0)
        return false;
    if (m_dropNext) {
        m_dropNext = false;
        return false;
    }
    if (m_open.empty() || !m_open.back().array)
        return true;
    if (m_text.size() + bytes > m_maxBytes) {
        m_truncated = true;
        return false;
    }
    if (!m_open.back().first)
        m_text += ',';
    m_open.back().first = false;
    return true;
}

void JsonText::key(std::string_view name)
{
    if (m_skip > 0 || m_open.empty())
        return;
    // A value of its own is at most maxBytes long: the whole stays below twice the bound.
    if (m_text.size() + name.size() > m_maxBytes) {
        m_truncated = true;
        m_dropNext = true;
        return;
    }
    if (!m_open.back().first)
        m_text += ',';
    m_open.back().first = false;
    appendJsonQuoted(m_text, name);
    m_text += ':';
}

void JsonText::open(char bracket)
{
    if (!beginValue(2)) {
        ++m_skip;
        return;
    }
    if (m_open.size() >= m_maxDepth) {
        m_text += kEllipsis;
        m_truncated = true;
        ++m_skip;
        return;
    }
    m_text += bracket;
    m_open.push_back({bracket == '[', true});
}

void JsonText::close(char bracket)
{
    if (m_skip > 0) {
        --m_skip;
        return;
    }
    if (m_open.empty())
        return;
    m_text += bracket;
    m_open.pop_back();
}

void JsonText::scalar(std::string_view text)
{
    if (beginValue(text.size()))
        m_text += text;
}

void JsonText::string(std::string_view value)
{
    if (value.size() > m_maxBytes) {
        value = utf8Prefix(value, m_maxBytes);
        m_truncated = true;
    }
    if (beginValue(value.size() + 2))
        appendJsonQuoted(m_text, value);
}

void JsonText::number(std::string_view text)
{
    if (isJsonNumber(text) && text.size() <= m_maxBytes)
        scalar(text);
    else
        string(text);
}

void JsonText::integer(std::int64_t value)
{
    std::array<char, 24> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    scalar({buffer.data(), static_cast<std::size_t>(end - buffer.data())});
}

void JsonText::real(double value)
{
    if (std::isnan(value)) {
        string("NaN");
        return;
    }
    if (std::isinf(value)) {
        string(value > 0 ? "Infinity" : "-Infinity");
        return;
    }
    std::array<char, 40> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    scalar({buffer.data(), static_cast<std::size_t>(end - buffer.data())});
}

void JsonText::boolean(bool value) { scalar(value ? "true" : "false"); }

void JsonText::null() { scalar("null"); }

} // namespace tailscope::import
