// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// tailscope compare-recordings: what differs between two recordings, or two ranges of one.
#include "app/arguments.h"
#include "app/command.h"
#include "app/commands/input.h"
#include "app/commands/progressline.h"
#include "app/commands/recordingsides.h"
#include "app/commands/recordingsprint.h"

#include <QFileInfo>
#include <QJsonDocument>
#include <QTextStream>

namespace tailscope::app {

namespace {

constexpr unsigned kTextRows = 20;
constexpr unsigned kMostRows = 1'000'000;

QString opt(const char *name) { return QString::fromLatin1(name); }

/// 0 = go on, else the exit code.
int readPrint(const Arguments &options, bool isJson, ComparisonPrint &order)
{
    if (!isJson)
        order.limit = kTextRows;
    if (options.has(opt("limit"))) {
        bool ok = false;
        order.limit = options.value(opt("limit")).toUInt(&ok);
        if (!ok || order.limit < 1 || order.limit > kMostRows)
            return options.usageError(opt("--limit is a number from 1 to 1000000"));
    }
    if (!options.has(opt("what")))
        return 0;
    order.parts = options.value(opt("what")).split(QLatin1Char(','), Qt::SkipEmptyParts);
    for (const QString &part : order.parts) {
        if (!kComparedParts.contains(part))
            return options.usageError(
                opt("--what '%1' is unknown. Known: %2").arg(part, kComparedParts.join(opt(", "))));
    }
    return order.parts.isEmpty()
        ? options.usageError(opt("--what needs some of: %1").arg(kComparedParts.join(opt(", "))))
        : 0;
}

/// A workspace and what can be compared in it.
struct Opened
{
    QString path;
    std::unique_ptr<store::Workspace> workspace;
    std::vector<analysis::RecordingItem> recordings;
};

Result<Opened> openRecordings(const QString &path)
{
    Opened out;
    out.path = path;
    auto workspace = openReadable(path);
    if (!workspace)
        return tl::unexpected(workspace.error());
    auto recordings = items::comparableRecordings(**workspace);
    if (!recordings)
        return tl::unexpected(recordings.error());
    if (recordings->empty())
        return fail(ErrorCode::NotFound, path.toStdString(),
            "no recording is in it: no server was sampled twice",
            "Record one with 'tailscope record CONNINFO --to W.tailscope', or import snapshots with their "
            "times");
    out.workspace = std::move(*workspace);
    out.recordings = std::move(*recordings);
    return out;
}

QString sideName(const analysis::RecordingSide &side, const Opened &from, bool withPath)
{
    QString name = opt("all sources");
    for (const analysis::RecordingItem &one : from.recordings) {
        if (one.source == side.source)
            name = opt("%1 (source %2)")
                       .arg(QString::fromStdString(one.name), QString::number(one.source)); // may hold a %1
    }
    return withPath ? name + opt(" of ") + from.path : name;
}

Result<items::RecordingComparison> compareOne(const Arguments &options, const Opened &opened)
{
    const auto sides = readSides(options.value(opt("a")), options.value(opt("b")), opened.recordings);
    if (!sides)
        return tl::unexpected(sides.error());
    return items::compareRecordings(*opened.workspace, opened.recordings, sides->first, sides->second,
        sides->isChosen, terminalProgress());
}

/// A of the first, B of the second: without a name the last recording of each.
Result<items::RecordingComparison> compareTwo(const Arguments &options, const Opened &first,
    const Opened &second)
{
    const auto sideOf = [&](const char *name, const Opened &from) -> Result<analysis::RecordingSide> {
        const QString words = options.value(opt(name));
        return words.isEmpty() ? analysis::RecordingSide{from.recordings.back().source, {}}
                               : readSide(opt("--") + opt(name), words, from.recordings);
    };
    const auto a = sideOf("a", first);
    if (!a)
        return tl::unexpected(a.error());
    const auto b = sideOf("b", second);
    if (!b)
        return tl::unexpected(b.error());
    return items::compareSides({first.workspace.get(), &first.recordings, *a},
        {second.workspace.get(), &second.recordings, *b}, terminalProgress());
}

Result<void> compare(const Arguments &options, bool isJson, ComparisonPrint order)
{
    const QStringList paths = options.positional();
    std::vector<Opened> opened;
    for (const QString &path : paths) {
        auto one = openRecordings(path);
        if (!one)
            return tl::unexpected(one.error());
        opened.push_back(std::move(*one));
    }
    const bool isTwo = opened.size() == 2;
    const auto comparison
        = isTwo ? compareTwo(options, opened.front(), opened.back()) : compareOne(options, opened.front());
    endTerminalProgress();
    if (!comparison)
        return tl::unexpected(comparison.error());
    order.firstName = sideName(comparison->first, opened.front(), isTwo);
    order.secondName = sideName(comparison->second, opened.back(), isTwo);
    QTextStream out(stdout);
    if (isJson)
        out << QJsonDocument(toJson(*comparison, order)).toJson();
    else
        printText(out, *comparison, order);
    return {};
}

} // namespace

int runCompareRecordings(const QStringList &arguments)
{
    Arguments options(opt("compare-recordings"),
        {{opt("a"), {}, opt("SIDE")}, {opt("b"), {}, opt("SIDE")}, {opt("what"), {}, opt("LIST")},
            {opt("limit"), {}, opt("N")}, {opt("format"), {}, opt("FORMAT")}, {opt("json"), {}}});
    if (!options.parse(arguments, 1, 2, commandByName(opt("compare-recordings"))->synopsis))
        return 2;
    const auto format = options.format({opt("text"), opt("json")});
    if (!format)
        return 2;
    const bool isJson = options.has(opt("json")) || *format == opt("json");
    for (const char *side : {"a", "b"}) {
        if (options.has(opt(side)) && options.value(opt(side)).isEmpty())
            return options.usageError(opt("--%1 needs a recording or a range").arg(opt(side)));
    }
    ComparisonPrint order;
    if (const int code = readPrint(options, isJson, order))
        return code;
    const QStringList paths = options.positional();
    if (paths.size() == 2 && QFileInfo(paths.first()) == QFileInfo(paths.last()))
        return options.usageError(opt("both workspaces are the same; name it once"));
    const auto done = compare(options, isJson, order);
    return done ? 0 : options.failure(done.error());
}

} // namespace tailscope::app
