// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/topology/topologyrows.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace tailscope::import {

namespace {

enum class Value : std::uint8_t { Any, Count, Number, Boolean, Text };

struct KnownKey
{
    std::string_view kind, key;
    Value value;
};
constexpr std::array<KnownKey, 18> kKnown{{
    {"service", "instances", Value::Count},
    {"service", "max_instances", Value::Count},
    {"service", "workers", Value::Count},
    {"service", "cores", Value::Number},
    {"service", "tier", Value::Any},
    {"pool", "size", Value::Count},
    {"pool", "target", Value::Text},
    {"pool", "mode", Value::Text},
    {"pool", "acquire_timeout_ms", Value::Number},
    {"call", "timeout_ms", Value::Number},
    {"call", "retries", Value::Count},
    {"call", "sync", Value::Boolean},
    {"call", "breaker", Value::Any},
    {"server", "max_connections", Value::Count},
    {"server", "reserved", Value::Count},
    {"server", "cores", Value::Number},
    {"server", "spindles", Value::Count},
    {"server", "memory_bytes", Value::Number},
}};

const KnownKey *knownKey(std::string_view kind, std::string_view key)
{
    const auto found = std::find_if(kKnown.begin(), kKnown.end(),
        [&](const KnownKey &known) { return known.kind == kind && known.key == key; });
    return found == kKnown.end() ? nullptr : &*found;
}

std::string_view unitOf(std::string_view key)
{
    return key.ends_with("_ms")   ? "ms"
        : key.ends_with("_s")     ? "s"
        : key.ends_with("_bytes") ? "bytes"
        : key == "cores"          ? "cores"
                                  : std::string_view();
}

/// The value as text: numbers with all their digits, lists as JSON.
std::string textOf(const toml::node &node)
{
    if (const auto text = node.value_exact<std::string>())
        return sanitizedUtf8(*text);
    std::ostringstream out;
    if (node.is_array())
        out << toml::json_formatter{node, toml::format_flags::none};
    else
        node.visit([&](const auto &value) {
            if constexpr (toml::is_value<decltype(value)>) {
                // A number written as 0xFF or 1_000 means its value, not its spelling.
                if constexpr (toml::is_boolean<decltype(value)>)
                    out << (value.get() ? "true" : "false");
                else if constexpr (toml::is_integer<decltype(value)>)
                    out << std::dec << value.get();
                else if constexpr (toml::is_floating_point<decltype(value)>)
                    out << toml::toml_formatter{value};
                else
                    out << value;
            }
        });
    std::string text = out.str();
    // Line ends inside of texts are escaped: those that are left are the formatter's.
    std::erase(text, '\n');
    return text;
}

/// Empty when the value is what its key takes, else the reason.
std::string_view refusal(Value kind, const toml::node &node, const std::string &text)
{
    switch (kind) {
    case Value::Count: {
        const std::optional<std::int64_t> count = parseInt64(text);
        return count && *count >= 0 ? "" : "the value is no count (a whole number from 0 on)";
    }
    case Value::Number: {
        const std::optional<double> number = parseDouble(text);
        return number && *number >= 0 ? "" : "the value is no number from 0 on (a point is the decimal sign)";
    }
    case Value::Boolean:
        return node.is_boolean() ? "" : "the value is neither true nor false";
    case Value::Text:
        return node.is_string() ? "" : "the value is no text in quotes";
    case Value::Any:
        break;
    }
    return "";
}

bool isGroup(const toml::node &node)
{
    const toml::table *table = node.as_table();
    return table != nullptr && !table->empty()
        && std::all_of(table->begin(), table->end(), [](const auto &item) { return item.second.is_table(); });
}

std::string_view lineAt(std::string_view text, std::size_t begin)
{
    return text.substr(begin, text.find('\n', begin) - begin);
}

} // namespace

/// Walks the tables of one parsed file.
class TopologyRows::Walk
{
public:
    Walk(RowSink &sink, ImportReport &report, std::string_view text)
        : m_sink(sink)
        , m_report(report)
        , m_text(text)
    {
        m_starts.push_back(0);
        for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
            m_starts.push_back(at + 1);
    }

    void root(const toml::table &table)
    {
        for (const auto &[key, node] : table) {
            const std::string kind = sanitizedUtf8(key.str());
            const toml::table *names = node.as_table();
            if (names == nullptr) {
                value({"topology", "", ""}, kind, node);
                continue;
            }
            if (kind != "service" && kind != "call" && kind != "server")
                note(node, "unknown-table", "a table [" + kind + ".NAME] is not known; it was kept");
            for (const auto &[name, inner] : *names)
                named(kind, sanitizedUtf8(name.str()), inner);
        }
    }

private:
    void named(const std::string &kind, const std::string &name, const toml::node &node)
    {
        const toml::table *table = node.as_table();
        if (table == nullptr)
            return value({"topology", "", ""}, kind + '.' + name, node);
        if (kind != "call")
            return subject({kind, name, ""}, *table, "", 1);
        // [call.A.B]: of A to B.
        for (const auto &[key, inner] : *table) {
            const std::string callee = sanitizedUtf8(key.str());
            if (const toml::table *call = inner.as_table())
                subject({"call", name + "->" + callee, name}, *call, "", 1);
            else
                value({"call", name, ""}, callee, inner);
        }
    }

