// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// tailscope remote: questions about spans in another database, computed there.
#include "app/arguments.h"
#include "app/command.h"
#include "app/commands/progressline.h"
#include "app/commands/remoteprint.h"
#include "base/text.h"
#include "live/remote/remotefetch.h"
#include "live/remote/savedstores.h"
#include "session/ingest.h"

#include <QFile>
#include <QTextStream>

namespace tailscope::app {

namespace {

using live::RemoteKey;
using live::RemoteSelection;
using live::RemoteStore;

QString opt(const char *name) { return QString::fromLatin1(name); }

std::optional<Nanos> parseMoment(const QString &text)
{
    bool ok = false;
    const qint64 ns = text.toLongLong(&ok);
    if (ok)
        return ns;
    const auto parsed = parseTimestamp(text.toStdString());
    return parsed ? std::optional(parsed->ns) : std::nullopt;
}

/// What the options say; the error is printed, the code returned.
struct Order
{
    live::RemoteMapping mapping;
    live::Target target;
    live::RemoteOptions options;
    std::optional<TimeRange> range; ///< nullopt with isAll false: the last hour
    bool isAll = false, isJson = false, isExact = false, showsSql = false;
    RemoteSelection selection;
    RemoteKey key;
    std::optional<Nanos> slowFrom;
    std::size_t limit = 20;
    QStringList traces;
    bool isSample = false;
};

Result<live::RemoteMapping> readMapping(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::NotReadable, path.toStdString(), file.errorString().toStdString(),
            "Write one with: tailscope remote guess CONNINFO SCHEMA.TABLE");
    return live::parseRemoteMapping(file.read((1 << 18) + 1).toStdString(), path.toStdString());
}

std::optional<RemoteKey> parseKey(const QString &text)
{
    using Kind = RemoteKey::Kind;
    if (text == opt("service"))
        return RemoteKey{Kind::Service, {}};
    if (text == opt("operation"))
        return RemoteKey{Kind::Operation, {}};
    if (text == opt("status"))
        return RemoteKey{Kind::Status, {}};
    return text.isEmpty() ? std::nullopt : std::optional(RemoteKey{Kind::Attribute, text.toStdString()});
}

/// 0 = go on, else the exit code.
int readSelection(const Arguments &options, Order &order)
{
    const QString range = options.value(opt("range"));
    order.isAll = range == opt("all");
    if (!range.isEmpty() && !order.isAll) {
        const QStringList ends = range.split(opt(".."));
        const auto begin = ends.size() == 2 ? parseMoment(ends.at(0)) : std::nullopt;
        const auto end = ends.size() == 2 ? parseMoment(ends.at(1)) : std::nullopt;
        if (!begin || !end || *end <= *begin)
            return options.usageError(
                opt("--range needs BEGIN..END (nanoseconds or UTC times, END after BEGIN), or all"));
        order.range = TimeRange{*begin, *end};
    }
    QString filter = options.value(opt("filter"));
    if (options.has(opt("service"))) {
        QString service = options.value(opt("service"));
        service.replace(QLatin1Char('\\'), opt("\\\\")).replace(QLatin1Char('"'), opt("\\\""));
        filter += opt(" service=\"") + service + QLatin1Char('"');
    }
    auto parsed = analysis::parseFilter(filter.trimmed().toStdString());
    if (!parsed) {
        options.failure(parsed.error());
        return 2;
    }
    order.selection.filter = std::move(*parsed);
    for (const QString &pair : options.value(opt("attribute")).split(QLatin1Char(','), Qt::SkipEmptyParts)) {
        const auto equals = pair.indexOf(QLatin1Char('='));
        if (equals < 1)
            return options.usageError(opt("--attribute needs KEY=VALUE,..."));
        order.selection.attributes.emplace_back(pair.left(equals).toStdString(),
            pair.mid(equals + 1).toStdString());
    }
    order.selection.rootsOnly = options.has(opt("roots"));
    return 0;
}

int readOrder(const Arguments &options, Order &order)
{
    const QStringList words = options.positional();
    auto target = live::parseTarget(words.at(0).toStdString(), live::TargetKind::Postgres);
    if (!target)
        return options.failure(target.error());
    order.target = std::move(*target);
    if (const int code = readSelection(options, order))
        return code;
    const auto format = options.format({opt("table"), opt("json")});
    if (!format)
        return 2;
    order.isJson = *format == opt("json");
    order.isExact = options.has(opt("exact"));
    order.showsSql = options.has(opt("sql"));
    bool ok = true;
    if (options.has(opt("limit")))
        order.limit = std::size_t(options.value(opt("limit")).toUInt(&ok));
    if (!ok || order.limit < 1 || order.limit > live::kMaxFetchTraces)
        return options.usageError(opt("--limit is a number from 1 to 20000"));
    if (options.has(opt("timeout"))) {
        const int seconds = options.value(opt("timeout")).toInt(&ok);
        if (!ok || seconds < 1 || seconds > 86'400)
            return options.usageError(opt("--timeout is a number of seconds from 1 to 86400"));
        order.options.timeout = std::chrono::seconds(seconds);
    }
    const auto key = parseKey(options.has(opt("by")) ? options.value(opt("by")) : opt("service"));
    if (!key)
        return options.usageError(opt("--by needs service, operation, status or the key of an attribute"));
    order.key = *key;
    if (options.has(opt("slow"))) {
        const auto slow = analysis::parseFilter("duration>=" + options.value(opt("slow")).toStdString());
        if (!slow || slow->terms.size() != 1)
            return options.usageError(opt("--slow needs a duration such as 250ms"));
        order.slowFrom = slow->terms.front().number;
    }
    order.traces = options.value(opt("trace")).split(QLatin1Char(','), Qt::SkipEmptyParts);
    order.isSample = options.has(opt("sample"));
    return 0;
}

/// The range that was asked for: all, the given one, or the last hour before the newest span.
Result<void> completeRange(RemoteStore &store, Order &order, const Progress &progress)
{
    if (order.range) {
        order.selection.range = *order.range;
        return {};
    }
    const auto extent = order.isAll ? store.extent(progress) : store.lastHour(progress);
    if (!extent)
        return tl::unexpected(extent.error());
    if (extent->isEmpty())
        return fail(ErrorCode::NotFound, order.mapping.name, "the store has no spans", "Check the mapping");
    order.selection.range = *extent;
    return {};
}

Result<void> printHistogram(RemoteStore &store, const Order &order, const Progress &progress)
{
    auto histogram = store.histogram(order.selection, progress);
    if (!histogram)
        return tl::unexpected(histogram.error());
    if (order.isExact) {
        for (live::RemotePercentile &percentile : histogram->percentiles) {
            if (percentile.rank < 1)
                continue;
            const auto exact = store.exact(order.selection, *histogram, percentile, progress);
            if (!exact)
                return tl::unexpected(exact.error());
            percentile.exact = *exact;
        }
    }
    print(*histogram, order.selection.range, order.isJson);
    return {};
}

Result<void> printCohort(RemoteStore &store, const Order &order, const Progress &progress)
{
    std::optional<Nanos> slowFrom = order.slowFrom;
    if (!slowFrom) {
        const auto histogram = store.histogram(order.selection, progress);
        if (!histogram)
            return tl::unexpected(histogram.error());
        const auto exact = store.exact(order.selection, *histogram, histogram->percentiles[3], progress);
        if (!exact)
            return tl::unexpected(exact.error());
        slowFrom = *exact;
    }
    const auto cohort = store.cohort(order.selection, *slowFrom, {}, progress);
    if (!cohort)
        return tl::unexpected(cohort.error());
    print(*cohort, order.limit, order.isJson);
    return {};
}

Result<std::vector<std::string>> chosenTraces(RemoteStore &store, const Order &order,
    const Progress &progress)
{
    std::vector<std::string> traces;
    for (const QString &trace : order.traces)
        traces.push_back(trace.trimmed().toStdString());
    if (!traces.empty())
        return traces;
    if (order.isSample)
        return store.sample(order.selection, order.limit, progress);
    const auto slowest = store.slowest(order.selection, order.limit, progress);
    if (!slowest)
        return tl::unexpected(slowest.error());
    for (const live::RemoteTrace &trace : *slowest)
        traces.push_back(trace.trace);
    return traces;
}

Result<void> fetchInto(RemoteStore &store, const Order &order, const QString &path, const Progress &progress)
{
    const auto traces = chosenTraces(store, order, progress);
    if (!traces)
        return tl::unexpected(traces.error());
    auto workspace = store::Workspace::open(QFile::encodeName(path).toStdString());
    if (!workspace)
        return tl::unexpected(workspace.error());
    // Traces that were named may lie anywhere in time.
    const auto range
        = order.traces.isEmpty() || order.range ? std::optional(order.selection.range) : std::nullopt;
    const auto fetched = live::fetchTraces(store, **workspace, *traces, range, progress);
    if (!fetched)
        return tl::unexpected(fetched.error());
    TS_TRY(live::saveStore(**workspace, order.target.conninfo, order.mapping));
    TS_TRY(session::refresh(**workspace, {fetched->sourceId}, true, progress));
    endTerminalProgress();
    QTextStream(stdout) << path << ": " << QString::fromStdString(groupedCount(fetched->spans))
                        << " spans of " << QString::fromStdString(groupedCount(fetched->traces))
                        << " traces\n";
    return {};
}

Result<void> answer(RemoteStore &store, const QString &question, Order &order, const QString &to,
    const Progress &progress)
{
    // Traces that are named need no range: the newest of billions of spans is not looked for.
    if (question != opt("fetch") || order.traces.isEmpty() || order.range)
        TS_TRY(completeRange(store, order, progress));
    if (question == opt("histogram"))
        return printHistogram(store, order, progress);
    if (question == opt("cohort"))
        return printCohort(store, order, progress);
    if (question == opt("fetch"))
        return fetchInto(store, order, to, progress);
    if (question == opt("groups")) {
        const auto groups = store.groups(order.selection, order.key, order.limit, progress);
        if (!groups)
            return tl::unexpected(groups.error());
        print(*groups, order.isJson);
        return {};
    }
    const auto traces = store.slowest(order.selection, order.limit, progress);
    if (!traces)
        return tl::unexpected(traces.error());
    print(*traces, order.isJson);
    return {};
}

int guess(const Arguments &options)
{
    const QStringList words = options.positional();
    auto target = live::parseTarget(words.at(0).toStdString(), live::TargetKind::Postgres);
    if (!target)
        return options.failure(target.error());
    const QString name = words.value(2);
    const auto dot = name.indexOf(QLatin1Char('.'));
    if (name.isEmpty())
        return options.usageError(opt("guess needs the name of a table: SCHEMA.TABLE"));
    const auto mapping = RemoteStore::guess(*target, dot > 0 ? name.left(dot).toStdString() : "public",
        name.mid(dot + 1).toStdString(), terminalProgress());
    endTerminalProgress();
    if (!mapping)
        return options.failure(mapping.error());
    QTextStream(stdout) << QString::fromStdString(live::toToml(*mapping));
    return 0;
}

} // namespace

int runRemote(const QStringList &arguments)
{
    Arguments options(opt("remote"),
        {{opt("store"), {}, opt("MAP.toml")}, {opt("range"), {}, opt("A..B")}, {opt("service"), {}, opt("S")},
            {opt("filter"), {}, opt("F")}, {opt("attribute"), {}, opt("KEY=VALUE")}, {opt("roots"), {}},
            {opt("by"), {}, opt("KEY")}, {opt("slow"), {}, opt("DUR")}, {opt("limit"), {}, opt("N")},
            {opt("exact"), {}}, {opt("sample"), {}}, {opt("trace"), {}, opt("ID")},
            {opt("timeout"), {}, opt("S")}, {opt("sql"), {}}, {opt("format"), {}, opt("FORMAT")},
            {opt("to"), {}, opt("W")}});
    if (!options.parse(arguments, 2, 3, commandByName(opt("remote"))->synopsis))
        return 2;
    const QString question = options.positional().at(1);
    if (question == opt("guess"))
        return guess(options);
    if (!QStringList{opt("histogram"), opt("groups"), opt("cohort"), opt("traces"), opt("fetch")}.contains(
            question))
        return options.usageError(opt("the question is histogram, groups, cohort, traces, fetch or guess"));
    if (!options.has(opt("store")))
        return options.usageError(
            opt("--store names the mapping; 'tailscope remote CONNINFO guess SCHEMA.TABLE' writes one"));
    if (question == opt("fetch") && !options.has(opt("to")))
        return options.usageError(opt("fetch needs --to W.tailscope"));
    Order order;
    if (const int code = readOrder(options, order))
        return code;
    auto mapping = readMapping(options.value(opt("store")));
    if (!mapping)
        return options.failure(mapping.error());
    order.mapping = std::move(*mapping);
    const Progress progress = terminalProgress();
    const auto store = RemoteStore::open(order.target, order.mapping, order.options, progress);
    const auto done = store ? answer(**store, question, order, options.value(opt("to")), progress)
                            : Result<void>(fail(store.error()));
    endTerminalProgress();
    if (store && order.showsSql)
        printRuns((*store)->takeRuns());
    return done ? 0 : options.failure(done.error());
}

} // namespace tailscope::app
