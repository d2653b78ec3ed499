// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "import/bytesource.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import {

class RawFile;

/// One step between the raw file and the reader's bytes: inflation, character encoding. Runs on the
/// read-ahead thread.
class Stage
{
public:
    virtual ~Stage() = default;
    /// 1..capacity bytes; 0 at the end (again and again).
    virtual Result<std::size_t> read(char *out, std::size_t capacity) = 0;
};

/// What all stages of one file share.
struct StageContext
{
    std::string name; ///< of the file, for errors
    std::vector<SourceNote> notes;
};

/// Looks ahead without consuming.
class PeekStage : public Stage
{
public:
    explicit PeekStage(std::unique_ptr<Stage> input)
        : m_input(std::move(input))
    {}
    /// At least `bytes` unless the input ends before.
    Result<std::string_view> peek(std::size_t bytes);
    /// Drops bytes that were peeked.
    void skip(std::size_t bytes) { m_position += bytes; }
    Result<std::size_t> read(char *out, std::size_t capacity) override;

private:
    std::unique_ptr<Stage> m_input;
    std::string m_ahead;
    std::size_t m_position = 0;
    bool m_ended = false;
    std::optional<Error> m_error; ///< met while peeking
};

std::unique_ptr<Stage> rawStage(RawFile &file);
/// Gives the error once, then the end.
std::unique_ptr<Stage> errorStage(Error error);
/// gzip (RFC 1952), all members; a truncated end is a note, garbage after the last member too.
std::unique_ptr<Stage> gzipStage(std::unique_ptr<Stage> input, StageContext &context);
/// Zstandard (RFC 8878), all frames, skippable ones too; truncation and garbage as above.
std::unique_ptr<Stage> zstdStage(std::unique_ptr<Stage> input, StageContext &context);
/// Blocks of a 4-byte big-endian size and one zstd frame, as the OpenTelemetry Collector's file exporter
/// writes with compression; each block ends with a line end, unless it is protobuf.
std::unique_ptr<Stage> zstdBlockStage(std::unique_ptr<Stage> input, StageContext &context);
/// The only member of a zip file; several members are an error that names them.
Result<std::unique_ptr<Stage>> zipStage(const RawFile &file, StageContext &context);
/// UTF-16 to UTF-8 (by BOM, or by where its NUL bytes lie), UTF-8 BOM dropped; other bytes pass as they are.
Result<std::unique_ptr<Stage>> textStage(std::unique_ptr<Stage> input, StageContext &context);

/// All stages a file needs, by magic; at most two layers of compression. `compressed` tells whether there is
/// any.
Result<std::unique_ptr<Stage>> buildStages(RawFile &file, StageContext &context, bool &compressed);

} // namespace tailscope::import
