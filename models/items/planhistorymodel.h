// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/planshapes.h"
#include "items/planlist.h"
#include "session/session.h"

#include <QAbstractTableModel>

#include <memory>
#include <vector>

namespace tailscope::items {

/// The captured plans of one statement over time.
struct PlanHistory
{
    struct Capture
    {
        PlanEntry plan;
        int shape = -1; ///< index into `shapes`; -1 = not computed
    };
    /// One shape; percentiles are nearest rank over the captures that were executed.
    struct Shape
    {
        QString letter; ///< A, B, ... in the order of appearance
        QString hash;
        QString root; ///< what stands on top, or scans first: to tell shapes apart
        int captures = 0, executed = 0;
        std::optional<qint64> firstSeen, lastSeen;
        double medianMs = 0, p99Ms = 0; ///< NaN = none was executed
        bool isP99Weak = false; ///< too few captures for a P99
        qint64 firstPlan = 0, lastPlan = 0;
        bool savedGood = false;
    };
    struct Change
    {
        int capture = 0; ///< index: the first of the new shape
        double factor = 0; ///< median after / before; NaN = unknown
        QString summary;
    };
    bool isTimed = false; ///< all captures have a time; else they stand in the order of their import
    std::vector<Capture> captures; ///< oldest first
    std::vector<Shape> shapes;
    std::vector<Change> changes;
};

/// A statement with plans.
struct PlanStatement
{
    qint64 id = 0;
    QString text;
    int plans = 0;
    double totalMs = 0; ///< of the executed plans
};

/// The history of the plans of a statement: captures, shapes, changes. Statements that take most time come
/// first; the shared selection of a plan chooses its statement. Read by jobs. GUI thread.
class PlanHistoryModel : public QObject
{
    Q_OBJECT
public:
    PlanHistoryModel(session::Session *session, QObject *parent);

    const QList<PlanStatement> &statements() const { return m_statements; }
    qint64 statement() const { return m_statement; }
    void setStatement(qint64 id);
    std::shared_ptr<const PlanHistory> history() const { return m_history; } ///< never null
    qint64 selectedPlan() const { return m_selectedPlan; }
    bool isRunning() const
    {
        return m_listJob.isRunning() || m_historyJob.isRunning() || m_lookupJob.isRunning();
    }
    QString error() const { return m_error; }
    QString summary() const; ///< one line over the chosen statement
    QString sql() const;

Q_SIGNALS:
    void changed(); ///< statements, history, or the end of a job
    void selectedPlanChanged();

private:
    void reload();
    void followSelection();
    void select(qint64 planId);
    void load();

    session::Session *m_session;
    session::LatestJob m_listJob, m_historyJob, m_lookupJob;
    QList<PlanEntry> m_entries;
    QList<PlanStatement> m_statements;
    qint64 m_statement = 0, m_selectedPlan = 0;
    QString m_error;
    std::shared_ptr<const PlanHistory> m_history = std::make_shared<PlanHistory>();
};

/// Statements of the plans, most time first; plans without statement are none.
QList<PlanStatement> planStatements(const QList<PlanEntry> &entries);

/// The shapes of a history, a row each.
class PlanShapeTable : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Letter, Root, Captures, Median, P99, FirstSeen, LastSeen, ColumnCount };
    using QAbstractTableModel::QAbstractTableModel;
    void setHistory(std::shared_ptr<const PlanHistory> history);
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::shared_ptr<const PlanHistory> m_history;
};

/// The captures of a history, newest first, with the change that each one brought.
class PlanCaptureTable : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Captured, Time, Shape, Plan, Note, ColumnCount };
    enum Role { PlanIdRole = Qt::UserRole };
    using QAbstractTableModel::QAbstractTableModel;
    void setHistory(std::shared_ptr<const PlanHistory> history);
    int rowOfPlan(qint64 planId) const; ///< -1 = not there
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::shared_ptr<const PlanHistory> m_history;
};

/// All rows of a table with its header, tab-separated.
QString tableText(const QAbstractItemModel &table);

} // namespace tailscope::items
