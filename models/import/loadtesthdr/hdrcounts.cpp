// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtesthdr/hdrcounts.h"

#include "base/units.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include <zlib.h>

namespace tailscope::import::hdr {

namespace {

constexpr std::uint32_t kCookieMask = 0xFFFFFF0F; // the word size is in bits 4 to 7
constexpr std::uint32_t kCompressedV2 = 0x1C849304, kPlainV2 = 0x1C849303;
constexpr std::uint32_t kPlainV0 = 0x1C849308, kCompressedV0 = 0x1C849309, kPlainV1 = 0x1C849301,
                        kCompressedV1 = 0x1C849302;
constexpr std::uint32_t kDouble = 0x0C72124E, kCompressedDouble = 0x0C72124F;
constexpr std::size_t kHeadBytes = 40;

int digitOf(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

std::optional<std::string> fromBase64(std::string_view text)
{
    while (!text.empty() && text.back() == '=')
        text.remove_suffix(1);
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        const int digit = digitOf(c);
        if (digit < 0)
            return std::nullopt;
        bits = (bits << 6) | static_cast<std::uint32_t>(digit);
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes += static_cast<char>((bits >> held) & 0xFF);
        }
    }
    return bytes;
}

std::uint64_t bigEndian(std::string_view bytes, std::size_t at, std::size_t length)
{
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < length; ++i)
        value = (value << 8) | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

bool inflateAll(std::string_view bytes, std::string &out)
{
    z_stream stream{};
    if (inflateInit(&stream) != Z_OK)
        return false;
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    int status = Z_OK;
    std::array<char, 16384> buffer;
    while (status == Z_OK && out.size() <= kMaxHistogramBytes) {
        stream.next_out = reinterpret_cast<Bytef *>(buffer.data());
        stream.avail_out = buffer.size();
        status = inflate(&stream, Z_NO_FLUSH);
        out.append(buffer.data(), buffer.size() - stream.avail_out);
    }
    inflateEnd(&stream);
    return status == Z_STREAM_END && out.size() <= kMaxHistogramBytes;
}

/// ZigZag LEB128 of at most nine bytes, the ninth whole. False at the end or past it.
bool readCount(std::string_view bytes, std::size_t &at, std::int64_t &value)
{
    std::uint64_t raw = 0;
    for (int i = 0; i < 9; ++i) {
        if (at >= bytes.size())
            return false;
        const auto byte = static_cast<unsigned char>(bytes[at++]);
        if (i == 8) {
            raw |= std::uint64_t(byte) << 56;
            break;
        }
        raw |= std::uint64_t(byte & 0x7F) << (7 * i);
        if ((byte & 0x80) == 0)
            break;
    }
    value = static_cast<std::int64_t>(raw >> 1) ^ -static_cast<std::int64_t>(raw & 1);
    return true;
}

std::string nameOfCookie(std::uint32_t cookie)
{
    const std::uint32_t base = cookie & kCookieMask;
    if (base == kPlainV0 || base == kCompressedV0)
        return "encoding V0 of HdrHistogram is too old: write it again with a current library";
    if (base == kPlainV1 || base == kCompressedV1)
        return "encoding V1 of HdrHistogram is too old: write it again with a current library";
    if (cookie == kDouble || cookie == kCompressedDouble)
        return "a histogram of doubles is not read";
    return "it is no histogram of HdrHistogram (cookie)";
}

/// The counts behind the head of a plain V2 histogram.
bool readCounts(std::string_view payload, int unitMagnitude, int subBucketMagnitude, HdrCounts &out,
    std::string &problem)
{
    std::size_t at = 0;
    std::int64_t index = 0, sum = 0;
    while (at < payload.size()) {
        std::int64_t value = 0;
        if (!readCount(payload, at, value))
            return problem = "a count is cut off", false;
        constexpr std::int64_t kMaxIndex = std::int64_t(1) << 32;
        if (value < 0) {
            if (value < -kMaxIndex || (index += -value) > kMaxIndex)
                return problem = "a run of zeros is longer than any histogram", false;
            continue;
        }
        if (value > 0) {
            const auto highest = highestValueOfBucket(index, unitMagnitude, subBucketMagnitude);
            if (!highest || __builtin_add_overflow(sum, value, &sum))
                return problem = "a count lies outside of the histogram's range", false;
            out.buckets.emplace_back(*highest, value);
        }
        ++index;
    }
    return true;
}

} // namespace

