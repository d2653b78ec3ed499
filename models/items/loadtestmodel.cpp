// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/loadtestmodel.h"

#include "base/text.h"

#include <algorithm>
#include <cmath>

namespace tailscope::items {

using namespace analysis;

namespace {

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

Result<std::vector<LoadRunView>> read(const store::Workspace &workspace, const SpanColumns *columns,
    const Progress &progress)
{
    Result<std::vector<LoadRun>> runs = readLoadRuns(workspace, columns, progress);
    if (!runs)
        return fail(runs.error());
    std::vector<LoadRunView> views;
    for (LoadRun &run : *runs) {
        LoadRunView view;
        const Result<Knee> knee = throughputKnee(run.points);
        Result<ScalabilityFit> fit = fitScalability(run.points);
        const auto real = [](double value) { return QString::number(value, 'g', 4); };
        if (knee) {
            view.knee = *knee;
            view.kneeText = knee->isPeakReached
                ? LoadTestModel::tr("Knee at %1 users: %2 requests/s, 95 % of the peak of %3. At the last "
                                    "level %4 % of the peak%5.")
                      .arg(real(knee->users), real(knee->perSecond), real(knee->peakPerSecond),
                          QString::number(100 * knee->last, 'f', 0),
                          knee->isCollapse ? LoadTestModel::tr(": it collapses")
                                           : LoadTestModel::tr(": a plateau"))
                : LoadTestModel::tr(
                    "Peak not reached: the last level (%1 users) is the best one, nothing is known beyond.")
                      .arg(real(knee->peakUsers));
        } else {
            view.kneeText = LoadTestModel::tr("No knee: %1.").arg(fromUtf8(knee.error().detail));
        }
        if (fit) {
            view.fitText = fit->fits
                ? LoadTestModel::tr(
                    "Universal Scalability Law: one user %1/s, contention %2 %, coherency %3, R² %4%5.")
                      .arg(real(fit->lambda), QString::number(100 * fit->sigma, 'g', 3), real(fit->kappa),
                          QString::number(fit->rSquared, 'f', 3),
                          fit->bestUsers ? LoadTestModel::tr(", best at %1 users").arg(real(*fit->bestUsers))
                                         : QString())
                : LoadTestModel::tr(
                    "The Universal Scalability Law does not fit (R² %1, largest miss %2 % of the peak): "
                    "something else than contention limits.")
                      .arg(QString::number(fit->rSquared, 'f', 3),
                          QString::number(100 * fit->worstResidual, 'f', 0));
            view.fit = std::move(*fit);
        }
        view.run = std::move(run);
        views.push_back(std::move(view));
    }
    return views;
}

TableCell textCell(const QString &text, const QString &toolTip = {})
{
    TableCell cell;
    cell.text = text;
    cell.toolTip = toolTip;
    return cell;
}

TableCell realCell(double value, const QString &text)
{
    TableCell cell = textCell(std::isnan(value) ? LoadTestModel::tr("unknown") : text);
    if (!std::isnan(value))
        cell.value = value;
    return cell;
}

TableCell msCell(double ms, const LoadPhase &phase)
{
    TableCell cell = realCell(ms, fromUtf8(humanMillis(ms)));
    if (!std::isnan(ms))
        cell.toolTip = phase.timed > 0
            ? LoadTestModel::tr("%1 ms, nearest rank over %2 requests").arg(ms, 0, 'f', 3).arg(phase.timed)
            : LoadTestModel::tr("%1 ms, as the tool says").arg(ms, 0, 'f', 3);
    return cell;
}

TableCell rateCell(double rate)
{
    return realCell(rate, QString::number(rate, rate < 100 ? 'g' : 'f', rate < 100 ? 3 : 0));
}

TableCell shareCell(double share)
{
    return realCell(share, QString::number(100 * share, 'g', 3) + QStringLiteral(" %"));
}

TableCell lengthCell(Nanos start, Nanos end)
{
    if (start == kUnknownNanos || end == kUnknownNanos)
        return textCell(LoadTestModel::tr("unknown"));
    TableCell cell = textCell(fromUtf8(humanDuration(end - start)));
    cell.value = qint64(end - start);
    return cell;
}

QString omissionText(const LoadRun &run)
{
    const std::string verdict = run.omissionVerdict();
    return verdict == "suspect"  ? LoadTestModel::tr("suspect")
        : verdict == "possible"  ? LoadTestModel::tr("possible")
        : verdict == "corrected" ? LoadTestModel::tr("corrected")
        : verdict == "no"        ? LoadTestModel::tr("no")
                                 : LoadTestModel::tr("unknown");
}

QString loopText(const LoadRun &run)
{
    return run.loop == "open"  ? LoadTestModel::tr("open")
        : run.loop == "closed" ? LoadTestModel::tr("closed")
                               : LoadTestModel::tr("unknown");
}

} // namespace

LoadTestModel::LoadTestModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_job(session->jobs())
    , m_compareJob(session->jobs())
    , m_runTable(new CellTable(
          {{tr("Run"), tr("What was tested"), false}, {tr("Tool"), {}, false}, {tr("Start"), {}, false},
              {tr("Length"), {}, true}, {tr("Requests"), {}, true},
              {tr("Rate / s"), tr("Requests a second over the whole run"), true}, {tr("Failed"), {}, true},
              {tr("P95"), {}, true}, {tr("P99"), {}, true},
              {tr("Loop"),
                  tr("Closed: a user waits for its answer before it asks again. Open: requests come by the "
                     "clock."),
                  false},
              {tr("Omission"), tr("Coordinated omission: requests left out because the generator waited"),
                  false}},
          this))
    , m_phases(new CellTable(
          {{tr("Phase"), {}, false},
              {tr("Kind"), tr("Recognised from the users or the requests; \"tool\": as it says"), false},
              {tr("Length"), {}, true}, {tr("Users"), {}, true}, {tr("Rate / s"), {}, true},
              {tr("Requests"), {}, true}, {tr("Failed"), {}, true}, {tr("P50"), {}, true},
              {tr("P95"), {}, true}, {tr("P99"), {}, true}, {tr("Max"), {}, true}},
          this))
    , m_levels(new CellTable(
          {{tr("Users"), tr("Concurrency: users, or requests under way where the tool tells none"), true},
              {tr("Requests / s"), tr("Measured throughput"), true},
              {tr("By the Law"), tr("Universal Scalability Law, least squares"), true},
              {tr("Residual"), tr("Measured − by the law"), true}},
          this))
    , m_gates(new CellTable({{tr("Limit"), {}, false}, {tr("Where"), {}, false}, {tr("Value"), {}, true},
                                {tr("Allowed"), {}, true}, {tr("Result"), {}, false}},
          this))
    , m_comparison(new CellTable({{tr("Operation or Phase"), {}, false}, {tr("Measure"), {}, false},
                                     {tr("This Run"), {}, true}, {tr("Compared With"), {}, true},
                                     {tr("Ratio"), tr("This / the other"), true}, {tr("Verdict"), {}, false}},
          this))
{
    connect(session, &session::Session::loaded, this, &LoadTestModel::invalidate);
    connect(session->context(), &session::SessionContext::dataChanged, this, &LoadTestModel::invalidate);
    connect(session->context(), &session::SessionContext::timeDisplayChanged, this, [this] {
        if (m_runs)
            fillRuns();
    });
}

void LoadTestModel::setActive(bool active)
{
    m_active = active;
    refresh();
}

void LoadTestModel::invalidate()
{
    m_stale = true;
    refresh();
}

void LoadTestModel::refresh()
{
    if (!m_active || !m_stale || m_session->isLoading())
        return;
    m_stale = false;
    const auto workspace = m_session->workspacePtr();
    const auto columns = m_session->context()->columns();
    m_job.start<std::vector<LoadRunView>>(
        this, {},
        [workspace, columns](const Progress &progress) { return read(*workspace, columns.get(), progress); },
        [this](Result<std::vector<LoadRunView>> runs) {
            if (runs) {
                m_error.clear();
                m_runs = std::make_shared<const std::vector<LoadRunView>>(std::move(*runs));
                if (!run(m_current))
                    m_current = m_runs->empty() ? 0 : m_runs->front().run.id;
                if (!run(m_other))
                    m_other = 0;
                fillRuns();
            } else if (runs.error().code != ErrorCode::Cancelled) {
                m_error = QString::fromStdString(runs.error().toText());
            }
            Q_EMIT changed();
            const qint64 chosen = m_current;
            m_current = -1;
            choose(chosen);
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

const LoadRunView *LoadTestModel::run(qint64 id) const
{
    if (!m_runs)
        return nullptr;
    const auto found = std::find_if(m_runs->begin(), m_runs->end(),
        [&](const LoadRunView &view) { return view.run.id == id; });
    return found == m_runs->end() ? nullptr : &*found;
}

const LoadRunView *LoadTestModel::current() const { return run(m_current); }

void LoadTestModel::choose(qint64 runId)
{
    if (runId == m_current)
        return;
    m_current = runId;
    if (m_other == runId)
        m_other = 0;
    fillPhases();
    fillLevels();
    fillGates();
    Q_EMIT currentChanged();
    startComparison();
}

void LoadTestModel::compareWith(qint64 runId)
{
    if (runId == m_other || runId == m_current)
        return;
    m_other = runId;
    startComparison();
}

void LoadTestModel::startComparison()
{
    const LoadRunView *first = run(m_other), *second = current();
    const auto columns = m_session->context()->columns();
    if (!first || !second || first->run.bins.empty() || second->run.bins.empty() || !columns) {
        m_compareJob.cancel();
        fillComparison(nullptr);
        return;
    }
    const std::int64_t before = first->run.sourceId, after = second->run.sourceId;
    m_compareJob.start<SetComparison>(
        this, {},
        [columns, before, after](const Progress &progress) -> Result<SetComparison> {
            const SetSample a = sampleSet(*columns, {}, before, progress.cancel);
            const SetSample b = sampleSet(*columns, {}, after, progress.cancel);
            if (progress.isCancelled())
                return fail(ErrorCode::Cancelled, "comparison", "cancelled");
            return compareSets(a, b, kGateLimits);
        },
        [this](Result<SetComparison> sets) {
            fillComparison(sets ? &*sets : nullptr);
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void LoadTestModel::fillRuns()
{
    QVector<TableRow> rows;
    for (const LoadRunView &view : *m_runs) {
        const LoadRun &run = view.run;
        LoadPhase whole;
        whole.requests = -1;
        if (const LoadPhase *known = run.whole())
            whole = *known;
        TableCell start = textCell(
            run.start == kUnknownNanos ? tr("unknown") : m_session->context()->timeText(run.start));
        if (run.start != kUnknownNanos)
            start.value = qint64(run.start);
        TableCell omission = textCell(omissionText(run));
        omission.level = run.omissionVerdict() == "suspect" ? 3 : run.omissionVerdict() == "possible" ? 1 : 0;
        rows << TableRow{run.id,
            {textCell(run.name.empty() ? tr("(unnamed)") : fromUtf8(run.name)), textCell(fromUtf8(run.tool)),
                start, lengthCell(run.start, run.end),
                realCell(whole.requests < 0 ? NAN : double(whole.requests),
                    fromUtf8(groupedCount(whole.requests))),
                rateCell(whole.rate), shareCell(whole.errorShare()), msCell(whole.p95Ms, whole),
                msCell(whole.p99Ms, whole), textCell(loopText(run), fromUtf8(run.loopReason)), omission}};
    }
    m_runTable->setRows(std::move(rows));
}

void LoadTestModel::fillPhases()
{
    QVector<TableRow> rows;
    if (const LoadRunView *view = current()) {
        for (std::size_t i = 0; i < view->run.phases.size(); ++i) {
            const LoadPhase &phase = view->run.phases[i];
            QString kind = fromUtf8(phase.kind);
            if (!phase.isFound)
                kind += tr(" (tool)");
            rows << TableRow{qint64(i),
                {textCell(phase.name.empty() ? fromUtf8(phase.kind) : fromUtf8(phase.name)), textCell(kind),
                    lengthCell(phase.start, phase.end),
                    realCell(phase.users, QString::number(phase.users, 'f', 0)), rateCell(phase.rate),
                    realCell(phase.requests < 0 ? NAN : double(phase.requests),
                        fromUtf8(groupedCount(phase.requests))),
                    shareCell(phase.errorShare()), msCell(phase.p50Ms, phase), msCell(phase.p95Ms, phase),
                    msCell(phase.p99Ms, phase), msCell(phase.maxMs, phase)}};
        }
    }
    m_phases->setRows(std::move(rows));
}

void LoadTestModel::fillLevels()
{
    QVector<TableRow> rows;
    if (const LoadRunView *view = current()) {
        const std::vector<LoadPoint> points = mergedLevels(view->run.points);
        for (std::size_t i = 0; i < points.size(); ++i) {
            const double fitted = view->fit ? view->fit->at(points[i].users) : NAN;
            const double residual = points[i].perSecond - fitted;
            TableCell miss = realCell(residual, QString::number(residual, 'f', 1));
            if (view->fit && view->knee && std::abs(residual) > 0.15 * view->knee->peakPerSecond)
                miss.level = 2;
            rows << TableRow{qint64(i),
                {realCell(points[i].users, QString::number(points[i].users, 'g', 4)),
                    rateCell(points[i].perSecond), rateCell(fitted), miss}};
        }
    }
    m_levels->setRows(std::move(rows));
}

void LoadTestModel::fillGates()
{
    QVector<TableRow> rows;
    const LoadRunView *view = current();
    if (!view) {
        m_gates->setRows({});
        return;
    }
    const LoadRun &run = view->run;
    const auto add
        = [&](const QString &what, const QString &where, TableCell value, const QString &limit, int ok) {
              TableCell result = textCell(ok < 0 ? tr("unknown") : ok ? tr("passed") : tr("failed"));
              result.level = ok == 0 ? 3 : 0;
              rows << TableRow{rows.size(),
                  {textCell(what), textCell(where), std::move(value), textCell(limit), result}};
          };
    for (const LoadThreshold &threshold : run.thresholds)
        add(fromUtf8(threshold.metric), tr("whole run, by the tool"), textCell(tr("–")),
            fromUtf8(threshold.expression), threshold.ok);
    const bool hasPhases = std::any_of(run.phases.begin(), run.phases.end(),
        [](const LoadPhase &phase) { return phase.isSteady() && phase.kind != "whole"; });
    for (const LoadPhase &phase : run.phases) {
        if (!run.thresholds.empty() || !phase.isSteady() || (hasPhases && phase.kind == "whole"))
            continue;
        add(tr("P95"), fromUtf8(phase.name.empty() ? phase.kind : phase.name), msCell(phase.p95Ms, phase),
            QStringLiteral("≤ %1 ms").arg(kP95LimitMs),
            std::isnan(phase.p95Ms) ? -1 : phase.p95Ms <= kP95LimitMs);
        const double errors = phase.errorShare();
        add(tr("Failed requests"), fromUtf8(phase.name.empty() ? phase.kind : phase.name), shareCell(errors),
            QStringLiteral("< %1 %").arg(100 * kErrorLimit), std::isnan(errors) ? -1 : errors < kErrorLimit);
    }
    for (const LoadSlope &slope : run.slopes) {
        const auto relative = slope.slope.relative();
        TableCell value = realCell(relative.value_or(NAN),
            QString::number(100 * relative.value_or(NAN), 'f', 1) + QStringLiteral(" %"));
        value.toolTip = tr("%1 %2 an hour (95 %: %3 to %4), level %5, over %6 h")
                            .arg(slope.slope.perHour, 0, 'g', 4)
                            .arg(fromUtf8(slope.unit))
                            .arg(slope.slope.lower, 0, 'g', 4)
                            .arg(slope.slope.upper, 0, 'g', 4)
                            .arg(slope.slope.level, 0, 'g', 4)
                            .arg(slope.slope.hours, 0, 'f', 2);
        const bool grows = slope.slope.grows() && relative.value_or(0) >= 0.1;
        add(tr("Growth of %1").arg(slope.measure == "p95_ms" ? tr("P95") : fromUtf8(slope.measure)),
            tr("longest steady phase"), value, tr("< 10 %"), relative ? !grows : -1);
    }
    for (const LoadValidity &point : run.validity)
        add(tr("Like production: %1").arg(fromUtf8(point.item)), tr("whole run"),
            textCell(fromUtf8(point.test)),
            point.production.empty() ? tr("rule of thumb") : fromUtf8(point.production), point.isMet ? 1 : 0);
    m_gates->setRows(std::move(rows));
}

void LoadTestModel::addPhaseRows(QVector<TableRow> &rows) const
{
    const LoadPhase *first = run(m_other)->run.whole(), *second = current()->run.whole();
    if (!first || !second)
        return;
    const auto add = [&](const QString &what, double before, double after, const QString &a,
                         const QString &b) {
        const double ratio = before > 0 ? after / before : NAN;
        rows << TableRow{rows.size(),
            {textCell(tr("whole run")), textCell(what), realCell(after, b), realCell(before, a),
                realCell(ratio, QString::number(ratio, 'f', 2) + QStringLiteral("×")),
                textCell(tr("not judged"), tr("Without single requests nothing can be said about chance"))}};
    };
    const auto ms = [](double value) { return fromUtf8(humanMillis(value)); };
    const auto real = [](double value) { return QString::number(value, 'g', 4); };
    add(tr("Requests / s"), first->rate, second->rate, real(first->rate), real(second->rate));
    add(tr("P50"), first->p50Ms, second->p50Ms, ms(first->p50Ms), ms(second->p50Ms));
    add(tr("P95"), first->p95Ms, second->p95Ms, ms(first->p95Ms), ms(second->p95Ms));
    add(tr("P99"), first->p99Ms, second->p99Ms, ms(first->p99Ms), ms(second->p99Ms));
    add(tr("Failed"), first->errorShare(), second->errorShare(),
        real(100 * first->errorShare()) + QStringLiteral(" %"),
        real(100 * second->errorShare()) + QStringLiteral(" %"));
}

void LoadTestModel::fillComparison(const SetComparison *sets)
{
    QVector<TableRow> rows;
    m_comparisonText.clear();
    if (sets) {
        m_comparisonText = fromUtf8(headline(*sets));
        const char *const names[]{"P50", "P95", "P99"};
        const auto verdictCell = [](const MeasureVerdict &verdict) {
            TableCell cell = textCell(fromUtf8(verdictWord(verdict.verdict)));
            cell.level = verdict.verdict == Verdict::Worse ? 3 : 0;
            cell.toolTip = verdict.why == MeasureVerdict::Why::TooFew ? tr("too few requests")
                : verdict.why == MeasureVerdict::Why::Chance ? tr("outside the limit, but it may be chance")
                                                             : QString();
            return cell;
        };
        for (const OperationComparison &operation : sets->operations) {
            for (std::size_t i = 0; i < operation.percentiles.size(); ++i) {
                const PercentileRatio &ratio = operation.percentiles[i];
                const auto value = [](const PercentileFigure &figure) {
                    TableCell cell = textCell(fromUtf8(humanDuration(figure.value)));
                    if (figure.value != kUnknownNanos)
                        cell.value = qint64(figure.value);
                    return cell;
                };
                rows << TableRow{rows.size(),
                    {textCell(fromUtf8(operation.name())), textCell(QLatin1String(names[i])),
                        value(ratio.second), value(ratio.first),
                        realCell(ratio.ratio.value_or(NAN),
                            QString::number(ratio.ratio.value_or(NAN), 'f', 2) + QStringLiteral("×")),
                        verdictCell(operation.measures[i])}};
            }
            rows << TableRow{rows.size(),
                {textCell(fromUtf8(operation.name())), textCell(tr("Failed")),
                    shareCell(operation.second.share()), shareCell(operation.first.share()),
                    textCell(tr("–")), verdictCell(operation.measures[3])}};
        }
    } else if (run(m_other) && current()) {
        addPhaseRows(rows);
    }
    m_comparison->setRows(std::move(rows));
    Q_EMIT comparisonChanged();
}

QString LoadTestModel::verdict() const
{
    const LoadRunView *view = current();
    if (!view)
        return {};
    const LoadRun &run = view->run;
    QStringList parts;
    if (run.omissionVerdict() == "suspect")
        parts << tr("Coordinated omission: %1 % of the requests due in %2 stalls were not sent; do not quote "
                    "the P99%3.")
                     .arg(100 * run.omission->missing(), 0, 'f', 0)
                     .arg(run.omission->stalls)
                     .arg(std::isnan(run.correctedP99Ms)
                             ? QString()
                             : tr(" (about %1 with them, estimated)")
                                   .arg(fromUtf8(humanMillis(run.correctedP99Ms))));
    else if (run.loop == "closed" && run.omissionVerdict() == "possible")
        parts << tr("Closed loop: users wait for answers, so overload lowers the rate instead of showing up "
                    "as waiting.");
    else if (run.loop == "open")
        parts << tr("Open loop: requests come by the clock.");
    if (run.loop == "closed" && !std::isnan(run.rateLatency) && run.rateLatency <= -0.7)
        parts << tr("The rate falls while the latency rises (rank correlation %1).")
                     .arg(run.rateLatency, 0, 'f', 2);
    parts << view->kneeText;
    if (!view->fitText.isEmpty())
        parts << view->fitText;
    if (run.pointsOfAll)
        parts << tr("The levels are of all runs together.");
    return parts.join(QLatin1Char(' '));
}

QString LoadTestModel::sql() const
{
    return QStringLiteral(
        "SELECT position, name, kind, users, rate, requests, errors, p50_ms, p95_ms, p99_ms, max_ms\n"
        "FROM load_phase WHERE load_run_id = %1 ORDER BY position;")
        .arg(std::max<qint64>(0, m_current));
}

} // namespace tailscope::items
