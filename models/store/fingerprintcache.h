// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tailscope::store {

/// Fingerprints of texts that come again and again: logs and traces bring the same statement millions of
/// times, and a parse costs some ten microseconds. A text is known by itself, and by what is left of it
/// without its literals. Bounded: when it is full it begins anew. One thread.
class FingerprintCache
{
public:
    static constexpr std::size_t kMaxTexts = 65'536;
    static constexpr std::size_t kMaxBytes = 16u << 20;
    static constexpr std::size_t kMaxText = 16 * 1024; ///< longer texts are not kept

    struct Known
    {
        std::string fingerprint; ///< as fingerprint() gives it
        std::uint64_t mark = 0; ///< for the user of the cache: 0 at first
        std::int64_t index = 0;
    };
    /// What is known of a text; until the next call.
    Known &find(std::string_view sql);
    /// How often a text had to be parsed.
    std::uint64_t parses() const { return m_parses; }

private:
    struct Hash
    {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    using Texts = std::unordered_map<std::string, Known *, Hash, std::equal_to<>>;
    Known &parsed(std::string_view sql);
    void keep(Texts &texts, std::string_view text, Known &known);

    Texts m_texts, m_keys;
    std::unordered_map<std::string, Known> m_known; ///< by fingerprint
    std::size_t m_bytes = 0;
    std::uint64_t m_parses = 0;
};

} // namespace tailscope::store
