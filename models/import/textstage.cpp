// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/stage.h"

#include <algorithm>

namespace tailscope::import {

namespace {

constexpr std::size_t kGuessBytes = 512;
constexpr std::size_t kInputBytes = 64 * 1024;
constexpr std::size_t kMaxSequence = 4;

enum class Encoding { Bytes, Utf16Little, Utf16Big };

/// Text of mostly ASCII in UTF-16 has a NUL as every second byte.
Encoding guess(std::string_view head)
{
    if (head.size() < 8)
        return Encoding::Bytes;
    std::size_t even = 0, odd = 0;
    const std::size_t pairs = head.size() / 2;
    for (std::size_t i = 0; i < 2 * pairs; ++i) {
        if (head[i] == '\0')
            ++(i % 2 == 0 ? even : odd);
    }
    if (odd * 10 >= pairs * 7 && even * 10 <= pairs)
        return Encoding::Utf16Little;
    if (even * 10 >= pairs * 7 && odd * 10 <= pairs)
        return Encoding::Utf16Big;
    return Encoding::Bytes;
}

void appendUtf8(std::string &out, std::uint32_t code)
{
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0 | code >> 6);
        out += static_cast<char>(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0 | code >> 12);
        out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (code & 0x3F));
    } else {
        out += static_cast<char>(0xF0 | code >> 18);
        out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
        out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (code & 0x3F));
    }
}

constexpr bool isHighSurrogate(std::uint32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
constexpr bool isLowSurrogate(std::uint32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

class Utf16Stage final : public Stage
{
public:
    Utf16Stage(std::unique_ptr<Stage> input, StageContext &context, bool big)
        : m_input(std::move(input))
        , m_context(context)
        , m_big(big)
    {}

    Result<std::size_t> read(char *out, std::size_t capacity) override
    {
        while (m_position == m_text.size()) {
            if (m_ended)
                return 0;
            m_text.clear();
            m_position = 0;
            m_bytes.resize(kInputBytes);
            const Result<std::size_t> count = m_input->read(m_bytes.data(), m_bytes.size());
            if (!count)
                return fail(count.error());
            for (std::size_t i = 0; i < *count; ++i)
                takeByte(static_cast<unsigned char>(m_bytes[i]));
            if (*count == 0)
                finish();
        }
        const std::size_t count = std::min(capacity, m_text.size() - m_position);
        std::copy_n(m_text.data() + m_position, count, out);
        m_position += count;
        return count;
    }

private:
    static constexpr std::uint32_t kReplacement = 0xFFFD;

    void takeByte(unsigned char byte)
    {
        if (m_firstByte < 0) {
            m_firstByte = byte;
            return;
        }
        const auto first = static_cast<std::uint32_t>(m_firstByte);
        m_firstByte = -1;
        takeUnit(m_big ? first << 8 | byte : static_cast<std::uint32_t>(byte) << 8 | first);
    }

    void takeUnit(std::uint32_t unit)
    {
        if (m_high != 0) {
            const std::uint32_t high = m_high;
            m_high = 0;
            if (isLowSurrogate(unit)) {
                appendUtf8(m_text, 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
                return;
            }
            appendUtf8(m_text, kReplacement);
        }
        if (isHighSurrogate(unit))
            m_high = unit;
        else
            appendUtf8(m_text, isLowSurrogate(unit) ? kReplacement : unit);
    }

    void finish()
    {
        m_ended = true;
        if (m_high != 0 || m_firstByte >= 0) {
            appendUtf8(m_text, kReplacement);
            m_context.notes.push_back(
                {IssueSeverity::Notice, "truncated-character", 0, "the UTF-16 text ends inside a character"});
        }
    }

    std::unique_ptr<Stage> m_input;
    StageContext &m_context;
    bool m_big;
    bool m_ended = false;
    int m_firstByte = -1; ///< of a code unit
    std::uint32_t m_high = 0; ///< surrogate that waits for its other half
    std::string m_bytes, m_text;
    std::size_t m_position = 0;
};

} // namespace

Result<std::unique_ptr<Stage>> textStage(std::unique_ptr<Stage> input, StageContext &context)
{
    auto peek = std::make_unique<PeekStage>(std::move(input));
    const Result<std::string_view> head = peek->peek(kGuessBytes);
    if (!head)
        return fail(head.error());
    if (head->starts_with("\xEF\xBB\xBF")) {
        peek->skip(3);
        return peek;
    }
    const bool little = head->starts_with("\xFF\xFE");
    if (little || head->starts_with("\xFE\xFF")) {
        if (little && head->size() >= kMaxSequence && (*head)[2] == '\0' && (*head)[3] == '\0')
            return fail(ErrorCode::BadInput, context.name, "the text is UTF-32",
                "Convert it: iconv -f UTF-32 -t UTF-8.");
        peek->skip(2);
        return std::make_unique<Utf16Stage>(std::move(peek), context, !little);
    }
    const Encoding encoding = guess(*head);
    if (encoding == Encoding::Bytes)
        return peek;
    context.notes.push_back({IssueSeverity::Info, "encoding-guessed", 0,
        encoding == Encoding::Utf16Big ? "the text was taken for UTF-16 (big endian)"
                                       : "the text was taken for UTF-16 (little endian)"});
    return std::make_unique<Utf16Stage>(std::move(peek), context, encoding == Encoding::Utf16Big);
}

} // namespace tailscope::import
