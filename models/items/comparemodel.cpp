// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/comparemodel.h"

#include "base/text.h"
#include "session/ingest.h"

#include <QFileInfo>

#include <algorithm>
#include <cmath>

namespace tailscope::items {

namespace {

using session::Baseline;
using Columns = std::shared_ptr<const analysis::SpanColumns>;

constexpr std::size_t kCurvePoints = 600;

/// Spans of a baseline in columns.
Result<analysis::SetSample> sampled(const analysis::SpanColumns &columns, const Baseline &baseline,
    const Progress &progress)
{
    const auto filter = analysis::parseFilter(baseline.filterText.toStdString());
    if (!filter)
        return tl::unexpected(filter.error());
    auto bitmap = analysis::evaluateFilter(columns, *filter, progress);
    if (!bitmap)
        return tl::unexpected(std::move(bitmap.error()));
    analysis::SpanSelection selection;
    selection.range = baseline.range;
    selection.filter = std::move(*bitmap);
    analysis::SetSample sample = analysis::sampleSet(columns, selection, baseline.sourceId, progress.cancel);
    if (progress.isCancelled())
        return fail(ErrorCode::Cancelled, "comparison", "cancelled");
    return sample;
}

/// Columns of a workspace, or of a file that is read into a temporary one.
Result<Columns> columnsOf(const std::string &path, const Progress &progress)
{
    if (QString::fromStdString(path).endsWith(QLatin1String(".tailscope"))) {
        auto workspace = store::Workspace::open(path, true);
        if (!workspace)
            return tl::unexpected(std::move(workspace.error()));
        return analysis::SpanColumns::load(**workspace, progress);
    }
    auto workspace = store::Workspace::temporary();
    if (!workspace)
        return tl::unexpected(std::move(workspace.error()));
    session::IngestOptions options;
    options.runRules = false;
    session::IngestResult result = session::ingest(**workspace, {path}, options, progress);
    if (!result.errors.empty())
        return tl::unexpected(std::move(result.errors.front()));
    return analysis::SpanColumns::load(**workspace, progress);
}

} // namespace

CompareContent::Curve CompareContent::curve(bool isSecond,
    const analysis::OperationComparison *operation) const
{
    const analysis::SetSample &set = isSecond ? second : first;
    std::vector<Nanos> all;
    const std::vector<Nanos> *sorted = &all;
    for (const analysis::OperationSample &sample : set.operations) {
        if (!operation)
            all.insert(all.end(), sample.durations.begin(), sample.durations.end());
        else if (sample.service == operation->service && sample.operation == operation->operation)
            sorted = &sample.durations;
    }
    if (!operation)
        std::sort(all.begin(), all.end());
    Curve curve;
    curve.n = std::int64_t(sorted->size());
    const std::size_t n = sorted->size();
    // Half of the points for the body, half for the tail, where the nines are.
    std::size_t last = n;
    const auto add = [&](std::size_t rank) {
        if (rank == last || rank >= n)
            return;
        last = rank;
        curve.share.push_back(double(rank) / double(n));
        curve.value.push_back(double((*sorted)[rank]));
    };
    for (std::size_t i = 0; i < kCurvePoints / 2 && n > 0; ++i)
        add(std::size_t(0.9 * double(n) * double(i) / (kCurvePoints / 2.0)));
    for (std::size_t i = 0; i < kCurvePoints / 2 && n > 0; ++i) {
        const double rest = 0.1 * std::pow(10.0, -4.0 * double(i) / (kCurvePoints / 2.0));
        add(std::max(last == n ? 0 : last, std::size_t((1 - rest) * double(n))));
    }
    if (n > 0)
        add(n - 1);
    return curve;
}

CompareModel::CompareModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_job(session->jobs())
    , m_loadJob(session->jobs())
{
    const session::SessionContext *context = session->context();
    connect(context, &session::SessionContext::dataChanged, this, &CompareModel::invalidate);
    connect(context, &session::SessionContext::rangeChanged, this, &CompareModel::invalidate);
    connect(context, &session::SessionContext::filterChanged, this, &CompareModel::invalidate);
    connect(context, &session::SessionContext::baselineChanged, this, &CompareModel::invalidate);
}

bool CompareModel::hasSpans() const
{
    const auto columns = m_session->context()->columns();
    return columns && columns->size() > 0;
}

bool CompareModel::isBusy() const
{
    return (m_active && m_stale && hasSpans() && hasBaseline()) || m_job.isRunning() || m_loadJob.isRunning();
}

void CompareModel::setActive(bool active)
{
    m_active = active;
    refresh();
}

void CompareModel::invalidate()
{
    m_stale = true;
    refresh();
}

Baseline CompareModel::current() const
{
    const session::SessionContext *context = m_session->context();
    return {context->range(), context->filterText(), 0};
}

void CompareModel::refresh()
{
    if (!m_active || !m_stale || m_session->context()->isFilterPending() || m_loadJob.isRunning()) {
        Q_EMIT busyChanged();
        return;
    }
    m_stale = false;
    m_job.cancel();
    if (!hasSpans() || !hasBaseline()) {
        m_content.reset();
        Q_EMIT changed();
        Q_EMIT busyChanged();
        return;
    }
    using Content = std::shared_ptr<const CompareContent>;
    auto content = std::make_shared<CompareContent>();
    const Columns columns = m_session->context()->columns();
    const Columns firstColumns = m_external ? m_external : columns;
    // Another file is compared as a whole, but for the filter: its times are others.
    const Baseline second = current();
    const Baseline first = m_external ? Baseline{std::nullopt, second.filterText, 0}
                                      : m_session->context()->baseline().value_or(Baseline{});
    content->firstName = m_external ? QFileInfo(m_externalPath).fileName() : nameOf(first);
    content->secondName = nameOf(second);
    m_job.start<Content>(
        this, {},
        [content, columns, firstColumns, first, second](const Progress &progress) -> Result<Content> {
            auto a = sampled(*firstColumns, first, progress);
            if (!a)
                return tl::unexpected(std::move(a.error()));
            auto b = sampled(*columns, second, progress);
            if (!b)
                return tl::unexpected(std::move(b.error()));
            content->first = std::move(*a);
            content->second = std::move(*b);
            content->comparison = analysis::compareSets(content->first, content->second);
            return Content(content);
        },
        [this](Result<Content> done) {
            m_error = done ? QString() : QString::fromStdString(done.error().toText());
            if (done)
                m_content = std::move(*done);
            Q_EMIT changed();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void CompareModel::setExternalFile(const QString &path)
{
    m_loadJob.cancel();
    m_externalPath = path;
    m_external.reset();
    if (path.isEmpty()) {
        invalidate();
        return;
    }
    m_loadJob.start<Columns>(
        this, QStringLiteral("Reading %1").arg(QFileInfo(path).fileName()),
        [file = path.toLocal8Bit().toStdString()](
            const Progress &progress) { return columnsOf(file, progress); },
        [this](Result<Columns> columns) {
            if (columns) {
                m_external = std::move(*columns);
                invalidate();
                return;
            }
            m_externalPath.clear();
            m_error = QString::fromStdString(columns.error().toText());
            Q_EMIT changed();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

QString CompareModel::nameOf(const Baseline &baseline) const
{
    const session::SessionContext *context = m_session->context();
    QStringList parts;
    if (baseline.sourceId > 0) {
        const auto sources = m_session->sources();
        for (const store::SourceRecord &source : sources) {
            if (source.id == baseline.sourceId)
                parts << QFileInfo(QString::fromStdString(source.path)).fileName();
        }
    }
    if (baseline.range)
        parts << QStringLiteral("%1 from %2")
                     .arg(QString::fromStdString(humanDuration(baseline.range->length())),
                         context->timeText(baseline.range->begin));
    if (!baseline.filterText.isEmpty())
        parts << baseline.filterText;
    return parts.isEmpty() ? QStringLiteral("everything") : parts.join(QStringLiteral(" · "));
}

QList<CompareModel::Choice> CompareModel::choices() const
{
    QList<Choice> choices;
    const Baseline now = current();
    if (now.range) {
        const Nanos length = now.range->length();
        choices << Choice{QStringLiteral("Time Before the Range"),
            {TimeRange{saturatingSub(now.range->begin, length), now.range->begin}, now.filterText, 0}};
    } else if (hasSpans()) {
        const TimeRange all = m_session->context()->columns()->range;
        if (all.length() > 1)
            choices << Choice{QStringLiteral("First Half of the Time"),
                {TimeRange{all.begin, all.begin + all.length() / 2}, now.filterText, 0}};
    }
    const auto sources = m_session->sources();
    if (sources.size() > 1) {
        for (const store::SourceRecord &source : sources)
            choices << Choice{QFileInfo(QString::fromStdString(source.path)).fileName(),
                {std::nullopt, now.filterText, source.id}};
    }
    return choices;
}

QString CompareModel::where(const Baseline &baseline) const
{
    QStringList parts;
    if (baseline.sourceId > 0)
        parts << QStringLiteral("source_id = %1").arg(baseline.sourceId);
    if (baseline.range)
        parts << QStringLiteral("start_ns >= %1 AND start_ns < %2")
                     .arg(baseline.range->begin)
                     .arg(baseline.range->end);
    const auto filter = analysis::parseFilter(baseline.filterText.toStdString());
    if (filter && !filter->isEmpty()) {
        const analysis::Filter::Sql sql = filter->toSql();
        QString condition = QString::fromStdString(sql.condition);
        for (std::size_t i = sql.texts.size(); i > 0; --i) {
            const QString quoted
                = QString::fromStdString(sql.texts[i - 1]).replace(QLatin1Char('\''), QLatin1String("''"));
            condition.replace(QStringLiteral("?%1").arg(i), QStringLiteral("'%1'").arg(quoted));
        }
        parts << condition;
    }
    return parts.isEmpty() ? QStringLiteral("1") : parts.join(QStringLiteral(" AND "));
}

QString CompareModel::sql() const
{
    const auto one = [this](const char *name, const Baseline &baseline) {
        return QStringLiteral(
            "SELECT '%1' AS part, service, operation, count(*) AS n, sum(status = 'error') AS errors,\n"
            "  p50(duration_ns) AS p50_ns, p95(duration_ns) AS p95_ns, p99(duration_ns) AS p99_ns\n"
            "FROM span WHERE %2 GROUP BY service, operation")
            .arg(QString::fromLatin1(name), where(baseline));
    };
    const QString second = one("B", current());
    const auto baseline = m_session->context()->baseline();
    if (m_external || !baseline)
        return second;
    return QStringLiteral("SELECT * FROM (%1\nUNION ALL\n%2)\nORDER BY service, operation, part")
        .arg(one("A", *baseline), second);
}

} // namespace tailscope::items
