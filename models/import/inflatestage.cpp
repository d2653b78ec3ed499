// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/stage.h"

#include <algorithm>

#include <zlib.h>
#include <zstd.h>

namespace tailscope::import {

namespace {

constexpr std::size_t kInputBytes = 256 * 1024;
/// Of one compressed block of the collector's file exporter.
constexpr std::uint32_t kMaxBlockBytes = 256u * 1024 * 1024;
constexpr const char *kBrokenHint = "Fetch the file again; the rows before this place were kept.";

/// Common part of the inflaters: a bounded input buffer, and errors that come after the bytes before them.
class InflateStage : public Stage
{
public:
    InflateStage(std::unique_ptr<Stage> input, StageContext &context, const char *format)
        : m_input(std::move(input))
        , m_context(context)
        , m_format(format)
    {}

    Result<std::size_t> read(char *out, std::size_t capacity) override
    {
        while (!m_done) {
            if (m_position == m_size && !m_inputEnded) {
                Result<void> filled = fill();
                if (!filled)
                    return fail(std::move(filled.error()));
            }
            const std::size_t produced = inflate(out, capacity);
            m_produced += produced;
            if (produced > 0)
                return produced;
        }
        if (m_error) {
            Error error = *m_error;
            m_error.reset();
            return fail(std::move(error));
        }
        return 0;
    }

protected:
    /// One step over what the buffer holds; sets m_done at the end.
    virtual std::size_t inflate(char *out, std::size_t capacity) = 0;

    const char *pending() const { return m_buffer.data() + m_position; }
    std::size_t pendingBytes() const { return m_size - m_position; }
    void consume(std::size_t bytes)
    {
        m_position += bytes;
        m_consumed += bytes;
    }
    bool inputEnded() const { return m_inputEnded; }

    void endTruncated()
    {
        m_done = true;
        note(IssueSeverity::DataLoss, "truncated-compression",
            "stream ends in the middle: the rest is missing");
    }
    void endWithGarbage()
    {
        m_done = true;
        note(IssueSeverity::Notice, "trailing-garbage",
            "stream is followed by other bytes, which were ignored");
    }
    void endBroken(const std::string &cause, ErrorCode code = ErrorCode::BadInput)
    {
        m_done = true;
        Error error{code, m_context.name,
            std::string(m_format) + " data are broken at compressed offset " + std::to_string(m_consumed)
                + ": " + cause,
            Location{m_produced, std::nullopt, std::nullopt}, kBrokenHint};
        m_error = std::move(error);
    }
    void end() { m_done = true; }

    std::uint64_t m_produced = 0;

private:
    void note(IssueSeverity severity, const char *kind, const std::string &what)
    {
        m_context.notes.push_back({severity, kind, m_produced, "the " + std::string(m_format) + ' ' + what});
    }

    Result<void> fill()
    {
        if (m_buffer.empty())
            m_buffer.resize(kInputBytes);
        const Result<std::size_t> count = m_input->read(m_buffer.data(), m_buffer.size());
        if (!count)
            return fail(count.error());
        m_position = 0;
        m_size = *count;
        m_inputEnded = *count == 0;
        return {};
    }

    std::unique_ptr<Stage> m_input;
    StageContext &m_context;
    const char *m_format;
    std::string m_buffer;
    std::size_t m_position = 0, m_size = 0;
    std::uint64_t m_consumed = 0;
    bool m_inputEnded = false;
    bool m_done = false;
    std::optional<Error> m_error;
};

class GzipStage final : public InflateStage
{
public:
    GzipStage(std::unique_ptr<Stage> input, StageContext &context)
        : InflateStage(std::move(input), context, "gzip")
    {
        m_ready = inflateInit2(&m_stream, 15 + 16) == Z_OK; // + 16: gzip only
    }
    ~GzipStage() override
    {
        if (m_ready)
            inflateEnd(&m_stream);
    }

protected:
    std::size_t inflate(char *out, std::size_t capacity) override
    {
        if (!m_ready) {
            endBroken("no memory for inflation", ErrorCode::LimitExceeded);
            return 0;
        }
        if (m_between && !startMember())
            return 0;
        capacity = std::min<std::size_t>(capacity, 1u << 30);
        const auto input = static_cast<uInt>(pendingBytes());
        m_stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(pending()));
        m_stream.avail_in = input;
        m_stream.next_out = reinterpret_cast<Bytef *>(out);
        m_stream.avail_out = static_cast<uInt>(capacity);
        const int status = ::inflate(&m_stream, Z_NO_FLUSH);
        consume(input - m_stream.avail_in);
        const std::size_t produced = capacity - m_stream.avail_out;
        if (status == Z_STREAM_END) {
            inflateReset(&m_stream);
            m_between = true;
        } else if (status != Z_OK && status != Z_BUF_ERROR) {
            endBroken(m_stream.msg != nullptr ? m_stream.msg : "unknown cause");
        } else if (produced == 0 && inputEnded()) {
            endTruncated();
        }
        return produced;
    }

private:
    /// After a member: the next one, the end, or zero padding and garbage, which gzip itself ignores too.
    bool startMember()
    {
        if (pendingBytes() == 0) {
            if (inputEnded())
                end();
            return false;
        }
        if (*pending() == '\0') {
            m_padding = true;
            consume(1);
            return false;
        }
        if (*pending() != '\x1F' || m_padding) {
            endWithGarbage();
            return false;
        }
        m_between = false;
        return true;
    }

