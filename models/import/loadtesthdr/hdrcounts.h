// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tailscope::import::hdr {

/// The counts of one HdrHistogram.
struct HdrCounts
{
    std::int64_t lowest = 1; ///< smallest value that is told from others
    int digits = 3; ///< significant decimal digits
    /// Largest value of a bucket that is not empty, and its count; ascending.
    std::vector<std::pair<std::int64_t, std::int64_t>> buckets;

    std::int64_t total() const;
    /// Largest value of the bucket in which the nearest rank of q lies; nullopt without values.
    std::optional<std::int64_t> quantile(double q) const;
};

/// Longest inflated histogram that is read; 5 digits over the whole range of int64 need about 11 MB.
inline constexpr std::size_t kMaxHistogramBytes = 32 * 1024 * 1024;

/// Decodes what HistogramLogWriter writes: base64 of the compressed V2 encoding (cookie 0x1c849304: length,
/// zlib of cookie 0x1c849303, counts as ZigZag LEB128 where a negative one is a run of zeros). Nullopt with
/// `problem` set otherwise.
std::optional<HdrCounts> decodeHistogram(std::string_view base64, std::string &problem);

/// The largest value of the bucket `index` of a histogram; nullopt past int64.
std::optional<std::int64_t> highestValueOfBucket(std::int64_t index, int unitMagnitude,
    int subBucketMagnitude);

} // namespace tailscope::import::hdr
