// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/livesession.h"

namespace tailscope::session {

/// The starter of a LiveSession that records real servers (live::Attachment).
Result<std::shared_ptr<LiveRecording>> attachServers(std::shared_ptr<const store::Workspace> workspace,
    std::vector<live::Target> targets, const live::AttachOptions &options);

} // namespace tailscope::session
