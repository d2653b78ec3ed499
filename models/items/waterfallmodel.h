// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/tracelistmodel.h"
#include "items/waterfallrows.h"
#include "session/session.h"

#include <QAbstractTableModel>
#include <QObject>
#include <QRegularExpression>

#include <memory>
#include <optional>
#include <vector>

namespace tailscope::items {

/// The trace the waterfall shows and its rows. It follows the shared selection (a trace, or a span of one);
/// without one it takes the slowest listed trace. Loading is a job; while it runs the old trace stays. GUI
/// thread.
class WaterfallModel : public QObject
{
    Q_OBJECT
public:
    using Trace = std::shared_ptr<const WaterfallTrace>;

    explicit WaterfallModel(session::Session *session, QObject *parent = nullptr);
    ~WaterfallModel() override;

    /// Nothing is loaded while nobody looks; the newest state is when this becomes true.
    void setActive(bool active);
    TraceListModel *list() const { return m_list; }
    Trace trace() const { return m_trace; } ///< null: nothing to show
    const std::vector<WaterfallRow> &rows() const { return m_rows; }
    const WaterfallFolding &folding() const { return m_folding; }
    bool isCorrecting() const { return m_correct; }
    bool isBusy() const;
    QString errorText() const { return m_error; }

    void showTrace(qint64 traceId); ///< does not touch the shared selection
    void showKey(const QString &key); ///< of a stored state
    /// The next or previous trace of the list, selected for all views. False at the ends.
    bool step(int by);
    /// Place in the list: "3 of 400"; empty when it is not listed.
    QString placeText() const;

    void setCorrecting(bool correct);
    void setShowingGaps(bool shows);
    void setFoldingGroups(bool folds);
    void setFoldingServices(bool folds);
    void setOpen(int row, bool open);
    void setAllOpen(bool open);
    /// Opens what hides it; the row of the span.
    int reveal(std::uint32_t span);
    /// The span that another view selected; kNoRow when it is not of this trace.
    std::uint32_t selectedSpan() const;

    /// Spans whose operation or service matches, in the order of the tree; empty pattern = none.
    void setSearch(const QRegularExpression &expression);
    bool isSearching() const { return !m_search.pattern().isEmpty(); }
    const std::vector<std::uint32_t> &matches() const { return m_matches; }
    bool isMatch(std::uint32_t span) const { return !m_isMatch.empty() && m_isMatch[span]; }
    /// The match after (or before) a span, kNoRow when there is none.
    std::uint32_t stepMatch(std::uint32_t from, bool forward) const;

Q_SIGNALS:
    void traceChanged(); ///< another trace, or the same one read anew
    void rowsChanged();
    void matchesChanged();
    void busyChanged();

private:
    void follow();
    void load();
    void rebuildRows();
    void findMatches();

    session::Session *m_session;
    TraceListModel *m_list;
    session::LatestJob m_job, m_keyJob;
    Trace m_trace;
    std::vector<WaterfallRow> m_rows;
    WaterfallFolding m_folding;
    QRegularExpression m_search;
    std::vector<std::uint32_t> m_matches;
    std::vector<std::uint8_t> m_isMatch;
    std::optional<qint64> m_wanted;
    bool m_isDefault = true; ///< the slowest of the list, not chosen by anyone
    QString m_error;
    bool m_correct = true, m_active = false, m_stale = true;
};

/// The longest gaps of a trace as a table.
class TraceGapModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Duration, Share, Where, Inside, Class, Critical, ColumnCount };
    enum Role { BarRole = Qt::UserRole, LevelRole };

    using QAbstractTableModel::QAbstractTableModel;
    void setTrace(WaterfallModel::Trace trace);
    std::uint32_t gapAt(int row) const { return m_trace->ranked[std::size_t(row)]; }
    QString toText(const QList<int> &rows) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    WaterfallModel::Trace m_trace;
};

} // namespace tailscope::items
