// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import {

/// Writes one JSON value as compact text from SAX events; reused for many values. Containers deeper than
/// maxDepth become the string "…" and values that would pass maxBytes are left out: the text is valid JSON
/// either way and truncated() tells. Malformed UTF-8 becomes U+FFFD. The caller sends balanced events, as a
/// parser does.
class JsonText
{
public:
    explicit JsonText(std::size_t maxDepth = 64, std::size_t maxBytes = 64 * 1024);

    void clear();
    void startObject() { open('{'); }
    void endObject() { close('}'); }
    void startArray() { open('['); }
    void endArray() { close(']'); }
    /// Also used between the two calls above for what comes next in an object.
    void key(std::string_view name);
    void string(std::string_view value);
    /// Text of a number as the input has it; anything that is not a JSON number is written as a string.
    void number(std::string_view text);
    void integer(std::int64_t value);
    void real(double value); ///< NaN and infinities become strings
    void boolean(bool value);
    void null();

    /// True after a whole value: a scalar, or the end of the outermost container.
    bool isComplete() const { return m_open.empty() && m_skip == 0 && !m_text.empty(); }
    bool isEmpty() const { return m_text.empty() && m_open.empty() && m_skip == 0; }
    std::size_t depth() const { return m_open.size() + m_skip; }
    const std::string &text() const { return m_text; }
    bool truncated() const { return m_truncated; }

private:
    bool beginValue(std::size_t bytes);
    void open(char bracket);
    void close(char bracket);
    void scalar(std::string_view text);

    struct Level
    {
        bool array;
        bool first;
    };
    std::size_t m_maxDepth, m_maxBytes;
    std::string m_text;
    std::vector<Level> m_open;
    std::size_t m_skip = 0; ///< containers open inside one that is left out
    bool m_dropNext = false; ///< the key was left out, so its value is too
    bool m_truncated = false;
};

/// True for text that is a number by RFC 8259.
bool isJsonNumber(std::string_view text);

} // namespace tailscope::import
