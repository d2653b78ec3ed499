// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/celltable.h"
#include "items/usequery.h"
#include "session/session.h"

#include <QObject>

#include <memory>
#include <vector>

namespace tailscope::items {

/// Utilisation, saturation and errors of every resource in the shared range. GUI thread.
class UseModel : public QObject
{
    Q_OBJECT
public:
    enum Column { Resource, Subject, Utilisation, Saturation, Errors, Columns };

    explicit UseModel(session::Session *session, QObject *parent = nullptr);

    void setActive(bool active); ///< nothing is read while nobody looks
    bool isBusy() const { return (m_active && m_stale) || m_job.isRunning(); }
    QString errorText() const { return m_error; }
    CellTable *table() const { return m_table; } ///< ids: places in rows()
    const std::vector<UseRow> *rows() const { return m_rows.get(); } ///< null: not read yet
    int known() const { return m_known; } ///< cells with a figure
    int missing() const { return m_missing; } ///< cells that an input would fill
    QString viewOf(qint64 row) const; ///< id of the view that shows the resource
    QString sqlOf(qint64 row, int column) const; ///< what the cell was asked by; empty where it has no query
    static QString resourceText(const std::string &id);
    static QString inputText(const std::string &input); ///< which files hold it

Q_SIGNALS:
    void changed();
    void busyChanged();

private:
    void invalidate();
    void refresh();
    void fill();

    session::Session *m_session;
    session::LatestJob m_job;
    std::shared_ptr<const std::vector<UseRow>> m_rows;
    CellTable *m_table;
    QString m_error;
    int m_known = 0, m_missing = 0;
    bool m_active = false, m_stale = true;
};

} // namespace tailscope::items
