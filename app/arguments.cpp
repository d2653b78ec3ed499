// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/arguments.h"

#include <QCommandLineParser>
#include <QTextStream>

namespace tailscope::app {

Arguments::Arguments(const QString &command, const QList<QCommandLineOption> &options)
    : m_command(command)
    , m_parser(std::make_unique<QCommandLineParser>())
{
    m_parser->addOptions(options);
}

Arguments::~Arguments() = default;

bool Arguments::parse(const QStringList &arguments, int minimumPositional, int maximumPositional,
    const QString &usage)
{
    if (!m_parser->parse(QStringList{m_command} + arguments)) {
        usageError(m_parser->errorText() + QStringLiteral(" Usage: tailscope ") + usage);
        return false;
    }
    const auto count = m_parser->positionalArguments().size();
    if (count < minimumPositional || (maximumPositional >= 0 && count > maximumPositional)) {
        usageError((count < minimumPositional ? QStringLiteral("an argument is missing.")
                                              : QStringLiteral("too many arguments."))
            + QStringLiteral(" Usage: tailscope ") + usage);
        return false;
    }
    return true;
}

bool Arguments::has(const QString &option) const { return m_parser->isSet(option); }

QString Arguments::value(const QString &option) const { return m_parser->value(option); }

QStringList Arguments::positional() const { return m_parser->positionalArguments(); }

std::optional<QString> Arguments::format(const QStringList &known) const
{
    const QString wanted = has(QStringLiteral("format")) ? value(QStringLiteral("format")) : known.first();
    if (known.contains(wanted))
        return wanted;
    usageError(
        QStringLiteral("--format '%1' is unknown. Known: %2").arg(wanted, known.join(QStringLiteral(", "))));
    return std::nullopt;
}

QStringList Arguments::values(const QString &option) const { return m_parser->values(option); }

int Arguments::usageError(const QString &text) const
{
    QTextStream(stderr) << "tailscope " << m_command << ": " << text << "\n";
    return 2;
}

int Arguments::failure(const Error &error) const
{
    QTextStream(stderr) << "tailscope " << m_command << ": " << QString::fromStdString(error.toText())
                        << "\n";
    return exitCode(error.code);
}

} // namespace tailscope::app
