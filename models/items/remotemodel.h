// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/celltable.h"
#include "items/remoteheat.h"
#include "live/remote/remotestore.h"
#include "live/remote/savedstores.h"
#include "session/session.h"

#include <QObject>

#include <memory>
#include <optional>
#include <vector>

namespace tailscope::items {

/// What was asked of a remote store and what came back; null parts were not asked. Immutable.
struct RemoteAnswer
{
    live::RemoteSelection selection;
    std::shared_ptr<const live::RemoteHistogram> histogram;
    std::shared_ptr<const live::RemoteGroups> groups;
    std::shared_ptr<const live::RemoteCohort> cohort;
    std::shared_ptr<const RemoteHeatMap> heat;
    std::vector<live::RemoteTrace> traces;
    std::optional<live::PushdownPlan> plan; ///< of the histogram; nullopt: the engine has no such EXPLAIN
};

/// The remote stores of a workspace: choosing and defining one, asking it step by step by jobs (histogram,
/// groups, slowest traces; slow against the rest, exact percentiles and heat map when asked for), fetching
/// traces as ordinary spans. Passwords stay in memory. GUI thread.
class RemoteModel : public QObject
{
    Q_OBJECT
public:
    enum QueryColumn { QueryWhat, QueryMs, QueryRows, QueryText, QueryColumns };
    static constexpr std::size_t kGroups = 200, kTraces = 50;

    explicit RemoteModel(session::Session *session, QObject *parent = nullptr);

    void setActive(bool active); ///< reads the remembered stores once
    const std::vector<live::SavedStore> &stores() const { return m_stores; }
    int currentStore() const { return m_current; } ///< -1 = none
    void chooseStore(int index);
    /// Remembers a store and chooses it. The error in words; empty = done (a job goes on).
    QString define(const QString &conninfo, const QString &password, const QString &mappingToml);
    void forget(int index);

    // For the dialog; the answers come by signals.
    void listTables(const QString &conninfo, const QString &password);
    void guessMapping(const QString &conninfo, const QString &password, const QString &schema,
        const QString &table);
    void readMappingFile(const QString &path);

    /// "all", "", "BEGIN..END": empty = the last hour before the newest span. The error in words.
    QString setRange(const QString &text);
    QString setFilter(const QString &text);
    void setKey(const live::RemoteKey &key) { m_key = key; }
    const live::RemoteKey &key() const { return m_key; }
    void setRootsOnly(bool on) { m_rootsOnly = on; }

    void ask(); ///< histogram, groups, traces
    void askExact(); ///< percentiles of the histogram
    void askCohort(); ///< from the exact P99 on
    void askHeat(); ///< spans by start and duration; nothing while something else is asked
    void fetch(const QStringList &traces);
    void cancel();

    /// Cancelled or failed: nothing is asked but by the user.
    bool isHeld() const { return m_held || !m_error.isEmpty(); }
    const RemoteAnswer &answer() const { return m_answer; }
    const live::RemoteStore *store() const { return m_store.get(); } ///< null: not connected yet
    std::vector<live::RemoteKey> keys() const { return m_keys; } ///< attributes to group by
    CellTable *percentiles() const { return m_percentiles; }
    CellTable *groups() const { return m_groups; }
    CellTable *cohort() const { return m_cohort; }
    CellTable *traces() const { return m_traces; } ///< ids: place in answer().traces
    CellTable *queries() const { return m_queries; } ///< newest first
    bool isBusy() const { return m_job.isRunning() || m_listJob.isRunning() || m_fetchId != 0; }
    QString errorText() const { return m_error; }
    QString phase() const { return m_phase; } ///< what is being asked
    QString sql() const; ///< the stores, and as remarks what was asked of the server

Q_SIGNALS:
    void storesChanged();
    void changed(); ///< a part of the answer is new
    void busyChanged();
    void tablesListed(const QStringList &names, const QString &error);
    void mappingFound(const QString &toml, const QString &error);
    /// The spans are in the workspace and load; the id of the trace there, 0 when several were fetched.
    void fetched(qint64 trace);

private:
    using Store = std::shared_ptr<live::RemoteStore>;
    struct Step;
    void readStores(const QString &choose);
    void reset();
    void run(const QString &phase,
        std::function<Result<RemoteAnswer>(live::RemoteStore &, RemoteAnswer, const Progress &)>,
        std::function<void()> then);
    void askGroups();
    void askTraces();
    void fill();
    void fillPercentiles();
    void fillTraces();
    void addRuns(const std::vector<live::QueryRun> &runs);

    session::Session *m_session;
    session::LatestJob m_job, m_listJob;
    session::JobId m_fetchId = 0;
    std::vector<live::SavedStore> m_stores;
    int m_current = -1;
    QHash<QString, QString> m_passwords; ///< by conninfo; in memory only
    Store m_store;
    std::vector<live::RemoteKey> m_keys;
    std::optional<TimeRange> m_range;
    bool m_all = false, m_rootsOnly = false, m_read = false, m_held = false;
    analysis::Filter m_filter;
    live::RemoteKey m_key;
    RemoteAnswer m_answer;
    std::vector<live::QueryRun> m_runs;
    CellTable *m_percentiles, *m_groups, *m_cohort, *m_traces, *m_queries;
    QString m_error, m_phase;
};

/// Range as typed: nullopt and isAll, or BEGIN..END in ns or UTC times. False: not understood.
bool parseRemoteRange(const QString &text, std::optional<TimeRange> &range, bool &isAll);

} // namespace tailscope::items
