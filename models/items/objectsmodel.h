// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/objectcells.h"
#include "session/session.h"

#include <array>
#include <memory>

namespace tailscope::items {

class MomentWatch;

/// Tables, indexes, vacuum and settings of the servers of a workspace at a moment, with what their counters
/// grew by in the range. Only the page that is looked at is read. GUI thread.
class ObjectsModel : public QObject
{
    Q_OBJECT
public:
    enum Page { Tables, Indexes, Vacuum, SettingsPage, PageCount };

    explicit ObjectsModel(session::Session *session, QObject *parent = nullptr);

    void setActive(bool active); ///< nothing is read while nobody looks
    void setPage(Page page);
    Page page() const { return m_page; }
    bool isBusy() const;
    bool isLoaded(Page page) const;
    bool hasAny(Page page) const; ///< the workspace has something for it
    QString errorText() const { return m_error; }
    bool isLive() const;

    void setSearch(const QString &words); ///< of the page's main table
    QStringList servers() const { return m_servers; } ///< of the page, whatever is shown
    void setServer(const QString &label); ///< empty = all
    QString server() const { return m_server; }
    void setSinceReset(bool on); ///< totals since the statistics were reset instead of rates in the range
    bool isSinceReset() const { return m_sinceReset; }

    CellTable *tables() const { return m_tables; }
    CellTable *indexes() const { return m_indexes; }
    CellTable *progress() const { return m_progress; }
    CellTable *holders() const { return m_holders; }
    CellTable *ages() const { return m_ages; }
    CellTable *settings() const { return m_settings; }
    const TableList *tableList() const { return m_tableList.get(); }
    const IndexList *indexList() const { return m_indexList.get(); }
    const VacuumState *vacuum() const { return m_vacuum.get(); }
    const SettingList *settingList() const { return m_settingList.get(); }

    QString details(Page page, qint64 id) const; ///< of a row of the page's main table
    QVector<CopyText> copies(Page page, qint64 id) const; ///< of Vacuum: of a holder
    session::Selection selectionOf(Page page, qint64 id) const;
    qint64 idOf(Page page, const session::Selection &selection) const; ///< -1 = not on it
    QString noteText() const; ///< of the page
    QString sql() const; ///< of the page

Q_SIGNALS:
    void changed();
    void busyChanged();

private:
    template<typename T>
    void start(Result<T> (*readAll)(const store::Workspace &, const ObjectRequest &, const Progress &),
        QVector<TableRow> (*rowsOf)(const T &, const ObjectTexts &), std::shared_ptr<const T> &target);
    void read();
    void makeRows();
    void show();
    void takeServers(const std::vector<analysis::ServerGroup> &groups, const std::vector<std::size_t> &used);
    ObjectRequest request() const;
    ObjectTexts texts() const;

    session::Session *m_session;
    MomentWatch *m_watch;
    session::LatestJob m_job;
    CellTable *m_tables, *m_indexes, *m_progress, *m_holders, *m_ages, *m_settings;
    std::shared_ptr<const TableList> m_tableList;
    std::shared_ptr<const IndexList> m_indexList;
    std::shared_ptr<const VacuumState> m_vacuum;
    std::shared_ptr<const SettingList> m_settingList;
    std::array<QVector<TableRow>, PageCount> m_rows; ///< of each page, all that were read
    QStringList m_servers;
    QString m_error, m_search, m_server;
    Page m_page = Tables;
    bool m_sinceReset = false;
};

} // namespace tailscope::items
