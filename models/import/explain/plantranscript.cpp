// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/plantranscript.h"

#include "base/text.h"

#include <algorithm>
#include <vector>

namespace tailscope::import::explain {

void PlanTranscript::atLine(std::int64_t line)
{
    if (line <= m_line)
        return;
    m_text.append(std::size_t(line - m_line), '\n');
    m_line = line;
}

void PlanTranscript::separate()
{
    if (m_needsComma)
        m_text += ',';
    m_needsComma = true;
}

void PlanTranscript::open(char bracket)
{
    separate();
    m_text += bracket;
    m_open += bracket;
    m_needsComma = false;
}

void PlanTranscript::end()
{
    if (m_open.empty())
        return;
    m_text += m_open.back() == '{' ? '}' : ']';
    m_open.pop_back();
    m_needsComma = true;
}

void PlanTranscript::key(std::string_view name)
{
    separate();
    quoted(name);
    m_text += ':';
    m_needsComma = false;
}

void PlanTranscript::string(std::string_view value)
{
    separate();
    quoted(value);
}

void PlanTranscript::bare(std::string_view value)
{
    separate();
    m_text += value;
}

void PlanTranscript::quoted(std::string_view value)
{
    static constexpr std::string_view kHex = "0123456789abcdef";
    m_text += '"';
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            m_text += '\\';
            m_text += c;
        } else if (byte < 0x20) {
            m_text += "\\u00";
            m_text += kHex[byte >> 4];
            m_text += kHex[byte & 15];
        } else {
            m_text += c;
        }
    }
    m_text += '"';
}

bool isJsonNumber(std::string_view text)
{
    std::size_t i = text.starts_with('-') ? 1 : 0;
    const auto digits = [&] {
        const std::size_t from = i;
        while (i < text.size() && text[i] >= '0' && text[i] <= '9')
            ++i;
        return i > from;
    };
    const std::size_t whole = i;
    if (!digits() || (text[whole] == '0' && i > whole + 1))
        return false;
    if (i < text.size() && text[i] == '.') {
        ++i;
        if (!digits())
            return false;
    }
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
        ++i;
        if (i < text.size() && (text[i] == '+' || text[i] == '-'))
            ++i;
        if (!digits())
            return false;
    }
    return i == text.size();
}

PlanTaker withSourceOf(std::string_view original, std::string_view form, const PlanTaker &take)
{
    std::vector<std::size_t> begins{0};
    for (std::size_t at = original.find('\n'); at != std::string_view::npos; at = original.find('\n', at + 1))
        begins.push_back(at + 1);
    return [original, form, begins = std::move(begins), &take](ParsedPlan &&plan) {
        const auto lines = std::count(plan.sourceText.begin(), plan.sourceText.end(), '\n') + 1;
        const auto first = std::size_t(std::max<std::int64_t>(plan.firstLine, 1) - 1);
        const std::size_t last = first + std::size_t(lines);
        if (first < begins.size()) {
            const std::size_t end = last < begins.size() ? begins[last] : original.size();
            plan.sourceText = trimmed(original.substr(begins[first], end - begins[first]));
        }
        plan.format = form;
        take(std::move(plan));
    };
}

} // namespace tailscope::import::explain
