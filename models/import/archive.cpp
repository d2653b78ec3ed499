// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/archive.h"

#include "base/text.h"

#include <algorithm>
#include <fstream>
#include <set>

#include <archive.h>
#include <archive_entry.h>

namespace tailscope::import {

namespace {

constexpr std::size_t kBlockBytes = 256 * 1024;
constexpr std::uint64_t kBombBytes = 1024ULL * 1024 * 1024;
constexpr std::uint64_t kBombRatio = 1000;

struct HandleDeleter
{
    void operator()(archive *handle) const { archive_read_free(handle); }
};
using HandlePtr = std::unique_ptr<archive, HandleDeleter>;

enum class Kind { None, Zip, Tar };

/// By the first bytes: libarchive is only asked about what may be an archive.
Kind kindOf(const std::filesystem::path &path)
{
    std::ifstream file(path, std::ios::binary);
    std::string head(512, '\0');
    file.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    if (head.starts_with("PK\x03\x04"))
        return Kind::Zip;
    const bool compressed = head.starts_with("\x1F\x8B") || head.starts_with("\x28\xB5\x2F\xFD");
    return compressed || head.size() == 512 ? Kind::Tar : Kind::None;
}

HandlePtr openHandle(const std::filesystem::path &path, Kind kind)
{
    HandlePtr handle(archive_read_new());
    if (!handle)
        return nullptr;
    archive *raw = handle.get();
    const bool set = kind == Kind::Zip ? archive_read_support_format_zip_seekable(raw) == ARCHIVE_OK
                                       : archive_read_support_format_tar(raw) == ARCHIVE_OK
            && archive_read_support_filter_gzip(raw) == ARCHIVE_OK
            && archive_read_support_filter_zstd(raw) == ARCHIVE_OK;
    if (!set || archive_read_open_filename(raw, path.c_str(), kBlockBytes) != ARCHIVE_OK)
        return nullptr;
    return handle;
}

std::string messageOf(archive *handle)
{
    const char *text = archive_error_string(handle);
    return text != nullptr ? text : "unknown cause";
}

/// A name that stays below the archive's path, whatever the archive says.
std::string safeName(archive_entry *entry)
{
    const char *text = archive_entry_pathname_utf8(entry);
    if (text == nullptr)
        text = archive_entry_pathname(entry);
    std::string name;
    const std::string clean = sanitizedUtf8(text != nullptr ? text : "");
    for (const std::string_view part : split(clean, '/')) {
        if (part.empty() || part == "." || part == "..")
            continue;
        name += name.empty() ? "" : "/";
        name += part;
    }
    return name.empty() ? "unnamed" : name;
}

std::string reasonToSkip(archive_entry *entry, const std::string &name)
{
    if (archive_entry_filetype(entry) == AE_IFDIR)
        return "a folder";
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr)
        return "not a regular file";
    if (name.starts_with("__MACOSX/") || name.ends_with(".DS_Store"))
        return "a note of macOS";
    if (archive_entry_is_encrypted(entry) != 0)
        return "encrypted: unpack it with its password";
    if (archive_entry_size_is_set(entry) && archive_entry_size(entry) == 0)
        return "empty";
    return {};
}

} // namespace

struct Archive::Handle
{
    Kind kind = Kind::None;
    HandlePtr handle;
};

Archive::Archive(std::filesystem::path path)
    : m_path(std::move(path))
    , m_handle(std::make_unique<Handle>())
{}

Archive::~Archive() = default;

tl::unexpected<Error> Archive::broken(const std::string &cause) const
{
    return fail(ErrorCode::BadInput, m_path.string(), "the archive is broken: " + cause,
        "Unpack it with another tool and import its files.");
}

Result<std::unique_ptr<Archive>> Archive::open(const std::filesystem::path &path,
    const std::function<bool()> &cancelled)
{
    std::error_code error;
    if (path == "-" || !std::filesystem::is_regular_file(path, error))
        return std::unique_ptr<Archive>();
    std::unique_ptr<Archive> archive(new Archive(path));
    archive->m_handle->kind = kindOf(path);
    archive->m_fileBytes = std::filesystem::file_size(path, error);
    archive->m_written = std::filesystem::last_write_time(path, error);
    if (archive->m_handle->kind == Kind::None)
        return std::unique_ptr<Archive>();
    const Result<bool> listed = archive->list(cancelled);
    if (!listed)
        return fail(listed.error());
    if (!*listed)
        return std::unique_ptr<Archive>();
    return archive;
}

