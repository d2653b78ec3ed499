// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "advisor/ruleoverrides.h"
#include "items/celltable.h"
#include "session/session.h"

#include <QObject>

#include <functional>
#include <memory>

namespace tailscope::items {

/// All rules with what became of them in this workspace, and the thresholds of the chosen one. Changes go
/// into the user's file of changes (advisor/ruleoverrides.h) and the rules are evaluated again, all by jobs.
/// GUI thread.
class RuleSettingsModel : public QObject
{
    Q_OBJECT
public:
    enum RuleColumn { Id, Title, Group, Severity, State, Seconds, Findings, Changed, RuleColumns };
    enum ThresholdColumn { Name, Value, Unit, Standard, Source, ThresholdColumns };

    /// userFolder: where the user's rules lie; the file of changes is beside it.
    explicit RuleSettingsModel(session::Session *session, QObject *parent = nullptr,
        std::filesystem::path userFolder = advisor::userRuleFolder());

    /// Nothing is read while nobody looks.
    void setActive(bool active);
    CellTable *rules() const { return m_rules; } ///< ids: place in the list of rules
    CellTable *thresholds() const { return m_thresholds; } ///< those of the chosen rule
    void setSearch(const QString &text); ///< part of id, title, group or state
    void choose(qint64 rule); ///< -1 = none
    const advisor::Rule *current() const;
    bool isFromUser(const advisor::Rule &rule) const;
    const std::filesystem::path &userFolder() const { return m_userFolder; }

    void setThreshold(const std::string &name, double value);
    void resetThreshold(const std::string &name);
    void resetRule();
    void setMuted(bool muted);
    /// The text of the chosen rule into the user's folder; copied() follows.
    void copyToUser();

    bool isBusy() const { return (m_active && m_stale) || m_job.isRunning() || m_pending > 0; }
    QString errorText() const { return m_error; } ///< bad files and entries, a line each
    int changedRules() const;
    static QString sql();

Q_SIGNALS:
    void changed();
    void currentChanged();
    void copied(const QString &path);
    void busyChanged();

private:
    struct Run
    {
        std::string state;
        double seconds = 0;
        std::int64_t findings = 0;
    };
    struct Loaded
    {
        std::vector<advisor::Rule> rules;
        advisor::RuleOverrides overrides;
        std::map<std::string, Run> runs;
        std::vector<Error> errors;
    };
    static Result<Loaded> load(const store::Workspace &workspace, const std::filesystem::path &folder);
    void invalidate();
    void refresh();
    void fillRules();
    void fillThresholds();
    void change(const std::function<void(advisor::RuleOverride &)> &edit);
    void evaluate();
    QString stateText(const advisor::Rule &rule) const;

    session::Session *m_session;
    session::LatestJob m_job;
    std::filesystem::path m_userFolder;
    CellTable *m_rules, *m_thresholds;
    Loaded m_loaded;
    std::string m_current;
    QString m_search, m_error;
    int m_pending = 0; ///< changes that are being written or evaluated
    bool m_active = false, m_stale = true;
};

} // namespace tailscope::items
