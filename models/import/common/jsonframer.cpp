// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/common/jsonframer.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tailscope::import {

namespace {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kFirstCapacity = 512 * 1024;
/// Copied from the source at once: the parser then finds the bytes in the cache.
constexpr std::size_t kCopyAtOnce = 128 * 1024;
/// Where skipToLikelyRecord() looks for its mark.
constexpr std::size_t kLookAhead = 1024;

bool isBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

/// Bit i is set where byte i of the block equals c.
#if defined(__SSE2__)
struct Block
{
    __m128i v[4];
    explicit Block(const char *p)
    {
        for (int i = 0; i < 4; ++i)
            v[i] = _mm_loadu_si128(reinterpret_cast<const __m128i *>(p + 16 * i));
    }
    std::uint64_t equal(char c) const
    {
        const __m128i wanted = _mm_set1_epi8(c);
        std::uint64_t mask = 0;
        for (int i = 0; i < 4; ++i) {
            const auto part = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(v[i], wanted)));
            mask |= static_cast<std::uint64_t>(part) << (16 * i);
        }
        return mask;
    }
};
#else
struct Block
{
    const char *p;
    explicit Block(const char *bytes)
        : p(bytes)
    {}
    std::uint64_t equal(char c) const
    {
        std::uint64_t mask = 0;
        for (std::size_t i = 0; i < kBlock; ++i)
            mask |= static_cast<std::uint64_t>(p[i] == c) << i;
        return mask;
    }
};
#endif

/// Bit i of the result is the parity of the bits 0..i: from quotes to "inside a string".
std::uint64_t parityOfPrefix(std::uint64_t x)
{
    x ^= x << 1;
    x ^= x << 2;
    x ^= x << 4;
    x ^= x << 8;
    x ^= x << 16;
    x ^= x << 32;
    return x;
}

} // namespace

/// State of one scan between blocks: reading on after a refill never starts over.
struct JsonFramer::Scan
{
    std::size_t at = 0; ///< bytes looked at, from the start of the value
    std::uint64_t inString = 0; ///< all ones inside a string
    bool escaped = false; ///< the next byte belongs to an escape
    std::int64_t depth = 0;
    bool brackets = false; ///< count [ ] too
    LineRule rule = LineRule::Any;
    bool hasLineEnd = false, hasEscape = false;
    std::size_t length = 0; ///< of the value, or up to the line end that broke it

    bool step(char c, std::size_t position);
    bool lineEnd(std::size_t position, bool breaks);
    int block(const char *bytes, std::size_t valid);
};

/// One byte after the other, for blocks with escapes. True when the scan is over.
bool JsonFramer::Scan::step(char c, std::size_t position)
{
    if (inString != 0) {
        if (escaped && c != '\n') {
            escaped = false;
        } else if (c == '\\') {
            escaped = hasEscape = true;
        } else if (c == '"') {
            inString = 0;
            if (depth == 0) {
                length = position + 1;
                return true;
            }
        } else if (c == '\n') {
            return lineEnd(position, rule != LineRule::Lenient);
        }
        return false;
    }
    if (c == '"') {
        inString = ~0ULL;
    } else if (c == '{' || (brackets && c == '[')) {
        ++depth;
    } else if (c == '}' || (brackets && c == ']')) {
        if (--depth <= 0) {
            depth = 0;
            length = position + 1;
            return true;
        }
    } else if (c == '\n') {
        return lineEnd(position, rule == LineRule::OneLine);
    }
    return false;
}

bool JsonFramer::Scan::lineEnd(std::size_t position, bool breaks)
{
    hasLineEnd = true;
    if (breaks) {
        length = position;
        depth = -1;
    }
    return breaks;
}

/// 64 bytes at once. 0 = go on, 1 = the value is complete, 2 = broken by a line end.
int JsonFramer::Scan::block(const char *bytes, std::size_t valid)
{
    const Block b(bytes);
    const std::uint64_t known = valid >= kBlock ? ~0ULL : (1ULL << valid) - 1;
    if (escaped || (b.equal('\\') & known) != 0) {
        for (std::size_t i = 0; i < valid; ++i) {
            if (step(bytes[i], at + i))
                return depth < 0 ? 2 : 1;
        }
        at += valid;
        return 0;
    }
    const std::uint64_t strings = parityOfPrefix(b.equal('"') & known) ^ inString;
    std::uint64_t opens = b.equal('{'), closes = b.equal('}');
    if (brackets) {
        opens |= b.equal('[');
        closes |= b.equal(']');
    }
    opens &= ~strings & known;
    closes &= ~strings & known;
    const std::uint64_t lineEnds = b.equal('\n') & known;
    const std::uint64_t breaks = rule == LineRule::OneLine ? lineEnds
        : rule == LineRule::Any                            ? lineEnds & strings
                                                           : 0;
    const int firstBreak = breaks != 0 ? std::countr_zero(breaks) : 64;
    for (std::uint64_t rest = opens | closes; rest != 0; rest &= rest - 1) {
        const int i = std::countr_zero(rest);
        if (i > firstBreak)
            break;
        depth += (opens >> i & 1) != 0 ? 1 : -1;
        if (depth <= 0) {
            hasLineEnd |= (lineEnds & ((1ULL << i) - 1)) != 0;
            length = at + static_cast<std::size_t>(i) + 1;
            return 1;
        }
    }
    hasLineEnd |= lineEnds != 0;
    if (firstBreak < 64) {
        length = at + static_cast<std::size_t>(firstBreak);
        return 2;
    }
    // The last known bit says where the block ends; quotes behind it were masked, so bit 63 says the same.
    inString = (strings >> 63) != 0 ? ~0ULL : 0;
    at += valid;
    return 0;
}

