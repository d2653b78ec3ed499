// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/servicemap.h"
#include "session/session.h"

#include <QObject>
#include <QString>

#include <memory>

namespace tailscope::items {

/// The service map of the shared range and filter, by a job. Links and names of remotes are read once for
/// loaded spans and kept. GUI thread.
class ServiceMapModel : public QObject
{
    Q_OBJECT
public:
    using Map = std::shared_ptr<const analysis::ServiceMap>;

    explicit ServiceMapModel(session::Session *session, QObject *parent = nullptr);

    /// Recomputing waits while nobody looks.
    void setActive(bool active);
    Map map() const { return m_map; } ///< null before the first result
    QString error() const { return m_error; }
    bool isBusy() const;
    bool hasSpans() const;
    QString sql() const;
    /// Filter terms that leave the spans of a service; empty for nodes without spans.
    QString filterTerms(std::uint32_t node) const;

Q_SIGNALS:
    void changed();
    void busyChanged();

private:
    void invalidate();
    void refresh();

    session::Session *m_session;
    session::LatestJob m_job;
    Map m_map;
    std::shared_ptr<const analysis::SpanColumns> m_linksOf; ///< columns that m_links belong to
    std::shared_ptr<const analysis::ServiceLinks> m_links;
    QString m_error;
    bool m_active = false, m_stale = true;
};

} // namespace tailscope::items
