// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "import/bytesource.h"

#include <cstddef>
#include <optional>
#include <string>

#include <rapidjson/reader.h>

namespace tailscope::import {

/// Input stream for rapidjson::Reader that pulls from a ByteSource: constant memory whatever the file's size.
/// Peek() is '\0' only at the real end; a NUL byte of the input reads as 0x7F (legal in a string, an error
/// between tokens). An error of the source looks like the end: ask error() after parsing, before blaming the
/// JSON. Parse with rapidjson::kParseIterativeFlag: the default parser recurses on the input's nesting.
class ByteSourceStream
{
public:
    using Ch = char;

    explicit ByteSourceStream(ByteSource &source);
    ByteSourceStream(const ByteSourceStream &) = delete;
    ByteSourceStream &operator=(const ByteSourceStream &) = delete;

    char Peek() const { return *m_current; }
    char Take()
    {
        const char c = *m_current;
        if (++m_current == m_end) [[unlikely]]
            refill();
        return c;
    }
    /// Byte offset in the decompressed stream of the byte that Peek() shows.
    std::size_t Tell() const { return m_windowEnd - static_cast<std::size_t>(m_end - m_current); }

    /// True when Peek() shows the end and not a byte of the input.
    bool atEnd() const { return m_ended; }
    /// The error of the source, when that is why the stream ended.
    const std::optional<Error> &error() const { return m_error; }
    /// Result of a parse: the source's error, else BadInput with the parser's message and offset, else
    /// success.
    Result<void> parseResult(const rapidjson::ParseResult &result, const std::string &hint) const;
    /// Skips a run of bytes up to (not including) the first '\n' or the end; for readers that resume at the
    /// next line.
    void skipLine();

    // Writing is for in-situ parsing, which a stream of chunks cannot do; RapidJSON wants the names to exist.
    void Put(char) { RAPIDJSON_ASSERT(false); }
    void Flush() { RAPIDJSON_ASSERT(false); }
    char *PutBegin()
    {
        RAPIDJSON_ASSERT(false);
        return nullptr;
    }
    std::size_t PutEnd(char *)
    {
        RAPIDJSON_ASSERT(false);
        return 0;
    }

private:
    void refill();

    const char *m_current = nullptr;
    const char *m_end = nullptr;
    std::size_t m_windowEnd = 0; ///< offset just past the window
    ByteSource &m_source;
    bool m_ended = false;
    std::optional<Error> m_error;
    std::string m_patched; ///< copy of a chunk that holds NUL bytes
};

} // namespace tailscope::import
