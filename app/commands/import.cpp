// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// tailscope import: files into a workspace; goes on after a bad one.
#include "app/arguments.h"
#include "app/command.h"
#include "app/commands/progressline.h"
#include "app/importarguments.h"
#include "base/text.h"
#include "import/csvtable/columnmap.h"
#include "session/ingest.h"
#include "store/sampling.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTextStream>

#include <optional>

namespace tailscope::app {

namespace {

constexpr qint64 kMaxMapBytes = 1024 * 1024;

QString opt(const char *name) { return QString::fromLatin1(name); }

void printIssues(QTextStream &out, const import::ImportOutcome &outcome)
{
    for (const auto &issue : outcome.issues) {
        out << "  "
            << QString::fromUtf8(toText(issue.severity).data(), qsizetype(toText(issue.severity).size()))
            << ": " << QString::fromStdString(issue.kind) << " x " << issue.count << ", first at offset "
            << issue.firstOffset << ": " << QString::fromStdString(issue.example) << "\n";
    }
}

void printOutcome(QTextStream &out, const import::ImportOutcome &outcome)
{
    out << QString::fromStdString(outcome.path) << ": ";
    if (outcome.duplicateOf) {
        out << "same bytes as source " << *outcome.duplicateOf << ", not imported again\n";
        return printIssues(out, outcome);
    }
    out << QString::fromStdString(outcome.format) << ", source " << outcome.sourceId << ", "
        << QString::fromStdString(groupedCount(outcome.rows)) << " rows, "
        << QString::fromStdString(groupedCount(outcome.rowsSkipped)) << " skipped, "
        << QString::fromStdString(humanMillis(outcome.seconds * 1000)) << "\n";
    printIssues(out, outcome);
}

/// The text of a column map, once it is known to be one.
Result<std::string> readColumnMap(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::NotReadable, path.toStdString(), file.errorString().toStdString(),
            "Check the name and the permissions.");
    const std::string text = file.read(kMaxMapBytes).toStdString();
    if (!file.atEnd())
        return fail(ErrorCode::BadInput, path.toStdString(), "the file is larger than 1 MiB",
            "A map is a short TOML file.");
    if (const auto map = import::csvtable::ColumnMap::parse(text, path.toStdString()); !map)
        return fail(map.error());
    return text;
}

/// The import options of the command line; false after a message.
bool readOptions(const Arguments &options, session::IngestOptions &ingest)
{
    ingest.runRules = !options.has(opt("no-advice"));
    ingest.import.ignoreSpace = options.has(opt("ignore-space"));
    ingest.import.format = options.value(opt("format")).toStdString();
    if (!ingest.import.format.empty() && !import::importerById(ingest.import.format)) {
        options.usageError(opt("--format '%1' is unknown; 'tailscope formats' lists them")
                               .arg(options.value(opt("format"))));
        return false;
    }
    if (options.has(opt("timezone"))) {
        const auto zone = parseTimezone(options.value(opt("timezone")));
        if (!zone) {
            options.usageError(
                opt("--timezone '%1' is unknown: use UTC, +02:00 or a name such as Europe/Paris")
                    .arg(options.value(opt("timezone"))));
            return false;
        }
        ingest.import.read = *zone;
    }
    if (options.has(opt("sampling"))) {
        ingest.sampling = store::parseSampling(options.value(opt("sampling")).toStdString());
        if (!ingest.sampling) {
            options.usageError(
                opt("--sampling '%1' is no keep probability: use for example 0.1, 10 % or 1/32")
                    .arg(options.value(opt("sampling"))));
            return false;
        }
    }
    if (options.has(opt("map"))) {
        const auto map = readColumnMap(options.value(opt("map")));
        if (!map) {
            options.failure(map.error());
            return false;
        }
        ingest.import.read.columnMap = *map;
    }
    ingest.import.logFormat = options.value(opt("log-format")).toStdString();
    if (options.has(opt("offset"))) {
        const auto offset = parseDuration(options.value(opt("offset")));
        if (!offset) {
            options.usageError(opt("--offset '%1' is no duration: use for example 200ms or -1.5s")
                                   .arg(options.value(opt("offset"))));
            return false;
        }
        ingest.import.offsetNs = *offset;
    }
    return true;
}

/// A mended reject list becomes a source of its own.
session::IngestResult importMended(store::Workspace &workspace, std::int64_t sourceId,
    const std::string &path, bool runRules)
{
    session::IngestResult result;
    QElapsedTimer clock;
    auto outcome = import::reimportRejects(workspace, sourceId, path, terminalProgress());
    clock.start();
    if (!outcome) {
        result.errors.push_back(std::move(outcome.error()));
        return result;
    }
    result.outcomes.push_back(std::move(*outcome));
    if (const auto refreshed = session::refresh(workspace, {}, runRules, terminalProgress()); !refreshed)
        result.errors.push_back(refreshed.error());
    result.readySeconds = double(clock.elapsed()) / 1000.0;
    return result;
}

void printEstimate(std::uint64_t needed, std::optional<std::uint64_t> available)
{
    endTerminalProgress();
    QTextStream err(stderr);
    err << "tailscope import: the workspace will grow by about "
        << QString::fromStdString(humanBytes(needed));
    if (available)
        err << "; " << QString::fromStdString(humanBytes(*available)) << " are free";
    err << "\n";
}

} // namespace

