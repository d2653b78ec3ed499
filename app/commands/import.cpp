// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// tailscope import: files into a workspace; goes on after a bad one.
#include "app/arguments.h"
#include "app/command.h"
#include "app/importarguments.h"
#include "base/text.h"
#include "session/ingest.h"

#include <QElapsedTimer>
#include <QTextStream>

#include <unistd.h>

namespace tailscope::app {

namespace {

QString opt(const char *name) { return QString::fromLatin1(name); }

/// One line on a terminal, rewritten five times a second; nothing where stderr is a file or pipe.
Progress terminalProgress()
{
    Progress progress;
    if (!isatty(STDERR_FILENO))
        return progress;
    auto clock = std::make_shared<QElapsedTimer>();
    clock->start();
    auto started = std::make_shared<QElapsedTimer>();
    started->start();
    progress.report = [clock, started](const ProgressUpdate &update) {
        if (clock->elapsed() < 200)
            return;
        clock->restart();
        QTextStream err(stderr);
        err << "\r\033[K" << QString::fromStdString(update.phase);
        if (update.total > 0)
            err << " " << 100 * std::min(update.done, update.total) / update.total << " %";
        if (update.rows > 0)
            err << ", " << QString::fromStdString(groupedCount(std::int64_t(update.rows))) << " rows, "
                << QString::fromStdString(groupedCount(
                       std::int64_t(update.rows) * 1000 / std::max<qint64>(1, started->elapsed())))
                << " rows/s";
    };
    return progress;
}

void printOutcome(QTextStream &out, const import::ImportOutcome &outcome)
{
    out << QString::fromStdString(outcome.path) << ": ";
    if (outcome.duplicateOf) {
        out << "same bytes as source " << *outcome.duplicateOf << ", not imported again\n";
        return;
    }
    out << QString::fromStdString(outcome.format) << ", source " << outcome.sourceId << ", "
        << QString::fromStdString(groupedCount(outcome.rows)) << " rows, "
        << QString::fromStdString(groupedCount(outcome.rowsSkipped)) << " skipped, "
        << QString::fromStdString(humanMillis(outcome.seconds * 1000)) << "\n";
    for (const auto &issue : outcome.issues) {
        out << "  "
            << QString::fromUtf8(toText(issue.severity).data(), qsizetype(toText(issue.severity).size()))
            << ": " << QString::fromStdString(issue.kind) << " x " << issue.count << ", first at offset "
            << issue.firstOffset << ": " << QString::fromStdString(issue.example) << "\n";
    }
}

} // namespace

int runImport(const QStringList &arguments)
{
    Arguments options(opt("import"),
        {{opt("to"), {}, opt("W")}, {opt("format"), {}, opt("ID")}, {opt("timezone"), {}, opt("TZ")},
            {opt("offset"), {}, opt("DUR")}, {opt("resume"), {}, opt("SOURCE")}, {opt("map"), {}, opt("MAP")},
            {opt("no-advice"), {}}});
    if (!options.parse(arguments, 1, -1, commandByName(opt("import"))->synopsis))
        return 2;
    if (!options.has(opt("to")))
        return options.usageError(opt("--to W.tailscope is missing: the workspace to import into"));
    if (options.has(opt("map")))
        return options.usageError(opt("--map is for metric tables, which this version does not read yet"));
    session::IngestOptions ingest;
    ingest.runRules = !options.has(opt("no-advice"));
    ingest.import.format = options.value(opt("format")).toStdString();
    if (!ingest.import.format.empty() && !import::importerById(ingest.import.format))
        return options.usageError(opt("--format '%1' is unknown; 'tailscope formats' lists them")
                                      .arg(options.value(opt("format"))));
    if (options.has(opt("timezone"))) {
        const auto zone = parseTimezone(options.value(opt("timezone")));
        if (!zone)
            return options.usageError(
                opt("--timezone '%1' is unknown: use UTC, +02:00 or a name such as Europe/Paris")
                    .arg(options.value(opt("timezone"))));
        ingest.import.read = *zone;
    }
    if (options.has(opt("offset"))) {
        const auto offset = parseDuration(options.value(opt("offset")));
        if (!offset)
            return options.usageError(opt("--offset '%1' is no duration: use for example 200ms or -1.5s")
                                          .arg(options.value(opt("offset"))));
        ingest.import.offsetNs = *offset;
    }
    if (options.has(opt("resume"))) {
        bool ok = false;
        ingest.import.resumeId = options.value(opt("resume")).toLongLong(&ok);
        if (!ok || options.positional().size() != 1)
            return options.usageError(opt("--resume needs the number of a source, and one file"));
    }
    auto workspace = store::Workspace::open(options.value(opt("to")).toStdString());
    if (!workspace)
        return options.failure(workspace.error());
    std::vector<std::string> paths;
    for (const QString &path : options.positional())
        paths.push_back(path.toLocal8Bit().toStdString());
    const session::IngestResult result = session::ingest(**workspace, paths, ingest, terminalProgress());
    if (isatty(STDERR_FILENO))
        QTextStream(stderr) << "\r\033[K";
    QTextStream out(stdout);
    for (const import::ImportOutcome &outcome : result.outcomes)
        printOutcome(out, outcome);
    out << "ready in " << QString::fromStdString(humanMillis(result.readySeconds * 1000)) << " more\n";
    out.flush();
    int code = 0;
    for (const Error &error : result.errors)
        code = std::max(code, options.failure(error));
    return code;
}

} // namespace tailscope::app
