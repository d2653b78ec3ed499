// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tailscope::report {

/// Writes one JSON document, two blanks a level, keys in the order given. Containers opened with `compact` stand on
/// one line. The caller keeps begin and end in balance.
class JsonWriter
{
public:
    void beginObject(bool compact = false) { open('{', compact); }
    void endObject() { close('}'); }
    void beginArray(bool compact = false) { open('[', compact); }
    void endArray() { close(']'); }
    /// Key of the next value.
    JsonWriter &key(std::string_view name);

    void value(std::string_view text);
    void value(const char *text) { value(std::string_view(text)); }
    void value(const std::string &text) { value(std::string_view(text)); }
    void value(std::int64_t number);
    void value(int number) { value(std::int64_t(number)); }
    void value(std::size_t number) { value(std::int64_t(number)); }
    void value(bool truth);
    /// Shortest digits that give the same double; NaN is null, infinity 9e999.
    void value(double number);
    void value(const std::optional<double> &number);
    void value(const std::optional<std::int64_t> &number);
    void null();
    /// JSON text as it is.
    void raw(std::string_view json);
    /// A text, or null when it is empty.
    void textOrNull(std::string_view text);

    std::string take() { return std::move(m_out); }

private:
    void open(char bracket, bool compact);
    void close(char bracket);
    void prepare();
    void newLine();

    std::string m_out;
    std::string m_levels; ///< per open container: 'c' compact, 'w' wide
    bool m_hasMembers = false, m_afterKey = false;
};

/// Digits of a double as value(double) writes them.
std::string jsonNumber(double number);

} // namespace tailscope::report
