// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

/// What all formats of tracegen share: random numbers, text building, the output buffer and the names.
/// Integers only, no library random numbers and no clock, so that the same options give the same bytes on
/// every machine.
namespace tracegen {

using Nanos = std::int64_t;
inline constexpr Nanos kMicro = 1'000;
inline constexpr Nanos kMilli = 1'000'000;
inline constexpr Nanos kSecond = 1'000'000'000;
inline constexpr Nanos kEpoch = 1'772'445'600 * kSecond; // 2026-03-02T10:00:00Z

// splitmix64: small state, full period, identical everywhere.
class Random
{
public:
    explicit Random(std::uint64_t seed)
        : m_state(seed * 0x9e3779b97f4a7c15ULL + 0x632be59bd9b4e019ULL)
    {}
    std::uint64_t next()
    {
        std::uint64_t z = (m_state += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    // 0 .. n-1; n below 2^32.
    std::uint32_t below(std::uint32_t n) { return std::uint32_t(((next() >> 32) * n) >> 32); }
    Nanos between(Nanos low, Nanos high) { return low + Nanos(next() % std::uint64_t(high - low + 1)); }
    bool chance(std::uint32_t perMille) { return below(1000) < perMille; }
    // Bell-shaped duration around the median (sum of four uniforms as exponent of two, sigma about a factor
    // of two), with 1 % of tail at eight times and 0.1 % at 64 times of it.
    Nanos latency(Nanos median)
    {
        const std::uint64_t bits = next();
        std::int64_t exponent = -131'070; // 16.16 fixed point
        for (int shift = 0; shift < 64; shift += 16)
            exponent += std::int64_t((bits >> shift) & 0xffff);
        exponent += exponent / 2;
        const std::uint32_t tail = below(1000);
        exponent += tail == 0 ? 6 * 65'536 : tail <= 10 ? 3 * 65'536 : 0;
        const std::int64_t whole = exponent >> 16;
        const Nanos scaled = median * (65'536 + (exponent & 0xffff)) >> 16;
        return std::max<Nanos>(whole >= 0 ? scaled << whole : scaled >> -whole, 1);
    }

private:
    std::uint64_t m_state;
};

// Appends text and numbers to a buffer of its own.
class Text
{
public:
    Text &operator<<(std::string_view text)
    {
        m_data.append(text);
        return *this;
    }
    Text &number(std::uint64_t value)
    {
        char digits[20];
        const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
        m_data.append(digits, std::size_t(end - digits));
        return *this;
    }
    // Microseconds with three decimals from nanoseconds.
    Text &micros(Nanos ns)
    {
        number(std::uint64_t(ns / 1000));
        const auto rest = unsigned(ns % 1000);
        const char decimals[4]
            = {'.', char('0' + rest / 100), char('0' + rest / 10 % 10), char('0' + rest % 10)};
        m_data.append(decimals, 4);
        return *this;
    }
    Text &hex(std::uint64_t value, int digits)
    {
        char text[16];
        for (int i = digits - 1; i >= 0; --i, value >>= 4)
            text[i] = "0123456789abcdef"[value & 15];
        m_data.append(text, std::size_t(digits));
        return *this;
    }
    std::string &data() { return m_data; }

private:
    std::string m_data;
};

// The output file behind one buffer.
class Output
{
public:
    explicit Output(std::FILE *file)
        : m_file(file)
    {
        m_text.data().reserve(2 * kFlushBytes);
    }
    Text &text()
    {
        if (m_text.data().size() >= kFlushBytes)
            flush();
        return m_text;
    }
    bool flush()
    {
        std::string &data = m_text.data();
        m_good = std::fwrite(data.data(), 1, data.size(), m_file) == data.size() && m_good;
        m_bytes += data.size();
        data.clear();
        return std::fflush(m_file) == 0 && m_good;
    }
    bool good() const { return m_good; }
    std::uint64_t bytes() const { return m_bytes; }

private:
    static constexpr std::size_t kFlushBytes = 1 << 20;
    std::FILE *m_file;
    Text m_text;
    std::uint64_t m_bytes = 0;
    bool m_good = true;
};

inline constexpr std::uint32_t kOperations = 600;

struct Operation
{
    std::string name;
    std::string_view category;
};

// 600 names of the kind profilers and tracers report: 30 components of 20 functions.
inline std::vector<Operation> operations()
{
    struct Component
    {
        std::string_view name, category;
    };
    static constexpr std::array<Component, 30> kComponents{{
        {"http.Server", "http"},
        {"http.Router", "http"},
        {"http.Client", "http"},
        {"auth.Session", "app"},
        {"auth.Token", "app"},
        {"cart.Store", "app"},
        {"cart.Rules", "app"},
        {"orders.Api", "app"},
        {"orders.Service", "app"},
        {"orders.Repo", "db"},
        {"stock.Service", "app"},
        {"stock.Repo", "db"},
        {"price.Engine", "app"},
        {"price.Rule", "app"},
        {"pay.Client", "http"},
        {"pay.Ledger", "db"},
        {"user.Service", "app"},
        {"user.Repo", "db"},
        {"db.Pool", "db"},
        {"db.Statement", "db"},
        {"db.Row", "db"},
        {"cache.Client", "cache"},
        {"cache.Codec", "cache"},
        {"json.Encoder", "codec"},
        {"json.Decoder", "codec"},
        {"mail.Queue", "queue"},
        {"search.Index", "app"},
        {"log.Writer", "io"},
        {"tls.Record", "io"},
        {"gc.Worker", "gc"},
    }};
    static constexpr std::array<std::string_view, 20> kFunctions{
        "handle",
        "dispatch",
        "open",
        "close",
        "read",
        "write",
        "find",
        "findAll",
        "load",
        "save",
        "validate",
        "encode",
        "decode",
        "acquire",
        "release",
        "execute",
        "fetch",
        "merge",
        "flush",
        "parse",
    };
    std::vector<Operation> result;
    result.reserve(kOperations);
    for (const Component &component : kComponents) {
        for (const std::string_view function : kFunctions)
            result.push_back({std::string(component.name) + '.' + std::string(function), component.category});
    }
    return result;
}

// A function calls four others, one of them most of the time: paths repeat as in real programs.
inline std::uint32_t callee(std::uint32_t caller, Random &random)
{
    static constexpr std::array<std::uint32_t, 16> kPick{0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3};
    return (caller * 4 + kPick[random.below(16)]) * 2'654'435'761U % kOperations;
}

inline constexpr std::uint32_t kServiceCount = 12;
inline constexpr std::array<std::string_view, kServiceCount> kServices{
    "gateway",
    "orders",
    "stock",
    "pricing",
    "payment",
    "user",
    "search",
    "cart",
    "mail",
    "fraud",
    "shipping",
    "audit",
};

} // namespace tracegen
