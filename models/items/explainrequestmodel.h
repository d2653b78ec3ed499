// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/target.h"
#include "session/session.h"

#include <QObject>
#include <QStringList>

#include <functional>
#include <optional>
#include <vector>

namespace tailscope::items {

/// What is to be asked of a server.
struct ExplainOrder
{
    QString sql;
    bool isAnalyze = false; ///< execute it: only a SELECT, in a transaction that is read only and rolled back
    bool hasConsent = false; ///< the user read warnings() and said that it may
    QString searchPath, role; ///< empty = the connection's own
    int timeoutSeconds = 10;
    friend bool operator==(const ExplainOrder &, const ExplainOrder &) = default;
};
struct ExplainReply
{
    QString plan; ///< JSON as the server printed it; empty = it was refused
    QString refusal; ///< why, in words; empty = it was not
    QString textToRun; ///< to run elsewhere, by somebody who may
    bool needsConsent = false; ///< asked to execute without consent: warnings say what that may do
    bool isGeneric = false; ///< the plan for any values of the parameters
    QStringList warnings, notes;
};
/// What an index that does not exist would change, by HypoPG.
struct IndexReply
{
    std::optional<double> costBefore, costAfter;
    bool isUsed = false;
    QString note; ///< a plan with it, or why it could not be tried
};

/// EXPLAIN of one statement on a connection of its own to a server of the running attachment; the plan
/// becomes a source of the workspace. GUI thread; the server is asked by a job.
class ExplainRequestModel : public QObject
{
    Q_OBJECT
public:
    using Explainer
        = std::function<Result<ExplainReply>(const live::Target &, const ExplainOrder &, const Progress &)>;
    using IndexTrier = std::function<Result<IndexReply>(const live::Target &, const ExplainOrder &,
        const QString &createIndex, const Progress &)>;

    /// Asks servers as live/explainrunner.h does; others for tests.
    explicit ExplainRequestModel(session::Session *session, QObject *parent = nullptr);
    ~ExplainRequestModel() override { m_job.cancel(); } ///< nobody waits for the server's answer any more
    void setAsking(Explainer explainer, IndexTrier trier);

    /// Servers of PostgreSQL that are attached to now.
    QStringList targets() const;
    bool hasTargets() const { return !m_targets.empty(); }
    void setTargets(std::vector<live::Target> targets); ///< instead of those of the attachment
    void choose(int target); ///< consent was to the one before
    int chosen() const { return m_target; }
    /// Reads the text of a statement as it was first seen; setOrder() follows by changed().
    void loadStatement(qint64 statementId);
    const ExplainOrder &order() const { return m_order; }
    void setOrder(const ExplainOrder &order);
    /// Why the order cannot be sent as it is, in words; empty = it can.
    QString obstacle() const;

    void start();
    void tryIndex(const QString &createIndex);
    void cancel();
    bool isRunning() const { return m_job.isRunning() || m_isImporting; }
    const ExplainReply &reply() const { return m_reply; }
    const std::optional<IndexReply> &indexReply() const { return m_indexReply; }
    QString errorText() const { return m_error; }

Q_SIGNALS:
    void changed();
    void targetsChanged();
    /// The plan is in the workspace and is the shared selection.
    void planReady(qint64 planId);

private:
    void readTargets();
    void importPlan();
    void selectPlan(qint64 sourceId);
    std::optional<live::Target> target() const;

    session::Session *m_session;
    session::LatestJob m_job, m_textJob, m_planJob;
    std::vector<live::Target> m_targets;
    Explainer m_explainer;
    IndexTrier m_trier;
    ExplainOrder m_order;
    ExplainReply m_reply;
    std::optional<IndexReply> m_indexReply;
    QString m_error, m_importName;
    int m_target = 0;
    bool m_isImporting = false;
};

} // namespace tailscope::items
