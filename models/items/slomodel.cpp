// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/slomodel.h"

#include "advisor/rules.h"
#include "analysis/slostore.h"
#include "analysis/workspaceanalyses.h"
#include "base/text.h"

#include <QRegularExpression>

#include <cmath>

namespace tailscope::items {

using namespace analysis;

namespace {

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

TableCell textCell(const QString &text, const QString &toolTip = {})
{
    TableCell cell;
    cell.text = text;
    cell.toolTip = toolTip;
    return cell;
}

TableCell countCell(std::int64_t n)
{
    TableCell cell = textCell(fromUtf8(groupedCount(n)));
    cell.value = qint64(n);
    return cell;
}

TableCell numberCell(double value, const QString &text)
{
    TableCell cell = textCell(text);
    if (!std::isnan(value))
        cell.value = value;
    return cell;
}

/// A share in percent with the digits that an objective is told apart by.
QString percent(double share)
{
    return QString::number(100 * share, 'f', 4).remove(QRegularExpression(QStringLiteral("\\.?0+$")))
        + QStringLiteral(" %");
}

QString decimal(double value)
{
    return std::abs(value) >= 100 || value == std::floor(value) ? fromUtf8(groupedCount(std::llround(value)))
                                                                : QString::number(value, 'g', 3);
}

Result<bool> storeAndJudge(const store::Workspace &workspace, const SloDefinition &definition,
    const Progress &progress)
{
    TS_TRY(storeSloDefinition(workspace, &definition));
    TS_TRY(refreshWorkspaceAnalyses(workspace, workspaceAnalyses(), progress));
    std::vector<Error> bad;
    const auto rules = advisor::loadRules(advisor::userRuleFolder(), bad);
    const auto outcome = advisor::runRules(workspace, rules, progress);
    if (!outcome)
        return fail(outcome.error());
    return true;
}

Result<SloContent> judge(const store::Workspace &workspace, const SpanColumns *columns,
    const std::optional<TimeRange> &range, const Progress &progress)
{
    SloContent content;
    Result<SloDefinition> definition = readSloDefinition(workspace);
    if (!definition)
        return fail(definition.error());
    content.definition = std::move(*definition);
    Result<std::vector<SloResult>> results
        = serviceLevels(workspace, columns, range, content.definition, progress);
    if (!results)
        return fail(results.error());
    content.results = std::move(*results);
    for (std::size_t i = 0; i < kBurnAlerts.size(); ++i) {
        content.burns[i].alert = kBurnAlerts[i];
        if (!content.results.empty())
            content.burns[i].history = burnHistory(content.results.front().bins,
                content.results.front().binNs, kBurnAlerts[i], content.definition.objective);
    }
    return content;
}

} // namespace

SloModel::SloModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_job(session->jobs())
    , m_days(new CellTable({{tr("Day (UTC)"), tr("From midnight to midnight"), false},
                               {tr("Requests"), tr("Good and bad ones; excluded ones are in neither"), true},
                               {tr("Failed"), tr("Failed, refused by 429, or slower than the limit"), true},
                               {tr("Allowed"), tr("Requests × (1 − objective), exact"), true},
                               {tr("Left"), tr("Allowed − failed; negative: over budget"), true},
                               {tr("Good"), tr("Good of all requests that count"), true}},
          this))
    , m_causes(new CellTable(
          {{tr("Cause"), tr("By HTTP status and the words of the error"), false},
              {tr("Who"), tr("Operation or service, and status"), false},
              {tr("Failures"), tr("Requests that count as bad"), true},
              {tr("Share"), tr("Of all failures"), true}, {tr("Cumulative"), tr("This and all above"), true},
              {tr("Left Without It"), tr("Failures that would remain if this cause were gone"), true}},
          this))
    , m_operations(new CellTable({{tr("Operation"), tr("Service and operation"), false},
                                     {tr("Requests"), tr("Good and bad ones, of all the time shown"), true},
                                     {tr("Failed"), tr("Failed, refused, or too slow"), true},
                                     {tr("Good"), tr("Good of those that count"), true},
                                     {tr("Of the Budget"), tr("Failed of all that are allowed"), true}},
          this))
    , m_users(new CellTable({{tr("Percentile"), tr("Nearest rank over the requests that count"), false},
                                {tr("Value"), tr("A duration that a request really had"), true},
                                {tr("Slower / s"), tr("Requests × (1 − q), at the rate measured"), true},
                                {tr("/ min"), tr("Slower requests a minute"), true},
                                {tr("/ h"), tr("Slower requests an hour"), true},
                                {tr("/ day"), tr("Slower requests a day"), true}},
          this))
    , m_burns(new CellTable(
          {{tr("Windows"), tr("Both at or above the threshold: an alert"), false},
              {tr("Threshold"), tr("Burn: failed share / (1 − objective); 1 = the budget lasts its window"),
                  true},
              {tr("At the End"), tr("The smaller of both windows at the end of the data"), true},
              {tr("Worst"), tr("Largest of the smaller one of both windows"), true},
              {tr("Worst At"), tr("End of the windows"), false},
              {tr("First Alert"), tr("By data up to that moment only"), false}},
          this))
{
    connect(session, &session::Session::loaded, this, &SloModel::invalidate);
    connect(session->context(), &session::SessionContext::dataChanged, this, &SloModel::invalidate);
    connect(session->context(), &session::SessionContext::rangeChanged, this, &SloModel::invalidate);
    connect(session->context(), &session::SessionContext::timeDisplayChanged, this, [this] {
        if (m_content)
            fillBurns();
    });
}

void SloModel::setActive(bool active)
{
    m_active = active;
    refresh();
}

void SloModel::invalidate()
{
    m_stale = true;
    refresh();
}

void SloModel::setDefinition(const SloDefinition &definition)
{
    if (definition.toText() == m_definition.toText() && m_definition.isStated)
        return;
    m_definition = definition;
    m_definition.isStated = true;
    session::Session *session = m_session;
    const auto workspace = m_session->workspacePtr();
    session->jobs()->start<bool>(
        this, tr("Judging requests again"),
        [workspace, definition](
            const Progress &progress) { return storeAndJudge(*workspace, definition, progress); },
        [this, session](Result<bool> done) {
            if (!done)
                Q_EMIT session->failed(done.error());
            invalidate();
            if (!session->isLoading())
                Q_EMIT session->loaded(); // findings are new
        },
        session::JobQueue::Lane::Write);
}

void SloModel::refresh()
{
    if (!m_active || !m_stale || m_session->isLoading())
        return;
    m_stale = false;
    const auto workspace = m_session->workspacePtr();
    const auto columns = m_session->context()->columns();
    const auto range = m_session->context()->range();
    m_job.start<SloContent>(
        this, {},
        [workspace, columns, range](
            const Progress &progress) { return judge(*workspace, columns.get(), range, progress); },
        [this](Result<SloContent> content) {
            if (content) {
                m_error.clear();
                m_definition = content->definition;
                m_content = std::make_shared<const SloContent>(std::move(*content));
                fill();
            } else if (content.error().code != ErrorCode::Cancelled) {
                m_error = QString::fromStdString(content.error().toText());
            }
            Q_EMIT changed();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

const SloResult *SloModel::result() const
{
    return m_content && !m_content->results.empty() ? &m_content->results.front() : nullptr;
}

QString SloModel::originText(SloOrigin origin)
{
    switch (origin) {
    case SloOrigin::AccessLog:
        return tr("Access logs (edge)");
    case SloOrigin::Trace:
        return tr("Traces (application)");
    case SloOrigin::Counters:
        return tr("Counters by status");
    case SloOrigin::LoadTest:
        return tr("Load tests");
    }
    return {};
}

QString SloModel::headline() const
{
    const SloResult *of = result();
    if (!of)
        return {};
    if (of->total.valid() == 0)
        return tr("No traffic: none of the requests counts.");
    const ErrorBudget budget
        = errorBudget(of->total.valid(), of->total.bad(), m_content->definition.objective);
    const QString left = budget.isKept
        ? tr("%1 left").arg(fromUtf8(groupedCount(budget.left.floor())))
        : tr("%1 over budget").arg(fromUtf8(groupedCount(-budget.left.floor())));
    return tr("%1 of %2 failed (%3 good) · %4 allowed at %5 · %6%7")
        .arg(fromUtf8(groupedCount(budget.bad)), fromUtf8(groupedCount(budget.valid)),
            percent(*of->total.share()), fromUtf8(groupedCount(budget.allowed.floor())),
            fromUtf8(objectiveText(m_content->definition.objective)), left,
            budget.spent ? tr(" · %1 of the budget spent")
                               .arg(QString::number(100 * *budget.spent, 'f', 1) + QStringLiteral(" %"))
                         : QString());
}

QString SloModel::note() const
{
    const SloResult *of = result();
    if (!of)
        return {};
    QStringList parts;
    if (!m_content->definition.isStated)
        parts << tr("The objective is the default; set yours.");
    if (of->total.excluded > 0)
        parts << tr("%1 requests excluded (4xx).").arg(fromUtf8(groupedCount(of->total.excluded)));
    if (of->total.unknown > 0)
        parts << tr("%1 without duration cannot be judged.").arg(fromUtf8(groupedCount(of->total.unknown)));
    if (!of->hasDurations && m_content->definition.rule.limit != kUnknownNanos)
        parts << tr("Counters hold no durations: the limit is not applied.");
    if (!of->hasDurations && !m_content->definition.scope.empty())
        parts << tr("The choice of operations is not applied to counters.");
    if (of->isWeighted)
        parts << tr("Counts are estimates: traces are sampled and weighted.");
    if (!of->isAbsolute)
        parts << tr("Some clocks are not aligned: days may be wrong.");
    const double days = double(of->range.length()) / 86'400e9;
    if (days < m_content->definition.windowDays)
        parts << tr("The data last %1 of the window of %2 days.")
                     .arg(fromUtf8(humanDuration(of->range.length())))
                     .arg(m_content->definition.windowDays);
    return parts.join(QLatin1Char(' '));
}

void SloModel::fill()
{
    QVector<TableRow> days, causes, operations;
    if (const SloResult *of = result()) {
        const Quantile objective = m_content->definition.objective;
        for (std::size_t i = 0; i < of->days.size(); ++i) {
            const SloRow &day = of->days[i];
            const ErrorBudget budget = errorBudget(day.counts.valid(), day.counts.bad(), objective);
            TableCell when = textCell(fromUtf8(utcTimestamp(day.start).substr(0, 10)));
            when.value = qint64(day.start);
            TableCell bad = countCell(budget.bad), left = countCell(budget.left.floor());
            bad.bar = budget.spent ? std::min(1.0, *budget.spent) : -1;
            bad.level = budget.isKept ? 0 : 3;
            bad.toolTip
                = tr("%1 failed, %2 slow, %3 refused")
                      .arg(fromUtf8(groupedCount(day.counts.failed)), fromUtf8(groupedCount(day.counts.slow)),
                          fromUtf8(groupedCount(day.counts.limited)));
            left.level = budget.isKept ? 0 : 3;
            const auto share = day.counts.share();
            days << TableRow{qint64(i),
                {when, countCell(budget.valid), bad, countCell(budget.allowed.floor()), left,
                    numberCell(share.value_or(NAN), share ? percent(*share) : tr("no traffic"))}};
        }
        std::int64_t all = 0;
        for (const FailureCause &cause : of->causes)
            all += cause.failures;
        for (std::size_t i = 0; i < of->details.size(); ++i) {
            const FailureCause &cause = of->details[i];
            TableCell failures = countCell(cause.failures);
            failures.bar = cause.share;
            causes << TableRow{qint64(i),
                {textCell(fromUtf8(cause.category)), textCell(fromUtf8(cause.detail)), failures,
                    numberCell(cause.share,
                        QString::number(100 * cause.share, 'f', 1) + QStringLiteral(" %")),
                    numberCell(cause.cumulative,
                        QString::number(100 * cause.cumulative, 'f', 1) + QStringLiteral(" %")),
                    countCell(failuresAfterFix(all, cause.failures, cause.failures))}};
        }
        const double allowed = errorBudget(of->total.valid(), of->total.bad(), objective).allowed.value();
        for (std::size_t i = 0; i < of->operations.size(); ++i) {
            const SloRow &operation = of->operations[i];
            const auto share = operation.counts.share();
            const double spent = allowed > 0 ? double(operation.counts.bad()) / allowed : NAN;
            TableCell bad = countCell(operation.counts.bad());
            bad.bar = of->total.bad() > 0
                ? std::min(1.0, double(operation.counts.bad()) / double(of->total.bad()))
                : -1;
            operations << TableRow{qint64(i),
                {textCell(operation.name.empty() ? tr("(all)") : fromUtf8(operation.name)),
                    countCell(operation.counts.valid()), bad,
                    numberCell(share.value_or(NAN), share ? percent(*share) : tr("no traffic")),
                    numberCell(spent,
                        std::isnan(spent) ? tr("unknown")
                                          : QString::number(100 * spent, 'f', 1) + QStringLiteral(" %"))}};
        }
        fillUsers(*of);
    } else {
        m_users->setRows({});
    }
    m_days->setRows(std::move(days));
    m_causes->setRows(std::move(causes));
    m_operations->setRows(std::move(operations));
    fillBurns();
}

void SloModel::fillUsers(const SloResult &of)
{
    QVector<TableRow> rows;
    const char *const names[]{"P50", "P95", "P99", "P99.9"};
    for (std::size_t i = 0; of.hasDurations && i < of.figures.size(); ++i) {
        const PercentileFigure &figure = of.figures[i];
        if (figure.value == kUnknownNanos)
            continue;
        const auto hurt = usersHurt(of.perSecond(), figure.q);
        TableCell value = textCell(fromUtf8(humanDuration(figure.value)),
            tr("%1; %2 requests measured, %3 longer than that")
                .arg(fromUtf8(exactDuration(figure.value)), fromUtf8(groupedCount(of.timed)),
                    fromUtf8(groupedCount(of.overFigure[i]))));
        value.value = qint64(figure.value);
        const Nanos limit = m_content->definition.rule.limit;
        if (limit != kUnknownNanos)
            value.level = figure.value > limit ? 2 : 0;
        if (figure.tooFewSamples)
            value.text += tr(" (few samples)");
        const auto rate = [&](double each) {
            return of.perSecond() > 0 ? numberCell(each, decimal(each)) : textCell(tr("unknown"));
        };
        rows << TableRow{qint64(i),
            {textCell(QLatin1String(names[i])), value, rate(hurt->perSecond), rate(hurt->perMinute),
                rate(hurt->perHour), rate(hurt->perDay)}};
    }
    m_users->setRows(std::move(rows));
}

void SloModel::fillBurns()
{
    QVector<TableRow> rows;
    const auto burn = [](double value) {
        return std::isnan(value) ? tr("unknown")
            : std::isinf(value)  ? tr("infinite")
                                 : QString::number(value, 'f', value < 10 ? 2 : 1) + QStringLiteral("×");
    };
    for (std::size_t i = 0; result() && i < m_content->burns.size(); ++i) {
        const SloBurn &each = m_content->burns[i];
        const BurnHistory &history = each.history;
        const double now = history.at.empty() || !history.isCovered || std::isnan(history.shortBurn.back())
            ? NAN
            : std::min(history.longBurn.back(), history.shortBurn.back());
        const double worst = history.isCovered ? history.worst : NAN;
        const auto time = [&](std::optional<Nanos> ts) {
            TableCell cell = textCell(ts ? m_session->context()->timeText(*ts) : tr("never"));
            if (ts)
                cell.value = qint64(*ts);
            return cell;
        };
        TableCell fired = time(history.firstFired);
        if (!history.isCovered)
            fired = textCell(tr("not yet able to fire"), tr("The data are shorter than the long window"));
        else if (history.firstFired)
            fired.level = 3;
        rows << TableRow{qint64(i),
            {textCell(tr("%1 and %2")
                          .arg(fromUtf8(humanDuration(each.alert.longWindow)),
                              fromUtf8(humanDuration(each.alert.shortWindow)))),
                numberCell(each.alert.threshold.value(), burn(each.alert.threshold.value())),
                numberCell(now, burn(now)), numberCell(worst, burn(worst)),
                history.isCovered && history.worstAt ? time(history.worstAt) : textCell(tr("–")), fired}};
    }
    m_burns->setRows(std::move(rows));
}

QString SloModel::sql() const
{
    return QStringLiteral(
        "-- All times; the window shows the chosen range.\n"
        "SELECT origin, strftime('%Y-%m-%d', day_ns / 1000000000, 'unixepoch') AS day, valid, bad,\n"
        "       round(allowed, 2) AS allowed, round(left_over, 2) AS left_over, good_share\n"
        "FROM slo_day WHERE is_chosen = 1 ORDER BY day_ns;");
}

} // namespace tailscope::items
