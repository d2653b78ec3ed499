// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/activehistory.h"
#include "items/celltable.h"
#include "items/sessionquery.h"
#include "session/session.h"

#include <QObject>

#include <memory>
#include <optional>

namespace tailscope::items {

class MomentWatch;

/// Average active sessions over the window that playback shows (or the shared range): by wait, statement,
/// application, user or database, and the statements of one wait. Read by a job, one at a time. GUI thread.
class WaitModel : public QObject
{
    Q_OBJECT
public:
    struct Content
    {
        analysis::ActivityHistory history, statements; ///< statements: of the chosen part
    };

    explicit WaitModel(session::Session *session, QObject *parent = nullptr);

    void setActive(bool active); ///< nothing is read while nobody looks
    bool isBusy() const;
    QString errorText() const { return m_error; }
    std::shared_ptr<const Content> content() const { return m_content; } ///< null: not read yet
    /// The window that is shown: the shared range, else that of playback, else the last minutes there are.
    TimeRange range() const { return m_content ? m_content->history.range : TimeRange(); }

    analysis::ActivityGroup group() const { return m_group; }
    void setGroup(analysis::ActivityGroup group);
    bool isFromWaitSampling() const { return m_fromWaitSampling; }
    void setFromWaitSampling(bool on);
    bool withBackground() const { return m_withBackground; }
    void setWithBackground(bool on);
    /// Narrows the statements to one part of the chart ("IO: DataFileRead"); empty = all. Only waits narrow.
    void choose(const QString &key);
    QString chosen() const { return m_chosen; }

    CellTable *parts() const { return m_parts; } ///< id: place in history.parts
    CellTable *statements() const { return m_statements; } ///< id: statement.id
    QString partName(std::size_t place) const; ///< as the chart and the table call it
    QString summary() const; ///< what is shown of how many samples
    QString sql() const;

Q_SIGNALS:
    void changed();
    void busyChanged();

private:
    void read();
    void fill();
    QVector<TableRow> rowsOf(const analysis::ActivityHistory &history, bool statements) const;
    QString nameOf(const analysis::ActivityPart &part, analysis::ActivityGroup group) const;

    session::Session *m_session;
    MomentWatch *m_watch;
    session::LatestJob m_job;
    std::shared_ptr<StatementTexts> m_texts = std::make_shared<StatementTexts>();
    std::shared_ptr<const Content> m_content;
    CellTable *m_parts, *m_statements;
    analysis::ActivityGroup m_group = analysis::ActivityGroup::WaitType;
    analysis::ActivityGroup m_shownGroup = analysis::ActivityGroup::WaitType; ///< of the content
    QString m_chosen, m_error;
    bool m_fromWaitSampling = false, m_withBackground = false;
};

/// What a wait event or a type of them means, in a sentence (PostgreSQL manual, "Wait Events"); empty = not
/// among the common ones. "IO: DataFileRead" or "IO".
QString waitMeaning(const QString &wait);

} // namespace tailscope::items
