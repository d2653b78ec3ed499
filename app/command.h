// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QVector>

namespace tailscope::app {

/// One command of the command line; one file in app/commands/ each.
struct Command
{
    QString name; ///< "import"
    QString synopsis; ///< "import FILE... --to W.tailscope [--format ID] ..."
    QString summary; ///< one line
    bool needsGui = false; ///< a QApplication (offscreen when there is no display)
    int (*run)(const QStringList &arguments) = nullptr; ///< arguments after the name; returns the exit code
};

/// All commands, in the order of the help text.
const QVector<Command> &commands();
const Command *commandByName(const QString &name);

// One function a command (app/commands/NAME.cpp).
int runImport(const QStringList &arguments);
int runSources(const QStringList &arguments);
int runRemove(const QStringList &arguments);
int runReport(const QStringList &arguments);
int runQuery(const QStringList &arguments);
int runExport(const QStringList &arguments);
int runExplain(const QStringList &arguments);
int runRender(const QStringList &arguments);
int runCheck(const QStringList &arguments);
int runCompareRecordings(const QStringList &arguments);
int runRemote(const QStringList &arguments);
int runCatalogSql(const QStringList &arguments);
int runFormats(const QStringList &arguments);
int runRules(const QStringList &arguments);
int runViews(const QStringList &arguments);
int runRecord(const QStringList &arguments);
int runProbes(const QStringList &arguments);

} // namespace tailscope::app
