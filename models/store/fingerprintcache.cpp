// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/fingerprintcache.h"

#include "store/fingerprint.h"

#include <optional>
#include <utility>

namespace tailscope::store {

FingerprintCache::Known &FingerprintCache::find(std::string_view sql)
{
    if (const auto found = m_texts.find(sql); found != m_texts.end())
        return *found->second;
    if (m_texts.size() >= kMaxTexts || m_keys.size() >= kMaxTexts || m_known.size() >= kMaxTexts
        || m_bytes >= kMaxBytes) {
        m_texts.clear();
        m_keys.clear();
        m_known.clear();
        m_bytes = 0;
    }
    if (sql.size() > kMaxText)
        return parsed(sql);
    const std::optional<std::string> key = statementKey(sql);
    if (!key) {
        Known &known = parsed(sql);
        keep(m_texts, sql, known);
        return known;
    }
    const auto found = m_keys.find(*key);
    if (found != m_keys.end())
        return *found->second;
    Known &known = parsed(sql);
    keep(m_keys, *key, known);
    // Texts without literals (with placeholders) are found by themselves next time, without making a key.
    if (*key == sql)
        keep(m_texts, sql, known);
    return known;
}

FingerprintCache::Known &FingerprintCache::parsed(std::string_view sql)
{
    ++m_parses;
    std::string print = fingerprint(sql);
    Known &known = m_known[print];
    known.fingerprint = std::move(print);
    return known;
}

void FingerprintCache::keep(Texts &texts, std::string_view text, Known &known)
{
    texts.emplace(text, &known);
    m_bytes += text.size();
}

} // namespace tailscope::store
