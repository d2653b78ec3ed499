// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "import/importreport.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import {

class Archive;

/// A stream of decompressed bytes. Readers pull from it; used by one thread.
class ByteSource
{
public:
    virtual ~ByteSource() = default;
    /// 1..n bytes, valid until the next call; empty at the end. Errors: I/O, broken compression, inflation
    /// bound, cancelled, file changed while reading, or the sink failed.
    virtual Result<std::string_view> next() = 0;
    /// Decompressed bytes handed out before the current chunk.
    virtual std::uint64_t offset() const = 0;
    /// What messages call it: the path, or "standard input".
    virtual const std::string &name() const = 0;
};

/// A remark of the byte layer that belongs into the import report ("truncated-compression").
struct SourceNote
{
    IssueSeverity severity = IssueSeverity::Notice;
    std::string kind;
    std::uint64_t offset = 0; ///< decompressed
    std::string example;
};

/// Opens a file (or "-" = standard input): gzip, zstd and single-member zip are recognised by magic and
/// inflated on a second thread; UTF-16 (BOM, LE/BE) becomes UTF-8, a UTF-8 BOM is dropped. SHA-256 of the raw
/// bytes is kept.
class FileSource : public ByteSource
{
public:
    /// Errors: missing, directory, permission, empty file (BadInput), each with a hint. A path into an
    /// archive
    /// ("a.zip/b.json") opens that member; `archive`: the archive when it is open already.
    static Result<std::unique_ptr<FileSource>> open(const std::filesystem::path &path,
        const Progress &progress, std::shared_ptr<Archive> archive = nullptr);
    /// At most `bytes` (up to 64 KiB) from the start without consuming them; before the first next() only.
    virtual Result<std::string_view> peek(std::size_t bytes) = 0;
    virtual std::uint64_t rawBytesRead() const = 0; ///< compressed position; any thread
    virtual std::uint64_t rawSize() const = 0; ///< 0 = unknown (standard input)
    virtual bool isCompressed() const = 0; ///< known after peek() or the first next()
    virtual bool isRegularFile() const = 0; ///< false for standard input and pipes
    /// Hex SHA-256 of the raw file; valid after the end was reached (drains the rest when it was not).
    virtual Result<std::string> sha256() = 0;
    /// Asked before each next(); used to stop when the sink failed.
    virtual void setStopCheck(std::function<bool()> stop) = 0;
    /// Remarks about the bytes; complete once next() gave the end or an error.
    virtual std::vector<SourceNote> notes() const = 0;
};

/// Bytes in memory in chunks of a given size: tests (1, 7, 4096), pasted text.
class MemorySource : public ByteSource
{
public:
    MemorySource(std::string bytes, std::string name, std::size_t chunk = 65536);
    Result<std::string_view> next() override;
    std::uint64_t offset() const override;
    const std::string &name() const override;

private:
    std::string m_bytes, m_name;
    std::size_t m_chunk, m_position = 0, m_last = 0;
};

} // namespace tailscope::import
