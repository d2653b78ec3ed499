// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/viewregistry.h"

#include "widgets/budget/budgetview.h"
#include "widgets/compare/cohortsview.h"
#include "widgets/compare/compareview.h"
#include "widgets/console/consoleview.h"
#include "widgets/criticalpath/criticalpathview.h"
#include "widgets/details/detailsview.h"
#include "widgets/distribution/distributionview.h"
#include "widgets/findings/findingsview.h"
#include "widgets/findings/rulesettingsview.h"
#include "widgets/flame/flamediffview.h"
#include "widgets/flame/flameview.h"
#include "widgets/flame/functionsview.h"
#include "widgets/live/liveview.h"
#include "widgets/loadtest/loadtestview.h"
#include "widgets/locks/locksview.h"
#include "widgets/overview/overviewview.h"
#include "widgets/plan/plancompareview.h"
#include "widgets/plan/planhistoryview.h"
#include "widgets/plan/planview.h"
#include "widgets/pool/poolview.h"
#include "widgets/queue/queueview.h"
#include "widgets/recordings/recordingsview.h"
#include "widgets/remote/remoteview.h"
#include "widgets/replication/replicationview.h"
#include "widgets/series/seriesview.h"
#include "widgets/serverlog/serverlogview.h"
#include "widgets/servicemap/servicemapview.h"
#include "widgets/sessions/blockingview.h"
#include "widgets/sessions/sessionsview.h"
#include "widgets/sessions/waitsview.h"
#include "widgets/slo/sloview.h"
#include "widgets/slo/useview.h"
#include "widgets/start/importreportview.h"
#include "widgets/start/sourcesview.h"
#include "widgets/start/startview.h"
#include "widgets/statements/statementsview.h"
#include "widgets/tables/tablesview.h"
#include "widgets/timeline/timelineview.h"
#include "widgets/waterfall/tracecompareview.h"
#include "widgets/waterfall/tracelistview.h"
#include "widgets/waterfall/waterfallview.h"

#include <QCoreApplication>
#include <QHash>

