// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/rangestats.h"
#include "analysis/samplingstate.h"
#include "session/session.h"

#include <QObject>
#include <QString>
#include <QStringList>
#include <QTimer>

#include <memory>
#include <optional>
#include <vector>

namespace tailscope::items {

/// A part of what is shown, while the user drags over it.
struct DistributionPart
{
    std::optional<TimeRange> range; ///< of starts
    std::optional<std::pair<Nanos, Nanos>>
        values; ///< [low, high) of what the histogram shows; high may be kUnknownNanos
    friend bool operator==(const DistributionPart &, const DistributionPart &) = default;
};

/// The distribution of the spans of the shared context: figures and histogram first, then groups, then bins
/// of time, each by a job with its own signal. While a job runs the old result stays. GUI thread.
class DistributionModel : public QObject
{
    Q_OBJECT
public:
    using Stats = std::shared_ptr<const analysis::DurationStats>;
    using Groups = std::shared_ptr<const std::vector<analysis::GroupStats>>;
    using Bins = std::shared_ptr<const analysis::TimeBins>;

    /// Groups past this are united; previews come at most this often.
    static constexpr std::size_t kGroupLimit = 300;
    static constexpr int kPreviewIntervalMs = 100;

    explicit DistributionModel(session::Session *session, QObject *parent = nullptr);

    /// Recomputing waits while nobody looks; the newest state is computed when this becomes true.
    void setActive(bool active);
    void setSelfTime(bool self); ///< figures and histogram of self time; groups and bins stay durations
    bool isSelfTime() const { return m_self; }
    void setGroupBy(analysis::GroupBy groupBy);
    analysis::GroupBy groupBy() const { return m_groupBy; }
    /// Key for GroupBy::Attribute; its values are read once for loaded spans.
    void setAttribute(const QString &key);
    QString attribute() const { return m_attribute; }
    /// Keys to choose from; asks for them by a job, attributeKeysChanged() follows.
    QStringList attributeKeys();
    void setTimeResolution(int bins, int rows);

    Stats stats() const { return m_stats; } ///< null: nothing loaded or not computed yet
    const analysis::SamplingState &sampling() const { return m_sampling; } ///< of all loaded traces
    bool statsAreSelf() const { return m_statsSelf; } ///< what stats() are of, which lags behind isSelfTime()
    Groups groups() const { return m_groups; }
    analysis::GroupBy groupsBy() const { return m_groupsBy; } ///< what groups() are by
    bool hasOtherGroup() const { return m_groups && m_groups->size() > kGroupLimit; }
    Bins bins() const { return m_bins; }

    /// Histograms of these groups (by name) over the main one, of durations or self time like it.
    struct Overlay
    {
        QString name;
        std::shared_ptr<const analysis::LogLinearHistogram> histogram;
    };
    void setOverlayGroups(const QStringList &names);
    const std::vector<Overlay> &overlays() const { return m_overlays; }

    /// Figures of a part while it is dragged, at most ten times a second; nullopt ends it.
    void setPreview(const std::optional<DistributionPart> &part);
    const std::optional<DistributionPart> &previewPart() const
    {
        return m_previewDone;
    } ///< that of preview()
    Stats preview() const { return m_preview; }

    /// True while anything shown is older than the context.
    bool isBusy() const;
    /// Spans are loaded, and figures of them exist.
    bool hasSpans() const;
    /// Removes the range of durations (or self times) from the shared filter.
    void clearValueFilter();
    bool hasValueFilter() const;

    QString figuresSql() const;
    QString groupsSql() const;
    QString binsSql() const;

Q_SIGNALS:
    void statsChanged();
    void groupsChanged();
    void binsChanged();
    void attributeKeysChanged();
    void overlaysChanged();
    void previewChanged();
    void busyChanged();

private:
    void invalidate();
    void refresh();
    void computeStats();
    void computeGroups();
    void computeBins();
    void computeOverlays();
    void startPreview();
    void clear();
    TimeRange timeRange() const;

    session::Session *m_session;
    session::LatestJob m_statsJob, m_groupsJob, m_binsJob, m_overlayJob, m_previewJob, m_keysJob;
    Stats m_stats, m_preview;
    analysis::SamplingState m_sampling;
    std::shared_ptr<const analysis::SpanColumns> m_samplingOf;
    Groups m_groups;
    Bins m_bins;
    std::vector<Overlay> m_overlays;
    QString m_attribute;
    std::shared_ptr<const analysis::AttributeColumn> m_attributeColumn;
    std::shared_ptr<const analysis::SpanColumns> m_attributeOf, m_keysOf; ///< what they were read for
    QStringList m_keys;
    QStringList m_overlayNames;
    std::optional<DistributionPart> m_wantedPreview, m_previewDone;
    QTimer *m_previewTimer;
    analysis::GroupBy m_groupBy = analysis::GroupBy::Operation, m_groupsBy = analysis::GroupBy::Operation;
    int m_binCount = 180, m_rowCount = 40;
    bool m_self = false, m_statsSelf = false, m_active = false;
    bool m_statsStale = true, m_groupsStale = true, m_binsStale = true;
};

} // namespace tailscope::items
