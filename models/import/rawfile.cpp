// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/rawfile.h"

#include <cerrno>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace tailscope::import {

namespace {

constexpr int kPollMilliseconds = 100;

std::string reasonText(int code) { return std::generic_category().message(code); }

tl::unexpected<Error> openError(const std::string &name, int code)
{
    switch (code) {
    case ENOENT:
    case ENOTDIR:
        return fail(ErrorCode::NotFound, name, "no such file", "Check the path; names are case-sensitive.");
    case EACCES:
    case EPERM:
        return fail(ErrorCode::NotReadable, name, "permission denied",
            "Make the file readable for you (chmod u+r) or copy it to a folder of yours.");
    default:
        return fail(ErrorCode::NotReadable, name, reasonText(code), "Check the path and the disk it is on.");
    }
}

bool sameFile(const struct stat &a, const struct stat &b)
{
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size
        && a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

} // namespace

void RawFile::noteRead(std::string_view bytes)
{
    m_hash.add(bytes);
    m_bytesRead.fetch_add(bytes.size(), std::memory_order_relaxed);
}

namespace {

/// One file of an archive.
class MemberFile final : public RawFile
{
public:
    MemberFile(const std::filesystem::path &path, std::shared_ptr<Archive> archive, std::uint64_t size)
        : m_archive(std::move(archive))
    {
        m_path = path;
        m_name = path.string();
        m_regular = true;
        m_size = size;
    }
    Result<std::size_t> read(char *out, std::size_t capacity) override
    {
        const Result<std::size_t> count = m_archive->read(out, capacity);
        if (count)
            noteRead({out, *count});
        return count;
    }
    Result<void> checkUnchanged() const override { return m_archive->checkUnchanged(); }
    bool isMember() const override { return true; }

private:
    std::shared_ptr<Archive> m_archive;
};

Result<std::unique_ptr<RawFile>> openMember(const std::filesystem::path &path,
    const Archive::MemberPath &parts, std::shared_ptr<Archive> archive)
{
    if (!archive) {
        Result<std::unique_ptr<Archive>> opened = Archive::open(parts.archive, {});
        if (!opened)
            return fail(std::move(opened.error()));
        archive = std::move(*opened);
    }
    const std::size_t index = archive ? archive->indexOf(parts.member) : std::string::npos;
    if (index == std::string::npos)
        return fail(ErrorCode::NotFound, path.string(), "no such file in the archive",
            "List the members of the archive; names are case-sensitive.");
    const ArchiveMember &member = archive->members()[index];
    if (!member.skipped.empty())
        return fail(ErrorCode::NotReadable, path.string(),
            "cannot be read from the archive: " + member.skipped,
            "Unpack it with another tool and import the file.");
    TS_TRY(archive->seek(index));
    return std::make_unique<MemberFile>(path, archive, member.size);
}

} // namespace

RawFile::~RawFile()
{
    if (m_fd > STDIN_FILENO)
        ::close(m_fd);
}

Result<std::unique_ptr<RawFile>> RawFile::open(const std::filesystem::path &path,
    std::shared_ptr<Archive> archive)
{
    if (const Archive::MemberPath parts = Archive::splitPath(path); !parts.member.empty())
        return openMember(path, parts, std::move(archive));
    std::unique_ptr<RawFile> file(new RawFile);
    file->m_path = path;
    const bool standardInput = path == "-";
    file->m_name = standardInput ? "standard input" : path.string();
    if (path.empty())
        return fail(ErrorCode::NotFound, "input file", "the file name is empty",
            "Name a file, or - for standard input.");
    // Without O_NONBLOCK a named pipe that nobody writes would hang right here.
    file->m_fd
        = standardInput ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file->m_fd < 0)
        return openError(file->m_name, errno);
    if (::fstat(file->m_fd, &file->m_stat) != 0)
        return openError(file->m_name, errno);
    const mode_t mode = file->m_stat.st_mode;
    if (S_ISDIR(mode))
        return fail(ErrorCode::NotReadable, file->m_name, "is a directory", "Name the files in it.");
    file->m_regular = S_ISREG(mode);
    if (!file->m_regular && !standardInput && !S_ISFIFO(mode) && !S_ISSOCK(mode))
        return fail(ErrorCode::NotReadable, file->m_name, "is neither a file nor a pipe",
            "Name a regular file, or pipe the data to standard input.");
    if (file->m_regular) {
        file->m_size = static_cast<std::uint64_t>(file->m_stat.st_size);
        if (file->m_size == 0)
            return fail(ErrorCode::BadInput, file->m_name, "the file is empty",
                "Check that the program that wrote it has finished.");
    }
    return file;
}

/// False when `stop` asked to give up.
Result<bool> RawFile::waitReadable() const
{
    for (;;) {
        struct pollfd ready
        {
            m_fd, POLLIN, 0
        };
        const int count = ::poll(&ready, 1, kPollMilliseconds);
        if (count > 0)
            return true;
        if (count < 0 && errno != EINTR)
            return fail(ErrorCode::NotReadable, m_name, reasonText(errno),
                "Check the program that writes the pipe.");
        if (stop && stop())
            return false;
    }
}

Result<std::size_t> RawFile::read(char *out, std::size_t capacity)
{
    for (;;) {
        if (!m_regular) {
            const Result<bool> ready = waitReadable();
            if (!ready)
                return fail(ready.error());
            if (!*ready)
                return 0;
        }
        const ssize_t count = ::read(m_fd, out, capacity);
        if (count >= 0) {
            const auto bytes = static_cast<std::size_t>(count);
            noteRead({out, bytes});
            return bytes;
        }
        if (errno != EINTR && errno != EAGAIN)
            return fail(ErrorCode::NotReadable, m_name, "read failed: " + reasonText(errno),
                "Check the disk or the network share.");
    }
}

Result<void> RawFile::drain()
{
    std::vector<char> buffer(256 * 1024);
    for (;;) {
        if (stop && stop())
            return {};
        const Result<std::size_t> count = read(buffer.data(), buffer.size());
        if (!count)
            return fail(count.error());
        if (*count == 0)
            return {};
    }
}

Result<void> RawFile::checkUnchanged() const
{
    if (!m_regular)
        return {};
    struct stat open
    {};
    bool same = ::fstat(m_fd, &open) == 0 && sameFile(open, m_stat);
    if (m_fd != STDIN_FILENO) {
        struct stat named
        {};
        same = same && ::stat(m_path.c_str(), &named) == 0 && sameFile(named, m_stat);
    }
    if (same)
        return {};
    return fail(ErrorCode::BadInput, m_name, "the file changed while it was read",
        "Import it again when nothing writes to it any more.");
}

Result<std::string> sha256OfFile(const std::filesystem::path &path, const std::function<bool()> &cancelled,
    std::shared_ptr<Archive> archive)
{
    Result<std::unique_ptr<RawFile>> file = RawFile::open(path, std::move(archive));
    if (!file)
        return fail(std::move(file.error()));
    (*file)->stop = cancelled;
    TS_TRY((*file)->drain());
    if (cancelled && cancelled())
        return fail(ErrorCode::Cancelled, (*file)->name(), "cancelled");
    TS_TRY((*file)->checkUnchanged());
    return (*file)->takeSha256();
}

} // namespace tailscope::import
