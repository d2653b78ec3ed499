// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/calltreetransform.h"
#include "analysis/samplelanes.h"
#include "items/flamemodeltree.h"
#include "items/flameprofiles.h"
#include "session/session.h"

#include <QObject>
#include <QString>

#include <optional>
#include <vector>

namespace tailscope::items {

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
    /// Further profiles whose weights are added to the chosen one; those of another unit are left out. A new
    /// choice of the profile empties them.
    void setMerged(std::vector<qint64> others);
    const std::vector<qint64> &merged() const { return m_merged; }
    /// Threads of the chosen profile, most samples first; empty for spans and until they are known.
    const std::vector<analysis::ProfileThread> &threads() const { return m_threads; }
    /// Only samples of this thread; nullopt = all. Forgotten with the profile.
    void setThread(const std::optional<QString> &thread);
    std::optional<QString> thread() const { return m_thread; }

    /// Steps of narrowing, applied one after the other before the tree is turned bottom up.
    void setTransforms(std::vector<analysis::TreeTransform> transforms);
    const std::vector<analysis::TreeTransform> &transforms() const { return m_transforms; }
    /// The tree after the transforms, callers on top; null with tree(), and of a preview.
    std::shared_ptr<const analysis::CallTree> topDown() const { return m_topDown; }
    double fullTotal() const { return m_base ? m_base->nodes.front().total : 0; } ///< before the transforms

    /// Samples in order of time instead of a tree; nothing for spans.
    void setTimeOrdered(bool timeOrdered);
    std::shared_ptr<const analysis::SampleLanes> lanes() const { return m_lanes; }

    void setBottomUp(bool bottomUp);
    bool isBottomUp() const { return m_bottomUp; }

    std::shared_ptr<const FlameTree> tree() const { return m_tree; } ///< null: nothing to draw
    bool isBusy() const
    {
        return m_treeJob.isRunning() || m_profilesJob.isRunning() || m_matchJob.isRunning()
            || m_threadsJob.isRunning() || m_lanesJob.isRunning();
    }
    QString errorText() const { return m_errorText; }

    /// An empty pattern ends the search.
    void setSearch(const QRegularExpression &expression);
    bool isSearching() const { return !m_search.pattern().isEmpty(); }
    std::shared_ptr<const FlameMatches> matches() const { return m_matches; }

    /// Looks up where a function of the profile lies; located() tells.
    void locate(const QString &function, const QString &module);

    /// The query with the same rows: one a path, with count, total and self.
    QString sql() const;

Q_SIGNALS:
    void profilesChanged();
    void threadsChanged();
    void transformsChanged();
    void lanesChanged();
    void treeChanged();
    void matchesChanged();
    void located(const QString &place, const QString &function); ///< "file:line"; empty = unknown
    void busyChanged();

private:
    void loadProfiles();
    void rebuild();
    void build();
    void buildLanes();
    void loadThreads();
    void showPreview();
    void setTree(std::shared_ptr<const FlameTree> tree);
    void search();

    session::Session *m_session;
    session::LatestJob m_treeJob, m_profilesJob, m_matchJob, m_threadsJob, m_lanesJob, m_siteJob;
    std::vector<FlameProfile> m_profiles;
    std::optional<qint64> m_profile;
    std::vector<qint64> m_merged;
    std::vector<analysis::ProfileThread> m_threads;
    std::optional<QString> m_thread;
    std::vector<analysis::TreeTransform> m_transforms;
    std::shared_ptr<const analysis::CallTree> m_base, m_topDown;
    std::shared_ptr<const analysis::SampleLanes> m_lanes;
    std::shared_ptr<const FlameTree> m_tree;
    std::shared_ptr<const FlameMatches> m_matches;
    QRegularExpression m_search;
    QString m_errorText;
    bool m_active = false, m_stale = true, m_bottomUp = false, m_timeOrdered = false;
};

} // namespace tailscope::items
