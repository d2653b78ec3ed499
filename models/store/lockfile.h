// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <filesystem>

namespace tailscope::store {

/// The lock of a workspace: `<path>.lock`, held by flock() for the life of the object, so that it goes with
/// the process however it ends. It names the owner (process, its start, host). The file is removed at a clean
/// end: one that is found lying there means that the last owner did not get to close the workspace.
class LockFile
{
public:
    /// Takes the lock or fails with ErrorCode::Locked and the owner's process id.
    static Result<LockFile> acquire(const std::filesystem::path &workspace);
    LockFile() = default;
    LockFile(LockFile &&other) noexcept;
    LockFile &operator=(LockFile &&other) noexcept;
    ~LockFile();

    /// Its last owner ended without releasing it.
    bool wasLeftBehind() const { return m_leftBehind; }
    /// The workspace was found sound: from now on the file goes at the end. Before, a file that was left
    /// behind stays where it is, so that the next one to open the workspace checks it too.
    void markSound() { m_keepMark = false; }

private:
    void release();
    int m_descriptor = -1;
    bool m_leftBehind = false, m_keepMark = false;
    std::filesystem::path m_path;
};

} // namespace tailscope::store
