// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/bytesource.h"

#include "base/text.h"
#include "import/rawfile.h"
#include "import/readahead.h"
#include "import/stage.h"

#include <algorithm>

namespace tailscope::import {

namespace {

/// More than this from less than a thousandth of it is an inflation bomb: gzip of real traces stays below
/// 100:1.
constexpr std::uint64_t kBombBytes = 1024ULL * 1024 * 1024;
constexpr std::uint64_t kBombRatio = 1000;
/// The first chunk holds at least this much unless the input is shorter, so that peek() need not join chunks.
constexpr std::size_t kFirstBytes = 64 * 1024;

class PipelineSource final : public FileSource
{
public:
    PipelineSource(std::unique_ptr<RawFile> file, Progress progress)
        : m_file(std::move(file))
        , m_progress(std::move(progress))
    {
        m_context.name = m_file->name();
        m_file->stop = [this] { return m_abandon.load() || m_progress.isCancelled(); };
        m_ahead = std::make_unique<ReadAhead>(
            [this](char *out, std::size_t capacity) { return fill(out, capacity); });
    }
    ~PipelineSource() override
    {
        m_abandon.store(true);
        m_ahead.reset(); // joins the thread that uses the rest
    }

    Result<std::string_view> next() override;
    Result<std::string_view> peek(std::size_t bytes) override;
    std::uint64_t offset() const override { return m_offset; }
    const std::string &name() const override { return m_context.name; }
    std::uint64_t rawBytesRead() const override { return m_file->bytesRead(); }
    std::uint64_t rawSize() const override { return m_file->size(); }
    bool isCompressed() const override { return m_compressed; }
    bool isRegularFile() const override { return m_file->isRegular(); }
    Result<std::string> sha256() override;
    void setStopCheck(std::function<bool()> stop) override { m_stop = std::move(stop); }
    std::vector<SourceNote> notes() const override
    {
        return m_ended ? m_context.notes : std::vector<SourceNote>();
    }

private:
    Result<std::size_t> fill(char *out, std::size_t capacity);
    Result<void> checkBomb() const;
    Result<std::string_view> fetch();

    std::unique_ptr<RawFile> m_file;
    Progress m_progress;
    std::function<bool()> m_stop;
    std::atomic<bool> m_abandon{false};

    // Of the read-ahead thread.
    StageContext m_context;
    std::unique_ptr<Stage> m_stage;
    bool m_compressed = false;
    std::uint64_t m_produced = 0;
    std::string m_sha256;

    // Of the reader's thread.
    std::string_view m_chunk; ///< peeked, not handed out yet
    std::size_t m_last = 0; ///< size of the chunk handed out last
    std::uint64_t m_offset = 0;
    bool m_ended = false;
    std::optional<Error> m_error; ///< an error stays
    std::unique_ptr<ReadAhead> m_ahead; ///< last: its thread uses all above
};

Result<void> PipelineSource::checkBomb() const
{
    if (!m_compressed || m_produced <= kBombBytes || m_produced / kBombRatio <= m_file->bytesRead())
        return {};
    return fail(Error{ErrorCode::LimitExceeded, m_context.name,
        "inflates to more than " + std::to_string(kBombRatio) + " times its size (" + humanBytes(m_produced)
            + " so far)",
        Location{m_produced, std::nullopt, std::nullopt},
        "If that is right, inflate it by hand and import the result."});
}

/// Runs on the read-ahead thread.
Result<std::size_t> PipelineSource::fill(char *out, std::size_t capacity)
{
    if (!m_stage) {
        Result<std::unique_ptr<Stage>> stage = buildStages(*m_file, m_context, m_compressed);
        if (!stage)
            return fail(std::move(stage.error()));
        m_stage = std::move(*stage);
    }
    TS_TRY(checkBomb());
    const std::size_t wanted = m_file->isRegular() ? capacity : kFirstBytes;
    std::size_t size = 0;
    while (size < wanted && !m_file->stop()) {
        const Result<std::size_t> count = m_stage->read(out + size, capacity - size);
        if (!count) {
            // What came before the error is delivered first: the stage repeats the error or ends.
            if (size == 0)
                return fail(count.error());
            m_stage = errorStage(count.error());
            break;
        }
        if (*count == 0)
            break;
        size += *count;
    }
    m_produced += size;
    if (size > 0 || m_file->stop())
        return size;
    TS_TRY(m_file->drain());
    m_sha256 = m_file->takeSha256();
    TS_TRY(m_file->checkUnchanged());
    return 0;
}

Result<std::string_view> PipelineSource::fetch()
{
    if (m_error)
        return fail(*m_error);
    if (m_ended)
        return std::string_view();
    Result<std::string_view> chunk = m_ahead->next([this] { return m_progress.isCancelled(); });
    if (m_progress.isCancelled())
        chunk = fail(ErrorCode::Cancelled, m_context.name, "cancelled");
    if (!chunk) {
        m_error = chunk.error();
        m_ended = m_error->code != ErrorCode::Cancelled;
    } else if (chunk->empty()) {
        m_ended = true;
    }
    return chunk;
}

Result<std::string_view> PipelineSource::next()
{
    m_offset += m_last;
    m_last = 0;
    if (!m_error && m_stop && m_stop())
        m_error = Error{ErrorCode::Cancelled, m_context.name, "the workspace takes no more rows",
            std::nullopt, {}};
    if (m_error)
        return fail(*m_error);
    Result<std::string_view> chunk = std::exchange(m_chunk, std::string_view());
    if (chunk->empty())
        chunk = fetch();
    if (chunk) {
        m_last = chunk->size();
        m_progress.update({"reading", m_file->bytesRead(), m_file->size(), 0});
    }
    return chunk;
}

Result<std::string_view> PipelineSource::peek(std::size_t bytes)
{
    if (m_chunk.empty()) {
        const Result<std::string_view> chunk = fetch();
        if (!chunk)
            return chunk;
        m_chunk = *chunk;
    }
    return m_chunk.substr(0, bytes);
}

Result<std::string> PipelineSource::sha256()
{
    for (;;) {
        const Result<std::string_view> chunk = next();
        if (!chunk)
            return fail(chunk.error());
        if (chunk->empty())
            return m_sha256;
    }
}

} // namespace

Result<std::unique_ptr<FileSource>> FileSource::open(const std::filesystem::path &path,
    const Progress &progress, std::shared_ptr<Archive> archive)
{
    Result<std::unique_ptr<RawFile>> file = RawFile::open(path, std::move(archive));
    if (!file)
        return fail(std::move(file.error()));
    return std::make_unique<PipelineSource>(std::move(*file), progress);
}

} // namespace tailscope::import
