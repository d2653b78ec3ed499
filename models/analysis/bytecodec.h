// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace tailscope::analysis {

/// Writes numbers as bytes: unsigned integers seven bits at a time, doubles as eight bytes, texts with their
/// length.
class ByteWriter
{
public:
    void number(std::uint64_t value)
    {
        for (; value >= 0x80; value >>= 7)
            m_bytes += char(value | 0x80);
        m_bytes += char(value);
    }
    /// Small absolute values stay small.
    void signedNumber(std::int64_t value) { number(std::uint64_t(value) << 1 ^ std::uint64_t(value >> 63)); }
    void real(double value)
    {
        const auto bits = std::bit_cast<std::uint64_t>(value);
        for (int shift = 0; shift < 64; shift += 8)
            m_bytes += char(bits >> shift);
    }
    void text(std::string_view value)
    {
        number(value.size());
        m_bytes += value;
    }
    const std::string &bytes() const { return m_bytes; }

private:
    std::string m_bytes;
};

/// Reads them back. Past the end or at a broken number everything reads as 0 and isGood() turns false.
class ByteReader
{
public:
    explicit ByteReader(std::string_view bytes)
        : m_rest(bytes)
    {}
    std::uint64_t number()
    {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (m_rest.empty())
                break;
            const auto byte = static_cast<unsigned char>(m_rest.front());
            m_rest.remove_prefix(1);
            value |= std::uint64_t(byte & 0x7fu) << shift;
            if (byte < 0x80)
                return value;
        }
        return spoil();
    }
    std::int64_t signedNumber()
    {
        const std::uint64_t value = number();
        return std::int64_t(value >> 1 ^ (0 - (value & 1)));
    }
    double real()
    {
        if (m_rest.size() < 8)
            return double(spoil());
        std::uint64_t bits = 0;
        for (int i = 0; i < 8; ++i)
            bits |= std::uint64_t(static_cast<unsigned char>(m_rest[std::size_t(i)])) << (8 * i);
        m_rest.remove_prefix(8);
        return std::bit_cast<double>(bits);
    }
    std::string_view text()
    {
        const std::uint64_t size = number();
        if (size > m_rest.size()) {
            spoil();
            return {};
        }
        const std::string_view value = m_rest.substr(0, std::size_t(size));
        m_rest.remove_prefix(std::size_t(size));
        return value;
    }
    /// A count of things of which each takes at least one byte: never more than bytes are left.
    std::size_t count()
    {
        const std::uint64_t value = number();
        return std::size_t(value > m_rest.size() ? spoil() : value);
    }
    bool isGood() const { return m_good; }
    bool isAtEnd() const { return m_rest.empty(); }

private:
    std::uint64_t spoil()
    {
        m_good = false;
        m_rest = {};
        return 0;
    }
    std::string_view m_rest;
    bool m_good = true;
};

} // namespace tailscope::analysis
