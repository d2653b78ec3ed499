// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QLabel;
class QPushButton;
class QTableView;

namespace tailscope::items {
class QueryModel;
}

namespace tailscope::widgets {

class SqlEdit;

/// Read-only SQL over the public schema: completion, Ctrl+Enter runs, cancellable, result copied or saved as
/// CSV.
class ConsoleView : public View
{
    Q_OBJECT
public:
    ConsoleView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    QString commandLine() const override;
    void setSql(const QString &sql) override; ///< puts the text there and runs it
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;

private:
    void run();
    void refresh();
    void loadSchema();
    void saveCsv();
    void showHistory();
    void showMenu(const QPoint &position);

    SqlEdit *m_edit;
    items::QueryModel *m_model;
    items::QueryModel *m_schema; ///< names of views and columns for completion
    QTableView *m_table;
    QLabel *m_status;
    QPushButton *m_run, *m_cancel, *m_save, *m_historyButton;
    QStringList m_history;
};

} // namespace tailscope::widgets