std::int64_t HdrCounts::total() const
{
    std::int64_t sum = 0;
    for (const auto &[value, count] : buckets)
        sum = saturatingAdd(sum, count);
    return sum;
}

std::optional<std::int64_t> HdrCounts::quantile(double q) const
{
    const std::int64_t n = total();
    if (n == 0)
        return std::nullopt;
    const auto rank = std::clamp<std::int64_t>(std::llround(std::ceil(q * double(n) - 1e-9)), 1, n);
    std::int64_t seen = 0;
    for (const auto &[value, count] : buckets) {
        seen = saturatingAdd(seen, count);
        if (seen >= rank)
            return value;
    }
    return buckets.back().first;
}

std::optional<std::int64_t> highestValueOfBucket(std::int64_t index, int unitMagnitude,
    int subBucketMagnitude)
{
    // Half of each bucket's sub buckets repeat the bucket below, so that only the upper half is stored.
    const int halfMagnitude = subBucketMagnitude - 1;
    const std::int64_t half = std::int64_t(1) << halfMagnitude;
    std::int64_t bucket = (index >> halfMagnitude) - 1;
    std::int64_t sub = (index & (half - 1)) + half;
    if (bucket < 0) {
        sub -= half;
        bucket = 0;
    }
    const std::int64_t shift = bucket + unitMagnitude;
    if (shift < 0 || shift > 62)
        return std::nullopt;
    // (sub + 1) << shift must fit.
    if (std::bit_width(static_cast<std::uint64_t>(sub) + 1) + shift > 63)
        return std::nullopt;
    return ((sub + 1) << shift) - 1;
}

std::optional<HdrCounts> decodeHistogram(std::string_view base64, std::string &problem)
{
    const std::optional<std::string> raw = fromBase64(base64);
    if (!raw || raw->size() < 8)
        return problem = "the histogram is no base64 text, or cut off", std::nullopt;
    std::string inflated;
    std::string_view bytes = *raw;
    const auto cookie = static_cast<std::uint32_t>(bigEndian(bytes, 0, 4));
    if ((cookie & kCookieMask) == kCompressedV2) {
        const std::uint64_t length = bigEndian(bytes, 4, 4);
        if (length > bytes.size() - 8)
            return problem = "the compressed histogram is cut off", std::nullopt;
        if (!inflateAll(bytes.substr(8, length), inflated))
            return problem = "the compressed histogram cannot be inflated", std::nullopt;
        bytes = inflated;
    }
    const auto inner = bytes.size() >= 4 ? static_cast<std::uint32_t>(bigEndian(bytes, 0, 4)) : 0;
    if ((inner & kCookieMask) != kPlainV2)
        return problem = nameOfCookie(inner), std::nullopt;
    if (bytes.size() < kHeadBytes)
        return problem = "the histogram is cut off in its head", std::nullopt;
    const std::uint64_t length = bigEndian(bytes, 4, 4);
    const auto offset = static_cast<std::int32_t>(bigEndian(bytes, 8, 4));
    const auto digits = static_cast<std::int32_t>(bigEndian(bytes, 12, 4));
    const auto lowest = static_cast<std::int64_t>(bigEndian(bytes, 16, 8));
    if (length > bytes.size() - kHeadBytes)
        return problem = "the counts are cut off", std::nullopt;
    if (digits < 0 || digits > 5 || lowest < 1)
        return problem = "the histogram's digits or lowest value are impossible", std::nullopt;
    if (offset != 0)
        return problem = "a shifted histogram (normalizing index offset) is not read", std::nullopt;
    HdrCounts counts;
    counts.digits = digits;
    counts.lowest = lowest;
    const auto exact = static_cast<std::uint64_t>(2 * std::llround(std::pow(10.0, digits)));
    const int subBucketMagnitude = std::max(1, int(std::bit_width(exact - 1)));
    const int unitMagnitude = std::bit_width(static_cast<std::uint64_t>(lowest)) - 1;
    if (!readCounts(bytes.substr(kHeadBytes, length), unitMagnitude, subBucketMagnitude, counts, problem))
        return std::nullopt;
    return counts;
}

} // namespace tailscope::import::hdr
