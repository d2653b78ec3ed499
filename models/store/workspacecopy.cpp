// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/workspace.h"

#include <system_error>

namespace tailscope::store {

Result<void> Workspace::copyTo(const std::filesystem::path &target, const Progress &progress) const
{
    // Written beside the target and renamed, so that a full disk or a cancel leaves an older file as it was.
    const std::filesystem::path part = target.string() + ".part";
    std::error_code error;
    std::filesystem::remove(part, error);
    auto database = connectReader();
    if (!database)
        return tl::unexpected(database.error());
    database->setCancel(progress.cancel);
    auto copy = database->prepare("VACUUM INTO ?1");
    if (!copy)
        return tl::unexpected(copy.error());
    const std::string name = part.string();
    copy->bind(0, std::string_view(name));
    if (const Result<void> done = copy->run(); !done) {
        std::filesystem::remove(part, error);
        return done;
    }
    std::filesystem::rename(part, target, error);
    if (error)
        return fail(ErrorCode::NotReadable, target.string(), error.message(), "Choose another folder");
    return {};
}

} // namespace tailscope::store
