// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/stage.h"

#include "import/rawfile.h"

#include <algorithm>
#include <cstring>

namespace tailscope::import {

namespace {

constexpr int kMaxLayers = 2;
constexpr std::string_view kGzipMagic = "\x1F\x8B";
constexpr std::string_view kZstdMagic = "\x28\xB5\x2F\xFD";
constexpr std::string_view kZipMagic = "PK\x03\x04";
constexpr std::string_view kEmptyZipMagic = "PK\x05\x06";
constexpr std::size_t kMagicBytes = 8;

class RawStage : public Stage
{
public:
    explicit RawStage(RawFile &file)
        : m_file(file)
    {}
    Result<std::size_t> read(char *out, std::size_t capacity) override { return m_file.read(out, capacity); }

private:
    RawFile &m_file;
};

class ErrorStage : public Stage
{
public:
    explicit ErrorStage(Error error)
        : m_error(std::move(error))
    {}
    Result<std::size_t> read(char *, std::size_t) override
    {
        if (!m_error)
            return 0;
        const Error error = *std::exchange(m_error, std::nullopt);
        return fail(error);
    }

private:
    std::optional<Error> m_error;
};

/// Skippable frames (0x184D2A50..5F) may come first.
bool isZstd(std::string_view head)
{
    return head.starts_with(kZstdMagic)
        || (head.size() >= 4 && (head[0] & '\xF0') == '\x50' && head.substr(1, 3) == "\x2A\x4D\x18");
}

} // namespace

Result<std::string_view> PeekStage::peek(std::size_t bytes)
{
    m_ahead.erase(0, m_position);
    m_position = 0;
    while (!m_ended && m_ahead.size() < bytes) {
        const std::size_t before = m_ahead.size();
        m_ahead.resize(bytes);
        const Result<std::size_t> count = m_input->read(m_ahead.data() + before, bytes - before);
        m_ahead.resize(before + (count ? *count : 0));
        m_ended = !count || *count == 0;
        // What came before the error is worth having: the error comes after it.
        if (!count && m_ahead.empty())
            return fail(count.error());
        if (!count)
            m_error = count.error();
    }
    return std::string_view(m_ahead);
}

Result<std::size_t> PeekStage::read(char *out, std::size_t capacity)
{
    if (m_position >= m_ahead.size()) {
        if (const std::optional<Error> error = std::exchange(m_error, std::nullopt))
            return fail(*error);
        return m_ended ? Result<std::size_t>(0) : m_input->read(out, capacity);
    }
    const std::size_t count = std::min(capacity, m_ahead.size() - m_position);
    std::memcpy(out, m_ahead.data() + m_position, count);
    m_position += count;
    return count;
}

std::unique_ptr<Stage> rawStage(RawFile &file) { return std::make_unique<RawStage>(file); }

std::unique_ptr<Stage> errorStage(Error error) { return std::make_unique<ErrorStage>(std::move(error)); }

Result<std::unique_ptr<Stage>> buildStages(RawFile &file, StageContext &context, bool &compressed)
{
    compressed = false;
    std::unique_ptr<Stage> stage = rawStage(file);
    for (int layer = 0; layer < kMaxLayers; ++layer) {
        auto peek = std::make_unique<PeekStage>(std::move(stage));
        const Result<std::string_view> head = peek->peek(kMagicBytes);
        if (!head)
            return fail(head.error());
        const bool gzip = head->starts_with(kGzipMagic);
        const bool zstd = isZstd(*head);
        const bool blocks
            = head->size() == kMagicBytes && head->substr(4, 4) == kZstdMagic && (*head)[0] == 0;
        const bool zip = head->starts_with(kZipMagic) || head->starts_with(kEmptyZipMagic);
        if (zip && file.isMember())
            return fail(ErrorCode::UnknownFormat, context.name, "an archive inside an archive",
                "Unpack the outer archive and import the inner one.");
        if (zip && layer == 0) {
            compressed = true;
            Result<std::unique_ptr<Stage>> member = zipStage(file, context);
            if (!member)
                return fail(std::move(member.error()));
            stage = std::move(*member);
            continue;
        }
        stage = std::move(peek);
        if (!gzip && !zstd && !blocks)
            break;
        compressed = true;
        stage = gzip ? gzipStage(std::move(stage), context)
            : zstd   ? zstdStage(std::move(stage), context)
                     : zstdBlockStage(std::move(stage), context);
    }
    return textStage(std::move(stage), context);
}

} // namespace tailscope::import
