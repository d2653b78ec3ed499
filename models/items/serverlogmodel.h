// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/serverlogtables.h"

#include <QObject>

#include <memory>
#include <optional>

namespace tailscope::items {

/// The lines of servers' logs in the shared time range: patterns, counts over time, the lines of the chosen
/// pattern and the chosen line. Everything comes by jobs. GUI thread.
class ServerLogModel : public QObject
{
    Q_OBJECT
public:
    using Record = std::vector<std::pair<std::string, std::string>>;

    explicit ServerLogModel(session::Session *session, QObject *parent = nullptr);

    /// Nothing is read while nobody looks.
    void setActive(bool active);
    void setKind(const std::string &kind); ///< empty = all
    void setSeverity(const std::string &severity);
    void setSearch(const QString &text);
    /// Only the lines of this pattern, or of all.
    void choosePattern(const std::optional<LogPattern> &pattern);
    void chooseLine(std::int64_t id); ///< 0 = none

    LogPatternTable *patterns() const { return m_patterns; }
    LogLineTable *lines() const { return m_lines; }
    std::shared_ptr<const LogOverview> overview() const { return m_overview; } ///< null: not read yet
    const LogFilter &filter() const { return m_filter; }
    const Record &record() const { return m_record; }
    bool isBusy() const;
    QString errorText() const { return m_error; }
    QString sql() const; ///< of the patterns

Q_SIGNALS:
    void changed(); ///< the overview is new
    void recordChanged();
    void busyChanged();

private:
    void invalidate();
    void refresh();

    session::Session *m_session;
    session::LatestJob m_job, m_recordJob;
    LogPatternTable *m_patterns;
    LogLineTable *m_lines;
    LogFilter m_filter;
    std::shared_ptr<const LogOverview> m_overview;
    Record m_record;
    QString m_error;
    bool m_active = false, m_stale = true;
};

} // namespace tailscope::items
