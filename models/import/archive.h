// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tailscope::import {

/// One entry of an archive.
struct ArchiveMember
{
    /// As the source is called behind the archive's path: UTF-8, relative, no "..", unique. Never a path on
    /// disk.
    std::string name;
    std::uint64_t size = 0; ///< inflated, as the archive says; 0 = unknown
    std::string skipped; ///< why it is not read ("a folder"); empty = it may be
};

/// A zip archive of several files, or a tar (plain, gzip, zstd): read in order, nothing is ever unpacked to
/// disk. Limits: kMaxMembers entries, kMaxBytes inflated, and past 1 GiB a thousand times the size of the
/// archive. Used by one thread at a time.
class Archive
{
public:
    static constexpr std::size_t kMaxMembers = 10'000;
    static constexpr std::uint64_t kMaxBytes = 256ULL * 1024 * 1024 * 1024;

    /// Null when the file is no archive, or a zip of one file (which is opened as that file). Lists all
    /// members; `cancelled` is asked between them. Errors: broken, too many members, too large.
    static Result<std::unique_ptr<Archive>> open(const std::filesystem::path &path,
        const std::function<bool()> &cancelled);
    /// The archive and the member that a path like "dir/a.zip/b/c.json" names: the longest part that is a
    /// file, and the rest. Empty member: the path is no such.
    struct MemberPath
    {
        std::filesystem::path archive;
        std::string member;
    };
    static MemberPath splitPath(const std::filesystem::path &path);
    ~Archive();

    const std::filesystem::path &path() const { return m_path; }
    const std::vector<ArchiveMember> &members() const { return m_members; }
    /// Why the list of members ends early (the archive is cut off); empty = it does not.
    const std::string &damage() const { return m_damage; }
    /// npos when there is none of that name.
    std::size_t indexOf(const std::string &name) const;

    /// Goes to the begin of a member; backwards the archive is read again from its start.
    Result<void> seek(std::size_t index);
    /// 1..capacity bytes of that member; 0 at its end.
    Result<std::size_t> read(char *out, std::size_t capacity);
    /// Error when the archive was written or replaced since open().
    Result<void> checkUnchanged() const;

private:
    struct Handle;
    explicit Archive(std::filesystem::path path);
    Result<bool> list(const std::function<bool()> &cancelled);
    tl::unexpected<Error> broken(const std::string &cause) const;

    std::filesystem::path m_path;
    std::unique_ptr<Handle> m_handle;
    std::vector<ArchiveMember> m_members;
    std::string m_damage;
    std::size_t m_next = 0; ///< index of the entry that the next header is of
    std::uint64_t m_fileBytes = 0, m_produced = 0;
    std::filesystem::file_time_type m_written;
};

} // namespace tailscope::import
