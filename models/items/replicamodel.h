// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/celltable.h"
#include "items/replicaquery.h"
#include "session/session.h"

#include <QObject>

#include <memory>

namespace tailscope::items {

/// Replicas in the shared time range: their lag and its verdicts, episodes, slots, who would be promoted, and
/// what readers and commits would see. Everything that reads comes by a job. GUI thread.
class ReplicaModel : public QObject
{
    Q_OBJECT
public:
    /// What only people know.
    struct Inputs
    {
        double thinkMs = 2'000; ///< between a write and the read that follows it
        double readsPerSecond = 100;
        double tokenWaitMs = 500;
        double applyMbPerSecond = 0, writeMbPerSecond = 0; ///< 0 = as measured
        analysis::CommitHops hops;
        QString standbyNames; ///< synchronous_standby_names; empty = as imported
    };

    explicit ReplicaModel(session::Session *session, QObject *parent = nullptr);

    /// Nothing is read while nobody looks.
    void setActive(bool active);
    void choose(int lane); ///< index into overview()->lanes; -1 = none
    int chosen() const { return m_chosen; }
    void setInputs(const Inputs &inputs);
    const Inputs &inputs() const { return m_inputs; }

    std::shared_ptr<const ReplicaOverview> overview() const { return m_overview; } ///< null: not read yet
    const ReplicaLane *lane() const; ///< the chosen one or null
    CellTable *replicas() const { return m_replicas; } ///< id = index of the lane
    CellTable *episodes() const { return m_episodes; } ///< of the chosen one, id = index
    CellTable *slotTable() const { return m_slots; }
    CellTable *ranks() const { return m_ranks; }
    CellTable *readers() const { return m_readers; } ///< what readers of the chosen one would see
    CellTable *commits() const { return m_commits; } ///< wait of a commit by level
    QString commitText() const; ///< what the list of standbys makes of it
    bool isBusy() const;
    QString errorText() const { return m_error; }
    QString sql() const;

Q_SIGNALS:
    void changed();
    void chosenChanged(); ///< or the inputs
    void busyChanged();

private:
    void invalidate();
    void refresh();
    void fill();
    void fillChosen();
    void fillReaders();
    void fillCommits();

    session::Session *m_session;
    session::LatestJob m_job;
    CellTable *m_replicas, *m_episodes, *m_slots, *m_ranks, *m_readers, *m_commits;
    std::shared_ptr<const ReplicaOverview> m_overview;
    Inputs m_inputs;
    QString m_error;
    int m_chosen = -1;
    bool m_active = false, m_stale = true;
};

} // namespace tailscope::items
