// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/lockfile.h"

#include "base/text.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tailscope::store {

namespace {

/// Field 22 of /proc/self/stat: with the pid it names a process even after the number is used again.
std::string processStart()
{
    std::ifstream file("/proc/self/stat");
    std::string text;
    std::getline(file, text);
    const std::size_t name = text.rfind(')'); // the command in parentheses may hold blanks
    if (name == std::string::npos)
        return "?";
    const std::vector<std::string_view> fields = split(std::string_view(text).substr(name + 1), ' ');
    return fields.size() > 20 ? std::string(fields[20]) : "?";
}

std::string ownerLines()
{
    char host[256] = "?";
    gethostname(host, sizeof host - 1);
    return std::to_string(getpid()) + "\n" + processStart() + "\n" + host + "\n";
}

std::string content(int descriptor)
{
    char buffer[512];
    const ssize_t bytes = pread(descriptor, buffer, sizeof buffer, 0);
    return bytes > 0 ? std::string(buffer, static_cast<std::size_t>(bytes)) : std::string();
}

/// The open file is still the one that has the name (its owner may have removed it meanwhile).
bool isCurrent(int descriptor, const std::filesystem::path &path)
{
    struct stat opened
    {
    }, named{};
    return fstat(descriptor, &opened) == 0 && stat(path.c_str(), &named) == 0 && opened.st_ino == named.st_ino
        && opened.st_dev == named.st_dev;
}

tl::unexpected<Error> locked(const std::filesystem::path &workspace, int descriptor)
{
    const std::string owner = content(descriptor);
    const std::vector<std::string_view> lines = split(owner, '\n');
    std::string detail = "the workspace is open in another Tailscope";
    if (lines.size() >= 3 && parseInt64(lines[0])) {
        detail += " (process " + std::string(lines[0]) + " on " + sanitizedUtf8(lines[2]) + ")";
    }
    return fail(ErrorCode::Locked, workspace.string(), detail, "Close it there, or open it for reading only");
}

} // namespace

LockFile::LockFile(LockFile &&other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1))
    , m_leftBehind(other.m_leftBehind)
    , m_keepMark(other.m_keepMark)
    , m_path(std::move(other.m_path))
{}

LockFile &LockFile::operator=(LockFile &&other) noexcept
{
    if (this != &other) {
        release();
        m_descriptor = std::exchange(other.m_descriptor, -1);
        m_leftBehind = other.m_leftBehind;
        m_keepMark = other.m_keepMark;
        m_path = std::move(other.m_path);
    }
    return *this;
}

LockFile::~LockFile() { release(); }

Result<LockFile> LockFile::acquire(const std::filesystem::path &workspace)
{
    const std::filesystem::path path = workspace.string() + ".lock";
    for (int attempt = 0; attempt < 100; ++attempt) {
        const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (descriptor < 0) {
            const ErrorCode code
                = errno == ENOSPC || errno == EDQUOT ? ErrorCode::DiskFull : ErrorCode::NotReadable;
            return fail(code, workspace.string(),
                "the lock file " + path.filename().string() + " cannot be made: " + std::strerror(errno),
                "Make the folder writable, or open the workspace for reading only");
        }
        if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
            auto error = locked(workspace, descriptor);
            ::close(descriptor);
            return error;
        }
        if (!isCurrent(descriptor, path)) {
            ::close(descriptor);
            continue;
        }
        LockFile lock;
        lock.m_descriptor = descriptor;
        lock.m_path = path;
        lock.m_leftBehind = lock.m_keepMark = !content(descriptor).empty();
        const std::string owner = ownerLines();
        const bool written = ftruncate(descriptor, 0) == 0
            && pwrite(descriptor, owner.data(), owner.size(), 0) == static_cast<ssize_t>(owner.size());
        if (!written)
            return fail(ErrorCode::DiskFull, workspace.string(), "the lock file cannot be written",
                "Free disk space and try again");
        return lock;
    }
    return fail(ErrorCode::Locked, workspace.string(),
        "the workspace is being opened and closed by other programs", "Try again");
}

void LockFile::release()
{
    if (m_descriptor < 0)
        return;
    // Removed while the lock is held: whoever waits for it sees that its file lost the name and starts over.
    if (!m_keepMark)
        ::unlink(m_path.c_str());
    ::close(m_descriptor);
    m_descriptor = -1;
}

} // namespace tailscope::store
