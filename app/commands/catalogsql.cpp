// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// tailscope catalog-sql: the psql script whose output the pg-catalog importer reads.
#include "app/arguments.h"
#include "app/command.h"

#include <QFile>
#include <QTextStream>

namespace tailscope::app {

int runCatalogSql(const QStringList &arguments)
{
    const QString withValues = QStringLiteral("with-values");
    Arguments options(QStringLiteral("catalog-sql"),
        {QCommandLineOption(withValues,
            QStringLiteral("print common values of columns and statements too"))});
    if (!options.parse(arguments, 0, 0, QStringLiteral("catalog-sql [--with-values]")))
        return 2;
    QFile file(QStringLiteral(":/catalog/catalog.sql"));
    const bool opened = file.open(QIODevice::ReadOnly);
    Q_ASSERT(opened); // a resource of ours
    if (!opened)
        return 5;
    QByteArray script = file.readAll();
    if (options.has(withValues))
        script.replace("\\set with_values 0\n", "\\set with_values 1\n");
    QTextStream(stdout) << QString::fromUtf8(script);
    return 0;
}

} // namespace tailscope::app
