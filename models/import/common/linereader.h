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

/// One line without its end ("\n" or "\r\n"), valid until the next call.
struct Line
{
    std::string_view text; ///< of a line that is too long: its first kTooLongPrefix bytes
    std::uint64_t offset = 0; ///< of its first byte in the decompressed stream
    std::uint64_t length = 0; ///< bytes without the line end
    std::uint64_t number = 0; ///< 1-based
    bool tooLong = false;
};

/// Lines of a ByteSource in bounded memory: a line of more than maxLength bytes is skipped and told by
/// tooLong. Lines that lie in one chunk are not copied.
class LineReader
{
public:
    static constexpr std::size_t kDefaultMaxLength = 16 * 1024 * 1024;
    static constexpr std::size_t kTooLongPrefix = 1024;

    explicit LineReader(ByteSource &source, std::size_t maxLength = kDefaultMaxLength);

    /// False at the end of the source or on its error: see error().
    bool next(Line &line);
    const std::optional<Error> &error() const { return m_error; }
    /// Success, or the error that ended the lines.
    Result<void> result() const;

private:
    bool fill();
    bool finish(Line &line, std::string_view text, std::uint64_t length);

    ByteSource &m_source;
    std::size_t m_maxLength;
    std::string_view m_rest; ///< of the current chunk
    std::uint64_t m_offset = 0; ///< of m_rest
    std::uint64_t m_number = 0;
    std::string m_carry; ///< start of a line that spans chunks
    bool m_ended = false;
    std::optional<Error> m_error;
};

} // namespace tailscope::import
