// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/recordingcompare.h"
#include "items/celltable.h"
#include "items/tablequery.h"
#include "session/session.h"

#include <array>
#include <memory>

namespace tailscope::items {

/// Two recordings, or two ranges of one, compared by statement, wait, table and setting. GUI thread.
class RecordingsModel : public QObject
{
    Q_OBJECT
public:
    enum Page { Figures, Statements, Waits, Tables, SettingsPage, PageCount };
    enum Side { First, Second };

    explicit RecordingsModel(session::Session *session, QObject *parent = nullptr);

    void setActive(bool active); ///< nothing is read while nobody looks
    bool isBusy() const { return m_job.isRunning() || (m_active && m_stale); }
    bool isLoaded() const { return m_loaded != nullptr; }
    QString errorText() const { return m_error; }
    const std::vector<analysis::RecordingItem> &recordings() const; ///< that can be compared

    /// source 0 = everything. An empty range: all of the source.
    void setSide(Side side, const analysis::RecordingSide &what);
    analysis::RecordingSide side(Side side) const { return m_sides[side]; } ///< as compared
    void swapSides();
    QString sideText(Side side) const; ///< name and time
    CellTable *table(Page page) const { return m_tables[page]; }
    void setSearch(const QString &words); ///< of all pages
    QString noteText() const;
    QString sql(Page page) const;

    struct Loaded;

Q_SIGNALS:
    void changed();
    void busyChanged();

private:
    void invalidate();
    void read();
    void fill();
    QVector<TableRow> rowsOf(Page page) const;

    session::Session *m_session;
    session::LatestJob m_job;
    std::array<CellTable *, PageCount> m_tables;
    std::array<analysis::RecordingSide, 2> m_sides;
    std::shared_ptr<const Loaded> m_loaded;
    QString m_error, m_search;
    bool m_active = false, m_stale = true, m_sidesChosen = false;
};

} // namespace tailscope::items
