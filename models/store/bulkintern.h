// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace tailscope::store {

__extension__ typedef unsigned __int128
    Uint128; // NOLINT(modernize-use-using): only typedef takes __extension__

/// Drawn anew in each process, so that no file can be made whose texts all fall into one slot. Results never
/// depend on it: tables hand out ordinals in the order of calls.
extern const std::uint64_t kProcessSeed;

/// Fast content hash for in-memory tables (differs between processes: never store it; eight bytes a step).
inline std::uint64_t contentHash(std::string_view text, std::uint64_t seed = kProcessSeed)
{
    const auto mix = [](std::uint64_t a, std::uint64_t b) {
        const auto product = static_cast<Uint128>(a) * b;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    };
    const char *p = text.data();
    std::size_t n = text.size();
    std::uint64_t hash = seed ^ (n * 0xa0761d6478bd642fULL);
    while (n >= 8) {
        std::uint64_t word;
        std::memcpy(&word, p, 8);
        hash = mix(hash ^ word, 0xe7037ed1a0b428dbULL);
        p += 8;
        n -= 8;
    }
    std::uint64_t tail = 0;
    if (n > 0)
        std::memcpy(&tail, p, n);
    return mix(hash ^ tail, 0x8ebc6af09c88c6e3ULL);
}
/// Mixes two numbers; the same in every process. Neither number can make the other one disappear.
inline std::uint64_t combineHash(std::uint64_t hash, std::uint64_t value)
{
    const Uint128 product = static_cast<Uint128>(hash ^ 0x2d358dccaa6c78a5ULL)
        * static_cast<Uint128>(value ^ 0x8bb84b93962eacc9ULL);
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64)
        ^ std::rotl(hash, 27) ^ std::rotl(value, 41);
}

/// Bounded set of texts; each new one gets the next ordinal (from 1). One thread.
class StringTable
{
public:
    static constexpr std::uint32_t kMaxStrings = 1u << 19;
    static constexpr std::size_t kMaxBytes = 24u << 20;
    static constexpr std::size_t kMaxLength = 1024; ///< longer texts are kept by the row itself

    /// Ordinal of the text; 0 when it is not there and there is no room. `added` tells a new one.
    std::uint32_t intern(std::string_view text, bool &added);

private:
    struct Entry
    {
        const char *text;
        std::uint32_t length, hash;
    };
    bool hasRoomFor(std::size_t bytes) const;
    const char *store(std::string_view text);
    void grow();

    std::vector<Entry> m_entries; ///< by ordinal - 1
    std::vector<std::uint32_t> m_slots; ///< ordinals, 0 = free
    std::vector<std::unique_ptr<char[]>> m_chunks;
    std::size_t m_chunkUsed = 0, m_bytes = 0;
};

/// Bounded map from a 128-bit key (a content hash, or packed numbers) to an ordinal. When full it forgets
/// everything unless told to keep: callers then make a second entity of equal content, which is harmless. One
/// thread.
class RefMap
{
public:
    struct Key
    {
        std::uint64_t a = 0, b = 0;
        friend bool operator==(const Key &, const Key &) = default;
    };
    explicit RefMap(std::size_t maxEntries)
        : m_max(maxEntries)
    {}
    /// 0 when absent.
    std::uint32_t find(Key key) const
    {
        if (m_slots.empty())
            return 0;
        const std::size_t mask = m_slots.size() - 1;
        for (std::size_t i = slotOf(key) & mask;; i = (i + 1) & mask) {
            const Slot &slot = m_slots[i];
            if (slot.value == 0 || slot.key == key)
                return slot.value;
        }
    }
    bool isFull() const { return m_size >= m_max; }
    std::size_t size() const { return m_size; }
    /// The key must be absent. Forgets everything first when full.
    void insert(Key key, std::uint32_t value);
    void clear();
    template<typename Visit>
    void forEach(Visit visit) const
    {
        for (const Slot &slot : m_slots) {
            if (slot.value != 0)
                visit(slot.key, slot.value);
        }
    }

private:
    struct Slot
    {
        Key key;
        std::uint32_t value = 0;
    };
    static std::size_t slotOf(Key key)
    {
        return static_cast<std::size_t>(combineHash(key.a ^ kProcessSeed, key.b));
    }
    void grow();

    std::vector<Slot> m_slots;
    std::size_t m_size = 0, m_max;
};

} // namespace tailscope::store
