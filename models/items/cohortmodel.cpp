// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/cohortmodel.h"

#include "analysis/cohortstore.h"
#include "base/text.h"

#include <algorithm>
#include <set>

namespace tailscope::items {

namespace {

using analysis::CohortQuestion;
using session::Cohort;

CohortQuestion questionOf(const Cohort &cohort)
{
    CohortQuestion question;
    question.slow = cohort.slow == Cohort::Slow::Durations ? CohortQuestion::Slow::Durations
                                                           : CohortQuestion::Slow::AbovePercentile;
    question.percentile = cohort.percentile;
    question.durations = {cohort.low, cohort.high};
    question.ofSelfTime = cohort.ofSelfTime;
    question.rest = cohort.rest == Cohort::Rest::Middle ? CohortQuestion::Rest::Middle
        : cohort.rest == Cohort::Rest::Baseline         ? CohortQuestion::Rest::Given
                                                        : CohortQuestion::Rest::Others;
    return question;
}

/// Requests of the second set.
Result<std::vector<std::uint32_t>> baselineRows(const analysis::SpanColumns &columns,
    const session::Baseline &baseline, bool everySpan, const Progress &progress)
{
    const auto parsed = analysis::parseFilter(baseline.filterText.toStdString());
    if (!parsed)
        return tl::unexpected(parsed.error());
    const auto bitmap = analysis::evaluateFilter(columns, *parsed, progress);
    if (!bitmap)
        return tl::unexpected(bitmap.error());
    analysis::SpanSelection selection;
    selection.range = baseline.range;
    selection.filter = *bitmap;
    std::vector<std::uint32_t> rows = analysis::requestRows(columns, selection, everySpan, progress.cancel);
    if (baseline.sourceId > 0)
        std::erase_if(rows, [&](std::uint32_t row) {
            return columns.tracks[columns.track[row]].sourceId != baseline.sourceId;
        });
    return rows;
}

/// Trace keys of the examples, for people to copy.
Result<QHash<quint32, QString>> keysOf(const store::Workspace &workspace,
    const analysis::SpanColumns &columns, const analysis::CohortReport &report)
{
    QHash<quint32, QString> keys;
    std::set<std::uint32_t> rows;
    for (const analysis::CohortDifference &difference : report.differences)
        rows.insert(difference.examples.begin(), difference.examples.end());
    auto reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(reader.error());
    auto statement = reader->prepare("SELECT trace_key FROM trace WHERE id = ?");
    if (!statement)
        return tl::unexpected(statement.error());
    for (const std::uint32_t row : rows) {
        if (columns.trace[row] == analysis::kNoRow)
            continue;
        statement->bind(0, columns.traceIds[columns.trace[row]]);
        const Result<bool> step = statement->step();
        if (!step)
            return tl::unexpected(step.error());
        if (*step)
            keys.insert(row,
                QString::fromUtf8(statement->text(0).data(), qsizetype(statement->text(0).size())));
        statement->reset();
    }
    return keys;
}

QString percentText(analysis::Quantile q)
{
    return QString::number(100.0 * double(q.num) / double(q.den), 'g', 4);
}

} // namespace

QString slowWords(const Cohort &cohort)
{
    if (cohort.slow == Cohort::Slow::AbovePercentile)
        return QStringLiteral("at or above P%1").arg(percentText(cohort.percentile));
    const QString low = QString::fromStdString(humanDuration(cohort.low));
    if (cohort.high == kUnknownNanos)
        return QStringLiteral("%1 and more").arg(low);
    return QStringLiteral("%1 to below %2").arg(low, QString::fromStdString(humanDuration(cohort.high)));
}

CohortModel::CohortModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_attributesJob(session->jobs())
    , m_compareJob(session->jobs())
{
    const session::SessionContext *context = session->context();
    connect(context, &session::SessionContext::dataChanged, this, &CohortModel::invalidate);
    connect(context, &session::SessionContext::rangeChanged, this, &CohortModel::invalidate);
    connect(context, &session::SessionContext::filterChanged, this, &CohortModel::invalidate);
    connect(context, &session::SessionContext::cohortChanged, this, &CohortModel::invalidate);
    connect(context, &session::SessionContext::baselineChanged, this, [this] {
        if (m_session->context()->cohort().rest == Cohort::Rest::Baseline)
            invalidate();
    });
    connect(session, &session::Session::markersChanged, this, &CohortModel::invalidate);
    connect(context, &session::SessionContext::filterErrorChanged, this, &CohortModel::refresh);
}

bool CohortModel::hasSpans() const
{
    const auto columns = m_session->context()->columns();
    return columns && columns->size() > 0;
}

bool CohortModel::isBusy() const
{
    return (m_active && m_stale && hasSpans()) || m_attributesJob.isRunning() || m_compareJob.isRunning();
}

void CohortModel::setActive(bool active)
{
    m_active = active;
    refresh();
}

void CohortModel::invalidate()
{
    m_stale = true;
    refresh();
}

void CohortModel::refresh()
{
    if (!m_active || !m_stale || m_session->context()->isFilterPending()) {
        Q_EMIT busyChanged();
        return;
    }
    m_compareJob.cancel();
    if (!hasSpans()) {
        m_attributesJob.cancel();
        m_stale = false;
        m_content.reset();
        m_attributes.reset();
        m_attributesOf.reset();
        Q_EMIT changed();
    } else if (m_attributesOf != m_session->context()->columns()) {
        readAttributes();
    } else if (!m_attributesJob.isRunning()) {
        compare();
    }
    Q_EMIT busyChanged();
}

void CohortModel::readAttributes()
{
    using Attributes = std::shared_ptr<const analysis::AttributeColumns>;
    const auto columns = m_session->context()->columns();
    const auto workspace = m_session->workspacePtr();
    m_attributes.reset();
    m_attributesOf = columns;
    m_attributesJob.start<Attributes>(
        this, QStringLiteral("Reading attributes"),
        [columns, workspace](const Progress &progress) {
            return analysis::AttributeColumns::build(*workspace, *columns, progress);
        },
        [this](Result<Attributes> attributes) {
            if (attributes)
                m_attributes = std::move(*attributes);
            else
                m_error = QString::fromStdString(attributes.error().toText());
            compare();
            Q_EMIT busyChanged();
        });
}

void CohortModel::compare()
{
    using Content = std::shared_ptr<const CohortContent>;
    session::SessionContext *context = m_session->context();
    m_stale = false;
    auto content = std::make_shared<CohortContent>();
    content->cohort = context->cohort();
    content->columns = context->columns();
    if (!content->columns)
        return;
    m_compareJob.start<Content>(
        this, {},
        [content, selection = context->spanSelection(), baseline = context->baseline(),
            attributes = m_attributes,
            workspace = m_session->workspacePtr()](const Progress &progress) -> Result<Content> {
            const analysis::SpanColumns &columns = *content->columns;
            const bool everySpan = content->cohort.everySpan;
            std::vector<std::uint32_t> given;
            if (content->cohort.rest == Cohort::Rest::Baseline) {
                auto rows
                    = baselineRows(columns, baseline.value_or(session::Baseline{}), everySpan, progress);
                if (!rows)
                    return tl::unexpected(std::move(rows.error()));
                given = std::move(*rows);
            }
            const auto requests = analysis::requestRows(columns, selection, everySpan, progress.cancel);
            content->sets = analysis::chooseCohorts(columns, requests, questionOf(content->cohort), given);
            auto reader = workspace->connectReader();
            if (!reader)
                return tl::unexpected(std::move(reader.error()));
            const auto marks = analysis::causeMarkers(*reader);
            if (!marks)
                return tl::unexpected(marks.error());
            auto report
                = analysis::compareCohorts(columns, attributes.get(), content->sets, *marks, progress);
            if (!report)
                return tl::unexpected(std::move(report.error()));
            content->report = std::move(*report);
            auto keys = keysOf(*workspace, columns, *content->report);
            if (!keys)
                return tl::unexpected(std::move(keys.error()));
            content->traceKeys = std::move(*keys);
            if (progress.isCancelled())
                return fail(ErrorCode::Cancelled, "cohorts", "cancelled");
            return Content(content);
        },
        [this](Result<Content> done) {
            m_error = done ? QString() : QString::fromStdString(done.error().toText());
            if (done)
                m_content = std::move(*done);
            Q_EMIT changed();
            Q_EMIT busyChanged();
        });
}

std::optional<session::Baseline> CohortModel::timeBefore() const
{
    const session::SessionContext *context = m_session->context();
    const auto range = context->range();
    if (!range)
        return std::nullopt;
    return session::Baseline{TimeRange{saturatingSub(range->begin, range->length()), range->begin},
        context->filterText(), 0};
}

QString CohortModel::sql() const
{
    const session::SessionContext *context = m_session->context();
    const QString where = context->whereSql();
    // Whether a parent passes is asked of the filter alone: a request may begin before the range.
    QString filter = where;
    if (const auto range = context->range())
        filter.remove(
            QStringLiteral("start_ns >= %1 AND start_ns < %2 AND ").arg(range->begin).arg(range->end));
    const QString value
        = context->cohort().ofSelfTime ? QStringLiteral("self_ns") : QStringLiteral("duration_ns");
    const bool known = m_content && m_content->sets.slowFrom != kUnknownNanos;
    const QString slow = known
        ? QStringLiteral("%1 BETWEEN %2 AND %3")
              .arg(value)
              .arg(m_content->sets.slowFrom)
              .arg(m_content->sets.slowTo)
        : QStringLiteral("%1 >= (SELECT p99(%1) FROM span WHERE parent_id IS NULL)").arg(value);
    const QString top = context->cohort().everySpan ? QStringLiteral("1")
        : context->filterText().isEmpty()
        ? QStringLiteral("parent_id IS NULL")
        : QStringLiteral("(parent_id IS NULL OR parent_id NOT IN (SELECT id FROM span WHERE %1))")
              .arg(filter);
    return QStringLiteral(
        "WITH request AS MATERIALIZED (\n"
        "  SELECT id, %1 AS slow FROM span\n"
        "  WHERE %2 IS NOT NULL AND %3 AND %4\n"
        "), total AS (SELECT sum(slow) AS slow, count(*) AS n FROM request)\n"
        "SELECT a.scope, a.key, a.value, sum(r.slow) AS slow_n, t.slow AS slow_total,\n"
        "  count(*) AS all_n, t.n AS all_total,\n"
        "  1.0 * sum(r.slow) / t.slow AS coverage,\n"
        "  (1.0 * sum(r.slow) / t.slow) / (1.0 * count(*) / t.n) AS lift\n"
        "FROM request AS r CROSS JOIN span_attribute AS a ON a.span_id = r.id CROSS JOIN total AS t\n"
        "GROUP BY a.scope, a.key, a.value HAVING all_n >= 5 AND lift > 1\n"
        "ORDER BY coverage * (1 - 1 / lift) DESC LIMIT 100")
        .arg(slow, value, top, where);
}

} // namespace tailscope::items
