// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// tailscope export: a selection of traces as a small workspace or as OTLP JSON lines; what servers were seen
// to do as result sets.
#include "app/arguments.h"
#include "app/command.h"
#include "app/commands/input.h"
#include "app/commands/progressline.h"
#include "app/importarguments.h"
#include "base/text.h"
#include "report/exportselection.h"
#include "report/snapshotexport.h"

#include <QTextStream>

namespace tailscope::app {

namespace {

QString opt(const char *name) { return QString::fromLatin1(name); }

int exportServers(const Arguments &options, const std::string &target)
{
    for (const char *one : {"range", "filter", "trace"}) {
        if (options.has(opt(one)))
            return options.usageError(
                opt("--%1 chooses spans; snapshots of servers go out whole").arg(opt(one)));
    }
    auto workspace = openReadable(options.positional().first());
    if (!workspace)
        return options.failure(workspace.error());
    const bool keepLiterals = options.has(opt("keep-literals"));
    const auto outcome = report::exportSnapshots(**workspace, keepLiterals, target, terminalProgress());
    endTerminalProgress();
    if (!outcome)
        return options.failure(outcome.error());
    QTextStream out(stdout);
    for (const std::filesystem::path &file : outcome->files)
        out << QString::fromStdString(file.string()) << '\n';
    out << QString::fromStdString(groupedCount(outcome->rows))
        << (keepLiterals ? " lines, literals kept\n" : " lines, redacted\n");
    return 0;
}

} // namespace

int runExport(const QStringList &arguments)
{
    Arguments options(opt("export"),
        {{opt("to"), {}, opt("X")}, {opt("range"), {}, opt("A..B")}, {opt("filter"), {}, opt("F")},
            {opt("trace"), {}, opt("KEY")}, {opt("keep-literals"), {}}});
    if (!options.parse(arguments, 1, 1, commandByName(opt("export"))->synopsis))
        return 2;
    const std::string target = options.value(opt("to")).toLocal8Bit().toStdString();
    if (report::isSnapshotTarget(target))
        return exportServers(options, target);
    if (!report::isExportTarget(target))
        return options.usageError(
            opt("--to needs a file that ends in .tailscope, .otlp.jsonl or .snapshots.jsonl"));
    report::ExportOrder order;
    order.keepLiterals = options.has(opt("keep-literals"));
    if (options.has(opt("range"))) {
        order.range = parseTimeRange(options.value(opt("range")));
        if (!order.range)
            return options.usageError(
                opt("--range needs BEGIN..END, nanoseconds or UTC times, END after BEGIN"));
    }
    if (options.has(opt("filter"))) {
        auto filter = analysis::parseFilter(options.value(opt("filter")).toStdString());
        if (!filter) {
            options.failure(filter.error());
            return 2;
        }
        order.filter = std::move(*filter);
    }
    for (const QString &key : options.value(opt("trace")).split(QLatin1Char(','), Qt::SkipEmptyParts))
        order.traceKeys.push_back(key.trimmed().toStdString());
    auto workspace = openReadable(options.positional().first());
    if (!workspace)
        return options.failure(workspace.error());
    const auto outcome = report::exportSelection(**workspace, order, target, terminalProgress());
    endTerminalProgress();
    if (!outcome)
        return options.failure(outcome.error());
    QTextStream(stdout) << QString::fromStdString(target) << ": "
                        << QString::fromStdString(groupedCount(outcome->traces)) << " traces, "
                        << QString::fromStdString(groupedCount(outcome->spans)) << " spans of "
                        << outcome->sources << (outcome->sources == 1 ? " source" : " sources")
                        << (order.keepLiterals ? ", literals kept\n" : ", redacted\n");
    return 0;
}

} // namespace tailscope::app
