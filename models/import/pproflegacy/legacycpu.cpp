// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pproflegacy/legacycpu.h"

#include "base/text.h"

#include <array>

namespace tailscope::import::pproflegacy {

namespace {

constexpr std::uint64_t kMaxDepth = 10'000;
constexpr std::size_t kMaxMap = 16 * 1024 * 1024;

std::uint64_t wordAt(const char *bytes, Words words)
{
    std::uint64_t value = 0;
    for (int i = 0; i < words.bytes; ++i) {
        const int at = words.bigEndian ? i : words.bytes - 1 - i;
        value = value << 8 | static_cast<unsigned char>(bytes[at]);
    }
    return value;
}

class WordReader
{
public:
    WordReader(ByteSource &source, Words words)
        : m_source(source)
        , m_words(words)
    {}
    std::optional<std::uint64_t> next()
    {
        std::array<char, 8> bytes{};
        for (int i = 0; i < m_words.bytes; ++i) {
            if (!fill())
                return std::nullopt;
            bytes[static_cast<std::size_t>(i)] = m_chunk[m_at++];
        }
        m_offset += static_cast<std::uint64_t>(m_words.bytes);
        return wordAt(bytes.data(), m_words);
    }
    std::string rest()
    {
        std::string text;
        while (text.size() < kMaxMap && fill()) {
            text += m_chunk.substr(m_at);
            m_at = m_chunk.size();
        }
        return text;
    }
    std::uint64_t offset() const { return m_offset; }
    const std::optional<Error> &error() const { return m_error; }

private:
    bool fill()
    {
        while (m_at >= m_chunk.size() && !m_error && !m_ended) {
            const Result<std::string_view> chunk = m_source.next();
            m_at = 0;
            m_chunk = chunk ? *chunk : std::string_view();
            if (!chunk)
                m_error = chunk.error();
            m_ended = m_chunk.empty();
        }
        return m_at < m_chunk.size();
    }

    ByteSource &m_source;
    Words m_words;
    std::string_view m_chunk;
    std::size_t m_at = 0;
    std::uint64_t m_offset = 0;
    bool m_ended = false;
    std::optional<Error> m_error;
};

} // namespace

std::optional<Words> wordsOf(std::string_view prefix)
{
    for (const Words words : {Words{8, false}, Words{8, true}, Words{4, false}, Words{4, true}}) {
        const auto size = static_cast<std::size_t>(words.bytes);
        if (prefix.size() < 5 * size)
            continue;
        const auto word = [&](std::size_t i) { return wordAt(prefix.data() + i * size, words); };
        constexpr std::uint64_t kHour = 3'600'000'000;
        if (word(0) == 0 && word(1) == 3 && word(2) == 0 && word(3) > 0 && word(3) < kHour && word(4) == 0)
            return words;
    }
    return std::nullopt;
}

Result<Nanos> readCpuProfile(ByteSource &source, Words words, LegacyStacks &stacks, ImportReport &report)
{
    WordReader reader(source, words);
    Nanos period = 0;
    for (int i = 0; i < 5; ++i) {
        const auto word = reader.next();
        if (word && i == 3)
            period = static_cast<Nanos>(*word) * kNanosPerMicro;
    }
    std::vector<std::uint32_t> frames;
    for (;;) {
        const std::uint64_t offset = reader.offset();
        const auto count = reader.next();
        const auto depth = count ? reader.next() : std::nullopt;
        if (!depth) {
            if (!reader.error())
                report.note(IssueSeverity::DataLoss, "truncated", offset,
                    "the profile ends before its end mark: what was read is kept");
            break;
        }
        if (*depth == 0 || *depth > kMaxDepth || *count > 0x7FFFFFFFFFFFULL) {
            report.note(IssueSeverity::DataLoss, "malformed-sample", offset,
                "a stack has no or more than 10,000 addresses: what follows cannot be read");
            break;
        }
        frames.clear();
        bool ended = false;
        for (std::uint64_t i = 0; i < *depth; ++i) {
            const auto address = reader.next();
            if (!address)
                break;
            ended = *count == 0 && *depth == 1 && *address == 0;
            if (!ended)
                frames.push_back(stacks.address(*address));
        }
        if (ended) {
            const std::string map = reader.rest();
            for (const std::string_view line : split(map, '\n'))
                stacks.addMapping(sanitizedUtf8(line));
            break;
        }
        if (frames.size() < *depth)
            continue; // cut: told by the next round
        const auto weight = static_cast<double>(*count);
        if (!stacks.add(frames, {weight * static_cast<double>(period), weight, 0, 0},
                static_cast<std::int64_t>(*count)))
            report.note(IssueSeverity::DataLoss, "too-many-samples", offset,
                "more than 1,000,000 samples: further ones were left out");
        report.rowRead();
    }
    if (reader.error())
        return fail(*reader.error());
    return period;
}

} // namespace tailscope::import::pproflegacy