    void subject(const Subject &owner, const toml::table &table, const std::string &prefix, std::size_t depth)
    {
        if (depth > kMaxDepth)
            return note(table, "too-deep", "tables inside more than 8 tables were left out");
        for (const auto &[key, node] : table) {
            const std::string name = prefix + sanitizedUtf8(key.str());
            const toml::table *inner = node.as_table();
            if (inner == nullptr) {
                value(owner, name, node);
            } else if (isGroup(node)) {
                if (owner.kind != "service" || name != "pool")
                    note(node, "unknown-table",
                        "a table of \"" + name + "\" inside \"" + owner.name
                            + "\" is not known; it was kept");
                for (const auto &[child, childNode] : *inner)
                    subject({name, sanitizedUtf8(child.str()), owner.name}, *childNode.as_table(), "",
                        depth + 1);
            } else {
                subject(owner, *inner, name + '.', depth + 1);
            }
        }
    }

    void value(const Subject &owner, const std::string &key, const toml::node &node)
    {
        const std::size_t offset = offsetOf(node);
        const std::string text = textOf(node);
        const KnownKey *known = knownKey(owner.kind, key);
        if (known == nullptr)
            note(node, "unknown-key",
                "key \"" + key + "\" of " + owner.kind + " \"" + owner.name + "\" is not known; it was kept");
        const std::string_view reason = known ? refusal(known->value, node, text) : "";
        if (!reason.empty()) {
            const std::string_view line = lineAt(m_text, offset);
            return m_report.skip("bad-value", offset, line.size(), key + ": " + std::string(reason), line);
        }
        std::array<RecordField, 6> fields{};
        std::size_t count = 0;
        const auto put = [&](std::string_view column, std::string_view words) {
            if (!words.empty() || column == "value")
                fields[count++] = {column, words};
        };
        put("subject_kind", owner.kind);
        put("subject", owner.name);
        put("parent", owner.parent);
        put("key", key);
        put("value", text);
        put("unit", unitOf(key));
        RecordRow row{};
        row.table = RecordTable::Config;
        row.fields = std::span(fields).first(count);
        m_sink.record(row);
        m_report.rowRead();
    }

    std::size_t offsetOf(const toml::node &node) const
    {
        const std::size_t line = node.source().begin.line;
        return line == 0 || line > m_starts.size() ? 0 : m_starts[line - 1];
    }
    void note(const toml::node &node, std::string_view kind, const std::string &example)
    {
        m_report.note(IssueSeverity::Info, kind, offsetOf(node), std::string(utf8Prefix(example, 300)));
    }

    RowSink &m_sink;
    ImportReport &m_report;
    std::string_view m_text;
    std::vector<std::size_t> m_starts; ///< offset of each line
};

TopologyRows::TopologyRows(RowSink &sink, ImportReport &report)
    : m_sink(sink)
    , m_report(report)
{}

Result<void> TopologyRows::read(std::string text, const std::string &name)
{
    dropLongLines(text);
    for (int bad = 0;; ++bad) {
        const toml::parse_result parsed = toml::parse(std::string_view(text), name);
        if (parsed) {
            Walk(m_sink, m_report, text).root(parsed.table());
            return {};
        }
        const auto line = static_cast<std::size_t>(parsed.error().source().begin.line);
        const std::string reason = sanitizedUtf8(utf8Prefix(parsed.error().description(), 300));
        if (bad == kMaxBadLines || !dropLine(text, line, reason))
            return fail(Error{ErrorCode::BadInput, name, reason,
                Location{offsetOf(text, line), line, std::nullopt}, "Mend the line: the file is no TOML."});
    }
}

std::size_t TopologyRows::offsetOf(std::string_view text, std::size_t line) const
{
    std::size_t at = 0;
    for (std::size_t i = 1; i < line; ++i) {
        const std::size_t end = text.find('\n', at);
        if (end == std::string_view::npos)
            break;
        at = end + 1;
    }
    return at;
}

void TopologyRows::dropLongLines(std::string &text)
{
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = lineAt(text, at).size();
        if (length > kMaxLine) {
            m_report.skip("line-too-long", at, length, "the line is longer than 4 KiB",
                std::string_view(text).substr(at, length));
            std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(at), length, ' ');
        }
        at += length + 1;
    }
}

bool TopologyRows::dropLine(std::string &text, std::size_t line, std::string_view reason)
{
    std::size_t begin = offsetOf(text, line);
    // What is missing at the end of the file is the fault of the last line that says something.
    while (trimmed(lineAt(text, begin)).empty()) {
        if (begin == 0)
            return false;
        const std::size_t before = begin < 2 ? std::string::npos : text.rfind('\n', begin - 2);
        begin = before == std::string::npos ? 0 : before + 1;
    }
    std::size_t end = begin + lineAt(text, begin).size();
    // Keys below a header that is gone would belong to the table before it.
    if (trimmed(lineAt(text, begin)).starts_with('[')) {
        while (end < text.size() && !trimmed(lineAt(text, end + 1)).starts_with('['))
            end += 1 + lineAt(text, end + 1).size();
        end = std::min(end, text.size());
    }
    m_report.skip("bad-toml", begin, end - begin, reason, std::string_view(text).substr(begin, end - begin));
    std::replace_if(
        text.begin() + static_cast<std::ptrdiff_t>(begin), text.begin() + static_cast<std::ptrdiff_t>(end),
        [](char c) { return c != '\n'; }, ' ');
    return true;
}

} // namespace tailscope::import
