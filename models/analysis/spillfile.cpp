// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/spillfile.h"

#include <QString>
#include <QTemporaryFile>

namespace tailscope::analysis {

SpillFile::SpillFile(std::filesystem::path folder)
    : m_folder(std::move(folder))
{}

SpillFile::~SpillFile() = default;

Result<std::uint64_t> SpillFile::append(const void *data, std::size_t bytes)
{
    if (!m_file) {
        m_file = std::make_unique<QTemporaryFile>(
            QString::fromStdString((m_folder / ".tailscope-derive-XXXXXX").string()));
        if (!m_file->open())
            return fail(ErrorCode::NotReadable, m_folder.string(),
                "cannot make a temporary file: " + m_file->errorString().toStdString(),
                "Let the folder of the workspace be written to.");
    }
    const std::uint64_t at = m_size;
    if (!m_file->seek(qint64(at))
        || m_file->write(static_cast<const char *>(data), qint64(bytes)) != qint64(bytes))
        return fail(ErrorCode::DiskFull, m_folder.string(),
            "cannot write a temporary file: " + m_file->errorString().toStdString(),
            "Make room on the disk.");
    m_size += bytes;
    return at;
}

Result<void> SpillFile::read(std::uint64_t offset, void *data, std::size_t bytes)
{
    if (!m_file || !m_file->seek(qint64(offset))
        || m_file->read(static_cast<char *>(data), qint64(bytes)) != qint64(bytes))
        return fail(ErrorCode::NotReadable, m_folder.string(),
            "cannot read back a temporary file"
                + (m_file ? ": " + m_file->errorString().toStdString() : std::string()),
            "Check the disk.");
    return {};
}

} // namespace tailscope::analysis
