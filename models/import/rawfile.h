// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "import/archive.h"
#include "import/sha256.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include <sys/stat.h>

namespace tailscope::import {

/// The bytes of a file as they lie on disk, or of standard input ("-") and pipes: read in order, hashed on
/// the way, checked at the end against what was there when it was opened. Used by one thread at a time.
class RawFile
{
public:
    /// Errors with hints: NotFound, NotReadable (directory, device, permission), BadInput (empty regular
    /// file).
    /// A path into an archive ("a.zip/b.json") opens that member; `archive`: the archive when it is open
    /// already.
    static Result<std::unique_ptr<RawFile>> open(const std::filesystem::path &path,
        std::shared_ptr<Archive> archive = nullptr);
    virtual ~RawFile();
    RawFile(const RawFile &) = delete;
    RawFile &operator=(const RawFile &) = delete;

    /// 1..capacity bytes; 0 at the end, or when `stop` asks to give up while a pipe is silent.
    virtual Result<std::size_t> read(char *out, std::size_t capacity);
    /// Reads and hashes what nobody asked for.
    Result<void> drain();
    /// BadInput when the file grew, shrank, was written or was replaced since open(). Pipes never change.
    virtual Result<void> checkUnchanged() const;
    /// Hash of all bytes read.
    std::string takeSha256() { return m_hash.takeHex(); }

    const std::string &name() const { return m_name; }
    const std::filesystem::path &path() const { return m_path; }
    bool isRegular() const { return m_regular; }
    virtual bool isMember() const { return false; } ///< of an archive
    std::uint64_t size() const { return m_size; } ///< 0 = unknown (pipes)
    std::uint64_t bytesRead() const { return m_bytesRead.load(std::memory_order_relaxed); } ///< any thread
    /// Asked ten times a second while a pipe is silent.
    std::function<bool()> stop;

protected:
    RawFile() = default;
    void noteRead(std::string_view bytes);

    bool m_regular = false;
    std::filesystem::path m_path;
    std::string m_name;
    std::uint64_t m_size = 0;

private:
    Result<bool> waitReadable() const;

    int m_fd = -1;
    struct stat m_stat
    {};
    std::atomic<std::uint64_t> m_bytesRead{0};
    Sha256 m_hash;
};

/// Hash of a whole regular file or member of an archive.
Result<std::string> sha256OfFile(const std::filesystem::path &path, const std::function<bool()> &cancelled,
    std::shared_ptr<Archive> archive = nullptr);

} // namespace tailscope::import
