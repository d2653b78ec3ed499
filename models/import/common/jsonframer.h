// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "import/bytesource.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace tailscope::import {

/// Cuts single JSON values out of a byte stream by counting brackets outside strings, so that a reader parses
/// one record (event, span, resource) at a time from contiguous memory, names its bytes and place when it is
/// bad, and goes on with the next. Memory is bounded by the longest record. Every view it returns has at
/// least kPadding readable bytes behind it and lives until the next call that is not const.
class JsonFramer
{
public:
    static constexpr std::size_t kDefaultMaxRecord = 32 * 1024 * 1024;
    static constexpr std::size_t kPadding = 128;

    enum class Status {
        Complete, ///< a whole value, consumed
        TooLong, ///< longer than the bound; bytes = what was looked at
        BrokenLine, ///< a line end inside a string, or anywhere with LineRule::OneLine; bytes = up to it
        Ended, ///< the input ends inside the value; bytes = the rest
    };
    enum class LineRule {
        Any, ///< a value may run over lines, but not a string in it
        Lenient, ///< a string may too, which JSON forbids
        OneLine, ///< a line end ends the value: files of one record a line
    };
    struct Record
    {
        Status status = Status::Complete;
        std::string_view bytes;
        std::uint64_t offset = 0; ///< of its first byte in the decompressed stream
        bool hasLineEnd = false;
        bool hasEscape = false; ///< a backslash occurs
    };

    explicit JsonFramer(ByteSource &source, std::size_t maxRecord = kDefaultMaxRecord);

    /// Skips blanks and returns the next byte without taking it; -1 at the end of the input (see error()).
    int peek();
    /// Takes the byte that peek() returned.
    void take() { ++m_begin; }
    /// Takes all blanks and `separator` bytes; returns like peek().
    int peekPast(char separator);
    std::uint64_t offset() const { return m_base + m_begin; }
    /// peek() has skipped a line end since the last call of forgetLineEnd().
    bool sawLineEnd() const { return m_sawLineEnd; }
    void forgetLineEnd() { m_sawLineEnd = false; }

    /// The value at the cursor (call peek() first). Consumed only when Complete; bound: at most maxRecord or
    /// `bound` bytes, whichever is less.
    Record record(LineRule rule = LineRule::Any, std::size_t bound = SIZE_MAX);
    struct Skipped
    {
        std::uint64_t bytes = 0;
        bool complete = true; ///< false: the input ended inside
    };
    /// Takes a value of any size without keeping it.
    Skipped skipValue();

    /// After BrokenLine: takes everything up to and with the next line end. False when the input ends before.
    bool skipLine();
    /// Takes bytes until the next line that begins with '{' or '[' (the rest of this line is always taken).
    bool skipToLineOfValue();
    /// After TooLong or Ended: takes bytes up to the next place after the cursor where a record seems to
    /// begin: a
    /// '{' with a key, after "}," or at the start of a line, with `mark` in its first 1,024 bytes. False when
    /// the input ends before.
    bool skipToLikelyRecord(std::string_view mark);

    /// Why the input ended, when that was not its real end.
    const std::optional<Error> &error() const { return m_error; }
    /// Reads on until so many bytes are at hand, or all there are.
    std::string_view prefetch(std::size_t bytes);
    /// Bytes of the input seen so far that start at the cursor, for a message; never reads.
    std::string_view rest() const { return {m_buffer.get() + m_begin, m_end - m_begin}; }

private:
    struct Scan;
    bool fill();
    bool makeRoom();
    bool isLikelyRecord(std::size_t at, std::string_view mark) const;
    Status scanBlocks(Scan &scan, std::size_t bound);
    Status scanString(Scan &scan, std::size_t bound);
    Status scanScalar(std::size_t &length, bool &lineEnd);

    ByteSource &m_source;
    std::size_t m_maxRecord;
    std::unique_ptr<char[]> m_buffer;
    std::size_t m_capacity;
    std::size_t m_begin = 0, m_end = 0; ///< bytes at hand
    std::uint64_t m_base = 0; ///< stream offset of m_buffer[0]
    std::string_view m_chunk; ///< of the source, not yet copied
    bool m_ended = false;
    bool m_sawLineEnd = false;
    std::optional<Error> m_error;
};

} // namespace tailscope::import
