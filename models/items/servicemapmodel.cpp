// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/servicemapmodel.h"

#include "analysis/spanfilter.h"

namespace tailscope::items {

namespace {

struct Answer
{
    ServiceMapModel::Map map;
    std::shared_ptr<const analysis::ServiceLinks> links;
};

} // namespace

ServiceMapModel::ServiceMapModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_job(session->jobs())
{
    const session::SessionContext *context = session->context();
    connect(context, &session::SessionContext::dataChanged, this, &ServiceMapModel::invalidate);
    connect(context, &session::SessionContext::rangeChanged, this, &ServiceMapModel::invalidate);
    connect(context, &session::SessionContext::filterChanged, this, &ServiceMapModel::invalidate);
    connect(context, &session::SessionContext::filterErrorChanged, this, &ServiceMapModel::refresh);
}

bool ServiceMapModel::hasSpans() const
{
    const auto columns = m_session->context()->columns();
    return columns && columns->size() > 0;
}

bool ServiceMapModel::isBusy() const { return (m_stale && hasSpans()) || m_job.isRunning(); }

void ServiceMapModel::setActive(bool active)
{
    m_active = active;
    refresh();
}

void ServiceMapModel::invalidate()
{
    m_stale = true;
    refresh();
}

void ServiceMapModel::refresh()
{
    // Spans without their filter would be shown for a moment: filterChanged() follows.
    if (!m_active || !m_stale || m_session->context()->isFilterPending())
        return;
    m_stale = false;
    if (!hasSpans()) {
        m_job.cancel();
        m_map.reset();
        m_links.reset();
        m_linksOf.reset();
        Q_EMIT changed();
        Q_EMIT busyChanged();
        return;
    }
    const auto columns = m_session->context()->columns();
    const auto workspace = m_session->workspacePtr();
    const analysis::SpanSelection selection = m_session->context()->spanSelection();
    const auto known = m_linksOf == columns ? m_links : nullptr;
    m_job.start<Answer>(
        this, {},
        [columns, workspace, selection, known](const Progress &progress) -> Result<Answer> {
            Answer answer;
            answer.links = known;
            if (!answer.links) {
                auto links = analysis::loadServiceLinks(*workspace, *columns, progress);
                if (!links)
                    return tl::unexpected(std::move(links.error()));
                answer.links = std::make_shared<const analysis::ServiceLinks>(std::move(*links));
            }
            auto map = analysis::serviceMap(*columns, *answer.links, selection, progress.cancel);
            if (progress.isCancelled())
                return fail(ErrorCode::Cancelled, "service map", "cancelled");
            answer.map = std::make_shared<const analysis::ServiceMap>(std::move(map));
            return answer;
        },
        [this, columns](Result<Answer> answer) {
            if (answer) {
                m_map = std::move(answer->map);
                m_links = std::move(answer->links);
                m_linksOf = columns;
                m_error.clear();
            } else if (answer.error().code != ErrorCode::Cancelled) {
                m_error = QString::fromStdString(answer.error().toText());
            }
            Q_EMIT changed();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

QString ServiceMapModel::sql() const
{
    const QString condition = m_session->context()->whereSql();
    if (condition == QLatin1String("1"))
        return QStringLiteral("SELECT caller, callee, kind, n, traces, errors, p50_ns, p99_ns, fan_out_p50, "
                              "fan_out_max, weight\nFROM service_edge ORDER BY n DESC;");
    // The stored table knows no range and no filter; links and callees without spans are not in this form.
    return QStringLiteral("WITH chosen AS (SELECT id FROM span WHERE %1)\n"
                          "SELECT p.service AS caller, c.service AS callee, count(*) AS n,\n"
                          "       count(DISTINCT c.trace_id) AS traces, sum(c.status = 'error') AS errors,\n"
                          "       p50(c.duration_ns) AS p50_ns, p99(c.duration_ns) AS p99_ns\n"
                          "FROM span AS c JOIN span AS p ON p.id = c.parent_id\n"
                          "WHERE p.service <> c.service AND (c.id IN chosen OR p.id IN chosen)\n"
                          "GROUP BY 1, 2 ORDER BY n DESC;")
        .arg(condition);
}

QString ServiceMapModel::filterTerms(std::uint32_t node) const
{
    if (!m_map || node >= m_map->nodes.size() || !m_map->nodes[node].hasSpans)
        return {};
    analysis::FilterTerm term;
    term.field = analysis::FilterTerm::Field::Service;
    term.op = analysis::FilterTerm::Op::Equal;
    term.text = m_map->nodes[node].name;
    return QString::fromStdString(analysis::Filter{{term}}.toText());
}

} // namespace tailscope::items
