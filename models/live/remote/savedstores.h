// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/remote/remotemapping.h"
#include "store/workspace.h"

namespace tailscope::live {

/// A store that a workspace remembers, so that opening it again offers it.
struct SavedStore
{
    std::int64_t id = 0;
    std::string conninfo; ///< never with a password
    RemoteMapping mapping;
};

/// By name. A mapping that cannot be read is left out.
Result<std::vector<SavedStore>> savedStores(const store::Workspace &workspace);
/// Replaces the one of the same name. A conninfo with a password is refused (ErrorCode::Internal):
/// parseTarget() moves it to where it belongs.
Result<void> saveStore(const store::Workspace &workspace, const std::string &conninfo,
    const RemoteMapping &mapping);
Result<void> forgetStore(const store::Workspace &workspace, const std::string &name);

} // namespace tailscope::live
