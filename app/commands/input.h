// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "session/ingest.h"
#include "store/workspace.h"

#include <QStringList>

#include <memory>

namespace tailscope::app {

/// What report and check work on: one workspace, or files read into a temporary one.
struct CommandInput
{
    std::unique_ptr<store::Workspace> workspace;
    std::vector<Error> errors; ///< files that could not be read
};
Result<CommandInput> openInput(const QStringList &inputs);
/// A workspace to read from. Sources that an interrupted import left without self times, depths and lanes are
/// finished first; where that cannot be (another program owns the workspace), a remark goes to stderr.
Result<std::unique_ptr<store::Workspace>> openReadable(const QString &path);
/// Writes to a file, or to standard output when the path is empty.
Result<void> writeOutput(const QString &path, const std::string &text);

} // namespace tailscope::app
