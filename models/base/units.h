// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <limits>

namespace tailscope {

/// Nanoseconds since the Unix epoch (UTC), or since the start of a source whose clock is relative.
using Nanos = std::int64_t;

/// A duration or time that the input does not state. Never shown as 0: the store keeps NULL.
inline constexpr Nanos kUnknownNanos = std::numeric_limits<Nanos>::min();

inline constexpr Nanos kNanosPerMicro = 1'000;
inline constexpr Nanos kNanosPerMilli = 1'000'000;
inline constexpr Nanos kNanosPerSecond = 1'000'000'000;

/// Half-open interval of time [begin, end) in nanoseconds; empty when end <= begin.
struct TimeRange
{
    Nanos begin = 0;
    Nanos end = 0;

    bool isEmpty() const { return end <= begin; }
    Nanos length() const { return isEmpty() ? 0 : end - begin; }
    bool contains(Nanos t) const { return t >= begin && t < end; }
    friend bool operator==(const TimeRange &, const TimeRange &) = default;
};

/// a + b and a - b that stick at the limits instead of overflowing (hostile time stamps).
constexpr Nanos saturatingAdd(Nanos a, Nanos b)
{
    Nanos sum = 0;
    if (__builtin_add_overflow(a, b, &sum))
        return a < 0 ? std::numeric_limits<Nanos>::min() + 1 : std::numeric_limits<Nanos>::max();
    return sum;
}
constexpr Nanos saturatingSub(Nanos a, Nanos b)
{
    Nanos difference = 0;
    if (__builtin_sub_overflow(a, b, &difference))
        return a < 0 ? std::numeric_limits<Nanos>::min() + 1 : std::numeric_limits<Nanos>::max();
    return difference;
}

} // namespace tailscope