JsonFramer::JsonFramer(ByteSource &source, std::size_t maxRecord)
    : m_source(source)
    , m_maxRecord(maxRecord)
    , m_buffer(std::make_unique_for_overwrite<char[]>(kFirstCapacity + kPadding))
    , m_capacity(kFirstCapacity)
{
    std::memset(m_buffer.get() + m_capacity, 0, kPadding);
}

/// Free space behind m_end: moves what is at hand to the front, or doubles the buffer. False at the bound.
bool JsonFramer::makeRoom()
{
    const std::size_t used = m_end - m_begin;
    if (m_begin > 0 && used <= m_capacity / 2) {
        std::memmove(m_buffer.get(), m_buffer.get() + m_begin, used);
    } else {
        if (m_capacity >= m_maxRecord + kFirstCapacity && m_begin == 0)
            return false;
        const std::size_t capacity = std::min(m_capacity * 2, m_maxRecord + 2 * kFirstCapacity);
        auto grown = std::make_unique_for_overwrite<char[]>(capacity + kPadding);
        std::memcpy(grown.get(), m_buffer.get() + m_begin, used);
        std::memset(grown.get() + capacity, 0, kPadding);
        m_buffer = std::move(grown);
        m_capacity = capacity;
    }
    m_base += m_begin;
    m_begin = 0;
    m_end = used;
    return true;
}

/// More bytes behind m_end; false at the end of the input.
bool JsonFramer::fill()
{
    if (m_begin == m_end) {
        m_base += m_begin;
        m_begin = m_end = 0;
    }
    if (m_chunk.empty()) {
        if (m_ended)
            return false;
        Result<std::string_view> chunk = m_source.next();
        if (!chunk || chunk->empty()) {
            if (!chunk)
                m_error = std::move(chunk.error());
            m_ended = true;
            return false;
        }
        m_chunk = *chunk;
    }
    if (m_end == m_capacity && !makeRoom())
        return false;
    const std::size_t n = std::min({m_chunk.size(), m_capacity - m_end, kCopyAtOnce});
    std::memcpy(m_buffer.get() + m_end, m_chunk.data(), n);
    m_end += n;
    m_chunk.remove_prefix(n);
    // Blocks and the parser look past the last byte; what they see there must not depend on old content.
    std::memset(m_buffer.get() + m_end, 0, std::min(kPadding, m_capacity + kPadding - m_end));
    return true;
}

int JsonFramer::peek()
{
    for (;;) {
        while (m_begin < m_end) {
            const char c = m_buffer[m_begin];
            if (!isBlank(c))
                return static_cast<unsigned char>(c);
            m_sawLineEnd |= c == '\n';
            ++m_begin;
        }
        if (!fill())
            return -1;
    }
}

std::string_view JsonFramer::prefetch(std::size_t bytes)
{
    while (m_end - m_begin < bytes && fill()) {}
    return rest().substr(0, bytes);
}

int JsonFramer::peekPast(char separator)
{
    int c = peek();
    while (c == static_cast<unsigned char>(separator)) {
        take();
        c = peek();
    }
    return c;
}

JsonFramer::Status JsonFramer::scanBlocks(Scan &scan, std::size_t bound)
{
    for (;;) {
        std::size_t available = m_end - m_begin - scan.at;
        while (available < kBlock && fill())
            available = m_end - m_begin - scan.at;
        if (available == 0)
            return m_ended && m_chunk.empty() ? Status::Ended : Status::TooLong;
        const int verdict = scan.block(m_buffer.get() + m_begin + scan.at, std::min(available, kBlock));
        if (verdict == 1)
            return scan.length <= bound ? Status::Complete : Status::TooLong;
        if (verdict == 2)
            return Status::BrokenLine;
        if (scan.at > bound)
            return Status::TooLong;
    }
}

/// A lone string ends at its quote, which only the byte-wise scan looks for.
JsonFramer::Status JsonFramer::scanString(Scan &scan, std::size_t bound)
{
    for (;;) {
        for (; m_begin + scan.at < m_end; ++scan.at) {
            if (scan.step(m_buffer[m_begin + scan.at], scan.at))
                return scan.depth < 0 ? Status::BrokenLine : Status::Complete;
        }
        if (scan.at > bound)
            return Status::TooLong;
        if (!fill())
            return m_ended && m_chunk.empty() ? Status::Ended : Status::TooLong;
    }
}

