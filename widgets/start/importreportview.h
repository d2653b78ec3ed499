// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QComboBox;
class QLabel;
class QPushButton;
class QTableView;
class QTabWidget;

namespace tailscope::items {
class QueryModel;
}

namespace tailscope::widgets {

/// What imports took, skipped and noticed: issues by kind, rejected rows with place, reason and bytes; the
/// list can be saved, mended and read again.
class ImportReportView : public View
{
    Q_OBJECT
public:
    ImportReportView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    QString commandLine() const override;
    bool isReady() const override;

private:
    void reload();
    void refresh();
    void saveRejects();
    void reimport();

    items::QueryModel *m_issues, *m_rejects, *m_totals;
    QComboBox *m_source;
    QTabWidget *m_tabs;
    QTableView *m_issueTable, *m_rejectTable;
    QLabel *m_summary;
    QPushButton *m_save, *m_reimport;
};

} // namespace tailscope::widgets
