// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QString>
#include <QStringList>

namespace tailscope::app {

/// A place in source code, as a profile names it.
struct SourcePlace
{
    QString file;
    int line = 0; ///< 0 = unknown
};
/// "file:line" or "file".
SourcePlace parsePlace(const QString &text);

/// Program and arguments of an editor command like `code -g %f:%l`: split at blanks (quotes keep blanks
/// together), then %f and %l replaced inside each argument, so that no file name can become an argument of
/// its own. Without %f the file is the last argument; an unknown line is 1. Empty for an empty command.
QStringList editorArguments(const QString &command, const SourcePlace &place);

/// The file after replacing a prefix: rules "from=to", one after the other separated by ';'; the first that
/// fits counts. A prefix ends at a folder.
QString mappedPath(const QString &file, const QString &rules);

/// Opens the place: with the command of TAILSCOPE_EDITOR, else of the setting "editor/command", else with
/// the program the desktop knows for the file. Paths are mapped by "editor/pathMap". Never runs a shell.
/// Errors: NotFound when the file does not exist here (after mapping), NotReadable when nothing can open it.
Result<void> openSource(const QString &place);

} // namespace tailscope::app
