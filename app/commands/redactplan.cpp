// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/redactplan.h"

#include "app/commands/input.h"
#include "report/anonymiseplan.h"

#include <QFile>
#include <QFileInfo>
#include <QStringList>
#include <QTemporaryFile>

#include <cstdio>

namespace tailscope::app {

namespace {

constexpr qint64 kMaxBytes = 128 * 1024 * 1024;

} // namespace

Result<void> saveRedactedPlan(const QString &path, const QString &out)
{
    if (out.isEmpty() || QFileInfo(path) == QFileInfo(out))
        return fail(ErrorCode::BadInput, out.toStdString(), "the copy needs a file of its own",
            "Give another name to --redact");
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::NotReadable, path.toStdString(), file.errorString().toStdString(),
            "Check the name");
    const QByteArray bytes = file.read(kMaxBytes + 1);
    if (bytes.size() > kMaxBytes)
        return fail(ErrorCode::LimitExceeded, path.toStdString(), "more than 128 MiB",
            "Cut the plan out of the file");
    return writeOutput(out, report::anonymisePlanText({bytes.constData(), std::size_t(bytes.size())}));
}

Result<QString> withRedactedCopy(const QString &path, const QString &out, QTemporaryFile &kept)
{
    if (out.isEmpty())
        return path;
    QString input = path;
    if (path == QLatin1String("-")) {
        QFile standard;
        const bool isKept = kept.open() && standard.open(stdin, QIODevice::ReadOnly)
            && kept.write(standard.read(kMaxBytes)) >= 0 && kept.flush();
        if (!isKept)
            return fail(ErrorCode::NotReadable, "-", "standard input could not be kept", "Give a file");
        input = kept.fileName();
    }
    TS_TRY(saveRedactedPlan(input, out));
    return input;
}

Error withRedactHint(Error error, bool isSaved)
{
    if (isRefusedPlan(error) && !isSaved)
        error.hint += ". To report it: --redact OUT saves a copy without names and values";
    return error;
}

bool isRefusedPlan(const Error &error)
{
    if (error.code == ErrorCode::UnknownFormat) {
        const QString name = QString::fromStdString(error.subject).section(QLatin1Char('/'), -1);
        static const QStringList kEnds{QStringLiteral("txt"), QStringLiteral("plan"),
            QStringLiteral("explain"), QStringLiteral("eqp"), QStringLiteral("sql")};
        return !name.contains(QLatin1Char('.'))
            || kEnds.contains(name.section(QLatin1Char('.'), -1).toLower());
    }
    return (error.code == ErrorCode::BadInput || error.code == ErrorCode::LimitExceeded)
        && (error.hint.find("EXPLAIN") != std::string::npos
            || error.detail.find("execution plan") != std::string::npos);
}

} // namespace tailscope::app
