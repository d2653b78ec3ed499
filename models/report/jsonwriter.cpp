// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/jsonwriter.h"

#include "base/text.h"

#include <charconv>
#include <cmath>

namespace tailscope::report {

std::string jsonNumber(double number)
{
    if (std::isnan(number))
        return "null";
    if (std::isinf(number))
        return number > 0 ? "9e999" : "-9e999";
    char digits[40];
    const auto end = std::to_chars(digits, digits + sizeof digits, number);
    return std::string(digits, end.ptr);
}

void JsonWriter::newLine()
{
    m_out += '\n';
    m_out.append(2 * m_levels.size(), ' ');
}

void JsonWriter::prepare()
{
    if (m_afterKey) {
        m_afterKey = false;
        return;
    }
    if (m_hasMembers)
        m_out += ',';
    if (!m_levels.empty()) {
        if (m_levels.back() == 'w')
            newLine();
        else if (m_hasMembers)
            m_out += ' ';
    }
}

void JsonWriter::open(char bracket, bool compact)
{
    prepare();
    m_out += bracket;
    // What stands in a compact container is compact.
    m_levels += compact || (!m_levels.empty() && m_levels.back() == 'c') ? 'c' : 'w';
    m_hasMembers = false;
}

void JsonWriter::close(char bracket)
{
    const bool wide = m_levels.back() == 'w';
    m_levels.pop_back();
    if (wide && m_hasMembers)
        newLine();
    m_out += bracket;
    m_hasMembers = true;
    if (m_levels.empty())
        m_out += '\n';
}

JsonWriter &JsonWriter::key(std::string_view name)
{
    prepare();
    appendJsonQuoted(m_out, name);
    m_out += ": ";
    m_afterKey = true;
    m_hasMembers = true;
    return *this;
}

void JsonWriter::raw(std::string_view json)
{
    prepare();
    m_out += json;
    m_hasMembers = true;
}

void JsonWriter::value(std::string_view text)
{
    prepare();
    appendJsonQuoted(m_out, text);
    m_hasMembers = true;
}

void JsonWriter::value(std::int64_t number)
{
    raw(std::to_string(number));
}

void JsonWriter::value(bool truth)
{
    raw(truth ? "true" : "false");
}

void JsonWriter::value(double number)
{
    raw(jsonNumber(number));
}

void JsonWriter::value(const std::optional<double> &number)
{
    if (number)
        value(*number);
    else
        null();
}

void JsonWriter::value(const std::optional<std::int64_t> &number)
{
    if (number)
        value(*number);
    else
        null();
}

void JsonWriter::null()
{
    raw("null");
}

void JsonWriter::textOrNull(std::string_view text)
{
    if (text.empty())
        null();
    else
        value(text);
}

} // namespace tailscope::report
