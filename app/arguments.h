// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/error.h"

#include <QCommandLineOption>
#include <QStringList>

#include <memory>
#include <optional>

class QCommandLineParser;

namespace tailscope::app {

/// Options and positional arguments of one command, with errors that name what is known. One style for all
/// commands.
class Arguments
{
public:
    Arguments(const QString &command, const QList<QCommandLineOption> &options);
    ~Arguments();
    /// False: the mistake is on stderr and the command returns 2.
    bool parse(const QStringList &arguments, int minimumPositional, int maximumPositional,
        const QString &usage);
    bool has(const QString &option) const;
    QString value(const QString &option) const;
    /// Of an option that may come several times.
    QStringList values(const QString &option) const;
    QStringList positional() const;
    /// Value of --format when it is one of `known` (the first is the default); nullopt after an error
    /// message.
    std::optional<QString> format(const QStringList &known) const;
    /// Prints "tailscope COMMAND: text" to stderr and returns 2.
    int usageError(const QString &text) const;
    /// Prints the error (what, where, what to do) and returns its exit code.
    int failure(const Error &error) const;

private:
    QString m_command;
    std::unique_ptr<QCommandLineParser> m_parser;
};

} // namespace tailscope::app
