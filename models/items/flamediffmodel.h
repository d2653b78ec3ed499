// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/flamemodeltree.h"
#include "items/flameprofiles.h"
#include "session/session.h"

#include <QAbstractTableModel>
#include <QObject>

#include <memory>
#include <optional>
#include <vector>

namespace tailscope::items {

/// Two call trees and what changed between them. Immutable.
struct FlameDiff
{
    std::shared_ptr<const FlameTree> tree; ///< layout of the union; null when both sides are empty
    std::shared_ptr<const analysis::CallTreeDiff> diff;
    std::vector<analysis::FlatDiffEntry> functions;
    std::vector<analysis::DiffDoubt> doubts;
    double beforeTotal = 0, afterTotal = 0; ///< as recorded
    QString unit;
};

/// Builds the difference of two profiles, or of the spans of the baseline (before) and those of the shared
/// range and filter (after), by a job. GUI thread.
class FlameDiffModel : public QObject
{
    Q_OBJECT
public:
    /// How the sides are made comparable: as they are; by recording time; by total, so that shares are
    /// compared.
    enum class Scale { None, Duration, Total };

    explicit FlameDiffModel(session::Session *session, QObject *parent = nullptr);

    void setActive(bool active);
    const std::vector<FlameProfile> &profiles() const { return m_profiles; }
    const FlameProfile *profile(qint64 id) const;
    /// nullopt = spans: the baseline before, the present selection after.
    void setSides(std::optional<qint64> before, std::optional<qint64> after);
    std::optional<qint64> before() const { return m_before; }
    std::optional<qint64> after() const { return m_after; }
    /// The first two profiles that can be compared: those of one source named before and after, else two of
    /// the same unit and sample type. nullopt when there are none.
    std::optional<std::pair<qint64, qint64>> suggestion() const;
    void setScale(Scale scale);
    Scale scale() const { return m_scale; }
    /// Amounts (bytes, objects) as they are; times and samples by duration, or by total where a duration is
    /// unknown or the rates differ: then only shares can be compared.
    static Scale suggestedScale(const analysis::RecordingFacts &before,
        const analysis::RecordingFacts &after);
    bool canScaleByDuration() const;
    bool isOfSpans() const { return !m_before && !m_after; }

    std::shared_ptr<const FlameDiff> difference() const { return m_difference; } ///< null: none yet
    /// Units differ: nothing is computed.
    bool isRefused() const { return m_refused; }
    bool isBusy() const { return m_job.isRunning() || m_profilesJob.isRunning(); }
    QString errorText() const { return m_errorText; }
    QString sql() const;

Q_SIGNALS:
    void profilesChanged();
    void differenceChanged();
    void busyChanged();

private:
    void loadProfiles();
    void rebuild();
    void build();
    void take(Result<std::shared_ptr<const FlameDiff>> built);

    session::Session *m_session;
    session::LatestJob m_job, m_profilesJob;
    std::vector<FlameProfile> m_profiles;
    std::optional<qint64> m_before, m_after;
    Scale m_scale = Scale::None;
    std::shared_ptr<const FlameDiff> m_difference;
    QString m_errorText;
    bool m_active = false, m_stale = true, m_refused = false;
};

/// The functions of a difference, largest change of self first. In units that only grow (bytes, objects) the
/// largest growth comes first.
class FlameDiffTable : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Function, Change, ChangeShare, Before, After, TotalChange, Module, ColumnCount };
    enum Role {
        SortRole = Qt::UserRole, ///< raw value of the cell; |change| for Change and TotalChange
        ToneRole ///< -1..1: relative change, as the flame graph colours it
    };

    explicit FlameDiffTable(QObject *parent = nullptr);
    void setDifference(std::shared_ptr<const FlameDiff> difference);
    const analysis::FlatDiffEntry *entry(int row) const;
    /// Sort by signed change instead of its size.
    void setSigned(bool isSigned);
    QString toTsv(const QList<int> &rows) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    double selfChange(const analysis::FlatDiffEntry &entry) const;
    double totalChange(const analysis::FlatDiffEntry &entry) const;
    QString text(const analysis::FlatDiffEntry &entry, int column) const;
    QVariant sortValue(const analysis::FlatDiffEntry &entry, int column) const;

    std::shared_ptr<const FlameDiff> m_difference;
    bool m_isSigned = false;
};

/// Relative change for a colour: -1 = only before, 1 = only after, 0 = the same.
double toneOf(double before, double after);

} // namespace tailscope::items
