// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "import/bytesource.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tailscope::import {

/// One field of a protobuf message. Groups (wire types 3 and 4) are refused.
struct ProtoField
{
    enum class Wire : std::uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };
    std::uint32_t number = 0;
    Wire wire = Wire::Varint;
    std::uint64_t value = 0; ///< Varint, Fixed64, Fixed32
    std::string_view bytes; ///< Bytes
    std::uint64_t offset = 0; ///< of the field's tag
    std::uint64_t length = 0; ///< with its tag
    bool tooLong = false; ///< Bytes beyond the bound: read and dropped

    std::int64_t integer() const { return static_cast<std::int64_t>(value); }
};

/// The fields of a message in memory. Never reads beyond it.
class ProtoFields
{
public:
    explicit ProtoFields(std::string_view message)
        : m_text(message)
    {}
    /// False at the end, or where the bytes are no field: see broken().
    bool next(ProtoField &field);
    /// The message ends inside a field, or a tag or length is impossible.
    bool broken() const { return m_broken; }
    /// broken() because the bytes end.
    bool cut() const { return m_cut; }
    std::size_t position() const { return m_at; }

    /// A varint of a packed field; false at the end or where it is cut.
    bool nextVarint(std::uint64_t &value);

private:
    bool fixed(std::size_t size, std::uint64_t &value);

    std::string_view m_text;
    std::size_t m_at = 0;
    bool m_broken = false, m_cut = false;
};

/// The fields of the message that a ByteSource holds, one at a time: memory is bounded by the longest field.
class ProtoStream
{
public:
    static constexpr std::size_t kMaxField = 16 * 1024 * 1024;

    explicit ProtoStream(ByteSource &source)
        : m_source(source)
    {}
    /// False at the end, or where it cannot be read on: see error().
    bool next(ProtoField &field);
    /// The same in two steps, for messages that are walked into: after head() a Bytes field has its size in
    /// `value` and the stream stands at its first byte; content() reads it, skip() passes it by.
    bool head(ProtoField &field);
    bool content(ProtoField &field) { return bytes(field, field.value); }
    bool skip(std::uint64_t size);
    /// The next byte without taking it; -1 at the end.
    int peekByte();
    /// Four bytes, the most significant first, as file exporters put before each message; false at the end.
    bool size32(std::uint64_t &value);
    std::uint64_t offset() const { return m_base + m_at; }
    /// Why the fields ended, when that was not the end of the input.
    const std::optional<Error> &error() const { return m_error; }
    bool sourceFailed() const { return m_sourceFailed; }
    /// error() because the input ends inside a field.
    bool cut() const { return m_cut; }

private:
    int takeByte();
    bool varint(std::uint64_t &value, bool atStart);
    bool fixed(int size, std::uint64_t &value);
    bool bytes(ProtoField &field, std::uint64_t size);
    bool fail(std::string detail);

    ByteSource &m_source;
    std::string_view m_chunk;
    std::size_t m_at = 0;
    std::uint64_t m_base = 0;
    bool m_ended = false, m_sourceFailed = false, m_cut = false;
    std::string m_carry; ///< a field that lies in several chunks
    std::optional<Error> m_error;
};

} // namespace tailscope::import
