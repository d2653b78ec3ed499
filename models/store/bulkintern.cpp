// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/bulkintern.h"

#include <algorithm>
#include <exception>
#include <random>

namespace tailscope::store {

namespace {

constexpr std::size_t kChunkBytes = 256 * 1024;
constexpr std::size_t kFirstSlots = 1024;

std::uint64_t drawSeed()
{
    try {
        std::random_device device;
        return (static_cast<std::uint64_t>(device()) << 32) ^ device();
    } catch (const std::exception &) {
        return 0x9e3779b97f4a7c15ULL; // no source of randomness: only hostile files would notice
    }
}

} // namespace

const std::uint64_t kProcessSeed = drawSeed();

std::uint32_t StringTable::intern(std::string_view text, bool &added)
{
    added = false;
    if (text.size() > kMaxLength)
        return 0;
    if (m_slots.empty())
        m_slots.resize(kFirstSlots);
    const auto hash = static_cast<std::uint32_t>(contentHash(text));
    const std::size_t mask = m_slots.size() - 1;
    std::size_t i = hash & mask;
    for (; m_slots[i] != 0; i = (i + 1) & mask) {
        const Entry &entry = m_entries[m_slots[i] - 1];
        if (entry.hash == hash && entry.length == text.size()
            && std::memcmp(entry.text, text.data(), text.size()) == 0)
            return m_slots[i];
    }
    if (!hasRoomFor(text.size()))
        return 0;
    m_entries.push_back({store(text), static_cast<std::uint32_t>(text.size()), hash});
    const auto ordinal = static_cast<std::uint32_t>(m_entries.size());
    m_slots[i] = ordinal;
    if (m_entries.size() * 3 > m_slots.size() * 2)
        grow();
    added = true;
    return ordinal;
}

bool StringTable::hasRoomFor(std::size_t bytes) const
{
    return m_entries.size() < kMaxStrings && m_bytes + bytes <= kMaxBytes;
}

const char *StringTable::store(std::string_view text)
{
    if (m_chunks.empty() || m_chunkUsed + text.size() > kChunkBytes) {
        m_chunks.push_back(std::make_unique_for_overwrite<char[]>(kChunkBytes));
        m_chunkUsed = 0;
    }
    char *place = m_chunks.back().get() + m_chunkUsed;
    std::copy(text.begin(), text.end(), place);
    m_chunkUsed += text.size();
    m_bytes += text.size();
    return place;
}

void StringTable::grow()
{
    std::vector<std::uint32_t> slots(m_slots.size() * 2);
    const std::size_t mask = slots.size() - 1;
    for (std::uint32_t ordinal = 1; ordinal <= m_entries.size(); ++ordinal) {
        std::size_t i = m_entries[ordinal - 1].hash & mask;
        while (slots[i] != 0)
            i = (i + 1) & mask;
        slots[i] = ordinal;
    }
    m_slots = std::move(slots);
}

void RefMap::insert(Key key, std::uint32_t value)
{
    if (isFull())
        clear();
    if (m_slots.empty() || (m_size + 1) * 4 > m_slots.size() * 3)
        grow();
    const std::size_t mask = m_slots.size() - 1;
    std::size_t i = slotOf(key) & mask;
    while (m_slots[i].value != 0)
        i = (i + 1) & mask;
    m_slots[i] = {key, value};
    ++m_size;
}

void RefMap::clear()
{
    std::fill(m_slots.begin(), m_slots.end(), Slot{});
    m_size = 0;
}

void RefMap::grow()
{
    std::vector<Slot> old(m_slots.empty() ? kFirstSlots : m_slots.size() * 2);
    old.swap(m_slots);
    const std::size_t mask = m_slots.size() - 1;
    for (const Slot &slot : old) {
        if (slot.value == 0)
            continue;
        std::size_t i = slotOf(slot.key) & mask;
        while (m_slots[i].value != 0)
            i = (i + 1) & mask;
        m_slots[i] = slot;
    }
}

} // namespace tailscope::store
