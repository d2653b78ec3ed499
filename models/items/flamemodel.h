// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/flamemodeltree.h"
#include "session/session.h"

#include <QObject>
#include <QString>

#include <optional>
#include <vector>

namespace tailscope::items {

/// A stored profile that can be drawn.
struct FlameProfile
{
    qint64 id = 0;
    QString name, kind, sampleType, unit;
    qint64 sampleCount = 0;
    double totalWeight = 0;
    QString title() const; ///< "checkout.pprof: cpu (ns)"
};

/// The call tree behind the flame graph: spans of the context (filter and range) or one stored profile, from
/// the callers down or from the callees up, built by a job; until the spans are loaded, a preview. GUI
/// thread.
class FlameModel : public QObject
{
    Q_OBJECT
public:
    explicit FlameModel(session::Session *session, QObject *parent = nullptr);

    /// Rebuilding waits while nobody looks; the newest state is built when this becomes true.
    void setActive(bool active);
    const std::vector<FlameProfile> &profiles() const { return m_profiles; }
    /// nullopt = all spans. A profile that is gone falls back to the spans.
    void setProfile(std::optional<qint64> id);
    std::optional<qint64> profile() const { return m_profile; }
    const FlameProfile *currentProfile() const;
    void setBottomUp(bool bottomUp);
    bool isBottomUp() const { return m_bottomUp; }

    std::shared_ptr<const FlameTree> tree() const { return m_tree; } ///< null: nothing to draw
    bool isBusy() const
    {
        return m_treeJob.isRunning() || m_profilesJob.isRunning() || m_matchJob.isRunning();
    }
    QString errorText() const { return m_errorText; }

    /// An empty pattern ends the search.
    void setSearch(const QRegularExpression &expression);
    bool isSearching() const { return !m_search.pattern().isEmpty(); }
    std::shared_ptr<const FlameMatches> matches() const { return m_matches; }

    /// The query with the same rows: one a path, with count, total and self.
    QString sql() const;

Q_SIGNALS:
    void profilesChanged();
    void treeChanged();
    void matchesChanged();
    void busyChanged();

private:
    void loadProfiles();
    void rebuild();
    void build();
    void showPreview();
    void setTree(std::shared_ptr<const FlameTree> tree);
    void search();

    session::Session *m_session;
    session::LatestJob m_treeJob, m_profilesJob, m_matchJob;
    std::vector<FlameProfile> m_profiles;
    std::optional<qint64> m_profile;
    std::shared_ptr<const FlameTree> m_tree;
    std::shared_ptr<const FlameMatches> m_matches;
    QRegularExpression m_search;
    QString m_errorText;
    bool m_active = false, m_stale = true, m_bottomUp = false;
};

} // namespace tailscope::items
