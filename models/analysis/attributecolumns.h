// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spancolumns.h"
#include "analysis/spanfilter.h"
#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tailscope::analysis {

/// The attributes of all spans of SpanColumns in memory: each (scope, key, value) is a code, each span a list
/// of codes. Spans that share attribute sets share their lists, so 12 bytes a span plus 4 for each attribute
/// with many distinct values. Bounded: keys with more than kMaxValues values are dropped and counted.
/// Immutable, any thread. Row = row of the columns it was built from.
class AttributeColumns
{
public:
    static constexpr std::uint32_t kMaxValues = 50'000; ///< of one key
    static constexpr std::size_t kMaxCodes = 2'000'000; ///< past it nothing new is taken
    static constexpr std::size_t kMaxText = 200; ///< bytes of a value that are kept for display

    struct Key
    {
        std::string name;
        std::uint8_t scope = 2; ///< 0 resource, 1 scope, 2 span
        std::uint32_t values = 0; ///< distinct ones
        bool isDropped = false; ///< too many values: what was counted of it means nothing
    };

    /// One scan of span_raw: about 1 us a span, more with many own attributes. only: rows to read; nullptr =
    /// all.
    static Result<std::shared_ptr<const AttributeColumns>> build(const store::Workspace &workspace,
        const SpanColumns &columns, const Progress &progress, const SpanBitmap *only = nullptr);

    std::size_t rows() const { return m_list.size(); }
    std::size_t codes() const { return m_keyOf.size(); }
    const std::vector<Key> &keys() const { return m_keys; }
    std::uint32_t keyOf(std::uint32_t code) const { return m_keyOf[code]; }
    std::string_view value(std::uint32_t code) const
    {
        return std::string_view(m_text).substr(m_textAt[code], m_textAt[code + 1] - m_textAt[code]);
    }
    /// Calls take(code) for each attribute of the row.
    template<typename Take>
    void forEach(std::uint32_t row, Take &&take) const
    {
        const std::uint32_t list = m_list[row];
        for (std::uint32_t i = m_listAt[list]; i < m_listAt[list + 1]; ++i)
            take(m_listCodes[i]);
        if (m_ownAt.empty())
            return;
        const std::uint32_t own = m_own[row];
        for (std::uint32_t i = m_ownAt[own]; i < m_ownAt[own + 1]; ++i)
            take(m_ownCodes[i]);
    }
    std::size_t bytes() const;
    double buildSeconds() const { return m_seconds; }
    std::int64_t generation() const { return m_generation; } ///< that of the columns

private:
    friend class AttributeBuilder;
    std::vector<Key> m_keys;
    std::vector<std::uint32_t> m_keyOf; ///< by code
    std::vector<std::uint32_t> m_textAt{0};
    std::string m_text;
    std::vector<std::uint32_t> m_list; ///< by row; list 0 is empty
    std::vector<std::uint32_t> m_listAt{0, 0}, m_listCodes;
    std::vector<std::uint32_t> m_own; ///< by row; own 0 is empty
    std::vector<std::uint32_t> m_ownAt, m_ownCodes;
    double m_seconds = 0;
    std::int64_t m_generation = 0;
};

/// Makes AttributeColumns row by row; rows that are never named have no attributes. One thread.
class AttributeBuilder
{
public:
    static constexpr std::uint32_t kNoCode = 0xffffffffu;

    explicit AttributeBuilder(std::size_t rows);

    /// Code of a value; kNoCode past the bounds.
    std::uint32_t code(std::uint8_t scope, std::string_view key, std::string_view value);
    /// A list many spans share; codes may hold kNoCode, which are left out.
    std::uint32_t list(std::span<const std::uint32_t> codes);
    /// A list made of lists made before.
    std::uint32_t joined(std::span<const std::uint32_t> lists);
    void setList(std::uint32_t row, std::uint32_t list) { m_columns->m_list[row] = list; }
    /// What only this span has.
    void setOwn(std::uint32_t row, std::span<const std::uint32_t> codes);
    std::shared_ptr<const AttributeColumns> finish(std::int64_t generation, double seconds);

private:
    std::unique_ptr<AttributeColumns> m_columns;
    std::unordered_map<std::uint64_t, std::uint32_t> m_keyByHash, m_codeByHash;
};

/// Reads the members of one JSON object as the store writes it: take(key, value) with texts unquoted and
/// everything else as written; nested values as JSON text. Stops at the first byte that does not fit. No
/// recursion; buffers are reused.
class JsonMembers
{
public:
    explicit JsonMembers(std::string_view text)
        : m_text(text)
    {}
    /// False at the end. The views live until the next call.
    bool next(std::string_view &key, std::string_view &value);

private:
    bool quoted(std::string &out);
    bool nested(std::string_view &out);
    void skipBlanks();
    std::string_view m_text;
    std::size_t m_at = 0;
    bool m_begun = false;
    std::string m_key, m_value;
};

} // namespace tailscope::analysis
