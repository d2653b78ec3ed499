// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/sourceopener.h"

#include <QDesktopServices>
#include <QFileInfo>
#include <QProcess>
#include <QSettings>
#include <QUrl>

#include <algorithm>

namespace tailscope::app {

SourcePlace parsePlace(const QString &text)
{
    const qsizetype colon = text.lastIndexOf(QLatin1Char(':'));
    bool isNumber = false;
    const int line = colon > 0 ? text.mid(colon + 1).toInt(&isNumber) : 0;
    if (!isNumber || line <= 0)
        return {text, 0};
    return {text.left(colon), line};
}

QStringList editorArguments(const QString &command, const SourcePlace &place)
{
    QStringList arguments = QProcess::splitCommand(command);
    if (arguments.isEmpty())
        return {};
    bool hasFile = false;
    const QString line = QString::number(std::max(1, place.line));
    for (qsizetype i = 1; i < arguments.size(); ++i) {
        hasFile = hasFile || arguments[i].contains(QLatin1String("%f"));
        // One pass over the pattern: a file name with %l in it stays as it is.
        QString out;
        for (qsizetype at = 0; at < arguments[i].size(); ++at) {
            const QStringView rest = QStringView(arguments[i]).mid(at);
            if (rest.startsWith(QLatin1String("%f")))
                out += place.file;
            else if (rest.startsWith(QLatin1String("%l")))
                out += line;
            else {
                out += arguments[i][at];
                continue;
            }
            ++at;
        }
        arguments[i] = out;
    }
    if (!hasFile)
        arguments << place.file;
    return arguments;
}

QString mappedPath(const QString &file, const QString &rules)
{
    const QStringList all = rules.split(QLatin1Char(';'), Qt::SkipEmptyParts);
    for (const QString &rule : all) {
        QString from = rule.section(QLatin1Char('='), 0, 0).trimmed();
        QString to = rule.section(QLatin1Char('='), 1).trimmed();
        while (from.size() > 1 && from.endsWith(QLatin1Char('/')))
            from.chop(1);
        while (to.size() > 1 && to.endsWith(QLatin1Char('/')))
            to.chop(1);
        const bool fits = !from.isEmpty() && file.startsWith(from)
            && (file.size() == from.size() || from == QLatin1String("/")
                || file.at(from.size()) == QLatin1Char('/'));
        if (fits && rule.contains(QLatin1Char('=')))
            return to + (from == QLatin1String("/") ? file : file.mid(from.size()));
    }
    return file;
}

Result<void> openSource(const QString &text)
{
    SourcePlace place = parsePlace(text);
    const QSettings settings;
    place.file = mappedPath(place.file, settings.value(QStringLiteral("editor/pathMap")).toString());
    if (place.file.startsWith(QLatin1String("file://")))
        place.file = QUrl(place.file).toLocalFile();
    const QFileInfo info(place.file);
    if (!info.isFile())
        return fail(ErrorCode::NotFound, place.file.toStdString(), "the file does not exist on this machine",
            "Set the path map (settings key editor/pathMap, \"/build=/home/me/src\") to where the sources "
            "lie.");
    // Absolute, so that a name like -x cannot be an option of the editor.
    place.file = info.absoluteFilePath();
    QString command = qEnvironmentVariable("TAILSCOPE_EDITOR");
    if (command.isEmpty())
        command = settings.value(QStringLiteral("editor/command")).toString();
    const QStringList arguments = editorArguments(command, place);
    if (!arguments.isEmpty()) {
        if (!QProcess::startDetached(arguments.first(), arguments.mid(1)))
            return fail(ErrorCode::NotReadable, arguments.first().toStdString(),
                "the editor could not be started",
                "Check TAILSCOPE_EDITOR or the settings key editor/command.");
        return {};
    }
    if (!QDesktopServices::openUrl(QUrl::fromLocalFile(place.file)))
        return fail(ErrorCode::NotReadable, place.file.toStdString(), "no program is known for this file",
            "Set TAILSCOPE_EDITOR, for example to \"code -g %f:%l\".");
    return {};
}

} // namespace tailscope::app
