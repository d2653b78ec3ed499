// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// tailscope sources, tailscope remove: what a workspace holds.
#include "app/arguments.h"
#include "app/command.h"
#include "base/text.h"
#include "session/ingest.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTextStream>

#include <cstdio>

namespace tailscope::app {

namespace {

QString opt(const char *name) { return QString::fromLatin1(name); }

QString text(std::string_view view) { return QString::fromUtf8(view.data(), qsizetype(view.size())); }

QJsonObject toJson(const store::SourceRecord &source)
{
    QJsonObject row{{opt("id"), qint64(source.id)}, {opt("path"), text(source.path)},
        {opt("format"), text(source.format)}, {opt("kind"), text(source.kind)},
        {opt("state"), text(store::toText(source.state))}, {opt("bytes"), qint64(source.bytes)},
        {opt("rows_committed"), qint64(source.rowsCommitted)}, {opt("rows_read"), qint64(source.rowsRead)},
        {opt("rows_skipped"), qint64(source.rowsSkipped)}, {opt("sha256"), text(source.sha256)},
        {opt("clock"), text(source.clock)}};
    row.insert(opt("duplicate_of"),
        source.duplicateOf ? QJsonValue(qint64(*source.duplicateOf)) : QJsonValue());
    return row;
}

/// The rows of a source that were not taken, as lines of JSON to be mended and imported again.
int printRejects(const Arguments &options, const store::Workspace &workspace)
{
    bool ok = false;
    const qint64 id = options.value(opt("rejects")).toLongLong(&ok);
    if (!ok)
        return options.usageError(
            opt("--rejects needs the number of a source, not '%1'").arg(options.value(opt("rejects"))));
    if (options.has(opt("o"))) {
        const std::string file = options.value(opt("o")).toLocal8Bit().toStdString();
        const auto saved = import::exportRejects(workspace, id, file);
        return saved ? 0 : options.failure(saved.error());
    }
    const auto written = import::writeRejects(workspace, id, [](std::string_view line) {
        return std::fwrite(line.data(), 1, line.size(), stdout) == line.size();
    });
    if (!written)
        return options.failure(written.error());
    if (*written == 0)
        QTextStream(stderr) << "tailscope sources: source " << id << " has no rejected rows\n";
    return std::fflush(stdout) == 0 ? 0 : exitCode(ErrorCode::DiskFull);
}

} // namespace

int runSources(const QStringList &arguments)
{
    Arguments options(opt("sources"),
        {{opt("format"), {}, opt("FORMAT")}, {opt("rejects"), {}, opt("SOURCE")},
            {{opt("o"), opt("output")}, {}, opt("FILE")}});
    if (!options.parse(arguments, 1, 1, commandByName(opt("sources"))->synopsis))
        return 2;
    const auto format = options.format({opt("text"), opt("json")});
    if (!format)
        return 2;
    auto workspace = store::Workspace::open(options.positional().first().toStdString(), true);
    if (!workspace)
        return options.failure(workspace.error());
    if (options.has(opt("rejects")))
        return printRejects(options, **workspace);
    if (options.has(opt("o")))
        return options.usageError(opt("-o goes with --rejects"));
    const auto sources = (*workspace)->sources();
    if (!sources)
        return options.failure(sources.error());
    QTextStream out(stdout);
    if (*format == opt("json")) {
        QJsonArray rows;
        for (const store::SourceRecord &source : *sources)
            rows.append(toJson(source));
        out << QJsonDocument(rows).toJson();
        return 0;
    }
    for (const store::SourceRecord &source : *sources) {
        out << source.id << "  " << text(store::toText(source.state)) << "  " << text(source.format) << "  "
            << QString::fromStdString(groupedCount(source.rowsCommitted)) << " rows  "
            << QString::fromStdString(humanBytes(std::uint64_t(std::max<std::int64_t>(0, source.bytes))))
            << "  " << text(source.path);
        if (source.duplicateOf)
            out << "  (same bytes as source " << *source.duplicateOf << ")";
        if (source.rowsSkipped > 0)
            out << "  (" << QString::fromStdString(groupedCount(source.rowsSkipped)) << " skipped)";
        out << "\n";
    }
    return 0;
}

int runRemove(const QStringList &arguments)
{
    Arguments options(opt("remove"), {});
    if (!options.parse(arguments, 2, 2, commandByName(opt("remove"))->synopsis))
        return 2;
    bool ok = false;
    const qint64 id = options.positional().at(1).toLongLong(&ok);
    if (!ok)
        return options.usageError(opt("'%1' is no source number; 'tailscope sources W' lists them")
                                      .arg(options.positional().at(1)));
    auto workspace = store::Workspace::open(options.positional().first().toStdString());
    if (!workspace)
        return options.failure(workspace.error());
    if (const auto removed = (*workspace)->removeSource(id, {}); !removed)
        return options.failure(removed.error());
    if (const auto refreshed = session::refresh(**workspace, {}, true, {}); !refreshed)
        return options.failure(refreshed.error());
    return 0;
}

} // namespace tailscope::app
