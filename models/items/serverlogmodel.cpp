// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/serverlogmodel.h"

namespace tailscope::items {

ServerLogModel::ServerLogModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_job(session->jobs())
    , m_recordJob(session->jobs())
    , m_patterns(new LogPatternTable(session, this))
    , m_lines(new LogLineTable(session, this))
{
    connect(session, &session::Session::loaded, this, &ServerLogModel::invalidate);
    connect(session->context(), &session::SessionContext::rangeChanged, this, &ServerLogModel::invalidate);
    connect(m_lines, &LogLineTable::busyChanged, this, &ServerLogModel::busyChanged);
}

bool ServerLogModel::isBusy() const
{
    return (m_active && m_stale) || m_job.isRunning() || m_recordJob.isRunning() || m_lines->isBusy();
}

void ServerLogModel::setActive(bool active)
{
    m_active = active;
    refresh();
}

void ServerLogModel::setKind(const std::string &kind)
{
    if (m_filter.kind == kind)
        return;
    m_filter.kind = kind;
    invalidate();
}

void ServerLogModel::setSeverity(const std::string &severity)
{
    if (m_filter.severity == severity)
        return;
    m_filter.severity = severity;
    invalidate();
}

void ServerLogModel::setSearch(const QString &text)
{
    if (m_filter.search == text)
        return;
    m_filter.search = text;
    invalidate();
}

void ServerLogModel::invalidate()
{
    m_stale = true;
    refresh();
}

void ServerLogModel::refresh()
{
    if (!m_active || !m_stale)
        return;
    m_stale = false;
    m_filter.range = m_session->context()->range();
    const auto workspace = m_session->workspacePtr();
    LogFilter filter = m_filter;
    filter.pattern.reset();
    m_job.start<LogOverview>(
        this, {},
        [workspace, filter](const Progress &progress) { return logOverview(*workspace, filter, progress); },
        [this](Result<LogOverview> overview) {
            if (overview) {
                m_error.clear();
                m_overview = std::make_shared<const LogOverview>(std::move(*overview));
                m_patterns->setPatterns(m_overview->patterns);
                choosePattern(m_filter.pattern && m_patterns->rowOf(*m_filter.pattern) >= 0
                        ? m_filter.pattern
                        : std::optional<LogPattern>());
            } else if (overview.error().code != ErrorCode::Cancelled) {
                m_error = QString::fromStdString(overview.error().toText());
            }
            Q_EMIT changed();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void ServerLogModel::choosePattern(const std::optional<LogPattern> &pattern)
{
    m_filter.pattern = pattern;
    m_lines->setFilter(m_filter);
}

void ServerLogModel::chooseLine(std::int64_t id)
{
    if (id == 0) {
        m_recordJob.cancel();
        m_record.clear();
        Q_EMIT recordChanged();
        return;
    }
    const auto workspace = m_session->workspacePtr();
    m_recordJob.start<Record>(
        this, {}, [workspace, id](const Progress &) { return logRecord(*workspace, id); },
        [this](Result<Record> record) {
            m_record = record ? std::move(*record) : Record();
            Q_EMIT recordChanged();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

QString ServerLogModel::sql() const
{
    LogFilter filter = m_filter;
    filter.pattern.reset();
    return QStringLiteral(
        "SELECT e.kind, e.severity, e.pattern, count(*) AS n, min(e.ts_ns) AS first_ns,"
        " max(e.ts_ns) AS last_ns,\n       sum(e.duration_ms) AS total_ms, max(e.duration_ms) AS longest_ms\n"
        "FROM log_entry AS e WHERE %1\nGROUP BY 1, 2, 3 ORDER BY n DESC;")
        .arg(QString::fromStdString(logCondition(filter).literal()));
}

} // namespace tailscope::items
