// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/chrometrace/chromepayload.h"

#include "base/text.h"
#include "import/importreport.h"

#include <algorithm>
#include <cstring>

namespace tailscope::import::chrome {

namespace {

struct PackedAttribute
{
    std::uint32_t key = 0, text = 0;
    std::uint64_t bits = 0; ///< integer or double
    AttributeType type = AttributeType::Null;
};

char *put(char *to, std::string_view bytes)
{
    if (!bytes.empty())
        std::memcpy(to, bytes.data(), bytes.size());
    return to + bytes.size();
}

} // namespace

std::uint32_t PayloadArena::store(Kind kind, const ChromeEvent &event, std::uint32_t process,
    AttributeList attributes)
{
    static_assert(JsonAttributes::kMaxCount <= UINT16_MAX && kMaxName <= UINT16_MAX);
    const std::string_view name = utf8Prefix(event.name, kMaxName);
    const std::string_view category = utf8Prefix(event.category, kMaxName);
    const std::string_view text
        = kind == Kind::End ? utf8Prefix(event.bytes, ImportReport::kMaxRejectBytes) : std::string_view();
    const bool flow = event.flowIn || event.flowOut;
    const std::string_view bindId = flow ? utf8Prefix(event.bindId.text, kMaxName) : std::string_view();
    Head head;
    head.offset = event.offset;
    head.threadTs = event.threadTs.isKnown() ? event.threadTs.ns : kUnknownNanos;
    head.eventBytes = static_cast<std::uint32_t>(event.bytes.size());
    head.process = process;
    head.name = static_cast<std::uint16_t>(name.size());
    head.category = static_cast<std::uint16_t>(category.size());
    head.bindId = static_cast<std::uint16_t>(bindId.size());
    head.text = static_cast<std::uint16_t>(text.size());
    head.attributes = static_cast<std::uint16_t>(attributes.size());
    head.kind = kind;
    head.phase = event.phase;
    head.flowIn = event.flowIn;
    head.flowOut = event.flowOut;
    head.bindIdIsString = event.bindId.isString;
    head.clamped = event.ts.state == EventTime::State::Clamped;

    std::size_t total = sizeof(Head) + name.size() + category.size() + bindId.size() + text.size();
    for (const Attribute &attribute : attributes)
        total += sizeof(PackedAttribute) + attribute.key.size() + attribute.text.size();
    head.total = static_cast<std::uint32_t>(total);

    const std::size_t at = m_bytes.size();
    m_bytes.resize(at + total);
    char *to = m_bytes.data() + at;
    std::memcpy(to, &head, sizeof head);
    to = put(put(put(put(to + sizeof head, name), category), bindId), text);
    for (const Attribute &attribute : attributes) {
        PackedAttribute packed;
        packed.key = static_cast<std::uint32_t>(attribute.key.size());
        packed.text = static_cast<std::uint32_t>(attribute.text.size());
        packed.type = attribute.type;
        if (attribute.type == AttributeType::Real)
            std::memcpy(&packed.bits, &attribute.real, sizeof packed.bits);
        else
            packed.bits = static_cast<std::uint64_t>(attribute.integer);
        std::memcpy(to, &packed, sizeof packed);
        to = put(put(to + sizeof packed, attribute.key), attribute.text);
    }
    return static_cast<std::uint32_t>(at);
}

PayloadArena::Head PayloadArena::head(std::uint32_t at) const
{
    Head head;
    std::memcpy(&head, m_bytes.data() + at, sizeof head);
    return head;
}

PayloadArena::View PayloadArena::view(std::uint32_t at) const
{
    View view;
    view.head = head(at);
    const char *from = m_bytes.data() + at + sizeof(Head);
    view.name = {from, view.head.name};
    from += view.head.name;
    view.category = {from, view.head.category};
    from += view.head.category;
    view.bindId = {{from, view.head.bindId}, view.head.bindIdIsString};
    view.text = {from + view.head.bindId, view.head.text};
    return view;
}

PayloadArena::Names PayloadArena::names(std::uint32_t at) const
{
    const Head h = head(at);
    const char *from = m_bytes.data() + at + sizeof(Head);
    return {{from, h.name}, {from + h.name, h.category}};
}

template<typename Take>
void PayloadArena::eachAttribute(std::uint32_t at, Take &&take) const
{
    const Head h = head(at);
    const char *from = m_bytes.data() + at + sizeof(Head) + h.name + h.category + h.bindId + h.text;
    for (std::uint32_t i = 0; i < h.attributes; ++i) {
        PackedAttribute packed;
        std::memcpy(&packed, from, sizeof packed);
        from += sizeof packed;
        Attribute attribute;
        attribute.key = {from, packed.key};
        attribute.text = {from + packed.key, packed.text};
        from += packed.key + packed.text;
        attribute.type = packed.type;
        if (packed.type == AttributeType::Real)
            std::memcpy(&attribute.real, &packed.bits, sizeof packed.bits);
        else
            attribute.integer = static_cast<std::int64_t>(packed.bits);
        take(attribute);
    }
}

void PayloadArena::attributes(std::uint32_t at, std::vector<Attribute> &out) const
{
    eachAttribute(at, [&](const Attribute &attribute) { out.push_back(attribute); });
}

void PayloadArena::mergeAttributes(std::uint32_t at, std::vector<Attribute> &out) const
{
    eachAttribute(at, [&](const Attribute &attribute) {
        const auto end = out.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(out.size(), 64));
        const auto same = std::find_if(out.begin(), end,
            [&](const Attribute &known) { return known.key == attribute.key; });
        if (same != end)
            *same = attribute;
        else
            out.push_back(attribute);
    });
}

std::uint32_t PayloadArena::copyFrom(const PayloadArena &other, std::uint32_t at)
{
    const std::size_t total = other.head(at).total;
    const std::size_t to = m_bytes.size();
    m_bytes.resize(to + total);
    std::memcpy(m_bytes.data() + to, other.m_bytes.data() + at, total);
    return static_cast<std::uint32_t>(to);
}

} // namespace tailscope::import::chrome
