// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/chrometrace/chromeevent.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace tailscope::import::chrome {

/// What an event that waits for its partner keeps, packed one behind the other in one block of memory.
/// Positions stay valid until clear(); views into it until the next store() or copyFrom(). Names are kept up
/// to kMaxName bytes; of an end also its text, as long as a reject may be: it may turn out to have no begin.
class PayloadArena
{
public:
    static constexpr std::size_t kMaxName = 8192;

    enum class Kind : std::uint8_t { Begin, End, Step };
    struct Head
    {
        std::uint64_t offset = 0; ///< of the event in the file
        Nanos threadTs = kUnknownNanos;
        std::uint32_t eventBytes = 0, total = 0;
        std::uint32_t process = 0;
        std::uint16_t name = 0, category = 0, bindId = 0, text = 0; ///< bytes
        std::uint16_t attributes = 0; ///< count
        Kind kind = Kind::Begin;
        char phase = '\0';
        bool flowIn : 1 = false, flowOut : 1 = false, bindIdIsString : 1 = false, clamped : 1 = false;
    };
    struct View
    {
        Head head;
        std::string_view name, category;
        JsonScalar bindId;
        std::string_view text; ///< of an end: its first bytes in the file
    };
    struct Names
    {
        std::string_view name, category;
    };

    std::uint32_t store(Kind kind, const ChromeEvent &event, std::uint32_t process, AttributeList attributes);
    View view(std::uint32_t at) const;
    Names names(std::uint32_t at) const;
    Kind kind(std::uint32_t at) const { return head(at).kind; }
    /// Appends the attributes of the event to `out`.
    void attributes(std::uint32_t at, std::vector<Attribute> &out) const;
    /// The same over those of equal key that are there (looks among the first 64: hostile lists must not cost
    /// their square).
    void mergeAttributes(std::uint32_t at, std::vector<Attribute> &out) const;
    std::uint32_t copyFrom(const PayloadArena &other, std::uint32_t at);

    std::size_t size() const { return m_bytes.size(); }
    void reserve(std::size_t bytes) { m_bytes.reserve(bytes); }
    void clear() { m_bytes.clear(); }
    /// Positions of `other` stay the same when this is empty.
    void append(const PayloadArena &other)
    {
        m_bytes.insert(m_bytes.end(), other.m_bytes.begin(), other.m_bytes.end());
    }

private:
    Head head(std::uint32_t at) const;
    template<typename Take>
    void eachAttribute(std::uint32_t at, Take &&take) const;

    std::vector<char> m_bytes;
};

} // namespace tailscope::import::chrome
