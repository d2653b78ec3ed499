// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/common/protowire.h"

#include <algorithm>

namespace tailscope::import {

namespace {

constexpr int kMaxVarint = 10;
constexpr std::uint64_t kMaxNumber = (1u << 29) - 1;

bool isWire(std::uint64_t tag)
{
    const std::uint64_t wire = tag & 7;
    const std::uint64_t number = tag >> 3;
    return (wire <= 2 || wire == 5) && number > 0 && number <= kMaxNumber;
}

} // namespace

bool ProtoFields::nextVarint(std::uint64_t &value)
{
    value = 0;
    for (int i = 0; i < kMaxVarint && m_at < m_text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(m_text[m_at++]);
        value |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * i);
        if (byte < 0x80)
            return true;
        if (i + 1 == kMaxVarint) {
            m_broken = true;
            return false;
        }
    }
    m_broken = m_cut = true;
    return false;
}

bool ProtoFields::fixed(std::size_t size, std::uint64_t &value)
{
    if (m_text.size() - m_at < size) {
        m_broken = m_cut = true;
        return false;
    }
    value = 0;
    for (std::size_t i = 0; i < size; ++i)
        value |= static_cast<std::uint64_t>(static_cast<unsigned char>(m_text[m_at + i])) << (8 * i);
    m_at += size;
    return true;
}

bool ProtoFields::next(ProtoField &field)
{
    if (m_broken || m_at >= m_text.size())
        return false;
    field = {};
    const std::size_t start = m_at;
    field.offset = start;
    std::uint64_t tag = 0;
    if (!nextVarint(tag))
        return false;
    if (!isWire(tag)) {
        m_broken = true;
        return false;
    }
    field.number = static_cast<std::uint32_t>(tag >> 3);
    field.wire = static_cast<ProtoField::Wire>(tag & 7);
    bool good = true;
    switch (field.wire) {
    case ProtoField::Wire::Varint:
        good = nextVarint(field.value);
        break;
    case ProtoField::Wire::Fixed64:
        good = fixed(8, field.value);
        break;
    case ProtoField::Wire::Fixed32:
        good = fixed(4, field.value);
        break;
    case ProtoField::Wire::Bytes: {
        std::uint64_t size = 0;
        good = nextVarint(size);
        if (good && size > m_text.size() - m_at) {
            m_broken = m_cut = true;
            good = false;
        }
        if (good) {
            field.bytes = m_text.substr(m_at, static_cast<std::size_t>(size));
            m_at += static_cast<std::size_t>(size);
        }
        break;
    }
    }
    field.length = m_at - start;
    return good;
}

bool ProtoStream::fail(std::string detail)
{
    if (!m_error)
        m_error = Error{ErrorCode::BadInput, m_source.name(), std::move(detail),
            Location{offset(), std::nullopt, std::nullopt}, {}};
    return false;
}

int ProtoStream::takeByte()
{
    while (m_at >= m_chunk.size()) {
        if (m_ended)
            return -1;
        m_base += m_chunk.size();
        m_at = 0;
        m_chunk = {};
        const Result<std::string_view> chunk = m_source.next();
        if (!chunk) {
            m_error = chunk.error();
            m_sourceFailed = true;
        }
        if (!chunk || chunk->empty())
            m_ended = true;
        else
            m_chunk = *chunk;
    }
    return static_cast<unsigned char>(m_chunk[m_at++]);
}

/// atStart: the input may end before it, which is its proper end.
bool ProtoStream::varint(std::uint64_t &value, bool atStart)
{
    value = 0;
    for (int i = 0; i < kMaxVarint; ++i) {
        const int byte = takeByte();
        if (byte == -1) {
            if (atStart && i == 0)
                return false;
            m_cut = true;
            return fail("the file ends inside a field");
        }
        value |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * i);
        if (byte < 0x80)
            return true;
    }
    return fail("a number has more than ten bytes");
}

bool ProtoStream::fixed(int size, std::uint64_t &value)
{
    value = 0;
    for (int i = 0; i < size; ++i) {
        const int byte = takeByte();
        if (byte == -1) {
            m_cut = true;
            return fail("the file ends inside a field");
        }
        value |= static_cast<std::uint64_t>(byte) << (8 * i);
    }
    return true;
}

bool ProtoStream::bytes(ProtoField &field, std::uint64_t size)
{
    const std::size_t here = m_chunk.size() - m_at;
    if (size <= here) {
        field.bytes = m_chunk.substr(m_at, static_cast<std::size_t>(size));
        m_at += static_cast<std::size_t>(size);
        field.tooLong = size > kMaxField;
        if (field.tooLong)
            field.bytes = {};
        return true;
    }
    field.tooLong = size > kMaxField;
    m_carry.clear();
    while (size > 0) {
        const int byte = takeByte();
        if (byte == -1) {
            m_cut = true;
            return fail("the file ends inside a field");
        }
        --m_at;
        const std::size_t take
            = static_cast<std::size_t>(std::min<std::uint64_t>(size, m_chunk.size() - m_at));
        if (!field.tooLong)
            m_carry.append(m_chunk, m_at, take);
        m_at += take;
        size -= take;
    }
    field.bytes = m_carry;
    return true;
}

bool ProtoStream::skip(std::uint64_t size)
{
    while (size > 0) {
        const int byte = takeByte();
        if (byte == -1) {
            m_cut = true;
            return fail("the file ends inside a field");
        }
        --m_at;
        const std::size_t here
            = static_cast<std::size_t>(std::min<std::uint64_t>(size, m_chunk.size() - m_at));
        m_at += here;
        size -= here;
    }
    return true;
}

bool ProtoStream::head(ProtoField &field)
{
    if (m_error)
        return false;
    field = {};
    field.offset = offset();
    std::uint64_t tag = 0;
    if (!varint(tag, true))
        return false;
    if (!isWire(tag))
        return fail("field " + std::to_string(tag >> 3) + " of wire type " + std::to_string(tag & 7)
            + " is impossible");
    field.number = static_cast<std::uint32_t>(tag >> 3);
    field.wire = static_cast<ProtoField::Wire>(tag & 7);
    switch (field.wire) {
    case ProtoField::Wire::Varint:
    case ProtoField::Wire::Bytes:
        return varint(field.value, false);
    case ProtoField::Wire::Fixed64:
        return fixed(8, field.value);
    case ProtoField::Wire::Fixed32:
        return fixed(4, field.value);
    }
    return false;
}

bool ProtoStream::next(ProtoField &field)
{
    if (!head(field))
        return false;
    const bool good = field.wire != ProtoField::Wire::Bytes || content(field);
    if (field.wire == ProtoField::Wire::Bytes)
        field.value = 0;
    field.length = offset() - field.offset;
    return good;
}

int ProtoStream::peekByte()
{
    const int byte = m_error ? -1 : takeByte();
    m_at -= byte != -1 ? 1 : 0;
    return byte;
}

bool ProtoStream::size32(std::uint64_t &value)
{
    value = 0;
    for (int i = 0; i < 4; ++i) {
        const int byte = m_error ? -1 : takeByte();
        if (byte == -1) {
            m_cut |= i > 0;
            return i > 0 && fail("the file ends inside a length");
        }
        value = value << 8 | static_cast<std::uint64_t>(byte);
    }
    return true;
}

} // namespace tailscope::import