namespace tailscope::app {

namespace {

using widgets::View;
using widgets::ViewDescriptor;

View *makeRules(session::Session *session, QWidget *parent)
{
    return new widgets::RuleSettingsView(session, parent);
}

template<typename T>
View *make(session::Session *session, QWidget *parent)
{
    return new T(session, parent);
}

QString tr(const char *text) { return QCoreApplication::translate("ViewRegistry", text); }

QVector<ViewDescriptor> makeRegistry()
{
    using Area = ViewDescriptor::Area;
    const auto id = [](const char *text) { return QString::fromLatin1(text); };
    return {
        {id("start"), tr("Start"), id("start"), id("Ctrl+1"),
            tr("Open files, paste an execution plan, try a sample, go on with a recent workspace."),
            Area::Center, make<widgets::StartView>},
        {id("overview"), tr("Overview"), id("overview"), id("Ctrl+2"),
            tr("Where the time goes: services, operations, errors, plans and findings. Every figure is a "
               "link. "
               "Percentiles are nearest rank over the spans that pass the filter; self time is the duration "
               "minus "
               "the union of the synchronous children."),
            Area::Center, make<widgets::OverviewView>},
        {id("flame"), tr("Flame Graph"), id("flame"), id("Ctrl+3"),
            tr("Call paths of spans or of a profile, merged or in order of time. The width is total time (or "
               "the "
               "weight of samples); self time is what no child covers."),
            Area::Center, make<widgets::FlameView>},
        {id("functions"), tr("Functions"), id("flame"), id("Ctrl+Shift+F"),
            tr("Functions of a profile, or operations of the spans, by own weight; recursion counts once in "
               "totals. "
               "The chosen one is shown with its callers above and what it calls below."),
            Area::Center, make<widgets::FunctionsView>},
        {id("flamediff"), tr("Flame Difference"), id("flame"), id("Ctrl+Shift+D"),
            tr("Two profiles, or the baseline and the present selection of spans, as one flame graph: blue "
               "is "
               "less than "
               "before, orange is more, hatched is gone. Widths are those of the larger side."),
            Area::Center, make<widgets::FlameDiffView>},
        {id("timeline"), tr("Timeline"), id("timeline"), id("Ctrl+4"),
            tr("All tracks, counters and markers on one time axis. W and S zoom, A and D pan, drag on the "
               "ruler "
               "selects a range that narrows every view."),
            Area::Center, make<widgets::TimelineView>},
        {id("distribution"), tr("Distribution"), id("distribution"), id("Ctrl+5"),
            tr("How durations are spread: histogram, percentiles (nearest rank, with 95 % order-statistic "
               "intervals), over time and by group. Dragging a range narrows every view."),
            Area::Center, make<widgets::DistributionView>},
        {id("plan"), tr("Plan"), id("plan"), id("Ctrl+6"),
            tr("The execution plan as table, diagram, flame graph, processes and sums (keys 1 to 5) over one "
               "chosen node, with what to read first. Self time follows the slowest process under Gather, a "
               "CTE is shared by its scans, an InitPlan is charged to its user."),
            Area::Center, make<widgets::PlanView>},
        {id("plancompare"), tr("Compare Plans"), id("compare"), id("Ctrl+Shift+6"),
            tr("Two plans side by side: nodes that read the same by the same conditions stand on one line, "
               "joins "
               "by the relations below them. Factors are those of the whole plan; costs are the planner's "
               "units, "
               "never a time."),
            Area::Center, make<widgets::PlanCompareView>},
        {id("planhistory"), tr("Plan History"), id("plan"), id("Ctrl+Shift+H"),
            tr("The captured plans of a statement over time. A shape is the tree of node types, relations "
               "and "
               "indexes without figures and constants; median and P99 are nearest rank over the executed "
               "plans."),
            Area::Center, make<widgets::PlanHistoryView>},
        {id("traces"), tr("Traces"), id("traces"), id("Ctrl+7"),
            tr("The traces of which a span passes range and filter: a picture over start and duration, and a "
               "table. The duration is that of the request (the root span); dragging in the picture narrows "
               "every view."),
            Area::Center, make<widgets::TraceListView>},
        {id("statements"), tr("Statements"), id("statements"), id("Ctrl+Alt+9"),
            tr("Which statements carry the load, from pg_stat_statements, server logs or spans: share and "
               "cumulative share of the time, calls, mean, P99 (nearest rank, where executions are known), "
               "rows, "
               "blocks, plans, and what to do about each with the reason."),
            Area::Center, make<widgets::StatementsView>},
        {id("tables"), tr("Tables and Indexes"), id("tables"), id("Ctrl+Alt+B"),
            tr("Tables, indexes, vacuum and settings of the servers, at the end of the chosen range or at "
               "the "
               "moment of the playback. Rates are differences of counters; when autovacuum comes is "
               "threshold + "
               "scale factor x rows; bloat is an estimate, its doubt is told. Remedies are texts to copy."),
            Area::Center, make<widgets::TablesView>},
        {id("recordings"), tr("Compare Recordings"), id("recordings"), id("Ctrl+Alt+E"),
            tr("Two recordings, or two ranges of one, before (A) and after (B) a change: statements by the "
               "time they "
               "gained or lost, waits as average active sessions, tables as rates, settings that differ. A "
               "mean has "
               "changed when it moved by more than 5 % and Welch's test says p < 0.01."),
            Area::Center, make<widgets::RecordingsView>},
        {id("servicemap"), tr("Service Map"), id("servicemap"), id("Ctrl+Alt+7"),
            tr("Which service calls which: calls, share of errors, P50 and P99 (nearest rank) of the "
               "callee's "
               "span, calls per calling span. Callees without spans are named by the attributes of their "
               "callers. Click narrows every view to a service."),
            Area::Center, make<widgets::ServiceMapView>},
        {id("cohorts"), tr("Slow vs Rest"), id("cohorts"), id("Ctrl+9"),
            tr("Why are these slow? Slow requests against the rest: values that are more frequent among them "
               "(lift = share of the slow / share of all), operations whose time grew, paths and calls. "
               "Chance is "
               "the p-value after correction for everything compared."),
            Area::Center, make<widgets::CohortsView>},
        {id("compare"), tr("Compare"), id("compare"), id("Ctrl+Alt+0"),
            tr("Two sets of spans by operation: another time, source or file (A) against the present range "
               "and "
               "filter (B). A measure counts as changed when it moved by more than 5 % and the 95 % interval "
               "of its "
               "ratio leaves 1; P50 needs 20 spans a set, P95 200, P99 1,000."),
            Area::Center, make<widgets::CompareView>},
        {id("criticalpath"), tr("Critical Path"), id("criticalpath"), id("Ctrl+Alt+8"),
            tr("What the traces waited for, operation by operation, with gaps that no span accounts for: "
               "time "
               "on the critical paths, its share, P50 and P99 per trace. What-if changes are run through "
               "every "
               "trace again with its dependencies kept; gains are never added."),
            Area::Center, make<widgets::CriticalPathView>},
        {id("budget"), tr("Budgets"), id("budget"), id("Ctrl+Shift+5"),
            tr("A performance budget against what was measured, component by component: the time of its "
               "spans in "
               "a request (united, nearest rank) beside its budget, its time-out and the critical path; what "
               "no "
               "component accounts for is a bar of its own. The working budget is the target less what is "
               "kept "
               "free. Changes are run through every request again; gains are never added."),
            Area::Center, make<widgets::BudgetView>},
        {id("waterfall"), tr("Waterfall"), id("waterfall"), id("Ctrl+8"),
            tr("One trace: the tree of its spans over time. The line under the bars is the critical path "
               "(what the "
               "request waited for), whose time by class adds up to the duration; a gap is time of a span in "
               "which "
               "none of its synchronous children runs. C, G and K switch critical path, gaps and the "
               "correction of "
               "clocks."),
            Area::Center, make<widgets::WaterfallView>},
        {id("tracecompare"), tr("Compare Traces"), id("tracecompare"), id("Ctrl+Alt+6"),
            tr("Two traces side by side on one time scale. Spans belong together when service, operation and "
               "the way "
               "to them are equal and each is the n-th of its kind; the differences on the critical path add "
               "up to "
               "that of the requests."),
            Area::Center, make<widgets::TraceCompareView>},
        {id("live"), tr("Live"), id("live"), id("Ctrl+Alt+V"),
            tr("Attached servers, live or replayed: a row for each, and charts over the time before the "
               "moment "
               "shown (the bar above holds, moves and replays it). Rates are differences of counters per "
               "second, a "
               "counter that fell began anew; the hit ratio is hits / (hits + reads) of each moment and has "
               "a gap "
               "where nothing was read; sessions are means of the samples of a moment, active sessions by "
               "wait are "
               "samples / samples taken. Click holds a moment."),
            Area::Center, make<widgets::LiveView>},
        {id("series"), tr("Series"), id("series"), id("Ctrl+Shift+1"),
            tr("Imported metrics as lanes on one time axis with the markers: counters as rates (resets count "
               "from 0), steps (Pettitt's test), flat lines at limits, what is usual at that hour without "
               "the "
               "time in which it was not, and which series moved at a moment. A gap is not 0."),
            Area::Center, make<widgets::SeriesView>},
        {id("pool"), tr("Pools"), id("pool"), id("Ctrl+Shift+2"),
            tr("Pools of connections and threads against their ceilings. Use is the mean number in use / the "
               "smaller of the pool's size and what the server gives out; demand is arrivals x time held "
               "(Little); "
               "rates are deltas of counters. The curve is Erlang C for this very number of servers."),
            Area::Center, make<widgets::PoolView>},
        {id("serverlog"), tr("Server Log"), id("report"), id("Ctrl+Alt+L"),
            tr("The lines of servers' logs in the chosen range: how many over time and kind, by pattern (the "
               "message without what differs from line to line), and each in full with its original time."),
            Area::Center, make<widgets::ServerLogView>},
        {id("locks"), tr("Deadlocks and Locks"), id("warning"), id("Ctrl+Alt+K"),
            tr("Deadlocks by the set of their statements, the cycle of the chosen one (who waits for whom, "
               "which lock, who was cancelled), and waits for locks, of which reports of one wait count "
               "once."),
            Area::Center, make<widgets::LocksView>},
        {id("slo"), tr("Service Levels"), id("slo"), id("Ctrl+Shift+7"),
            tr("Requests against an objective, in counts: good are 2xx and 3xx within the limit, 4xx are "
               "left out, "
               "429 counts as failed. Failures a day against the exact budget, burn rate = failed share / (1 "
               "- "
               "objective) in two windows at once, failures by cause, and how many requests are slower than "
               "each "
               "percentile."),
            Area::Center, make<widgets::SloView>},
        {id("use"), tr("Resources (USE)"), id("use"), id("Ctrl+Shift+8"),
            tr("Utilisation, saturation and errors of every resource over what was imported: mean and worst "
               "of the "
               "chosen range. An empty cell says which input would fill it; Enter opens the view that shows "
               "the "
               "resource."),
            Area::Center, make<widgets::UseView>},
        {id("loadtest"), tr("Load Tests"), id("loadtest"), id("Ctrl+Shift+9"),
            tr("Runs of load generators: phases recognised from users or requests, percentiles (nearest "
               "rank) and "
               "failures over time and over concurrency, the knee (first level with 95 % of the peak), the "
               "Universal "
               "Scalability Law with its residuals, closed or open loop, coordinated omission, limits, and "
               "two runs "
               "compared."),
            Area::Center, make<widgets::LoadTestView>},
        {id("replication"), tr("Replication"), id("replication"), id("Ctrl+Shift+3"),
            tr("Replicas: lag over time with the alert lines, missing bytes by stage, episodes with their "
               "cause, "
               "slots. Lag is 0 only where positions of the primary or of a streaming receiver prove it; "
               "percentiles are nearest rank; a slope of 1 s per s means that nothing is replayed."),
            Area::Center, make<widgets::ReplicationView>},
        {id("queue"), tr("Queues"), id("queue"), id("Ctrl+Shift+4"),
            tr("Queues and consumer groups: depth, arrivals and completions, phases, time to drain (depth / "
               "(finished - arriving), or never), members and partitions, last useful work, and when simple "
               "alarms "
               "would have fired."),
            Area::Center, make<widgets::QueueView>},
        {id("sessions"), tr("Sessions"), id("sessions"), id("Ctrl+Alt+Shift+2"),
            tr("Who is connected to the servers and does what, at the moment shown: the newest sample at or "
               "before it of each server. Ages are since then. Connections count clients against "
               "max_connections without the reserved ones; 80 % warns, 95 % is critical."),
            Area::Center, make<widgets::SessionsView>},
        {id("waits"), tr("Waits"), id("waits"), id("Ctrl+Alt+Shift+3"),
            tr("Average active sessions over the window: sessions seen active / samples, stacked by what "
               "they "
               "wait for; without a wait they are on CPU. A share rests on n samples and may be off by "
               "1 / sqrt(n) of itself. Where nothing was sampled is a gap."),
            Area::Center, make<widgets::WaitsView>},
        {id("blocking"), tr("Blocking"), id("blocking"), id("Ctrl+Alt+Shift+4"),
            tr("Who holds up whom at the moment shown: roots wait for nobody, victims stand below each "
               "session "
               "they wait for. The strip shows how many were blocked over the window; a click holds that "
               "moment. Nothing is ever cancelled from here."),
            Area::Center, make<widgets::BlockingView>},
        {id("remote"), tr("Remote Store"), id("remote"), id("Ctrl+Alt+S"),
            tr("Spans that stay in another database (PostgreSQL with partitions or postgres_fdw shards; "
               "others "
               "could not be tested): counts by duration bucket come from there, at most 1.6 % wide, so a "
               "percentile is told with its bounds, exactly (nearest rank) by a second query. The heat map "
               "counts the spans by start and duration when it is shown; what is dragged there becomes the "
               "range and the filter. Chosen traces are fetched as ordinary spans."),
            Area::Center, make<widgets::RemoteView>},
        {id("sources"), tr("Sources"), id("source"), id("Ctrl+Alt+1"),
            tr("Files in this workspace with size, state and clock."), Area::Left,
            make<widgets::SourcesView>},
        {id("details"), tr("Details"), id("info"), id("Ctrl+Alt+2"),
            tr("Everything known about the selected span, plan node or source."), Area::Right,
            make<widgets::DetailsView>},
        {id("findings"), tr("Findings"), id("warning"), id("Ctrl+Alt+3"),
            tr("What the rules found: cause, evidence, fix, proof and side effect, and which rules could not "
               "be "
               "evaluated."),
            Area::Bottom, make<widgets::FindingsView>},
        {id("rules"), tr("Rules"), id("info"), id("Ctrl+Alt+R"),
            tr("Every rule with what became of it, its thresholds to change, and a switch to mute it. "
               "Changes "
               "are kept in your configuration and hold for every workspace and the command line."),
            Area::Center, makeRules},
        {id("console"), tr("SQL Console"), id("console"), id("Ctrl+Alt+4"),
            tr("Read-only SQL over the public schema of the workspace."), Area::Bottom,
            make<widgets::ConsoleView>},
        {id("report"), tr("Import Report"), id("report"), id("Ctrl+Alt+5"),
            tr("What every import took, skipped and noticed, with the place of each."), Area::Bottom,
            make<widgets::ImportReportView>},
    };
}

} // namespace

const QVector<ViewDescriptor> &viewRegistry()
{
    static const QVector<ViewDescriptor> registry = makeRegistry();
    return registry;
}

QStringList contentsOfView(const QString &id)
{
    static const QHash<QString, QString> contents = [] {
        QHash<QString, QString> all;
        const auto add = [&](const char *views, const char *names) {
            for (const QString &view : QString::fromLatin1(views).split(QLatin1Char(' ')))
                all.insert(view, QString::fromLatin1(names));
        };
        // One line for views that show the same.
        add("flame functions flamediff", "span profile");
        add("timeline", "span series event pause");
        add("distribution cohorts compare servicemap", "span");
        add("traces waterfall tracecompare criticalpath", "trace");
        add("plan plancompare planhistory", "plan");
        add("statements", "statement");
        add("tables", "table recording");
        add("recordings", "recording table");
        add("serverlog", "log");
        add("locks", "lock log");
        add("series", "series");
        add("live", "recording");
        add("pool", "pool config");
        add("replication", "replica");
        add("queue", "queue");
        add("budget", "budget span run");
        add("slo", "span series");
        add("use", "series pool replica session");
        add("loadtest", "run");
        add("sessions waits", "session");
        add("blocking", "session lock");
        return all;
    }();
    return contents.value(id).split(QLatin1Char(' '), Qt::SkipEmptyParts);
}

const ViewDescriptor *viewById(const QString &id)
{
    for (const ViewDescriptor &view : viewRegistry()) {
        if (view.id == id)
            return &view;
    }
    return nullptr;
}

} // namespace tailscope::app
