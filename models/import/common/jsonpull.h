// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "import/bytesource.h"
#include "import/importreport.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import {

/// Reads one JSON document token by token from a ByteSource, for documents that are one big tree: the reader
/// asks for what comes next instead of being called, so that nothing recurses on the input. Memory: one bit a
/// level, kMaxText bytes of a string (the rest of a longer one is read and dropped). Lenient where writers
/// are sloppy: NaN and Infinity are literals, raw control bytes may stand in strings, malformed UTF-8 and
/// lone surrogates become U+FFFD, NUL becomes U+2400.
class JsonPull
{
public:
    static constexpr std::size_t kMaxText = 64 * 1024;
    static constexpr std::size_t kMaxDepth = 200'000;
    static constexpr std::size_t kMaxRaw = 1024;

    enum class Token { ObjectStart, ObjectEnd, ArrayStart, ArrayEnd, Key, String, Number, Literal, End };

    explicit JsonPull(ByteSource &source);

    /// The next token; End behind the document, and for ever after an error.
    Token next();
    Token token() const { return m_token; }
    /// Content of a key or string, or the token of a number or literal; until the next call of next().
    std::string_view text() const { return m_text; }
    /// Where the token begins in the decompressed stream.
    std::uint64_t offset() const { return m_offset; }
    std::size_t depth() const { return m_depth; } ///< containers open
    /// After a Key: takes its value. After the start of a container: takes the rest of it. Else nothing.
    void skip();
    /// Takes tokens until so few containers are open.
    void leaveTo(std::size_t depth);

    /// Keeps the first kMaxRaw bytes of the input from the token at hand on, for a message about a record.
    void startRaw();
    std::string_view raw() const { return m_raw; }
    std::uint64_t rawLength() const { return place() - m_rawOffset; }
    std::uint64_t rawOffset() const { return m_rawOffset; }

    bool failed() const { return m_error.has_value(); }
    /// The input itself could not be read (as opposed to bad JSON).
    bool sourceFailed() const { return m_sourceFailed; }
    const std::optional<Error> &error() const { return m_error; }
    /// Something other than blanks follows the document: its place.
    std::optional<std::uint64_t> trailing();

private:
    enum class Expect : std::uint8_t { Value, ValueOrEnd, KeyOrEnd, Key, CommaOrEnd, Nothing };

    int peekByte();
    void takeByte()
    {
        if (m_keepRaw && m_raw.size() < kMaxRaw)
            m_raw += m_chunk[m_at];
        ++m_at;
    }
    int peekPastBlanks();
    std::uint64_t place() const { return m_base + m_at; }
    bool inObject() const { return m_depth > 0 && m_inObject[m_depth - 1]; }
    Token fail(std::string detail);
    Token value(int c);
    Token key();
    Token open(bool object);
    Token close();
    Token finish(Token token);
    bool readString();
    bool readEscape();
    bool readHex4(unsigned &code);
    void appendCode(unsigned code);
    void append(char c);
    Token readScalar();

    ByteSource &m_source;
    std::string_view m_chunk;
    std::size_t m_at = 0;
    std::uint64_t m_base = 0; ///< of m_chunk
    bool m_ended = false, m_sourceFailed = false;
    std::optional<Error> m_error;

    std::vector<bool> m_inObject;
    std::size_t m_depth = 0;
    Expect m_expect = Expect::Value;
    Token m_token = Token::End;
    std::string m_text;
    bool m_clean = true; ///< m_text is plain ASCII
    std::uint64_t m_offset = 0, m_rawOffset = 0;
    bool m_keepRaw = false;
    std::string m_raw;
};

/// How the reader of one document ends. A document that does not go on is told by the report ("truncated",
/// "json-syntax") when something was read (`found`), else it is the error; so is `missing` when it is whole.
/// Remarks what follows the document.
Result<void> finishDocument(JsonPull &pull, const ByteSource &source, bool found, std::string_view missing,
    std::string_view hint, ImportReport &report);

} // namespace tailscope::import