    z_stream m_stream{};
    bool m_ready = false;
    bool m_between = false;
    bool m_padding = false;
};

class ZstdStage final : public InflateStage
{
public:
    ZstdStage(std::unique_ptr<Stage> input, StageContext &context)
        : InflateStage(std::move(input), context, "zstd")
        , m_stream(ZSTD_createDStream())
    {}
    ~ZstdStage() override { ZSTD_freeDStream(m_stream); }

protected:
    std::size_t inflate(char *out, std::size_t capacity) override
    {
        if (m_stream == nullptr) {
            endBroken("no memory for inflation", ErrorCode::LimitExceeded);
            return 0;
        }
        ZSTD_inBuffer input{pending(), pendingBytes(), 0};
        ZSTD_outBuffer output{out, capacity, 0};
        const bool boundary = m_left == 0;
        if (input.size == 0 && inputEnded() && boundary) {
            end();
            return 0;
        }
        const std::size_t status = ZSTD_decompressStream(m_stream, &output, &input);
        consume(input.pos);
        if (ZSTD_isError(status)) {
            if (boundary && m_produced > 0 && output.pos == 0)
                endWithGarbage();
            else
                endBroken(ZSTD_getErrorName(status));
            return output.pos;
        }
        m_left = status;
        if (output.pos == 0 && inputEnded() && m_left != 0)
            endTruncated();
        return output.pos;
    }

private:
    ZSTD_DStream *m_stream;
    std::size_t m_left = 0; ///< 0 = between frames
};

class ZstdBlockStage final : public InflateStage
{
public:
    ZstdBlockStage(std::unique_ptr<Stage> input, StageContext &context)
        : InflateStage(std::move(input), context, "zstd block")
        , m_stream(ZSTD_createDStream())
    {}
    ~ZstdBlockStage() override { ZSTD_freeDStream(m_stream); }

protected:
    std::size_t inflate(char *out, std::size_t capacity) override
    {
        if (m_stream == nullptr) {
            endBroken("no memory for inflation", ErrorCode::LimitExceeded);
            return 0;
        }
        if (m_lineEndDue) {
            m_lineEndDue = false;
            *out = '\n';
            return 1;
        }
        if (!m_inBlock && !readSize())
            return 0;
        ZSTD_inBuffer input{pending(), std::min<std::size_t>(pendingBytes(), m_blockLeft), 0};
        if (input.size == 0 && m_blockLeft > 0) {
            if (inputEnded())
                endTruncated();
            return 0;
        }
        ZSTD_outBuffer output{out, capacity, 0};
        const std::size_t status = ZSTD_decompressStream(m_stream, &output, &input);
        consume(input.pos);
        m_blockLeft -= static_cast<std::uint32_t>(input.pos);
        if (output.pos > 0 && m_atStart)
            m_isText = out[0] != kProtobufTag;
        if (output.pos > 0)
            m_last = out[output.pos - 1];
        m_atStart = m_atStart && output.pos == 0;
        if (ZSTD_isError(status)) {
            endBroken(ZSTD_getErrorName(status));
        } else if (status == 0 && m_blockLeft == 0) {
            m_inBlock = false;
            m_atStart = true;
            m_lineEndDue = m_isText && m_last != '\n';
        } else if (m_blockLeft == 0 && output.pos == 0) {
            endBroken("a block ends in the middle of its frame");
        }
        return output.pos;
    }

private:
    bool readSize()
    {
        while (m_sizeBytes < 4) {
            if (pendingBytes() == 0) {
                if (!inputEnded())
                    return false;
                if (m_sizeBytes == 0)
                    end();
                else
                    endTruncated();
                return false;
            }
            m_size = m_size << 8 | static_cast<unsigned char>(*pending());
            consume(1);
            ++m_sizeBytes;
        }
        m_blockLeft = m_size;
        m_size = 0;
        m_sizeBytes = 0;
        if (m_blockLeft > kMaxBlockBytes)
            endBroken("a block of " + std::to_string(m_blockLeft) + " bytes is beyond the limit",
                ErrorCode::LimitExceeded);
        m_inBlock = m_blockLeft > 0 && m_blockLeft <= kMaxBlockBytes;
        return m_inBlock;
    }

    ZSTD_DStream *m_stream;
    std::uint32_t m_size = 0, m_blockLeft = 0;
    int m_sizeBytes = 0;
    /// First byte of protobuf messages of OTLP: they are put together without anything between.
    static constexpr char kProtobufTag = '\x0A';
    char m_last = '\n';
    bool m_atStart = true; ///< of a block
    bool m_isText = true;
    bool m_inBlock = false;
    bool m_lineEndDue = false;
};

} // namespace

std::unique_ptr<Stage> gzipStage(std::unique_ptr<Stage> input, StageContext &context)
{
    return std::make_unique<GzipStage>(std::move(input), context);
}

std::unique_ptr<Stage> zstdStage(std::unique_ptr<Stage> input, StageContext &context)
{
    return std::make_unique<ZstdStage>(std::move(input), context);
}

std::unique_ptr<Stage> zstdBlockStage(std::unique_ptr<Stage> input, StageContext &context)
{
    return std::make_unique<ZstdBlockStage>(std::move(input), context);
}

} // namespace tailscope::import
