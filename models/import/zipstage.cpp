// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/stage.h"

#include "import/rawfile.h"

#include <algorithm>

#include <archive.h>
#include <archive_entry.h>

namespace tailscope::import {

namespace {

constexpr std::size_t kBlockBytes = 256 * 1024;
constexpr std::size_t kMaxNamesShown = 10;
/// Members looked at before the archive is refused; the directory of a zip file can hold millions.
constexpr std::size_t kMaxMembers = 10'000;

struct ArchiveDeleter
{
    void operator()(archive *handle) const { archive_read_free(handle); }
};
using ArchivePtr = std::unique_ptr<archive, ArchiveDeleter>;

std::string messageOf(archive *handle)
{
    const char *text = archive_error_string(handle);
    return text != nullptr ? text : "unknown cause";
}

tl::unexpected<Error> zipError(const StageContext &context, const std::string &cause)
{
    return fail(ErrorCode::BadInput, context.name, "the zip archive is broken: " + cause,
        "Unpack it with another tool and import the member.");
}

/// nullptr when the file cannot be opened as a zip archive.
ArchivePtr openArchive(const RawFile &file)
{
    ArchivePtr handle(archive_read_new());
    if (!handle || archive_read_support_format_zip_seekable(handle.get()) != ARCHIVE_OK
        || archive_read_open_filename(handle.get(), file.path().c_str(), kBlockBytes) != ARCHIVE_OK)
        return nullptr;
    return handle;
}

/// Folders and the resource forks that macOS adds are not content.
bool isContent(archive_entry *entry, const std::string &name)
{
    return archive_entry_filetype(entry) == AE_IFREG && !name.starts_with("__MACOSX/")
        && name.find("/.DS_Store") == std::string::npos && name != ".DS_Store";
}

std::string nameOf(archive_entry *entry)
{
    const char *name = archive_entry_pathname(entry);
    return name != nullptr ? name : "(unnamed)";
}

struct Members
{
    std::vector<std::string> names; ///< the first few
    std::size_t count = 0;
    std::size_t index = 0; ///< of the first content member
};

Result<Members> listMembers(archive *handle, const StageContext &context)
{
    Members members;
    for (std::size_t at = 0;; ++at) {
        archive_entry *entry = nullptr;
        const int status = archive_read_next_header(handle, &entry);
        if (status == ARCHIVE_EOF)
            return members;
        if (status < ARCHIVE_WARN)
            return zipError(context, messageOf(handle));
        if (at >= kMaxMembers)
            return fail(ErrorCode::LimitExceeded, context.name, "the zip archive has too many members",
                "Unpack it and import the member you need.");
        const std::string name = nameOf(entry);
        if (!isContent(entry, name))
            continue;
        if (members.count++ == 0)
            members.index = at;
        if (members.names.size() < kMaxNamesShown)
            members.names.push_back(name);
    }
}

class ZipStage final : public Stage
{
public:
    ZipStage(ArchivePtr handle, StageContext &context)
        : m_handle(std::move(handle))
        , m_context(context)
    {}
    Result<std::size_t> read(char *out, std::size_t capacity) override
    {
        if (m_done)
            return 0;
        const la_ssize_t count = archive_read_data(m_handle.get(), out, capacity);
        if (count > 0) {
            m_produced += static_cast<std::uint64_t>(count);
            return static_cast<std::size_t>(count);
        }
        m_done = true;
        if (count < 0) {
            auto error = zipError(m_context, messageOf(m_handle.get()));
            error.value().where = Location{m_produced, std::nullopt, std::nullopt};
            return error;
        }
        return 0;
    }

private:
    ArchivePtr m_handle;
    StageContext &m_context;
    std::uint64_t m_produced = 0;
    bool m_done = false;
};

} // namespace

Result<std::unique_ptr<Stage>> zipStage(const RawFile &file, StageContext &context)
{
    if (!file.isRegular() || file.path() == "-")
        return fail(ErrorCode::NotReadable, context.name, "a zip archive cannot be read from a pipe",
            "Save it to a file first, or unpack it on the way: ... | funzip | ...");
    ArchivePtr handle = openArchive(file);
    if (!handle)
        return zipError(context, "its directory cannot be read");
    const Result<Members> members = listMembers(handle.get(), context);
    if (!members)
        return fail(members.error());
    if (members->count == 0)
        return fail(ErrorCode::BadInput, context.name, "the zip archive holds no file",
            "Check how it was made.");
    if (members->count > 1) {
        std::string names;
        for (const std::string &name : members->names)
            names += (names.empty() ? "" : ", ") + name;
        if (members->count > members->names.size())
            names += ", ...";
        return fail(ErrorCode::BadInput, context.name,
            "the zip archive holds " + std::to_string(members->count) + " files: " + names,
            "Unpack it and import the files you need.");
    }
    handle = openArchive(file);
    archive_entry *entry = nullptr;
    for (std::size_t at = 0; handle && at <= members->index; ++at) {
        if (archive_read_next_header(handle.get(), &entry) < ARCHIVE_WARN)
            return zipError(context, messageOf(handle.get()));
    }
    if (!handle || entry == nullptr)
        return zipError(context, "its directory cannot be read");
    if (archive_entry_is_encrypted(entry) != 0)
        return fail(ErrorCode::NotReadable, context.name, "the zip archive is encrypted",
            "Unpack it with its password and import the member.");
    return std::make_unique<ZipStage>(std::move(handle), context);
}

} // namespace tailscope::import