JsonFramer::Status JsonFramer::scanScalar(std::size_t &length, bool &lineEnd)
{
    for (;;) {
        for (; m_begin + length < m_end; ++length) {
            const char c = m_buffer[m_begin + length];
            if (isBlank(c) || c == ',' || c == ']' || c == '}' || c == ':') {
                lineEnd = c == '\n';
                return Status::Complete;
            }
            if (length > m_maxRecord)
                return Status::TooLong;
        }
        if (!fill())
            return m_ended && m_chunk.empty() ? Status::Complete : Status::TooLong;
    }
}

JsonFramer::Record JsonFramer::record(LineRule rule, std::size_t bound)
{
    Record result;
    result.offset = offset();
    bound = std::min(bound, m_maxRecord);
    const char first = m_begin < m_end ? m_buffer[m_begin] : '\0';
    std::size_t length = 0;
    if (first == '{' || first == '[' || first == '"') {
        Scan scan;
        scan.brackets = first == '[';
        scan.rule = rule;
        if (first == '"') {
            scan.inString = ~0ULL;
            scan.at = 1;
            result.status = scanString(scan, bound);
        } else {
            result.status = scanBlocks(scan, bound);
        }
        result.hasLineEnd = scan.hasLineEnd;
        result.hasEscape = scan.hasEscape;
        const bool known = result.status == Status::Complete || result.status == Status::BrokenLine;
        length = known ? scan.length : m_end - m_begin;
        if (result.status == Status::TooLong)
            length = std::min(length, bound);
    } else {
        result.status = scanScalar(length, result.hasLineEnd);
        result.hasLineEnd = false;
    }
    result.bytes = {m_buffer.get() + m_begin, length};
    if (result.status == Status::Complete)
        m_begin += length;
    return result;
}

JsonFramer::Skipped JsonFramer::skipValue()
{
    const std::uint64_t start = offset();
    const int first = peek();
    if (first != '{' && first != '[' && first != '"') {
        const Record scalar = record();
        return {scalar.bytes.size(), scalar.status == Status::Complete};
    }
    Scan scan;
    scan.brackets = true;
    scan.rule = LineRule::Lenient;
    if (first == '"') {
        scan.inString = ~0ULL;
        take();
    }
    for (;;) {
        while (m_begin < m_end) {
            if (scan.step(m_buffer[m_begin++], 0))
                return {offset() - start, true};
        }
        if (!fill())
            return {offset() - start, false};
    }
}

bool JsonFramer::skipLine()
{
    for (;;) {
        const char *begin = m_buffer.get() + m_begin;
        if (const void *end = std::memchr(begin, '\n', m_end - m_begin)) {
            m_begin += static_cast<std::size_t>(static_cast<const char *>(end) - begin) + 1;
            m_sawLineEnd = true;
            return true;
        }
        m_begin = m_end;
        if (!fill())
            return false;
    }
}

bool JsonFramer::skipToLineOfValue()
{
    while (skipLine()) {
        if (m_begin == m_end && !fill())
            return false;
        if (m_buffer[m_begin] == '{' || m_buffer[m_begin] == '[')
            return true;
    }
    return false;
}

/// at: of a '{', from the cursor.
bool JsonFramer::isLikelyRecord(std::size_t at, std::string_view mark) const
{
    const std::string_view bytes = rest();
    std::size_t next = at + 1;
    while (next < bytes.size() && isBlank(bytes[next]))
        ++next;
    if (next >= bytes.size() || bytes[next] != '"' || bytes.substr(next, kLookAhead).find(mark) == bytes.npos)
        return false;
    bool lineStart = false, comma = false;
    std::size_t before = at - 1;
    while (before > 0 && (isBlank(bytes[before]) || (bytes[before] == ',' && !comma))) {
        lineStart |= bytes[before] == '\n';
        comma |= bytes[before] == ',';
        --before;
    }
    return lineStart || bytes[before] == '\n' || (comma && bytes[before] == '}');
}

bool JsonFramer::skipToLikelyRecord(std::string_view mark)
{
    std::size_t from = 1;
    for (bool last = false;;) {
        const std::string_view bytes = rest();
        std::size_t at = bytes.find('{', from);
        // Near the end of what is at hand the answer would depend on the size of the chunks.
        while (at != bytes.npos && (last || at + 2 * kLookAhead <= bytes.size())) {
            if (isLikelyRecord(at, mark)) {
                m_begin += at;
                return true;
            }
            at = bytes.find('{', at + 1);
        }
        if (last) {
            m_begin = m_end;
            return false;
        }
        from = at == bytes.npos ? std::max<std::size_t>(bytes.size(), 1) : at;
        const std::size_t drop = from > kLookAhead ? from - kLookAhead : 0;
        m_begin += drop;
        from -= drop;
        last = !fill();
    }
}

} // namespace tailscope::import
