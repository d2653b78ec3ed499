// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/bulkintern.h"
#include "store/rows.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tailscope::store {

/// Decides which of a span's own attributes go to its shared set and which to its own JSON: keys with many
/// distinct values would make every set unique, long values are not worth sharing. Depends on the sequence of
/// calls only, so that a resumed import decides alike. One thread.
class AttributeSplitter
{
public:
    static constexpr std::size_t kLongValue = 128;
    static constexpr std::uint32_t kManyValues = 200;
    static constexpr std::size_t kMaxKeys = 4096; ///< keys past it go to the JSON

    /// True: into the set. key: ordinal of the interned key (0 = not interned).
    bool sharesValue(std::uint32_t key, const Attribute &attribute, std::uint64_t valueHash);
    /// Told after each look-up of a set: when too many are new, the key with most values moves to the JSON.
    void setLookedUp(bool created);

private:
    struct KeyState
    {
        bool many = false;
        std::uint32_t distinct = 0;
        std::uint64_t last = 0;
        std::vector<std::uint64_t> seen; ///< hashes, 0 = free
    };
    KeyState *stateOf(std::uint32_t key);
    static void note(KeyState &state, std::uint64_t hash);
    static void moveToJson(KeyState &state);

    std::vector<std::uint16_t> m_indexByKey; ///< by ordinal: index + 1 into m_states
    std::vector<KeyState> m_states;
    std::uint32_t m_lookups = 0, m_created = 0;
};

/// Hash of type and value.
std::uint64_t attributeValueHash(const Attribute &attribute);

/// Appends "key":value of a JSON object.
void appendJsonMember(std::string &out, const Attribute &attribute);

/// {"key":value,...}; a key that comes twice is written twice.
void appendJsonObject(std::string &out, AttributeList attributes);

} // namespace tailscope::store