/// False when the file is to be opened as a plain one.
Result<bool> Archive::list(const std::function<bool()> &cancelled)
{
    const HandlePtr handle = openHandle(m_path, m_handle->kind);
    std::set<std::string> names;
    std::uint64_t bytes = 0;
    std::size_t content = 0;
    for (;;) {
        archive_entry *entry = nullptr;
        const int status = handle ? archive_read_next_header(handle.get(), &entry) : ARCHIVE_FATAL;
        if (status == ARCHIVE_EOF)
            break;
        // What is no archive says so at its first header; zip files of one file have their own messages.
        if (status < ARCHIVE_WARN && (m_members.empty() || m_handle->kind == Kind::Zip))
            return false;
        if (status < ARCHIVE_WARN) {
            m_damage = messageOf(handle.get());
            break;
        }
        if (cancelled && cancelled())
            return fail(ErrorCode::Cancelled, m_path.string(), "cancelled");
        if (m_members.size() >= kMaxMembers)
            return fail(ErrorCode::LimitExceeded, m_path.string(),
                "the archive has more than " + groupedCount(kMaxMembers) + " members",
                "Unpack it and import the files you need.");
        ArchiveMember member;
        member.name = safeName(entry);
        member.skipped = reasonToSkip(entry, member.name);
        member.size = static_cast<std::uint64_t>(std::max<std::int64_t>(archive_entry_size(entry), 0));
        for (int copy = 2; !names.insert(member.name).second; ++copy)
            member.name = safeName(entry) + " (" + std::to_string(copy) + ')';
        bytes += std::min(member.size, kMaxBytes);
        if (bytes > kMaxBytes || (bytes > kBombBytes && bytes / kBombRatio > m_fileBytes))
            return fail(ErrorCode::LimitExceeded, m_path.string(),
                "its members inflate to more than " + humanBytes(bytes) + " from " + humanBytes(m_fileBytes),
                "If that is right, unpack it by hand and import the files.");
        content += member.skipped.empty() ? 1 : 0;
        m_members.push_back(std::move(member));
    }
    if (m_members.empty())
        return false;
    return m_handle->kind == Kind::Tar || content > 1;
}

std::size_t Archive::indexOf(const std::string &name) const
{
    const auto found = std::find_if(m_members.begin(), m_members.end(),
        [&](const ArchiveMember &member) { return member.name == name; });
    return found == m_members.end() ? std::string::npos : static_cast<std::size_t>(found - m_members.begin());
}

Result<void> Archive::seek(std::size_t index)
{
    if (!m_handle->handle || m_next > index) {
        m_handle->handle = openHandle(m_path, m_handle->kind);
        m_next = 0;
        m_produced = 0;
    }
    if (!m_handle->handle)
        return broken("it cannot be opened");
    while (m_next <= index) {
        archive_entry *entry = nullptr;
        if (archive_read_next_header(m_handle->handle.get(), &entry) < ARCHIVE_WARN || entry == nullptr)
            return broken(messageOf(m_handle->handle.get()));
        ++m_next;
    }
    return {};
}

Result<std::size_t> Archive::read(char *out, std::size_t capacity)
{
    const la_ssize_t count = archive_read_data(m_handle->handle.get(), out, capacity);
    if (count < 0)
        return broken(messageOf(m_handle->handle.get()));
    m_produced += static_cast<std::uint64_t>(count);
    if (m_produced > kBombBytes && m_produced / kBombRatio > m_fileBytes)
        return fail(ErrorCode::LimitExceeded, m_path.string(),
            "its members inflate to more than " + std::to_string(kBombRatio) + " times its size ("
                + humanBytes(m_produced) + " so far)",
            "If that is right, unpack it by hand and import the files.");
    return static_cast<std::size_t>(count);
}

Result<void> Archive::checkUnchanged() const
{
    std::error_code error;
    if (std::filesystem::file_size(m_path, error) == m_fileBytes && !error
        && std::filesystem::last_write_time(m_path, error) == m_written && !error)
        return {};
    return fail(ErrorCode::BadInput, m_path.string(), "the archive changed while it was read",
        "Import it again when nothing writes to it any more.");
}

Archive::MemberPath Archive::splitPath(const std::filesystem::path &path)
{
    std::error_code error;
    std::filesystem::path head = path;
    std::string member;
    while (head.has_filename() && head.has_parent_path() && head != head.parent_path()) {
        if (std::filesystem::is_regular_file(head, error))
            return member.empty() ? MemberPath{} : MemberPath{head, member};
        member = head.filename().string() + (member.empty() ? "" : "/") + member;
        head = head.parent_path();
    }
    return std::filesystem::is_regular_file(head, error) && !member.empty() ? MemberPath{head, member}
                                                                            : MemberPath{};
}

} // namespace tailscope::import