int runImport(const QStringList &arguments)
{
    Arguments options(opt("import"),
        {{opt("to"), {}, opt("W")}, {opt("format"), {}, opt("ID")}, {opt("timezone"), {}, opt("TZ")},
            {opt("log-format"), {}, opt("FORMAT")}, {opt("offset"), {}, opt("DUR")},
            {opt("sampling"), {}, opt("P")}, {opt("resume"), {}, opt("SOURCE")},
            {opt("mended"), {}, opt("SOURCE")}, {opt("map"), {}, opt("MAP")}, {opt("ignore-space"), {}},
            {opt("no-advice"), {}}});
    if (!options.parse(arguments, 1, -1, commandByName(opt("import"))->synopsis))
        return 2;
    if (!options.has(opt("to")))
        return options.usageError(opt("--to W.tailscope is missing: the workspace to import into"));
    session::IngestOptions ingest;
    if (!readOptions(options, ingest))
        return 2;
    ingest.import.estimated = printEstimate;
    std::optional<qint64> mended;
    for (const char *name : {"resume", "mended"}) {
        if (!options.has(opt(name)))
            continue;
        bool ok = false;
        const qint64 id = options.value(opt(name)).toLongLong(&ok);
        if (!ok || options.positional().size() != 1 || mended || ingest.import.resumeId)
            return options.usageError(opt("--%1 needs the number of a source, and one file").arg(opt(name)));
        if (opt(name) == opt("mended"))
            mended = id;
        else
            ingest.import.resumeId = id;
    }
    auto workspace = store::Workspace::open(options.value(opt("to")).toStdString());
    if (!workspace)
        return options.failure(workspace.error());
    std::vector<std::string> paths;
    for (const QString &path : options.positional())
        paths.push_back(path.toLocal8Bit().toStdString());
    const session::IngestResult result = mended
        ? importMended(**workspace, *mended, paths.front(), ingest.runRules)
        : session::ingest(**workspace, paths, ingest, terminalProgress());
    endTerminalProgress();
    QTextStream out(stdout);
    for (const import::ImportOutcome &outcome : result.outcomes)
        printOutcome(out, outcome);
    out << "ready in " << QString::fromStdString(humanMillis(result.readySeconds * 1000)) << " more\n";
    out.flush();
    QTextStream err(stderr);
    for (const session::IngestResult::Skipped &member : result.skipped)
        err << "tailscope import: " << QString::fromStdString(member.path)
            << ": skipped: " << QString::fromStdString(member.reason) << "\n";
    err.flush();
    int code = 0;
    for (const Error &error : result.errors)
        code = std::max(code, options.failure(error));
    return code;
}

} // namespace tailscope::app
