// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "live/target.h"

#include <QStringList>

#include <vector>

namespace tailscope::app {

/// Takes "--attach CONNINFO [CONNINFO...] [--pool CONNINFO]..." out of the arguments of the window; files may
/// stand before it. ErrorCode::Usage when a conninfo cannot be read or none follows.
Result<std::vector<live::Target>> takeServerArguments(QStringList &arguments);

} // namespace tailscope::app
