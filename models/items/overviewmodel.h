// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/samplingstate.h"
#include "session/session.h"

#include <QObject>
#include <QString>

#include <vector>

namespace tailscope::items {

/// A slow plan node, as the overview lists it.
struct SlowNode
{
    qint64 nodeId = 0, planId = 0;
    QString title, plan;
    double selfMs = 0, share = 0; ///< share of the plan's execution, 0..1
};

/// Everything the overview shows: where the time goes for the range and filter of the context. Immutable.
struct OverviewContent
{
    std::vector<analysis::GroupStats> operations, services, waits;
    analysis::DurationStats roots; ///< durations of root spans: the requests
    analysis::DurationStats all;
    qint64 traces = 0;
    analysis::SamplingState sampling; ///< of all loaded traces
    QList<SlowNode> slowNodes;
    struct Finding
    {
        qint64 id = 0;
        QString severity, title, summary;
    };
    QList<Finding> findings;
    qint64 seriesCount = 0, profileCount = 0, planCount = 0;
};

/// Computes OverviewContent by a job whenever data, range or filter change. `waits` are the operations of
/// kind client, producer and consumer: time spent waiting for somebody else.
class OverviewModel : public QObject
{
    Q_OBJECT
public:
    explicit OverviewModel(session::Session *session, QObject *parent = nullptr);
    std::shared_ptr<const OverviewContent> content() const
    {
        return m_content;
    } ///< null before the first result
    bool isRunning() const { return m_job.isRunning(); }
    void reload();

Q_SIGNALS:
    void changed();

private:
    session::Session *m_session;
    session::LatestJob m_job;
    std::shared_ptr<const OverviewContent> m_content;
};

} // namespace tailscope::items
