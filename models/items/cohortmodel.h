// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/cohort.h"
#include "session/session.h"

#include <QHash>
#include <QObject>
#include <QString>

#include <memory>

namespace tailscope::items {

/// The answer to "why are these slow?": the sets and what differs. Immutable.
struct CohortContent
{
    session::Cohort cohort; ///< the question it answers
    std::shared_ptr<const analysis::SpanColumns> columns;
    analysis::CohortSets sets;
    std::shared_ptr<const analysis::CohortReport> report;
    QHash<quint32, QString> traceKeys; ///< of the example rows that have one
};

/// Compares the slow requests of the shared range and filter with the rest, by a job, whenever data, range,
/// filter, cohort or baseline change. The attributes of all spans are read once, by a job of their own, when
/// the first comparison is asked for. GUI thread.
class CohortModel : public QObject
{
    Q_OBJECT
public:
    explicit CohortModel(session::Session *session, QObject *parent = nullptr);

    /// Nothing is computed while nobody looks.
    void setActive(bool active);
    std::shared_ptr<const CohortContent> content() const { return m_content; } ///< null before the first
    QString error() const { return m_error; } ///< why the last comparison failed; empty = it did not
    bool isBusy() const;
    bool hasSpans() const;
    /// What the attributes take in memory and took to read; nullptr before.
    std::shared_ptr<const analysis::AttributeColumns> attributes() const { return m_attributes; }
    /// Attributes of slow requests against all, for the sets shown now.
    QString sql() const;
    /// The time before the range, as long as it, with the same filter; nullopt without a range.
    std::optional<session::Baseline> timeBefore() const;

Q_SIGNALS:
    void changed();
    void busyChanged();

private:
    void invalidate();
    void refresh();
    void readAttributes();
    void compare();

    session::Session *m_session;
    session::LatestJob m_attributesJob, m_compareJob;
    std::shared_ptr<const analysis::AttributeColumns> m_attributes;
    std::shared_ptr<const analysis::SpanColumns> m_attributesOf; ///< the columns they belong to
    std::shared_ptr<const CohortContent> m_content;
    QString m_error;
    bool m_active = false, m_stale = true;
};

/// "at or above P99": what makes a request slow, in words.
QString slowWords(const session::Cohort &cohort);

} // namespace tailscope::items
